"""Addresses of outside servers: several hosts."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fairs.core.embedded import EmbeddedPostgres
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import fairs, free_port, serving, sign_in

SECRET = "a key for this test, long enough to be one"


@contextmanager
def relay(started: EmbeddedPostgres) -> Iterator[int]:
    """The server's socket on a TCP port of this machine."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(str(started.socket_dir / ".s.PGSQL.5432"))
        await asyncio.gather(pump(reader, ours), pump(theirs, writer))

    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(accept, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(listening.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def test_first_host_that_writes_is_taken(server: EmbeddedPostgres, empty: Path, tmp_path: Path) -> None:
    with relay(server) as port:
        hosts = f"127.0.0.1:{free_port()},127.0.0.1:{port}"
        url = f"postgresql://postgres:p%40ss@{hosts}/fairs?target_session_attrs=read-write&application_name=fairs"
        outside = {"FAIRS_DATABASE_URL": url, "FAIRS_SECRET_KEY": SECRET}
        admin = ("--email", ADMIN, "--name", "Ada", "--password", PASSWORD)
        assert fairs("create-admin", "--data", empty, *admin, env=outside).status == 0
        checked = fairs("doctor", "--data", empty, env=outside)
        assert "wrong" not in checked.out
        assert "p%40ss" not in checked.out
        archive = tmp_path / "archive"
        assert fairs("backup", archive, "--data", empty, env=outside).status == 0
        with serving(empty, env=outside) as running, running.browser() as browser:
            assert sign_in(browser, ADMIN, PASSWORD).status_code == 303
        only_readers = {**outside, "FAIRS_DATABASE_URL": url.replace("read-write", "read-only")}
        refused = fairs("migrate", "--data", empty, env=only_readers)
        assert refused.sentence.startswith("fairs: the database cannot be reached (")
