"""Photos of people at the gate: an address that works for five minutes, for the staff who look at the badge."""

import time
from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from fairs.checkin.rows import PhotoRow
from fairs.checkin.rules import Result
from fairs.core import clock
from fairs.core.rows import fetch_as, fetch_value
from fairs.core.services import Service
from fairs.files.queries import short_link

KNOWN_FOR = 30.0  # seconds: so long the first photo of an event may stay unseen, and other events pay nothing
_known: Service[dict[int, tuple[float, bool]]] = Service(dict)  # event → (until, whether somebody has a photo)
_OF = "FROM registration r JOIN talent t ON t.id = r.talent WHERE t.photo IS NOT NULL"


async def _has_photos(event_id: int) -> bool:
    until, found = _known().get(event_id, (0.0, False))
    if until < time.monotonic():
        sql = f"SELECT EXISTS (SELECT 1 {_OF} AND r.event = :event)"
        found = await fetch_value(bool, sql, event=event_id)
        _known()[event_id] = (time.monotonic() + KNOWN_FOR, found)
    return found


async def photos_of(event_id: int, registrations: Sequence[int | None]) -> dict[int, UUID]:
    """Registration → photo, for those who have one."""
    wanted = sorted({found for found in registrations if found is not None})
    if not wanted or not await _has_photos(event_id):
        return {}
    sql = f"SELECT r.id, t.photo {_OF} AND r.event = :event AND r.id = ANY(:ids::bigint[])"
    return {row.id: row.photo for row in await fetch_as(PhotoRow, sql, event=event_id, ids=wanted)}


async def with_photos(event_id: int, registrations: Sequence[int | None], results: Sequence[Result]) -> list[Result]:
    """The answers of a batch, each person with the address of the photo; `registrations` in the same order."""
    photos = await photos_of(event_id, registrations)
    if not photos:
        return list(results)
    now = clock.now().timestamp()
    return [_with(result, photos.get(key or 0), now) for result, key in zip(results, registrations, strict=True)]


def _with(result: Result, photo: UUID | None, now: float) -> Result:
    if photo is None or result.person is None:
        return result
    return replace(result, person=replace(result.person, photo_url=short_link(photo, now)))
