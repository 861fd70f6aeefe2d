"""Child processes with a defined end: with our own process, or with the last user of the server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fairs.core.embedded.account import Account
from fairs.core.embedded.locks import FileLock

LAUNCHER = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py"))]


def bound(command: list[str], number: signal.Signals, uid: int = -1, gid: int = -1) -> list[str]:
    """A command line whose program gets the signal when the calling *thread* ends, in whatever way."""
    return [*LAUNCHER, "bind", str(os.getpid()), str(int(number)), str(uid), str(gid), *command]


def spawn(command: list[str], account: Account, *, log: int, keep_open: int) -> subprocess.Popen[bytes]:
    """Start a child that is killed when we end. `keep_open` stays open in the child and in all of its children."""
    line = bound(command, signal.SIGKILL, *_ids(account))
    return _start(line, account, log, (keep_open,))


def spawn_kept(
    command: list[str],
    account: Account,
    *,
    log: int,
    owner: FileLock,
    server: FileLock,
    users: FileLock,
    socket_dir: Path,
) -> subprocess.Popen[bytes]:
    """Start a server and its keeper; returns the keeper. It takes over `owner` and passes `server` to the server.

    Both outlive us as long as any process holds the shared lock of `users`.
    """
    locks = (owner.descriptor, server.descriptor, users.descriptor)
    words = [*map(str, locks), str(socket_dir), *map(str, _ids(account))]
    return _start([*LAUNCHER, "keep", *words, *command], account, log, locks)


def _ids(account: Account) -> tuple[int, int]:
    return (account.uid, account.gid) if account.switch else (-1, -1)


def _start(line: list[str], account: Account, log: int, keep_open: tuple[int, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own programs, no shell words
        line, stdout=log, stderr=log, pass_fds=keep_open, start_new_session=True, **account.surroundings
    )


def server_processes(cluster: Path) -> Iterator[int]:
    """Pids of live PostgreSQL processes of this cluster: their working folder is inside it. Zombies are not counted."""
    folder = cluster.stat()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            work = (entry / "cwd").stat()
            name = (entry / "comm").read_text().strip()
        except OSError:
            continue
        if (work.st_dev, work.st_ino) == (folder.st_dev, folder.st_ino) and name.startswith("postgres"):
            yield int(entry.name)


def signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
