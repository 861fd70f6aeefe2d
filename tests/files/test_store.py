"""The object store in a folder and over the S3 protocol, the archive of a backup, ClamAV's protocol, and flat memory."""

import asyncio
import io
import os
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fairs.core import object_store
from fairs.core.object_store import ObjectStore, StoreError
from fairs.core.services import SETTINGS
from fairs.files import clamd
from fairs.files.inspection import RefusedFile, inspect
from fairs.files.tables import Purpose
from fairs.settings import Settings
from tests.files import samples
from tests.files.s3 import S3

BIG = 12 << 20  # bytes: more than two parts


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = S3()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, s3: S3) -> ObjectStore:
    url = f"s3://files/fairs?endpoint={s3.endpoint}&region=eu" if request.param == "bucket" else ""
    return ObjectStore(Settings(data_dir=tmp_path, files_url=url))


async def content_of(store: ObjectStore, key: str) -> bytes:
    return b"".join([part async for part in await store.read(key)])


async def test_object_is_put_read_listed_and_deleted(store: ObjectStore, s3: S3) -> None:
    big = os.urandom(BIG)
    await store.put("ab/one", io.BytesIO(b"small"))
    await store.put("cd/two", io.BytesIO(big))
    assert await content_of(store, "ab/one") == b"small"
    assert await content_of(store, "cd/two") == big
    listed = [(item.key, item.size) async for item in store.items()]
    assert sorted(listed) == [("ab/one", 5), ("cd/two", BIG)]
    assert sorted(item.key for item in store.items_now()) == ["ab/one", "cd/two"]
    with store.open_now("cd/two") as stream:
        assert stream.read() == big
    await store.delete("ab/one")
    await store.delete("ab/one")
    with pytest.raises(FileNotFoundError):
        await store.read("ab/one")
    store.probe()
    assert [item.key for item in store.items_now()] == ["cd/two"]
    assert s3.unsigned == 0
    assert all(path.startswith("/files/fairs/") for path in s3.objects)


async def test_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    away = Settings(data_dir=tmp_path, files_url="s3://files?endpoint=http://127.0.0.1:9&region=x")
    (tmp_path / "files").write_text("a file")
    with pytest.raises((StoreError, OSError)):
        ObjectStore(Settings(data_dir=tmp_path)).probe()
    assert object_store.folder_of(away) is None


@pytest.mark.parametrize(
    "url", ["ftp://x", "s3://", "s3://key:secret@bucket", "s3://b?acl=public", "file://host/x", "file:///", "http://x"]
)
def test_wrong_address_is_named(url: str) -> None:
    assert object_store.mistake(url)


def test_right_address_is_taken() -> None:
    for url in ("file:///srv/files", "s3://bucket", "s3://bucket/a/b?endpoint=https://minio.example.org&region=x"):
        assert object_store.mistake(url) is None


async def _upload_big(size: int) -> AsyncIterator[bytes]:
    head = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    )
    yield head + b"%PDF-"
    chunk = os.urandom(1 << 16)
    for _ in range(size // len(chunk)):
        yield chunk
    yield b"\r\n--b--\r\n"


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_fifty_megabytes_stream_with_flat_memory(tmp_path: Path) -> None:
    from fairs.web.multipart_forms import read

    await read(_upload_big(1 << 20), "b")  # what is loaded once
    warm = ObjectStore(Settings(data_dir=tmp_path))
    await warm.put("aa/warm", io.BytesIO(os.urandom(BIG)))
    before, most = resident(), 0

    async def watched() -> AsyncIterator[bytes]:
        nonlocal most
        async for chunk in _upload_big(50 << 20):
            most = max(most, resident())
            yield chunk

    form = await read(watched(), "b")
    await warm.put("bb/big", form["file"].file)
    most = max(most, resident())
    size = 0
    async for part in await warm.read("bb/big"):
        size += len(part)
        most = max(most, resident())
    await form["file"].close()
    assert size == (50 << 20) + 5
    assert most - before < 25 << 20, f"{(most - before) / 1e6:.1f} MB more"


async def test_text_of_a_form_stays_small() -> None:
    from litestar.exceptions.http_exceptions import RequestEntityTooLarge

    from fairs.web.multipart_forms import read

    async def text() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 65_536
        yield b"\r\n--b--\r\n"

    with pytest.raises(RequestEntityTooLarge):
        await read(text(), "b")


class Clamd:
    """ClamAV's side of the protocol; it knows the text by which scanners are tried."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer, self.received = answer, b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        if command == b"zPING\0":
            writer.write(b"PONG\0")
        else:
            assert command == b"zINSTREAM\0"
            self.received = b""
            while size := struct.unpack("!L", await reader.readexactly(4))[0]:
                self.received += await reader.readexactly(size)
            found = b"stream: Win.Test.Invented FOUND\0" if b"invented virus" in self.received else b"stream: OK\0"
            writer.write(self.answer or found)
        await writer.drain()
        writer.close()


@pytest.fixture(params=["tcp", "unix"])
async def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, Clamd]]:
    clam = Clamd()
    if request.param == "tcp":
        server = await asyncio.start_server(clam, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(clam, tmp_path / "clamd.ctl")
        url = f"unix://{tmp_path}/clamd.ctl"
    yield url, clam
    server.close()


async def test_virus_scanner_sees_every_byte_and_decides(
    scanner: tuple[str, Clamd], tmp_path: Path, test_settings: Settings
) -> None:
    url, clam = scanner
    SETTINGS.set(replace(test_settings, clamd_url=url))
    await clamd.ping(url)
    source = tmp_path / "source"
    source.write_bytes(samples.pdf())
    assert (await inspect(source, tmp_path, Purpose.EVIDENCE)).type == "application/pdf"
    assert clam.received == source.read_bytes()
    source.write_bytes(samples.pdf() + b"\n% invented virus")
    with pytest.raises(RefusedFile, match="virus"):
        await inspect(source, tmp_path, Purpose.EVIDENCE)
    clam.answer = b"INSTREAM size limit exceeded. ERROR\0"
    with pytest.raises(clamd.NotChecked):
        await inspect(source, tmp_path, Purpose.EVIDENCE)


async def test_nothing_is_taken_while_the_scanner_is_away(tmp_path: Path, test_settings: Settings) -> None:
    SETTINGS.set(replace(test_settings, clamd_url="tcp://127.0.0.1:9"))
    source = tmp_path / "source"
    source.write_bytes(samples.pdf())
    with pytest.raises(clamd.NotChecked):
        await inspect(source, tmp_path, Purpose.EVIDENCE)


def test_doctor_says_where_files_are(tmp_path: Path, s3: S3) -> None:
    def told(**more: Any) -> dict[str, tuple[str, str]]:
        from fairs.commands import doctor

        found = Settings(data_dir=tmp_path, **more)
        checks = (*doctor._files(found), *doctor._virus_scanner(found))
        return {one.subject: (one.verdict, one.says) for one in checks}

    assert told()["files"] == ("ok", f"{tmp_path}/files will be made with the first file")
    (tmp_path / "files").mkdir()
    assert told()["files"] == ("ok", f"{tmp_path}/files can be written to")
    bucket = told(files_url=f"s3://files/x?endpoint={s3.endpoint}", clamd_url="tcp://127.0.0.1:9")
    assert bucket["files"] == ("ok", "s3://files/x can be written to")
    assert bucket["viruses"][0] == "wrong"
