"""People whom a desk entered while it had no network: sent when it is back, as often as it takes, stored once."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.rows import execute, fetch_one_as, fetch_value_or_none
from fairs.events.rows import EventRow
from fairs.registrations.entering import services
from fairs.registrations.entering.forms import WalkInForm
from fairs.registrations.entering.queries import event_to_enter, person_at
from fairs.registrations.entering.rows import KeptPerson

SLIP = re.compile(r"W-[0-9A-HJKMNP-TV-Z]{5}")  # without letters that are taken for another
OLDEST = timedelta(days=30)


class KeptEntry(msgspec.Struct, frozen=True):
    """An entry as a desk sends it. `seen`: the digest of people who were shown; `same`: the number of the person who it is."""

    key: UUID
    slip: str
    at: datetime
    seen: str = ""
    same: str = ""


class Received(NamedTuple):
    """What became of an entry. `again`: it was stored before."""

    person: KeptPerson
    again: bool


def slip_of(typed: str) -> str:
    """The code of a slip in what was typed at the desk; empty when it is none."""
    code = typed.strip().upper()
    return code if SLIP.fullmatch(code) else ""


async def receive(slug: str, entry: KeptEntry, form: WalkInForm | None, *, by: Actor) -> Received:
    """Registers the person of an entry, or notes that it is somebody who is registered; an entry that came before changes nothing.

    Raises as `services.enter_person`; NotFound also when nobody has the number `same`.
    """
    event = await event_to_enter(by, slug)
    async with db.transaction_or_join():
        claimed = await _claim(event, entry)
        if claimed is None:
            return Received(await _stored(event, entry.key), again=True)
        if entry.same:
            _, row = await person_at(by, slug, entry.same)
            registration = row.id
            after = {"number": row.number, "slip": entry.slip}
            await record("registration.slip", "registration", registration, by=by, after=after)
        else:
            assert form is not None
            registration = (await services.enter_person(slug, form, by=by, seen=entry.seen)).id
        await execute(
            "UPDATE desk_entry SET registration = :registration WHERE id = :id", id=claimed, registration=registration
        )
        return Received(await _stored(event, entry.key), again=False)


async def _claim(event: EventRow, entry: KeptEntry) -> int | None:
    """The row of an entry, in the open transaction: another call with the same key waits for its end. None when it is there."""
    now = clock.now()
    return await fetch_value_or_none(
        int,
        "INSERT INTO desk_entry (event, key, slip, entered_at, received_at) VALUES (:event, :key, :slip, :at, :now)"
        " ON CONFLICT (event, key) DO NOTHING RETURNING id",
        event=event.id,
        key=entry.key,
        slip=entry.slip,
        at=max(min(entry.at, now), now - OLDEST),
        now=now,
    )


async def _stored(event: EventRow, key: UUID) -> KeptPerson:
    row = await fetch_one_as(
        KeptPerson,
        "SELECT r.id, r.number, r.state FROM desk_entry d JOIN registration r ON r.id = d.registration"
        " WHERE d.event = :event AND d.key = :key",
        event=event.id,
        key=key,
    )
    assert row is not None  # it goes with its registration
    return row


async def number_of_slip(event_id: int, slip: str) -> str | None:
    """The registration of a paper slip, the last one of that code."""
    return await fetch_value_or_none(
        str,
        "SELECT r.number FROM desk_entry d JOIN registration r ON r.id = d.registration"
        " WHERE d.event = :event AND d.slip = :slip ORDER BY d.id DESC LIMIT 1",
        event=event_id,
        slip=slip,
    )
