"""Processes that hold an embedded server, and what can be seen of a server from outside."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg

import fairs
from fairs.core.embedded.account import Account, choose_account
from fairs.core.embedded.probe import read_pid_file

AS_ROOT = os.geteuid() == 0
STRANGER = 54321
"""A user id that owns nothing."""
HOLDER = """
import os, sys, time
from pathlib import Path
from fairs.core.embedded import EmbeddedPostgres
embedded = EmbeddedPostgres(Path(sys.argv[1]))
print(embedded.start(), embedded.dsn(), flush=True)
if "with-child" in sys.argv and os.fork() == 0:
    time.sleep(60)
    os._exit(0)
sys.stdin.read()
embedded.stop()
"""


def child_environment() -> dict[str, str]:
    """For a Python that finds the package wherever this one did."""
    here = str(Path(fairs.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}


class Holder:
    """A process that starts the database of a folder and keeps it until told otherwise."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data_dir), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=child_environment(),
            start_new_session=True,
        )

    def answer(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def release(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def holding(data_dir: Path, *arguments: str) -> Iterator[Holder]:
    holder = Holder(data_dir, *arguments)
    try:
        yield holder
    finally:
        with suppress(ProcessLookupError):
            os.killpg(holder.process.pid, signal.SIGKILL)
        holder.process.wait()


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def server_pid(data_dir: Path) -> int:
    running = read_pid_file(data_dir / "postgres")
    assert running is not None
    return running.pid


def gone(pid: int) -> bool:
    """Ended, even when nobody has reaped it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def becomes_true(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


def modes(path: Path) -> dict[Path, int]:
    return {folder: folder.stat().st_mode for folder in (path, *path.parents)}


def server_account(data_dir: Path) -> Account:
    return choose_account(data_dir / "postgres")
