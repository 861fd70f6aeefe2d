"""Photos of people at the gate: an address that works for five minutes, for the staff who look at the badge."""

import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from fairs.checkin.rows import PhotoRow
from fairs.checkin.rules import Result
from fairs.core import clock
from fairs.core.rows import fetch_as, fetch_value, fetch_values
from fairs.core.services import Service
from fairs.files.queries import short_link
from fairs.registrations.photos import SHOWN

KNOWN_FOR = 30.0  # seconds: so long the first photo of an event, or a gate that was changed, may stay unseen
_OF = (
    f"FROM (SELECT r.id, {SHOWN} AS photo FROM registration r WHERE r.event = :event AND r.id = ANY(:ids::bigint[])) r"  # noqa: S608 - a constant
)
_ANY = """
SELECT EXISTS (SELECT 1 FROM registration r JOIN talent t ON t.id = r.talent WHERE t.photo IS NOT NULL AND r.event = :event)
    OR EXISTS (SELECT 1 FROM registration_photo p JOIN registration r ON r.id = p.registration WHERE r.event = :event)
    OR EXISTS (SELECT 1 FROM registration_file x JOIN registration r ON r.id = x.registration WHERE x.on_badge AND r.event = :event)
"""


class _Known(NamedTuple):
    """Whether an event has photos, and the gates that show none, until a moment of this process."""

    until: float
    found: bool
    hiding: frozenset[int]


_known: Service[dict[int, _Known]] = Service(dict)  # by event


async def _of(event_id: int) -> _Known:
    known = _known().get(event_id)
    if known is None or known.until < time.monotonic():
        found = await fetch_value(bool, _ANY, event=event_id)
        hiding = await fetch_values(int, "SELECT id FROM gate WHERE event = :event AND NOT show_photo", event=event_id)
        known = _known()[event_id] = _Known(time.monotonic() + KNOWN_FOR, found, frozenset(hiding))
    return known


async def photos_of(event_id: int, registrations: Sequence[int | None]) -> dict[int, UUID]:
    """Registration → photo, for those who have one: of the desk, else of the profile."""
    wanted = sorted({found for found in registrations if found is not None})
    if not wanted or not (await _of(event_id)).found:
        return {}
    sql = f"SELECT r.id, r.photo {_OF} WHERE r.photo IS NOT NULL"
    return {row.id: row.photo for row in await fetch_as(PhotoRow, sql, event=event_id, ids=wanted)}


async def with_photos(
    event_id: int, scanned: Sequence[tuple[int, int | None]], results: Sequence[Result]
) -> list[Result]:
    """The answers of a batch, each person with the address of the photo. `scanned`: gate and registration, in the same order."""
    known = await _of(event_id)
    registrations = [None if gate in known.hiding else registration for gate, registration in scanned]
    photos = await photos_of(event_id, registrations)
    if not photos:
        return list(results)
    now = clock.now().timestamp()
    return [_with(result, photos.get(key or 0), now) for result, key in zip(results, registrations, strict=True)]


def _with(result: Result, photo: UUID | None, now: float) -> Result:
    if photo is None or result.person is None:
        return result
    return replace(result, person=replace(result.person, photo_url=short_link(photo, now)))
