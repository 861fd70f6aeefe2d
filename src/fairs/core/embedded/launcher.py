"""Starts PostgreSQL's programs bound to somebody's life. Run as a script, not imported; it uses nothing but Python.

`launcher.py bind PARENT SIGNAL UID GID PROGRAM ARGUMENT…` becomes the program, which the kernel signals when PARENT
ends. `launcher.py keep OWNER SERVER USERS SOCKET_DIR UID GID PROGRAM ARGUMENT…` stays beside a database server until
the last process that uses it has left. A UID of -1 means: stay who we are. As a program of its own it spares a
process with threads from running Python code between fork and exec, where a lock that another thread holds never
opens. It begins as root with root's Python, which the server's user may not reach.
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
"""Fast shutdown; then without a checkpoint; then by force. With seconds to wait. No step loses a commit."""
SMART_SECONDS = 4
"""A server that was told from outside to wait for its sessions (SIGTERM) refuses new ones: not for longer than this."""
OURS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def bind(parent: int, number: int, uid: int, gid: int, command: list[str]) -> None:
    """Become the command, unless `parent` has ended already."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which cancels it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() == parent:  # else it ended before the kernel knew our wish
        os.execv(command[0], command)  # noqa: S606 - replacing ourselves is the purpose


class ServerEnded(Exception):
    """The server has ended by itself; the argument is its exit status."""


class Keeper:
    """The process between the server and those who use it.

    It holds the lock `owner`. Every user holds the lock `users` shared, so whoever gets it exclusively knows that
    nobody is left, and that nobody comes until he lets go. Signals that a terminal or a service manager sends to
    everybody do not end it: the users leave, or they do not.
    """

    def __init__(self, users: int, socket_dir: str) -> None:
        self._users = users
        self._socket_dir = Path(socket_dir)
        self._child = 0
        self._stopping_for = 0

    def run(self, server: int, uid: int, gid: int, command: list[str]) -> int:
        """Start the server, wait for the last user to leave, stop it. The exit status for ourselves."""
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
        """Returns when the last user has left; ServerEnded when the server went first."""
        signal.signal(signal.SIGCHLD, lambda *_: self._look())
        signal.signal(signal.SIGALRM, lambda *_: self._look(cluster))
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)  # a signal that comes just before the wait would be slept over
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
    """Whether a server is on its way down, by its own word in postmaster.pid."""
    try:
        return (cluster / "postmaster.pid").read_bytes().split(b"\n")[7].strip() == b"stopping"
    except (OSError, IndexError):
        return False


def remove_if_empty(folder: Path) -> None:
    """Nothing happens when it is not."""
    try:
        folder.rmdir()
    except OSError:
        return


def main(arguments: list[str]) -> None:
    """What the module's first words say."""
    if arguments[0] == "bind":
        parent, number, uid, gid = (int(argument) for argument in arguments[1:5])
        bind(parent, number, uid, gid, arguments[5:])
        return
    owner, server, users = (int(argument) for argument in arguments[1:4])
    for descriptor in (owner, users):  # ours alone; the server and all its children hold `server`
        os.set_inheritable(descriptor, False)
    uid, gid = (int(argument) for argument in arguments[5:7])
    sys.exit(Keeper(users, arguments[4]).run(server, uid, gid, arguments[7:]))


if __name__ == "__main__":
    main(sys.argv[1:])
