"""Who may read the history of a record, and of which objects it consists."""

from fairs.accounts.actor import Actor
from fairs.agreements.queries import agreement_for, number_of
from fairs.audit import queries as audit
from fairs.audit.words import KINDS
from fairs.core.errors import NotFound
from fairs.core.rows import Row, fetch_as, fetch_value_or_none
from fairs.events.queries import require_run
from fairs.home.record_names import Object, RecordName, names_of
from fairs.listings.queries import listing_by_id
from fairs.organisations.queries import organisation_for_bureau

_PARTS = {
    "event": "SELECT 'session' AS kind, id::text FROM event_session WHERE event = :id"
    " UNION ALL SELECT 'gate', id::text FROM gate WHERE event = :id"
    " UNION ALL SELECT 'room', id::text FROM room WHERE event = :id"
}
"""Kind → the parts whose entries belong to its history."""


class Part(Row, frozen=True):
    """A part of an event, as the audit log names it."""

    kind: str
    id: str


async def history_for(actor: Actor, kind: str, object_id: int) -> tuple[RecordName | None, tuple[Object, ...]]:
    """The record's name (None once it is deleted) and the objects of its history: those of an event are its parts too.

    The province reads all; a bureau reads its employers, their listings and agreements, and the events that it runs. Raises NotFound for others.
    """
    if kind not in KINDS or not 0 < object_id < 2**63:
        raise NotFound
    if not actor.sees_everything:
        if kind not in _OWN:
            raise NotFound
        await _OWN[kind](actor, object_id)
    this: Object = (kind, str(object_id))
    name = (await names_of([this])).get(this)
    if name is None and not await audit.entries(audit.Wanted(objects=(this,)), size=1):
        raise NotFound
    parts = await fetch_as(Part, _PARTS[kind], id=object_id) if kind in _PARTS else []
    return name, (this, *((part.kind, part.id) for part in parts))


async def _own_employer(actor: Actor, organisation_id: int) -> None:
    await organisation_for_bureau(actor, organisation_id)


async def _own_listing(actor: Actor, listing_id: int) -> None:
    if (await listing_by_id(listing_id)).organisation_unit not in actor.unit_ids:
        raise NotFound


async def _own_agreement(actor: Actor, agreement_id: int) -> None:
    await agreement_for(actor, await number_of(agreement_id))


async def _own_session(actor: Actor, session_id: int) -> None:
    await _in_own_event(actor, "SELECT event FROM event_session WHERE id = :id", session_id)


async def _own_gate(actor: Actor, gate_id: int) -> None:
    await _in_own_event(actor, "SELECT event FROM gate WHERE id = :id", gate_id)


async def _own_room(actor: Actor, room_id: int) -> None:
    await _in_own_event(actor, "SELECT event FROM room WHERE id = :id", room_id)


async def _in_own_event(actor: Actor, sql: str, object_id: int) -> None:
    event = await fetch_value_or_none(int, sql, id=object_id)
    if event is None:
        raise NotFound
    await require_run(actor, event)


_OWN = {
    "organisation": _own_employer,
    "listing": _own_listing,
    "agreement": _own_agreement,
    "event": require_run,
    "session": _own_session,
    "gate": _own_gate,
    "room": _own_room,
}
"""Kind → what raises NotFound unless it is a record of the bureau's own unit; a bureau reads no other kind."""
