"""Everything that is fast, behind a pooler: `python -m benchmarks.trials.pooler`.

A PostgreSQL server, pgbouncer before it in transaction mode (`--mode session`; `none`: without, to compare), `fairs serve` with two processes on
both addresses. Then scans one by one and a thousand a call over 32 connections, a rush for 100 places, a stream of
registrations with and without `Idempotency-Key`, answers, bookings and cancellations of meetings, and pages. Printed: the
rate, what was answered, and whether what the database holds agrees with what was answered (it must: the program ends
with 1 otherwise). A small pool (`--pool`) makes statements of one client land in many sessions.

Needs pgbouncer and server programs: Debian's /usr/lib/postgresql/*/bin, or the embedded one's. Some 60 s.
"""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import checkin, meetings, registrations
from benchmarks.load import load
from benchmarks.trials.failover import SECRET, Node, free_port, ready, version_of
from fairs.commands.runtime.database import bring_up_to_date, run_in_database
from fairs.core.embedded.account import Account, choose_account
from fairs.core.embedded.binaries import installations
from fairs.core.roles import Role
from fairs.settings import Settings

BADGES = 6_000
CALLS = 32  # connections
PEOPLE = 600
PAGES = (
    "/organise/editions",
    "/organise/editions/bench-stream/registrations?q=maria",
    "/employer/meetings",
    "/account",
)


async def build() -> dict[str, Any]:
    """A gate with its badges, a rush, a hall with employers, and an organiser who looks at pages."""
    from fairs.accounts import services as accounts
    from fairs.accounts.actor import SYSTEM, Grant
    from fairs.badges.services import rotate_key

    token, codes = await checkin.build(BADGES)
    await rotate_key(by=SYSTEM)  # the gate's badges are signed with a key that nobody kept
    made = {"device": token, "codes": codes, "api": await registrations.build(), "employers": await meetings.build()}
    account = await accounts.create_account(email="looker@example.org", name="Looker", lang="en")
    await accounts.grant(account, Grant(Role.ORGANISER), by=SYSTEM)
    made["cookie"] = await accounts.open_session(account, ip="127.0.0.1", user_agent="trial")
    return made


@contextmanager
def pooler(folder: Path, node: Node, account: Account, mode: str, pool: int) -> Iterator[str]:
    """pgbouncer before the server; its address."""
    program = shutil.which("pgbouncer")
    if program is None:
        raise SystemExit("pgbouncer is not installed here")
    port, config, users = free_port(), folder / "pgbouncer.ini", folder / "users.txt"
    users.write_text('"postgres" ""\n')
    config.write_text(
        f"[databases]\nfairs = host=127.0.0.1 port={node.port} dbname=fairs user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = {mode}\ndefault_pool_size = {pool}\nmax_client_conn = 200\nlogfile = {folder}/pgbouncer.log\n"
    )
    for file in (config, users):
        account.own(file)
    process = subprocess.Popen([program, "-q", str(config)], **account.surroundings, **account.identity)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/fairs"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def served(data: Path, given: dict[str, str]) -> Iterator[int]:
    """`fairs serve` with two processes; its port."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FAIRS_")} | given
    line = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port), "--workers", "2"]
    with (data.parent / "serve.log").open("ab") as log:
        process = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            asyncio.run(ready(f"http://127.0.0.1:{port}"))
            yield port
        finally:
            process.terminate()
            process.wait()


def scans(port: int, made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One a call; then the others, and everybody once more, a thousand a call."""
    codes, token = list(made["codes"]), made["device"]
    random.Random(7).shuffle(codes)
    half = len(codes) // 2
    alone = [checkin.request(port, token, [code]) for code in codes[:half]]
    yield "scans, one a call, 32", load(port, alone, CALLS, ['"outcome":"admitted"'])
    again = [*codes[half:], *codes, *codes, *codes, *codes, *codes]
    calls = [checkin.request(port, token, again[n : n + 1000]) for n in range(0, len(again), 1000)]
    yield "scans, 1,000 a call, 32", load(port, calls, CALLS, ['"outcome":"admitted"', '"outcome":"already"'])


