"""A primary dies under load, and its standby takes over: `python -m benchmarks.trials.failover`.

Two PostgreSQL clusters on 127.0.0.1, the second a synchronous standby of the first; `fairs serve` with both hosts in
FAIRS_DATABASE_URL; writers that go on signing up people over HTTP. Then `kill -9` of the primary and of all its
sessions, promotion of the standby after a moment, and three numbers: for how long nothing was acknowledged, how many
requests were refused meanwhile, and how many acknowledged people are missing afterwards (none may be).

Needs server programs with pg_basebackup: Debian's /usr/lib/postgresql/*/bin, or the embedded one's. Bounded: some 40 s,
all files in a temporary folder.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from fairs.core.embedded.account import Account, choose_account
from fairs.core.embedded.binaries import installations
from fairs.core.embedded.process import server_processes

SECRET = "a key for this trial, long enough to be one"
WRITERS = 8


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
    return subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=(data.parent / "serve.log").open("ab"))
