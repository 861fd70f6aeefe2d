"""Registrations as the API tells them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fairs.core import db
from fairs.core.rows import fetch_as
from fairs.core.services import Service
from fairs.registrations import phones, queries, rules
from fairs.registrations.rows import ToldRegistration

Details = Callable[[list[int]], Awaitable[dict[int, dict[str, Any]]]]
DETAILS: Service[tuple[Details, ...]] = Service(tuple)
"""What higher slices add to a registration's JSON: the badge's code."""


async def summaries_by_ids(_: int, registration_ids: Sequence[int]) -> list[dict[str, Any] | None]:
    """API summaries of registrations in request order; None for a missing one. For a batcher: concurrent searches and
    registrations also read in one statement."""
    known = [number for number in dict.fromkeys(registration_ids) if 0 < number < 2**63]
    if not known:
        return [None for _ in registration_ids]
    rows = await fetch_as(
        ToldRegistration,
        f"SELECT {queries.TOLD} FROM registration r JOIN event e ON e.id = r.event WHERE r.id = ANY(:ids::bigint[])",  # noqa: S608 - constants of the code; values are named arguments
        ids=known,
    )
    found = {item["id"]: item for item in await as_json(rows)}
    return [found.get(number) for number in registration_ids]


async def listed_by_ids(_: int, registration_ids: Sequence[int]) -> list[dict[str, Any] | None]:
    """As `summaries_by_ids`, with `warnings`."""
    told = await summaries_by_ids(0, registration_ids)
    live = [item["id"] for item in told if item and item["sessions"] and item["state"] not in rules.ENDED]
    warned = await same_hours(live) if live else {}
    return [item and item | {"warnings": warned.get(item["id"], [])} for item in told]


async def json_by_ids(_: int, registration_ids: Sequence[int]) -> list[dict[str, Any] | None]:
    """As `listed_by_ids`, without unknown values."""
    told = await listed_by_ids(0, registration_ids)
    return [item and {name: value for name, value in item.items() if value is not None} for item in told]


async def same_hours(registration_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """registration → time conflicts as API values: two of its sessions, or one of them and a meeting."""
    found: dict[int, list[dict[str, Any]]] = {}
    sessions_of = await queries.sessions_of_all(registration_ids)
    for number, sessions in sessions_of.items():
        for one, other in rules.overlapping(sessions):
            message = f"“{one.title_en}” and “{other.title_en}” are at the same time."
            warned = {"code": "sessions_overlap", "sessions": [one.code, other.code], "message": message}
            found.setdefault(number, []).append(warned)
    attended = [(row.talent, row) for sessions in sessions_of.values() for row in sessions if row.talent is not None]
    busy = await queries.are_in_meetings([(talent, row.id) for talent, row in attended])
    for row in (row for (_, row), meets in zip(attended, busy, strict=True) if meets):
        message = f"The person has a meeting at the time of “{row.title_en}”."
        warned = {"code": "meeting_overlaps", "sessions": [row.code], "message": message}
        found.setdefault(row.registration, []).append(warned)
    return found


async def as_json(rows: Sequence[ToldRegistration]) -> list[dict[str, Any]]:
    """Registrations as API values, with what higher slices add."""
    ids = [row.id for row in rows]
    sessions = await db.fetch(  # raw driver rows: this runs in every registration
        "SELECT x.registration, array_agg(s.code ORDER BY s.starts_at, s.code) AS codes FROM registration_session x"
        " JOIN event_session s ON s.id = x.session WHERE x.registration = ANY($1) GROUP BY x.registration",
        ids,
    )
    codes = {row["registration"]: row["codes"] for row in sessions}
    found = {row.id: _json(row) | {"sessions": codes.get(row.id, [])} for row in rows}
    for details in DETAILS():
        for key, extra in (await details(ids)).items():
            found[key] |= extra
    return list(found.values())


def _json(row: ToldRegistration) -> dict[str, Any]:
    person = {"email": row.email, "name_passport": row.name_passport, "name_native": row.name_native}
    person |= {
        "nationality": row.nationality,
        "organisation": row.organisation_name,
        "phone": phones.opened(row.phone),
    }
    answer = {"id": row.id, "number": row.number, "state": row.state, "position": row.position}
    answer |= {"event": row.slug, "category": row.category, "person": person}
    answer |= {} if row.offer_until is None else {"offer_until": row.offer_until}
    return answer | {name: getattr(row, name) for name in ("created_at", "confirmed_at", "cancelled_at", "updated_at")}
