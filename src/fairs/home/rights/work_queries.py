"""Read what reviewers and interpreters need of their events; nothing that names a candidate."""

from fairs.core.rows import fetch_as
from fairs.events.queries import PLACE
from fairs.home.rights.rows import TalkRow, WantedRow, WorkEvent

MOST = 500  # rows of one event


async def events_of(ids: list[int]) -> list[WorkEvent]:
    """Events by key, the latest first."""
    return await fetch_as(
        WorkEvent,
        f"SELECT e.id, e.slug, e.title_zh, e.title_en, {PLACE}, e.timezone, e.starts_at, e.ends_at FROM event e"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE e.id = ANY(:ids::bigint[]) AND e.state <> 'draft' ORDER BY e.starts_at DESC, e.id",
        ids=ids,
    )


async def wanted(event_id: int) -> list[WantedRow]:
    """Published projects, and posts that are urgent and scarce; urgent ones first."""
    return await fetch_as(
        WantedRow,
        "SELECT l.id, l.kind, l.title_zh, l.title_en, l.urgent, l.urgent_reason, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, u.name_zh AS unit_zh, u.name_en AS unit_en FROM listing l"
        " JOIN organisation o ON o.id = l.organisation AND o.state = 'approved' JOIN unit u ON u.id = o.unit"
        " WHERE l.event = :event AND l.state = 'published' AND (l.urgent OR l.kind = 'project')"
        " ORDER BY l.urgent DESC, u.position, l.id LIMIT :most",
        event=event_id,
        most=MOST,
    )


async def talks(event_id: int, language: str) -> list[TalkRow]:
    """Meetings that take place, in the order of time; of candidates who speak `language`, when one is given."""
    return await fetch_as(
        TalkRow,
        "SELECT m.id, m.starts_at, m.ends_at, h.number AS table_number, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, l.title_zh, l.title_en, t.languages AS candidate_languages,"
        " l.languages AS listing_languages FROM meeting m JOIN meeting_table h ON h.id = m.hall_table"
        " JOIN organisation o ON o.id = m.organisation JOIN listing l ON l.id = m.listing JOIN talent t ON t.id = m.talent"
        " WHERE m.event = :event AND m.state IN ('scheduled', 'held') AND (:language = '' OR :language = ANY(t.languages))"
        " ORDER BY m.starts_at, h.number, m.id LIMIT :most",
        event=event_id,
        language=language,
        most=MOST,
    )
