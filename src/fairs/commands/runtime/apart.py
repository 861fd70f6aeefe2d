"""Work in a process of its own, which takes along the threads that a library started for it.

The store of files runs on threads that a fork does not survive: a process that has used it must not fork a server.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from fairs.commands.runtime.errors import Problem
from fairs.commands.runtime.signals import INTERRUPTED
from fairs.core.processes import with_parent

T = TypeVar("T")


def apart(work: Callable[..., T], *given: Any) -> T:
    """The result of `work(*given)` in a new process, which ends with this one. Raises Problem when it gives none."""
    new = multiprocessing.get_context("spawn")
    receiver, sender = new.Pipe(duplex=False)
    child = new.Process(target=_work, args=(os.getpid(), sender, work, given))
    child.start()
    sender.close()
    try:
        found: T = receiver.recv()
        child.join()
        return found
    except EOFError:
        child.join()
        if child.exitcode == INTERRUPTED:
            raise KeyboardInterrupt from None
        raise Problem(f"the work ended without a result (exit status {child.exitcode}): see above") from None
    finally:
        if child.is_alive():
            child.terminate()
            child.join()


def _work(parent: int, sender: Connection, work: Callable[..., object], given: tuple[Any, ...]) -> None:
    with_parent(parent)
    try:
        sender.send(work(*given))
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
