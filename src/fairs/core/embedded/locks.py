"""Files that only we may open, and advisory locks on them that end with the last process to hold them."""

import errno
import fcntl
import os
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from fairs.core.embedded.error import EmbeddedError, say


def open_private(path: Path, flags: int) -> int:
    """Open or create with mode 0600, never through a symbolic link.

    Run as root in somebody's own folder, the new file goes to that somebody, who may start the server later.
    """
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise EmbeddedError(
            f"Cannot write {path}: {error.strerror}. "
            "Start as the user who owns this folder, or choose another data folder."
        ) from error
    folder = path.parent.stat()
    if os.geteuid() == 0 and os.fstat(descriptor).st_uid != folder.st_uid:
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


class FileLock:
    """An exclusive flock. It stays held while any process keeps the descriptor open.

    A child made by a plain fork closes its copy, so a leftover worker cannot hold the lock of a dead parent;
    a child that is handed the descriptor on purpose (`pass_fds`) holds it on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """For `pass_fds`; only while held."""
        assert self._descriptor is not None, "the lock is not held"
        return self._descriptor

    def try_acquire(self) -> bool:
        descriptor = open_private(self._path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError as error:
            os.close(descriptor)
            name = errno.errorcode.get(error.errno or 0, "unknown")
            raise EmbeddedError(
                f"The file system of {self._path.parent} cannot lock files ({name}). "
                "Choose a data folder on a local disk."
            ) from error
        self._descriptor = descriptor
        _held.add(self)
        return True

    def close(self) -> None:
        """Give up our own hold; a process that inherited the descriptor keeps the lock."""
        descriptor, self._descriptor = self._descriptor, None
        _held.discard(self)
        if descriptor is not None:
            os.close(descriptor)


_held: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _close_in_child() -> None:
    for lock in list(_held):
        lock.close()


os.register_at_fork(after_in_child=_close_in_child)


class Patience:
    """Waits in small steps and tells the person why, first after 3 s and then every 10 s."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._limit = seconds
        self._next_word = 3.0
        self._step = 0.005

    @property
    def waited(self) -> float:
        return time.monotonic() - self._began

    def rest(self, reason: Callable[[], str]) -> bool:
        """Sleep a little. False when the time is up."""
        if self.waited > self._limit:
            return False
        if self.waited > self._next_word:
            say(f"{reason()} ({self.waited:.0f} s)")
            self._next_word += 10.0
        time.sleep(self._step)
        self._step = min(self._step * 1.3, 0.1)
        return True
