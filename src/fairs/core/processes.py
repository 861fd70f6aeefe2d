"""What belongs to one process: made when it is first needed there, and never taken over by a child.

A server's processes are forked from one that has worked already (the demo is built, then served). Of a thread, a
connection or a task the child inherits only the belief that there is one.
"""

import os
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Something that holds threads, locks or connections. Call it: the process's own, made on the first call."""

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
        """End the process's own; the next call makes another."""
        held, self._held = self._held, None
        if held is not None and held[0] == os.getpid():
            self._close(held[1])


_all: "weakref.WeakSet[PerProcess[Any]]" = weakref.WeakSet()


def one_thread(name: str) -> PerProcess[ThreadPoolExecutor]:
    """A thread of this process for work that computes."""
    return PerProcess(lambda: ThreadPoolExecutor(1, thread_name_prefix=name), lambda pool: pool.shutdown(wait=True))


def close_all() -> None:
    """Before children are forked: nothing of this process is left that they could mistake for theirs."""
    for held in list(_all):
        held.close()
