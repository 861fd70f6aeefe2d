"""A primary dies under load, and its standby takes over: `python -m benchmarks.trials.failover`.

Two PostgreSQL clusters on 127.0.0.1, the second a synchronous standby of the first; `fairs serve` with both hosts in
FAIRS_DATABASE_URL; scanners that go on checking people in over HTTP. Then `kill -9` of the primary and of all its
sessions, promotion of the standby after a moment, and three numbers: for how long nothing was acknowledged, how many
requests were refused meanwhile, and how many acknowledged scans are missing afterwards (none may be).

Needs server programs with pg_basebackup: Debian's /usr/lib/postgresql/*/bin, or the embedded one's. Bounded: some 40 s,
all files in a temporary folder.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx

from benchmarks.checkin import build
from fairs.commands.runtime.database import bring_up_to_date, run_in_database
from fairs.core.embedded.account import Account, choose_account
from fairs.core.embedded.binaries import installations
from fairs.core.embedded.process import server_processes
from fairs.settings import Settings

SECRET = "a key for this trial, long enough to be one"
SCANNERS = 8
BADGES = 200


def free_port() -> int:
    """A port on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Node:
    """One cluster and its server."""

    folder: Path
    port: int
    bin: Path
    account: Account
    process: subprocess.Popen[bytes] | None = None

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end."""
        done = self.account.run([str(self.bin / program), *arguments])
        if done.returncode:
            raise SystemExit(f"{program}: {done.stderr}")

    def start(self) -> None:
        """Start the server; it may not answer yet."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder.parent,
            "wal_level": "replica",
            "hot_standby": "on",
            "max_connections": 100,
            "wal_receiver_status_interval": "1s",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(self.folder), *words],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **self.account.surroundings,
            **self.account.identity,
        )

    def kill(self) -> None:
        """The power goes: the server and all its sessions at once."""
        pids = list(server_processes(self.folder))
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    @property
    def url(self) -> str:
        """Of the superuser."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    async def answers(self) -> None:
        """Wait for it."""
        for _ in range(600):
            with suppress(OSError, asyncpg.PostgresError):
                await (await asyncpg.connect(self.url, timeout=2)).close()
                return
            await asyncio.sleep(0.1)
        raise SystemExit(f"{self.folder.name} does not answer")


@dataclass
class Seen:
    """What the writers were told."""

    acknowledged: list[str] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def gap(self, since: float) -> float:
        """The longest time without an acknowledgement that ends after `since`, in seconds."""
        pairs = zip(self.moments, self.moments[1:], strict=False)
        return max((later - earlier for earlier, later in pairs if later > since), default=float("inf"))


async def pair(folder: Path, bin_folder: Path, account: Account) -> tuple[Node, Node]:
    """A primary with the database fairs, and a standby that it waits for at each commit."""
    one, two = (Node(folder / name, free_port(), bin_folder, account) for name in ("primary", "standby"))
    one.run("initdb", "-D", str(one.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    one.start()
    await one.answers()
    two.run("pg_basebackup", "-D", str(two.folder), "-d", f"{one.url}?application_name=standby", "-R", "-X", "stream")
    two.start()
    await two.answers()
    connection = await asyncpg.connect(one.url)
    await connection.execute("CREATE DATABASE fairs")
    await connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    await connection.execute("SELECT pg_reload_conf()")
    while not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"):
        await asyncio.sleep(0.1)
    await connection.close()
    return one, two


def serve(url: str, data: Path, port: int) -> subprocess.Popen[bytes]:
    """The product on both hosts."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FAIRS_")}
    environment |= {"FAIRS_DATABASE_URL": url, "FAIRS_SECRET_KEY": SECRET}
    line = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port)]
    return subprocess.Popen(
        line, env=environment, stdout=subprocess.DEVNULL, stderr=(data.parent / "serve.log").open("ab")
    )


