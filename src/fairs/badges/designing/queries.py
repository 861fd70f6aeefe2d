"""Read designs, and what is needed to draw a badge by them."""

import contextlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from fairs.accounts.actor import Actor
from fairs.badges.designing import boxes as rules
from fairs.badges.designing.boxes import Box, Design, Sides
from fairs.badges.designing.rows import DesignRow, PhotoKey, Sample
from fairs.core.errors import NotFound
from fairs.core.object_store import STORE
from fairs.core.rows import fetch_as, fetch_one_as, fetch_values
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.files.queries import file_by_id
from fairs.registrations.photos import SHOWN

_DESIGN = "SELECT id, event, name, categories, size, height, sheet, sides, boxes::text AS boxes, logo FROM badge_design"
LONGEST = 2  # badges of each kind of long name


async def designs_of(event_id: int) -> list[DesignRow]:
    """The designs of an event, the one for everybody first."""
    return await fetch_as(
        DesignRow, f"{_DESIGN} WHERE event = :event ORDER BY cardinality(categories), name, id", event=event_id
    )


async def design_of(actor: Actor, slug: str, design_id: int) -> tuple[EventRow, DesignRow]:
    """A design of an event that this actor runs. Raises NotFound."""
    event = await event_for(actor, slug)
    row = None
    if 0 < design_id < 2**63:
        row = await fetch_one_as(
            DesignRow, f"{_DESIGN} WHERE id = :id AND event = :event", id=design_id, event=event.id
        )
    if row is None:
        raise NotFound
    return event, row


def chosen(designs: Sequence[DesignRow], category: str) -> DesignRow | None:
    """The design for a category: its own, else the one for everybody; None: the standard one."""
    own = next((row for row in designs if category in row.categories), None)
    return own or next((row for row in designs if not row.categories), None)


def boxes_of(row: DesignRow) -> tuple[Box, ...]:
    """The stored boxes."""
    return msgspec.json.decode(row.boxes.encode(), type=tuple[Box, ...])


async def opened(row: DesignRow | None) -> Design:
    """A design with its logo, ready to be drawn."""
    if row is None:
        return rules.standard()
    logo = await picture_of((await file_by_id(row.logo)).key) if row.logo else b""
    width = rules.size_called(row.size).width
    return Design(width, row.height, row.sheet, Sides(row.sides), boxes_of(row), logo)


async def design_for(event_id: int, category: str) -> Design:
    """The design by which a badge is printed."""
    return await opened(chosen(await designs_of(event_id), category))


async def may_read_logo(actor: Actor, file_id: UUID) -> bool:
    """Whether the logo belongs to a design of an event that this actor runs."""
    slugs = await fetch_values(
        str,
        "SELECT e.slug::text FROM badge_design d JOIN event e ON e.id = d.event WHERE d.logo = :file ORDER BY d.id",
        file=file_id,
    )
    for slug in slugs:
        with contextlib.suppress(NotFound):
            await event_for(actor, slug)
            return True
    return False


async def picture_of(key: str) -> bytes:
    """A picture of the object store; empty when it is gone."""
    try:
        return b"".join([part async for part in await STORE().read(key)])
    except FileNotFoundError:
        return b""


async def photo_keys(registrations: Sequence[int]) -> dict[int, str]:
    """Registration → its person's photo in the store."""
    rows = await fetch_as(
        PhotoKey,
        f"SELECT r.id AS registration, f.key FROM registration r JOIN file f ON f.id = {SHOWN} WHERE r.id = ANY(:ids::bigint[])",  # noqa: S608 - a constant
        ids=list(registrations),
    )
    return {row.registration: row.key for row in rows}


async def samples(event_id: int, categories: Sequence[str]) -> list[Sample]:
    """Badges with the longest names of an event, those with rare characters, and an ordinary one, each once."""
    rows = await fetch_as(
        Sample,
        "WITH worn AS (SELECT b.id, r.name_native, r.name_passport, r.organisation_name, r.id AS registration FROM badge b"
        " JOIN registration r ON r.id = b.registration WHERE r.event = :event AND r.state = 'confirmed'"
        " AND b.revoked_at IS NULL AND b.until IS NULL AND (:any OR r.category = ANY(:categories::text[])))"
        " (SELECT 'rare' AS why, id AS badge FROM worn"
        " WHERE name_native ~ '[^\\u0000-\\u024f\\u1e00-\\u1eff\\u4e00-\\u9fa5·]' ORDER BY id LIMIT :most)"
        " UNION ALL (SELECT 'name', id FROM worn ORDER BY length(name_passport) DESC, id LIMIT :most)"
        " UNION ALL (SELECT 'native', id FROM worn ORDER BY length(name_native) DESC, id LIMIT :most)"
        " UNION ALL (SELECT 'organisation', id FROM worn ORDER BY length(organisation_name) DESC, id LIMIT :most)"
        " UNION ALL (SELECT 'first', id FROM worn ORDER BY registration LIMIT 1)",
        event=event_id,
        any=not categories,
        categories=list(categories),
        most=LONGEST,
    )
    return list({row.badge: row for row in reversed(rows)}.values())[::-1]