def people(port: int, made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rush and the streams."""
    token = made["api"]
    calls = [registrations.request(port, token, registrations.RUSH, number) for number in range(registrations.CROWD)]
    yield "300 at once for 100 places", load(port, calls, registrations.CROWD, fine=("201",))
    for name, begin, once in (("registrations, 32", 1000, False), ("the same with a key, 32", 5000, True)):
        numbers = range(begin, begin + PEOPLE)
        sent = [registrations.request(port, token, registrations.STREAM, number, once=once) for number in numbers]
        yield name, load(port, sent, CALLS, fine=("201",))


def hall(port: int, made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Meetings, and pages of an employer and of the organiser."""
    employers = made["employers"]
    yield "answer, book, cancel, 64", load(port, meetings.prepared(port, employers), 64, fine=("303", "409"))
    cookies = [made["cookie"], employers[0].cookie]
    asked = [
        f"GET {page} HTTP/1.1\r\nhost: x\r\ncookie: fairs_session={cookies[page.startswith('/employer')]}\r\n\r\n".encode()
        for page in PAGES * 40
    ]
    yield "pages, 8", load(port, asked, 8)


CHECKS = {
    "scans stored": "SELECT count(*) FROM scan",
    "admitted, by the scans": "SELECT count(*) FROM scan s WHERE outcome = 'admitted' AND first_scanned_at IS NULL",
    "admissions": "SELECT count(*) FROM admission",
    "places given in the rush": "SELECT count(*) FROM registration r JOIN event e ON e.id = r.event"
    f" WHERE e.slug = '{registrations.RUSH}' AND r.state = 'confirmed'",
    "registered in the streams": "SELECT count(*) FROM registration r JOIN event e ON e.id = r.event"
    f" WHERE e.slug = '{registrations.STREAM}'",
    "mails not delivered yet": "SELECT count(*) FROM outgoing_mail WHERE state NOT IN ('sent', 'kept', 'held')",
}


async def stored(url: str) -> dict[str, int]:
    """What the database says, past the pooler, once the mails have gone."""
    connection = await asyncpg.connect(url)
    try:
        for _ in range(300):
            if not await connection.fetchval(CHECKS["mails not delivered yet"]):
                break
            await asyncio.sleep(0.2)
        return {name: await connection.fetchval(sql) for name, sql in CHECKS.items()}
    finally:
        await connection.close()


def expected() -> dict[str, int]:
    """What it must say."""
    sent = BADGES // 2 + BADGES - BADGES // 2 + 5 * BADGES
    return {
        "scans stored": sent,
        "admissions": BADGES,
        "places given in the rush": registrations.PLACES,
        "registered in the streams": 2 * PEOPLE,
        "mails not delivered yet": 0,
    }


def main() -> None:
    """Run it, print the numbers, end with 1 when something is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--major", type=int, default=15, help="PostgreSQL version")
    options.add_argument("--mode", choices=["transaction", "session", "none"], default="transaction")
    options.add_argument("--pool", type=int, default=6, help="connections of the pooler to the server")
    given = options.parse_args()
    found = next((item.bin for item in installations() if item.major == given.major), None)
    if found is None:
        raise SystemExit(f"no PostgreSQL {given.major} is installed here")
    wrong: list[str] = []
    with ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="fairs-pooler-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        account = choose_account(folder / "server")
        home = folder / "servers"
        home.mkdir(mode=0o700)
        account.own(home)
        node = Node(home / "server", free_port(), found, account)
        node.run("initdb", "-D", str(node.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        node.start()
        ending.callback(node.kill)
        asyncio.run(node.answers())
        asyncio.run(create(node.url))
        url = direct = f"{node.url.removesuffix('postgres')}fairs"
        if given.mode != "none":
            url = ending.enter_context(pooler(home, node, account, given.mode, given.pool))
        past = direct if given.mode == "transaction" else ""  # what needs a session goes past the pooler
        settings = Settings(data_dir=folder / "data", database_url=url, database_direct_url=past, secret_key=SECRET)
        bring_up_to_date(settings)
        made = run_in_database(settings, build())
        addresses = {"FAIRS_DATABASE_URL": url, "FAIRS_SECRET_KEY": SECRET}
        addresses |= {"FAIRS_DATABASE_DIRECT_URL": past} if past else {}
        print(f"{version_of(node)}, pool mode {given.mode}, {given.pool} connections of the pooler to the server")
        port = ending.enter_context(served(folder / "data", addresses))
        for part in (scans, people, hall):
            for name, row in part(port, made):
                print(
                    f"{name:28} {row['requests_per_second']:8.0f} calls/s, p99 {row['p99_ms']} ms,",
                    row["statuses"],
                    row["outcomes"],
                )
                wrong += [name] if row["errors"] else []
        said, must = asyncio.run(stored(direct)), expected()
        for name, value in said.items():
            agrees = value == must.get(name, value)
            print(f"{name:28} {value}{'' if agrees else f', not {must[name]}'}")
            wrong += [] if agrees else [name]
        log = (folder / "serve.log").read_text(errors="replace")
        faults = [line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line]
        print(f"{'faults in the log':28} {len(faults)}", *faults[:3], sep="\n" if faults else "")
        wrong += ["the log"] if faults else []
    sys.exit(f"not as it must be: {', '.join(wrong)}" if wrong else 0)


async def create(url: str) -> None:
    """The database."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE DATABASE fairs")
    await connection.close()


if __name__ == "__main__":
    main()
