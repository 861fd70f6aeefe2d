"""Who a person is, and all that is held about the person: every module's readings in one place."""

from typing import Any

from fairs.accounts import personal as accounts
from fairs.accounts.actor import Actor
from fairs.core.personal import Entries, Finder, Kind, Person
from fairs.core.services import Service

KINDS: Service[tuple[Kind, ...]] = Service(tuple)
"""All kinds of data about people, in the order in which they are forgotten; `wiring` sets them."""
FINDERS: Service[tuple[Finder, ...]] = Service(tuple)
"""What adds the rows of higher modules to a person."""


async def _complete(person: Person) -> Person:
    for find in FINDERS():
        person = await find(person)
    return person


async def person_of(actor: Actor) -> Person:
    """The person of an account."""
    assert actor.account_id is not None
    return await _complete(await accounts.of_account(actor.account_id))


async def person_at(email: str) -> Person:
    """The person of an address, also without an account."""
    return await _complete(await accounts.of_address(email))


def is_known(person: Person) -> bool:
    """Whether anything leads to the person."""
    return bool(person.account or person.talents or person.registrations)


async def held_by(person: Person) -> list[tuple[Kind, Entries]]:
    """Every kind with its entries."""
    return [(kind, await kind.read(person)) for kind in KINDS()]


async def everything(actor: Actor) -> dict[str, Any]:
    """All that is held about an account's person, by kind, ready for JSON."""
    return {kind.key: entries for kind, entries in await held_by(await person_of(actor))}
