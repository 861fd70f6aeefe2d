"""Domain events: called in order, in the publisher's transaction, and never lost for want of wiring."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from fairs.core import events_bus
from fairs.core.services import NotWired


@dataclass(frozen=True)
class Rung:
    times: int


@dataclass(frozen=True)
class Knocked:
    pass


heard: list[str] = []


async def first(event: Rung) -> None:
    heard.append(f"first {event.times}")


async def second(event: Rung) -> None:
    heard.append(f"second {event.times}")


async def fails(event: Rung) -> None:
    raise LookupError


@pytest.fixture(autouse=True)
def own_table() -> None:
    events_bus._handlers.set(None)
    heard.clear()


async def test_handlers_of_an_event_are_called_in_the_order_of_the_table() -> None:
    events_bus.install([(Rung, first), (Rung, second)])
    await events_bus.publish(Rung(3))
    await events_bus.publish(Knocked())
    assert heard == ["first 3", "second 3"]


async def test_installing_again_replaces_the_table() -> None:
    for _ in range(2):
        events_bus.install([(Rung, first)])
    await events_bus.publish(Rung(1))
    events_bus.install([(Rung, second)])
    await events_bus.publish(Rung(2))
    assert heard == ["first 1", "second 2"]


async def test_what_a_handler_raises_ends_the_publishers_work() -> None:
    events_bus.install([(Rung, first), (Rung, fails), (Rung, second)])
    with pytest.raises(LookupError):
        await events_bus.publish(Rung(1))
    assert heard == ["first 1"]


async def test_a_handler_works_in_the_publishers_transaction(db: None) -> None:
    from fairs.core import db as database

    inside: list[bool] = []

    async def look(event: Rung) -> None:
        inside.append(database.in_transaction())

    events_bus.install([(Rung, look)])
    async with database.DB.transaction():
        await events_bus.publish(Rung(1))
    assert inside == [True]


async def test_nothing_is_published_before_the_wiring() -> None:
    with pytest.raises(NotWired, match="Rung"):
        await events_bus.publish(Rung(1))


@pytest.mark.parametrize(
    "module", ["fairs.registrations.services", "fairs.talents.services", "fairs.accounts.services"]
)
def test_importing_a_slice_wires_nothing(module: str) -> None:
    program = (
        f"import {module}\nfrom fairs.core import events_bus, jobs, sealing\nfrom fairs.accounts import proof\n"
        "print(events_bus._handlers(), jobs._handlers(), sealing.COLUMNS(), proof.BELONGINGS())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "None {} () ()\n"
