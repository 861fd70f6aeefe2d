"""A pooler (pgbouncer) between the product and its server. Collected where it is installed."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.account import Account, choose_account
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import PATIENCE, fairs, free_port, serving, sign_in
from tests.commands.test_sharing import wait_until

SECRET = "a key for this test, long enough to be one"
POOLER = shutil.which("pgbouncer")


@contextmanager
def pooler(server: EmbeddedPostgres, mode: str) -> Iterator[str]:
    """pgbouncer before the server; its address."""
    assert POOLER
    port, account = free_port(), server_account(server)
    folder = server.data_dir.with_name(f"pooler-{mode}")
    folder.mkdir(mode=0o700)
    account.own(folder)
    users, config = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text('"postgres" ""\n')
    config.write_text(
        f"[databases]\nfairs = host={server.socket_dir} dbname=fairs user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = {mode}\ndefault_pool_size = 20\nmax_client_conn = 200\nlogfile = {folder}/log\n"
    )
    for file in (users, config):
        account.own(file)
    process = subprocess.Popen(
        [POOLER, "-q", str(config)], stderr=subprocess.DEVNULL, **account.surroundings, **account.identity
    )
    try:
        wait_until(lambda: listens(port), "the pooler does not listen")
        yield f"postgresql://postgres@127.0.0.1:{port}/fairs"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def server_account(server: EmbeddedPostgres) -> Account:
    return choose_account(server.socket_dir)


def test_pooler_in_session_mode_is_a_server(server: EmbeddedPostgres, empty: Path) -> None:
    with pooler(server, "session") as url:
        outside = {"FAIRS_DATABASE_URL": url, "FAIRS_SECRET_KEY": SECRET}
        work_through(empty, outside)


def test_pooler_in_transaction_mode_needs_the_servers_own_address(server: EmbeddedPostgres, empty: Path) -> None:
    with pooler(server, "transaction") as url:
        outside = {"FAIRS_DATABASE_URL": url, "FAIRS_SECRET_KEY": SECRET}
        for command in ("migrate", "serve", "worker"):
            refused = fairs(command, "--data", empty, env=outside)
            assert refused.sentence == (
                "fairs: FAIRS_DATABASE_URL leads to a pooler in transaction mode, which loses notifications: put the pool "
                "into session mode, or set FAIRS_DATABASE_DIRECT_URL to the server itself"
            )
        both = {**outside, "FAIRS_DATABASE_DIRECT_URL": url}
        assert "FAIRS_DATABASE_DIRECT_URL leads" in fairs("migrate", "--data", empty, env=both).sentence
        work_through(empty, {**outside, "FAIRS_DATABASE_DIRECT_URL": server.dsn()})


def work_through(data: Path, outside: dict[str, str]) -> None:
    """Sign in many times at once, and let a job run: a mail is kept in the outbox by the worker."""
    admin = ("--email", ADMIN, "--name", "Ada", "--password", PASSWORD)
    assert fairs("create-admin", "--data", data, *admin, env=outside).status == 0
    with serving(data, 0, "--workers", "2", env=outside) as running:
        statuses: list[int] = []

        def visit() -> None:
            with running.browser() as browser:
                statuses.append(sign_in(browser, ADMIN, PASSWORD).status_code)
                for page in ("/home", "/organise/editions", "/organise/outbox", "/login") * 5:
                    answer = browser.get(page)
                    statuses.append(answer.status_code)

        threads = [threading.Thread(target=visit) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(statuses) == 8 * 21
        assert not [status for status in statuses if status >= 500]
        assert httpx.get(f"{running.url}/readyz", timeout=PATIENCE).status_code == 200
