"""What will not fit on the badges of an event: found before they are printed."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from fairs.badges import printing
from fairs.badges.designing import layout, queries
from fairs.badges.designing.boxes import NAMES, BoxKind, Design
from fairs.badges.rows import Names, PrintedBadge
from fairs.core.i18n import gettext
from fairs.core.rows import fetch_as
from fairs.events.rows import EventRow
from fairs.registrations.tables import Category

MOST = 500  # rows of the page


class Named(Names, frozen=True):
    """The names of a badge with its category."""

    category: str


class Misfit(msgspec.Struct, frozen=True):
    """A badge that is not printed whole: the text, what the badge says instead, and the characters that no font has."""

    number: str
    name: str
    kind: BoxKind
    text: str
    printed: str
    missing: str


async def misfits_of(event_id: int) -> list[Misfit]:
    """The misfits among the confirmed registrations of an event, in order of number."""
    rows = await fetch_as(
        Named,
        "SELECT number, name_native, name_passport, badge_name, organisation_name, category FROM registration"
        " WHERE event = :event AND state = 'confirmed' ORDER BY number",
        event=event_id,
    )
    designs = await queries.designs_of(event_id)
    opened = {
        category: await queries.opened(queries.chosen(designs, category)) for category in {r.category for r in rows}
    }
    return await asyncio.to_thread(_misfits, rows, opened)


def _misfits(rows: Sequence[Named], designs: dict[str, Design]) -> list[Misfit]:
    found: list[Misfit] = []
    for row in rows:
        found += _of(row, designs[row.category])
        if len(found) >= MOST:
            break
    return found[:MOST]


def _of(row: Named, design: Design) -> list[Misfit]:
    large, small = printing.names_to_print(row)
    texts = {BoxKind.NAME: large, BoxKind.LATIN: small, BoxKind.ORGANISATION: row.organisation_name}
    content = layout.Content("", row.category, "zh", texts)
    name = row.badge_name or row.name_native or row.name_passport
    found = [
        Misfit(row.number, name, kind, texts[kind], layout.printed(design, content, kind), "")
        for kind in layout.misfits(design, content)
        if kind in NAMES
    ]
    if missing := printing.not_printed(row):
        found.append(Misfit(row.number, name, BoxKind.NAME, name, large, " ".join(missing)))
    return found


def nobody(event: EventRow, lang: str) -> PrintedBadge:
    """An invented person, for the preview of an event without registrations."""
    moment: datetime = event.starts_at
    return PrintedBadge(
        number="FA00-000000",
        name_passport="Maria Fernandez-Villaverde",
        name_native="欧阳娜娜",
        organisation_name=gettext("University of the sample"),
        badge_name="",
        id=0,
        registration=0,
        event=event.id,
        code="A" * 128,
        revoked_at=None,
        category=Category.CANDIDATE.value,
        lang=lang,
        title_zh=event.title_zh,
        title_en=event.title_en,
        place_zh=event.place_zh,
        place_en=event.place_en,
        timezone=event.timezone,
        starts_at=moment,
        ends_at=event.ends_at,
        answers=gettext("An answer of the form"),
    )
