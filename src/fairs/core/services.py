"""State of one application: its settings, connections, keys, caches and the functions that its slices provide to each other.

A module defines such an object once, `HUB = Service(Hub)`, and calls it where needed: `HUB()` is the one of the current
application. The current application is the one carried by the request or the background task (`Services.entered`), else
the process's own. So two applications can run in one process, each with its own database, clock and keys, and no module
has state of its own: `tests/architecture/test_services.py` refuses it.

A forked child uses nothing of its parent: connections, tasks and locks of another process do not work in it.
"""

import contextvars
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from fairs.settings import Settings

T = TypeVar("T")


class Services:
    """All state of one application; each object is created on first use."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[Service[Any], Any] = {}

    def entered(self) -> "Entered":
        """Makes this application current inside `with`: in this task, and in the tasks and threads that it starts."""
        return Entered(self)

    @contextmanager
    def restored(self) -> Iterator["Services"]:
        """Objects set or created inside `with` are dropped afterwards, and the previous ones are restored."""
        before = dict(self.held)
        try:
            yield self
        finally:
            self.held = before


class Entered:
    """Not a generator, for speed: every request enters one."""

    __slots__ = ("services", "token")

    def __init__(self, services: Services) -> None:
        self.services = services

    def __enter__(self) -> Services:
        self.token = _at_work.set(self.services)
        return self.services

    def __exit__(self, *error: object) -> None:
        _at_work.reset(self.token)


class Service(Generic[T]):
    """One object per application. Calling it returns the object; `make` creates it on the first call."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make

    def __call__(self) -> T:
        held = (_at_work.get() or _process.services).held
        try:
            found: T = held[self]
        except KeyError:
            found = held[self] = self.make()
        return found

    def set(self, value: T) -> None:
        """Replace the application's object."""
        current().held[self] = value


class NotWired(RuntimeError):
    """A function of a higher slice is wanted in an application that was never configured: `fairs.wiring.wire()` sets it."""


def unwired(name: str) -> Callable[[], Any]:
    """For a Service that has no default: calling it before it is set raises NotWired with this name."""

    def fail() -> Any:
        raise NotWired(f"{name}: call fairs.wiring.wire() first")

    return fail


_at_work: contextvars.ContextVar[Services | None] = contextvars.ContextVar("services", default=None)


class _Process:
    """The process's own application, and those of its parents: kept, so that nothing of theirs is closed from here."""

    def __init__(self) -> None:
        self.services = Services()
        self.parents: list[Services] = []

    def begin_anew(self) -> None:
        self.parents.append(current())
        self.services = Services()
        _at_work.set(None)


_process = _Process()
os.register_at_fork(after_in_child=_process.begin_anew)


def current() -> Services:
    """The current application."""
    return _at_work.get() or _process.services


def carried() -> contextvars.Context:
    """An empty context that contains only the current application."""
    context = contextvars.Context()
    if (services := _at_work.get()) is not None:
        context.run(_at_work.set, services)
    return context


SETTINGS: Service[Settings] = Service(Settings)
