"""Objects that belong to one process: created on first use there, and never used by a child process.

A server's processes are forked from one that has already worked (the demo is built, then served). A child inherits the
Python object of a thread, connection or task, but not the thing itself.
"""

import ctypes
import os
import signal
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """An object with threads, locks or connections. Call it: returns the process's own, created on the first call."""

    def __init__(self, make: Callable[[], T], close: Callable[[T], None] = lambda held: None) -> None:
        self._make = make
        self._close = close
        self._held: tuple[int, T] | None = None
        _all.add(self)

    def __call__(self) -> T:
        if self._held is None or self._held[0] != os.getpid():
            self._held = (os.getpid(), self._make())
        return self._held[1]

    def close(self) -> None:
        """Close the process's own object; the next call creates another."""
        value, self._held = self._held, None
        if value is not None and value[0] == os.getpid():
            self._close(value[1])


_all: "weakref.WeakSet[PerProcess[Any]]" = weakref.WeakSet()


def one_thread(name: str) -> PerProcess[ThreadPoolExecutor]:
    """A thread of this process for CPU work."""
    return PerProcess(lambda: ThreadPoolExecutor(1, thread_name_prefix=name), lambda pool: pool.shutdown(wait=True))


def close_all() -> None:
    """Call before forking: no object of this process is left that a child could mistake for its own."""
    for held in list(_all):
        held.close()


def with_parent(parent: int) -> None:
    """Have the kernel stop this process when its parent dies (Linux): no orphan keeps the port."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except AttributeError:
        return
    if os.getppid() != parent:
        os._exit(1)
