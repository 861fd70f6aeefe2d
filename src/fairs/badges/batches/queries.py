"""Read batches, the badges that one would print, and the print log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from fairs.badges.batches.rows import BatchBadge, BatchRow, PrintRow
from fairs.badges.tables import BatchOrder, Chosen
from fairs.core.pagination import Page, paged
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value
from fairs.core.search_keys import sort_key
from fairs.events.queries import PLACE
from fairs.registrations.asking import on_badges
from fairs.registrations.photos import SHOWN

SILENCE = 15  # seconds after which a worker counts as gone
LATEST = 50  # batches of the page
_WORN = (
    "FROM badge b JOIN registration r ON r.id = b.registration JOIN event e ON e.id = r.event"
    " LEFT JOIN organisation o ON o.id = r.organisation LEFT JOIN unit u ON u.id = o.unit"
    " WHERE r.event = :event AND r.state = 'confirmed' AND b.revoked_at IS NULL AND b.until IS NULL"
    " AND (:category = '' OR r.category = :category) AND (:unit::bigint IS NULL OR o.unit = :unit)"
    " AND (:session::bigint IS NULL OR EXISTS (SELECT 1 FROM registration_session x WHERE x.registration = r.id"
    " AND x.session = :session))"
    " AND (:selection::bigint IS NULL OR r.id IN (SELECT x.registration FROM registration_bulk_row x WHERE x.bulk = :selection))"
    " AND CASE :chosen WHEN 'new' THEN b.issued_at > coalesce((SELECT max(p.asked_at) FROM badge_batch p"
    " WHERE p.event = :event AND p.state = 'done'), '-infinity')"
    " WHEN 'unprinted' THEN NOT EXISTS (SELECT 1 FROM badge_print p WHERE p.badge = b.id) ELSE true END"
)
_BATCH = (
    "SELECT b.id, b.event, b.state, b.category, u.name_zh AS unit_zh, u.name_en AS unit_en, s.title_zh AS session_zh,"
    " s.title_en AS session_en, b.selection, b.chosen, b.ordered, b.asked_at, a.name AS asked_name, b.ended_at, b.total, b.done, b.file, b.error,"
    " b.state = 'running' AND b.seen_at < now() - make_interval(secs => :silence) AS silent FROM badge_batch b"
    " LEFT JOIN unit u ON u.id = b.unit LEFT JOIN event_session s ON s.id = b.session LEFT JOIN account a ON a.id = b.asked_by"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which badges of an event, and in which order."""

    event: int
    category: str = ""
    unit: int | None = None
    session: int | None = None
    selection: int | None = None
    chosen: Chosen = Chosen.ALL
    ordered: BatchOrder = BatchOrder.UNIT

    def arguments(self) -> dict[str, Any]:
        """Of the statements."""
        return {
            "event": self.event,
            "category": self.category,
            "unit": self.unit,
            "session": self.session,
            "selection": self.selection,
            "chosen": str(self.chosen),
        }


async def count(wanted: Wanted) -> int:
    """How many badges a batch would print."""
    return await fetch_value(int, f"SELECT count(*) {_WORN}", **wanted.arguments())


async def badges_of(wanted: Wanted) -> list[BatchBadge]:
    """The badges of a batch in its order, each with the key of its person's photo."""
    rows = await fetch_as(
        BatchBadge,
        "SELECT b.id, r.id AS registration, r.event, b.code, b.revoked_at, r.number, r.name_passport, r.name_native,"  # noqa: S608 - constants of the code; values are named arguments
        f" r.badge_name, r.category, r.organisation_name, r.lang, e.title_zh, e.title_en, {PLACE}, e.timezone, e.starts_at,"
        " e.ends_at, coalesce(u.code, '') AS unit_code, '' AS answers,"
        f" (SELECT f.key FROM file f WHERE f.id = {SHOWN}) AS photo {_WORN} ORDER BY r.number",
        **wanted.arguments(),
    )
    answers = await on_badges.texts_of({row.registration: row.lang for row in rows})
    rows = [replace(row, answers=text) if (text := answers.get(row.registration)) else row for row in rows]
    return in_order(rows, wanted.ordered)


def in_order(rows: Sequence[BatchBadge], ordered: BatchOrder) -> list[BatchBadge]:
    """By unit, organisation and name, by name, or by number; names as a Chinese dictionary has them."""
    if ordered == BatchOrder.NUMBER:
        return sorted(rows, key=lambda row: row.number)
    names = {row.id: sort_key(row.name_native or row.name_passport) for row in rows}
    if ordered == BatchOrder.NAME:
        return sorted(rows, key=lambda row: (names[row.id], row.number))
    bodies = {name: sort_key(name) for name in {row.organisation_name for row in rows}}
    return sorted(
        rows,
        key=lambda row: (row.unit_code or "~", bodies[row.organisation_name], names[row.id], row.number),
    )


async def batches_of(event_id: int) -> list[BatchRow]:
    """The batches of an event, the latest first."""
    return await fetch_as(
        BatchRow,
        f"{_BATCH} WHERE b.event = :event ORDER BY b.id DESC LIMIT :latest",
        event=event_id,
        silence=SILENCE,
        latest=LATEST,
    )


async def batch(event_id: int, batch_id: int) -> BatchRow | None:
    """A batch of an event."""
    return await fetch_one_as(
        BatchRow, f"{_BATCH} WHERE b.event = :event AND b.id = :id", event=event_id, id=batch_id, silence=SILENCE
    )


async def prints_of(event_id: int, window: tuple[int, int, int]) -> Page[PrintRow]:
    """A page of the print log, the latest first; `times`: how often the badge was printed."""
    source = "FROM badge_print p JOIN badge b ON b.id = p.badge JOIN registration r ON r.id = b.registration"

    async def total() -> int:
        return await fetch_value(int, f"SELECT count(*) {source} WHERE r.event = :event", event=event_id)

    async def read(size: int, offset: int) -> list[PrintRow]:
        return await fetch_as(
            PrintRow,
            "SELECT p.at, p.way, r.number, coalesce(nullif(r.badge_name, ''), nullif(r.name_native, ''), r.name_passport) AS name,"  # noqa: S608 - a constant above
            " a.name AS printed_name, x.name AS printer, b.revoked_at IS NOT NULL AS revoked,"
            " (SELECT count(*) FROM badge_print o WHERE o.badge = b.id) AS times"
            f" {source} LEFT JOIN account a ON a.id = p.printed_by LEFT JOIN desk_printer x ON x.id = p.printer WHERE r.event = :event ORDER BY p.id DESC"
            " LIMIT :size OFFSET :offset",
            event=event_id,
            size=size,
            offset=offset,
        )

    return await paged(window, total, read)
