"""Read a programme's draft, its released versions and its speakers."""

from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.events import queries as events
from fairs.events.planning import rules
from fairs.events.planning.rows import (
    Appearance,
    CancelledRow,
    ChangeRow,
    Plan,
    ReleaseRow,
    SpeakerLine,
    SpeakerRow,
)

_PLAN = (
    "s.unit, s.room, s.code, s.kind, s.title_zh, s.title_en, s.starts_at, s.ends_at, s.capacity, s.sign_up,"
    " s.changes_until"
)
_NAMED = "r.code AS room_code, u.code AS unit_code"
_PLACES = "LEFT JOIN room r ON r.id = s.room LEFT JOIN unit u ON u.id = s.unit"
_SPEAKER = (
    "p.id, p.event, p.code, p.name_zh, p.name_en, p.affiliation_zh, p.affiliation_en, p.bio_zh, p.bio_en, p.picture"
)


async def released_of(event_id: int) -> list[Plan]:
    """The sessions of the last release that are not cancelled."""
    return await fetch_as(
        Plan,
        f"SELECT s.id AS session, {_PLAN}, coalesce(t.speakers, '') AS speakers, false AS removed, '' AS reason, {_NAMED}"  # noqa: S608 - constants of the code; values are named arguments
        f" FROM event_session s {_PLACES} LEFT JOIN (SELECT x.session, string_agg(p.code ||"
        " CASE WHEN x.role = 'host' THEN ' (host)' ELSE '' END, E'\\n' ORDER BY x.position) AS speakers"
        " FROM session_speaker x JOIN speaker p ON p.id = x.speaker WHERE p.event = :event GROUP BY x.session) t"
        " ON t.session = s.id WHERE s.event = :event AND s.cancelled_at IS NULL ORDER BY s.starts_at, s.ends_at, s.code",
        event=event_id,
    )


async def drafts_of(event_id: int) -> list[Plan]:
    """The sessions that differ from the last release."""
    return await fetch_as(
        Plan,
        f"SELECT s.session, {_PLAN}, s.speakers, s.removed, s.reason, {_NAMED} FROM session_draft s {_PLACES}"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE s.event = :event ORDER BY s.starts_at, s.ends_at, s.code",
        event=event_id,
    )


async def draft(event_id: int) -> list[rules.Item]:
    """The programme as the next release makes it."""
    return rules.merged(await released_of(event_id), await drafts_of(event_id))


async def item_of(event_id: int, code: str) -> rules.Item:
    """One session of the draft. Raises NotFound."""
    for item in await draft(event_id):
        if item.plan.code == code:
            return item
    raise NotFound


async def is_cancelled(event_id: int, codes: list[str]) -> list[str]:
    """Those of the codes that belong to cancelled sessions."""
    return await fetch_value(
        list[str],
        "SELECT array(SELECT code FROM event_session WHERE event = :event AND code = ANY(:codes::text[])"
        " AND cancelled_at IS NOT NULL ORDER BY code)",
        event=event_id,
        codes=codes,
    )


async def cancelled_of(event_id: int) -> list[CancelledRow]:
    """Cancelled sessions, in order of time, with their reasons."""
    return await fetch_as(
        CancelledRow,
        "SELECT code, title_zh, title_en, starts_at, ends_at, cancel_reason FROM event_session"
        " WHERE event = :event AND cancelled_at IS NOT NULL ORDER BY starts_at, code",
        event=event_id,
    )


async def speakers_of(event_id: int) -> list[SpeakerLine]:
    """The speakers of an event by code, with the sessions in which they are released."""
    return await fetch_as(
        SpeakerLine,
        f"SELECT {_SPEAKER}, (SELECT count(*) FROM session_speaker x JOIN event_session s ON s.id = x.session"  # noqa: S608 - constants of the code; values are named arguments
        " AND s.cancelled_at IS NULL WHERE x.speaker = p.id) AS sessions FROM speaker p WHERE p.event = :event ORDER BY p.code",
        event=event_id,
    )


async def speaker_by_code(event_id: int, code: str) -> SpeakerRow:
    """A speaker of an event. Raises NotFound."""
    row = await fetch_one_as(
        SpeakerRow,
        f"SELECT {_SPEAKER} FROM speaker p WHERE p.event = :event AND p.code = :code",  # noqa: S608 - constants of the code; values are named arguments
        event=event_id,
        code=code.replace("\0", ""),
    )
    if row is None:
        raise NotFound
    return row


async def may_read_picture(actor: Actor, file_id: UUID) -> bool:
    """Whether the actor runs an event whose speaker has this picture."""
    slug = await fetch_value_or_none(
        str,
        "SELECT e.slug FROM speaker p JOIN event e ON e.id = p.event WHERE p.picture = :file ORDER BY e.id DESC LIMIT 1",
        file=file_id,
    )
    try:
        return slug is not None and bool(await events.event_for(actor, slug))
    except NotFound:
        return False


async def released_picture(event_id: int, code: str) -> UUID:
    """The picture of a speaker whom a released session names. Raises NotFound."""
    picture = await fetch_value_or_none(
        UUID,
        "SELECT p.picture FROM speaker p WHERE p.event = :event AND p.code = :code AND EXISTS"
        " (SELECT 1 FROM session_speaker x JOIN event_session s ON s.id = x.session AND s.cancelled_at IS NULL"
        " WHERE x.speaker = p.id)",
        event=event_id,
        code=code.replace("\0", ""),
    )
    if picture is None:
        raise NotFound
    return picture


async def appearances_of(event_id: int) -> dict[int, list[Appearance]]:
    """session → its people, in their order."""
    rows = await fetch_as(
        Appearance,
        "SELECT x.session, x.role, p.code, p.name_zh, p.name_en, p.affiliation_zh, p.affiliation_en, p.bio_zh, p.bio_en,"
        " p.picture FROM session_speaker x JOIN speaker p ON p.id = x.speaker WHERE p.event = :event ORDER BY x.session, x.position",
        event=event_id,
    )
    found: dict[int, list[Appearance]] = {}
    for row in rows:
        found.setdefault(row.session, []).append(row)
    return found


async def releases_page(event_id: int, size: int, offset: int) -> list[ReleaseRow]:
    """Released versions, the newest first."""
    return await fetch_as(
        ReleaseRow,
        "SELECT v.id, v.number, v.released_at, a.name AS by_name, v.told,"
        " (SELECT count(*) FROM release_change c WHERE c.release = v.id) AS changes FROM programme_release v"
        " LEFT JOIN account a ON a.id = v.released_by WHERE v.event = :event ORDER BY v.number DESC LIMIT :size OFFSET :offset",
        event=event_id,
        size=size,
        offset=offset,
    )


async def releases_count(event_id: int) -> int:
    """How many versions were released."""
    return await fetch_value(int, "SELECT count(*) FROM programme_release WHERE event = :event", event=event_id)


async def changes_of(release_id: int) -> list[ChangeRow]:
    """The changes of a released version, by kind and then in order of time."""
    return await fetch_as(
        ChangeRow,
        "SELECT release, kind, before::text AS before, after::text AS after, people FROM release_change"
        " WHERE release = :release ORDER BY array_position(ARRAY['cancelled', 'moved', 'new', 'changed'], kind),"
        " coalesce(after, before) ->> 'starts_at', id",
        release=release_id,
    )
