"""Files that only we may open, and advisory locks on them that end with the last process to hold them."""

import errno
import fcntl
import os
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from fairs.core.embedded.error import EmbeddedError, report


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
    """An flock on a file. It stays held while any process keeps the descriptor open.

    A child made by a plain fork closes its copy, so a leftover worker cannot hold the lock of a dead parent;
    a child that is handed the descriptor on purpose (`pass_fds`) holds it on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._held = False

    @property
    def held(self) -> bool:
        """Whether this object holds it; False in a forked child."""
        return self._held

    @property
    def descriptor(self) -> int:
        """For `pass_fds`; only after `open`, or a try."""
        assert self._descriptor is not None, "the lock is not open"
        return self._descriptor

    def open(self) -> None:
        """Open the file without locking it."""
        if self._descriptor is None:
            self._descriptor = open_private(self._path, os.O_RDWR)
            _open.add(self)

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Exclusively, or together with all who want it shared. The file stays open after a vain try."""
        self.open()
        try:
            fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            self.close()
            name = errno.errorcode.get(error.errno or 0, "unknown")
            raise EmbeddedError(
                f"The file system of {self._path.parent} cannot lock files ({name}). "
                "Choose a data folder on a local disk."
            ) from error
        self._held = True
        return True

    def is_free(self) -> bool:
        """Whether nobody holds it at the moment. Not to be asked of a lock that we hold."""
        if not self.try_acquire():
            return False
        self.release()
        return True

    def release(self) -> None:
        """Let go; the file stays open."""
        self._held = False
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give up our own hold; a process that inherited the descriptor keeps the lock."""
        descriptor, self._descriptor, self._held = self._descriptor, None, False
        _open.discard(self)
        if descriptor is not None:
            os.close(descriptor)


_open: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _close_in_child() -> None:
    for lock in list(_open):
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
            report(f"{reason()} ({self.waited:.0f} s)")
            self._next_word += 10.0
        time.sleep(self._step)
        self._step = min(self._step * 1.3, 0.1)
        return True
