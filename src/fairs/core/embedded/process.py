"""The server's process: bound to our life, reaped, and started again if it is killed under us."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fairs.core.embedded.account import Account
from fairs.core.embedded.error import EmbeddedError, say

STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 20.0), (signal.SIGKILL, 20.0))
"""Fast shutdown; then without a checkpoint; then by force. With seconds to wait.
No step loses a commit."""
RESTARTS = 3
RESTART_WINDOW = 60.0


def spawn(
    command: list[str], account: Account, *, log: int, keep_open: int, on_our_death: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a child that gets `on_our_death` when the calling *thread* ends, however it ends.

    `keep_open` stays open in the child and in all of its children.
    """
    uid, gid = (account.uid, account.gid) if account.switch else (-1, -1)
    binding = [os.getpid(), int(on_our_death), uid, gid]
    launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py")), *map(str, binding)]
    return subprocess.Popen(  # noqa: S603 - our own programs, no shell words
        [*launcher, *command],
        stdout=log,
        stderr=log,
        pass_fds=(keep_open,),
        start_new_session=True,
        **account.surroundings,
    )


class Keeper:
    """A thread that starts the server and stays with it.

    The kernel ties the child to the thread that made it, so this is a thread that lives as long as we do,
    whichever thread `start` is called from. It also reaps the server, and restarts it after a violent death.
    """

    def __init__(self, launch: Callable[[], subprocess.Popen[bytes]], give_up: Callable[[], None]) -> None:
        self._launch = launch
        self._give_up = give_up
        self._mutex = threading.Lock()
        self._serving = threading.Event()
        self._stopping = False
        self._first: queue.SimpleQueue[subprocess.Popen[bytes] | BaseException] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="fairs-postgres", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """The server's pid. It may not answer yet."""
        self._thread.start()
        first = self._first.get()
        if isinstance(first, BaseException):
            raise first
        return first.pid

    @property
    def alive(self) -> bool:
        """False once the server has stopped for good."""
        return self._thread.is_alive()

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def serving(self) -> None:
        """From now on a death is an accident, not a failed start."""
        self._serving.set()

    def stop(self) -> None:
        with self._mutex:
            self._stopping = True
        for step, seconds in STOP_STEPS:
            if self._process:
                self._process.send_signal(step)
            self._thread.join(seconds)
            if not self._thread.is_alive():
                return

    def _run(self) -> None:
        try:
            process = self._adopt(self._launch())
        except BaseException as error:
            self._first.put(error)
            return
        self._first.put(process)
        deaths: list[float] = []
        while True:
            process.wait()
            if self._stopping or not self._serving.is_set():
                return
            deaths = [moment for moment in deaths if moment > time.monotonic() - RESTART_WINDOW]
            deaths.append(time.monotonic())
            try:
                process = self._restart(process, len(deaths))
            except (EmbeddedError, OSError) as error:
                say(f"the database has stopped and stays stopped: {error}")
                self._give_up()
                return

    def _restart(self, process: subprocess.Popen[bytes], deaths: int) -> subprocess.Popen[bytes]:
        if deaths > RESTARTS:
            raise EmbeddedError(f"it died {deaths} times within {RESTART_WINDOW:.0f} s.")
        say(f"the database server died (exit status {process.returncode}); starting it again")
        return self._adopt(self._launch())

    def _adopt(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        with self._mutex:
            self._process = process
            if self._stopping:
                process.send_signal(signal.SIGINT)
        return process


def server_processes(cluster: Path) -> Iterator[int]:
    """Pids of live PostgreSQL processes of this cluster: they work inside its folder. Zombies do not."""
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
