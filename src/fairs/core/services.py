"""What one application holds: its settings, connections, keys, caches and the functions that its slices give each other.

A module names such a thing once, `HUB = Service(Hub)`, and calls it where it needs it: `HUB()` is the one of the application
that is at work. Which application that is, is known in three ways: the request and the background task carry it
(`Services.entered`), else it is the process's own. So two applications live in one process, each with its database, clock and
keys, and no module keeps state of its own: `tests/architecture/test_services.py` refuses it.

A forked child has nothing of its parent's: connections, tasks and locks of another process are no use to it.
"""

import contextvars
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from fairs.settings import Settings

T = TypeVar("T")


class Services:
    """All that one application holds; each thing is made when it is first asked for."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[Service[Any], Any] = {}

    def entered(self) -> "Entered":
        """This application is at work inside `with`: in this task, and in the tasks and threads that it starts."""
        return Entered(self)

    @contextmanager
    def restored(self) -> Iterator["Services"]:
        """What is set or made inside is gone afterwards, and what was held before is held again."""
        before = dict(self.held)
        try:
            yield self
        finally:
            self.held = before


class Entered:
    """Not a generator: every request enters one."""

    __slots__ = ("services", "token")

    def __init__(self, services: Services) -> None:
        self.services = services

    def __enter__(self) -> Services:
        self.token = _at_work.set(self.services)
        return self.services

    def __exit__(self, *error: object) -> None:
        _at_work.reset(self.token)


class Service(Generic[T]):
    """One thing that every application has its own of. Call it to have it; `make` makes it on the first call."""

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
        """Put it in place of what the application has."""
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
    """Of the application that is at work."""
    return _at_work.get() or _process.services


def carried() -> contextvars.Context:
    """An empty context that knows nothing but the application at work."""
    context = contextvars.Context()
    if (services := _at_work.get()) is not None:
        context.run(_at_work.set, services)
    return context


SETTINGS: Service[Settings] = Service(Settings)
