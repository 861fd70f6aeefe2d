"""Starts PostgreSQL's programs bound to the life of another process. Run as a script, not imported; it uses only Python.

`launcher.py bind PARENT SIGNAL UID GID PROGRAM ARGUMENT…` becomes the program, which the kernel signals when PARENT
ends. `launcher.py keep OWNER SERVER USERS SOCKET_DIR UID GID PROGRAM ARGUMENT…` runs beside a database server until
the last process that uses it has ended. A UID of -1 means: keep the current user. Because it is a separate program, a
process with threads runs no Python code between fork and exec, where a lock that another thread holds is never
released. It starts as root with root's Python, which the server's user may not reach.
"""

import ctypes
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 20.0), (signal.SIGKILL, 20.0))
"""Shutdown steps, each with seconds to wait: fast; then without a checkpoint; then by force. No step loses a commit."""
SMART_SECONDS = 4
"""A server that got SIGTERM from outside waits for its sessions and refuses new ones: for at most this long."""
OURS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def bind(parent: int, number: int, uid: int, gid: int, command: list[str]) -> None:
    """Become the command, unless `parent` has ended already."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which cancels it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() == parent:  # else it ended before the kernel had our request
        os.execv(command[0], command)  # noqa: S606 - replacing ourselves is the purpose


class ServerEnded(Exception):
    """The server has ended by itself; the argument is its exit status."""


class Keeper:
    """The process between the server and its users.

    It holds the lock `owner`. Every user holds the lock `users` shared, so a process that gets it exclusively knows that
    no user is left, and that none can join until it is released. Signals that a terminal or a service manager sends to
    all processes do not end the keeper: only the end of its last user does.
    """

    def __init__(self, users: int, socket_dir: str) -> None:
        self._users = users
        self._socket_dir = Path(socket_dir)
        self._child = 0
        self._stopping_for = 0

    def run(self, server: int, uid: int, gid: int, command: list[str]) -> int:
        """Start the server, wait until its last user has ended, stop it. Returns our own exit status."""
        cluster = Path(command[command.index("-D") + 1])
        for number in OURS:
            signal.signal(number, signal.SIG_IGN)
        us, self._child = os.getpid(), os.fork()
        if self._child == 0:
            for number in OURS:
                signal.signal(number, signal.SIG_DFL)
            bind(us, signal.SIGINT, uid, gid, command)
            os._exit(1)
        os.close(server)
        try:
            self._wait(cluster)
            status = self._stop()
        except ServerEnded as ended:
            status = int(ended.args[0])
        if self._socket_dir != cluster:
            remove_if_empty(self._socket_dir)
        return abs(status)

    def _wait(self, cluster: Path) -> None:
        """Returns when the last user has ended; ServerEnded when the server ended first."""
        signal.signal(signal.SIGCHLD, lambda *_: self._look())
        signal.signal(signal.SIGALRM, lambda *_: self._look(cluster))
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)  # a signal that arrives just before the wait would be missed
        fcntl.flock(self._users, fcntl.LOCK_EX)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, cluster: Path | None = None) -> None:
        pid, status = os.waitpid(self._child, os.WNOHANG)
        if pid:
            raise ServerEnded(os.waitstatus_to_exitcode(status))
        if cluster:
            self._stopping_for = self._stopping_for + 1 if says_stopping(cluster) else 0
            if self._stopping_for >= SMART_SECONDS:
                os.kill(self._child, signal.SIGINT)

    def _stop(self) -> int:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, seconds in STOP_STEPS:
            os.kill(self._child, number)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pid, status = os.waitpid(self._child, os.WNOHANG)
                if pid:
                    return os.waitstatus_to_exitcode(status)
                time.sleep(0.005)
        return 1


def says_stopping(cluster: Path) -> bool:
    """Whether a server is shutting down, according to its postmaster.pid."""
    try:
        return (cluster / "postmaster.pid").read_bytes().split(b"\n")[7].strip() == b"stopping"
    except (OSError, IndexError):
        return False


def remove_if_empty(folder: Path) -> None:
    """Does nothing when the folder is not empty."""
    try:
        folder.rmdir()
    except OSError:
        return


def main(arguments: list[str]) -> None:
    """Run `bind` or `keep`: see the module's docstring."""
    if arguments[0] == "bind":
        parent, number, uid, gid = (int(argument) for argument in arguments[1:5])
        bind(parent, number, uid, gid, arguments[5:])
        return
    owner, server, users = (int(argument) for argument in arguments[1:4])
    for descriptor in (owner, users):  # ours only; the server and all its children hold `server`
        os.set_inheritable(descriptor, False)
    uid, gid = (int(argument) for argument in arguments[5:7])
    sys.exit(Keeper(users, arguments[4]).run(server, uid, gid, arguments[7:]))


if __name__ == "__main__":
    main(sys.argv[1:])
