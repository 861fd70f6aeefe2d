"""A pooler (pgbouncer) between the product and its server. Collected where it is installed."""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.account import Account, choose_account
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.hall import PEOPLE, PLACES, SLUG
from tests.commands.running import PATIENCE, Server, environment, fairs, free_port, serving, sign_in
from tests.commands.test_sharing import wait_until

SECRET = "a key for this test, long enough to be one"
POOLER = shutil.which("pgbouncer")
ROOT = Path(__file__).parents[2]
AT_ONCE = 16


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
    """Sign in many times at once, let a job run (a mail is kept in the outbox by the worker), scan and register."""
    admin = ("--email", ADMIN, "--name", "Ada", "--password", PASSWORD)
    assert fairs("create-admin", "--data", data, *admin, env=outside).status == 0
    made = subprocess.run(
        [sys.executable, "-m", "tests.commands.hall", str(data)],
        env=environment(outside), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    hall = json.loads(made.stdout)
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
        scan_through(running, hall)
        register_through(running, hall)


def together(running: Server, token: str, calls: list[Callable[[httpx.Client], httpx.Response]]) -> list[Any]:
    """The answers to calls that run side by side, in order. None of them fails."""
    with running.browser() as client, ThreadPoolExecutor(AT_ONCE) as pool:
        client.headers["authorization"] = f"Bearer {token}"
        answers = list(pool.map(lambda call: call(client), calls))
    assert [answer.text for answer in answers if answer.status_code >= 300] == []
    return [answer.json() for answer in answers]


def scan_through(running: Server, hall: dict[str, Any]) -> None:
    """Everybody four times, one scan a call; everybody often, 960 a call; those calls again, as after a lost answer."""

    def scan(code: str) -> dict[str, object]:
        now = datetime.now(UTC).isoformat()
        return {"id": str(uuid4()), "gate": "main-in", "code": code, "scanned_at": now, "direction": "in"}

    def send(scans: list[dict[str, object]]) -> Callable[[httpx.Client], httpx.Response]:
        return lambda client: client.post("/api/v1/checkin/scans", json={"scans": scans})

    def outcomes(batches: list[list[dict[str, object]]]) -> list[str]:
        answers = together(running, hall["device"], [send(batch) for batch in batches])
        return [result["outcome"] for answer in answers for result in answer["results"]]

    codes = hall["codes"]
    assert len(codes) == PEOPLE
    alone = outcomes([[scan(code)] for code in codes * 4])
    assert Counter(alone) == {"admitted": PEOPLE, "already": 3 * PEOPLE}
    large = [[scan(code) for code in codes * (960 // PEOPLE)] for _ in range(4)]
    assert set(outcomes(large)) == {"already"}
    assert outcomes(large) == ["already"] * 4 * 960


def register_through(running: Server, hall: dict[str, Any]) -> None:
    """Twice as many as there are places, every second with a key."""

    def register(number: int) -> Callable[[httpx.Client], httpx.Response]:
        person = {"email": f"late{number}@example.org", "name_passport": f"Late {number}"}
        body = {"event": SLUG, "category": "candidate", "person": person}
        headers = {"idempotency-key": str(uuid4())} if number % 2 else {}
        return lambda client: client.post("/api/v1/registrations", json=body, headers=headers)

    answers = together(running, hall["api"], [register(number) for number in range(2 * PLACES)])
    assert Counter(answer["state"] for answer in answers) == {"confirmed": PLACES, "waitlisted": PLACES}
    assert sorted(answer["position"] for answer in answers if answer["state"] == "waitlisted") == [
        *range(1, PLACES + 1)
    ]
