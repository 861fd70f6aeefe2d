"""Files that only we may open, and advisory locks on them that end with the last process that holds them."""

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

    When run as root in another user's folder, the new file belongs to that user, who may start the server later.
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
    """An flock on a file. It stays locked while any process keeps the descriptor open.

    A child made by a plain fork closes its copy, so a leftover worker cannot hold the lock of a dead parent;
    a child that receives the descriptor on purpose (`pass_fds`) keeps the lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._held = False

    @property
    def held(self) -> bool:
        """Whether this object has the lock; False in a forked child."""
        return self._held

    @property
    def descriptor(self) -> int:
        """For `pass_fds`; only after `open` or `try_acquire`."""
        assert self._descriptor is not None, "the lock is not open"
        return self._descriptor

    def open(self) -> None:
        """Open the file without locking it."""
        if self._descriptor is None:
            self._descriptor = open_private(self._path, os.O_RDWR)
            _open.add(self)

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Lock exclusively, or with `shared` together with other sharers. The file stays open when it fails."""
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
        """Whether no process has the lock now. Do not call it for a lock that we have ourselves."""
        if not self.try_acquire():
            return False
        self.release()
        return True

    def release(self) -> None:
        """Unlock; the file stays open."""
        self._held = False
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close our own descriptor; a process that inherited it keeps the lock."""
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
    """Waits in small steps and reports the reason to the person, first after 3 s and then every 10 s."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._limit = seconds
        self._next_word = 3.0
        self._step = 0.005

    @property
    def waited(self) -> float:
        return time.monotonic() - self._began

    def rest(self, reason: Callable[[], str]) -> bool:
        """Sleep briefly. False when the time is up."""
        if self.waited > self._limit:
            return False
        if self.waited > self._next_word:
            report(f"{reason()} ({self.waited:.0f} s)")
            self._next_word += 10.0
        time.sleep(self._step)
        self._step = min(self._step * 1.3, 0.1)
        return True