async def scanner(base_url: str, token: str, codes: list[str], seen: Seen, until: asyncio.Event) -> None:
    """Sends one scan after the other; one that was not acknowledged is sent again, under the same id."""
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base_url, timeout=30, headers=headers) as client:
        waiting: dict[str, object] | None = None
        while not until.is_set():
            waiting = waiting or {
                "id": str(uuid.uuid4()),
                "gate": "main-in",
                "code": random.choice(codes),
                "scanned_at": datetime.now(UTC).isoformat(),
                "direction": random.choice(("in", "out")),
                "offline": False,
            }
            try:
                answer = await client.post("/api/v1/checkin/scans", json={"scans": [waiting]})
                said = str(answer.status_code)
            except httpx.HTTPError as error:
                said = type(error).__name__
            if said == "200":
                seen.acknowledged.append(str(waiting["id"]))
                seen.moments.append(time.monotonic())
                waiting = None
            else:
                seen.refused[said] = seen.refused.get(said, 0) + 1
                await asyncio.sleep(0.1)


async def ready(base_url: str) -> None:
    """Wait for the product."""
    async with httpx.AsyncClient(base_url=base_url, timeout=10) as client:
        for _ in range(600):
            with suppress(httpx.HTTPError):
                if (await client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise SystemExit("the product does not become ready")


async def trial(
    nodes: tuple[Node, Node], base_url: str, hall: tuple[str, list[str]], before: float, after: float
) -> dict[str, object]:
    """Load, the kill, the promotion after `before` seconds more, `after` seconds of load; what it came to."""
    one, two = nodes
    seen, until = Seen(), asyncio.Event()
    await ready(base_url)
    scanners = [asyncio.create_task(scanner(base_url, *hall, seen, until)) for _ in range(SCANNERS)]
    await asyncio.sleep(8)
    one.kill()
    killed = time.monotonic()
    await asyncio.sleep(before)
    two.run("pg_ctl", "promote", "-D", str(two.folder), "-w")
    connection = await asyncpg.connect(two.url)
    await connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")  # it has no standby of its own
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    promoted = time.monotonic()
    await asyncio.sleep(after)
    until.set()
    await asyncio.gather(*scanners)
    await ready(base_url)
    connection = await asyncpg.connect(f"{two.url.removesuffix('postgres')}fairs")
    stored = {str(row["uuid"]) for row in await connection.fetch("SELECT uuid FROM scan")}
    await connection.close()
    return {
        "server": version_of(two),
        "acknowledged": len(seen.acknowledged),
        "of these missing": len(set(seen.acknowledged) - stored),
        "seconds without an acknowledgement": round(seen.gap(killed), 2),
        "of these until the standby was promoted": round(promoted - killed, 2),
        "acknowledged after the promotion": sum(moment > promoted for moment in seen.moments),
        "refused": seen.refused,
    }


def version_of(node: Node) -> str:
    """The server's version, by its program."""
    return node.account.run([str(node.bin / "postgres"), "--version"]).stdout.strip()


def main() -> None:
    """Run it and print the numbers."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--major", type=int, default=15, help="PostgreSQL version of both servers")
    options.add_argument("--before", type=float, default=2.0, help="seconds from the kill to the promotion")
    given = options.parse_args()
    found = next((item.bin for item in installations() if item.major == given.major), None)
    if found is None:
        raise SystemExit(f"no PostgreSQL {given.major} is installed here")
    with ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="fairs-failover-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        account = choose_account(folder / "primary")
        home = folder / "servers"
        home.mkdir(mode=0o700)
        account.own(home)
        nodes = asyncio.run(pair(home, found, account))
        for node in nodes:
            ending.callback(node.kill)
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        url = f"postgresql://postgres@{hosts}/fairs?target_session_attrs=read-write"
        settings = Settings(data_dir=folder / "data", database_url=url, secret_key=SECRET)
        bring_up_to_date(settings)
        hall = run_in_database(settings, build(BADGES))
        port = free_port()
        process = serve(url, folder / "data", port)
        ending.callback(process.wait)
        ending.callback(process.terminate)
        for name, value in asyncio.run(trial(nodes, f"http://127.0.0.1:{port}", hall, given.before, 15)).items():
            print(f"{name:42} {value}")


if __name__ == "__main__":
    main()
