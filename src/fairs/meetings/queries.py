"""Reads wishes, slots and meetings, each only for the people involved."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_value_or_none, fetch_values
from fairs.core.services import Service, unwired
from fairs.core.wishes import WANTED
from fairs.events.queries import PLACE
from fairs.meetings.rows import (
    EmployersWish,
    FreeSlot,
    FreeTable,
    HallCounts,
    Lacking,
    MeetingRow,
    Pair,
    PairToBook,
    SlotRow,
    Span,
    TalentsWish,
)

LIVE = "('scheduled', 'held')"
_COLUMNS = (
    "m.id, m.event, m.listing, m.organisation, m.talent, m.hall_table, m.starts_at, m.ends_at, m.state, m.outcome, m.note,"
    " m.sequence, m.created_at, m.updated_at, h.number AS table_number, l.title_zh, l.title_en, o.name_zh AS organisation_zh,"
    " o.name_en AS organisation_en, t.account AS talent_account, t.email AS talent_email, t.name_passport, t.name_native,"
    f" e.slug AS event_slug, e.title_zh AS event_title_zh, e.title_en AS event_title_en, e.timezone, {PLACE},"
    " e.demo AS event_demo, e.starts_at AS event_starts_at, e.ends_at AS event_ends_at,"
    " m.cancelled_by, m.cancelled_at, m.cancel_reason, c.name AS cancelled_by_name, coalesce(y.absent, '') AS absent"
)
_SOURCE = (
    "meeting m JOIN listing l ON l.id = m.listing JOIN organisation o ON o.id = m.organisation"
    " JOIN talent t ON t.id = m.talent JOIN event e ON e.id = m.event JOIN meeting_table h ON h.id = m.hall_table"
    " LEFT JOIN account c ON c.id = m.cancelled_by LEFT JOIN meeting_attendance y ON y.meeting = m.id"
)
_MEETING = f"SELECT {_COLUMNS} FROM {_SOURCE}"  # noqa: S608 - constants of the code
# Both sides' wishes of each pair, whichever of them came first; `where` limits the owner, so that no others are read.
_PAIRS = f"""
SELECT w.talent, w.listing, w.talent_level, w.employer_level, w.updated_at, w.talent_told_at, w.employer_told_at,
    (w.talent_level IN {WANTED} AND w.employer_level IN {WANTED}) IS TRUE AS mutual FROM (
    SELECT talent, listing, max(level) FILTER (WHERE side = 'talent') AS talent_level,
        max(level) FILTER (WHERE side = 'employer') AS employer_level, max(updated_at) AS updated_at,
        max(told_at) FILTER (WHERE side = 'talent') AS talent_told_at,
        max(told_at) FILTER (WHERE side = 'employer') AS employer_told_at
    FROM preference WHERE %s GROUP BY talent, listing
) w
"""  # noqa: S608 - constants; `%s` is filled with constants only


Agreements = Callable[[list[int]], Awaitable[dict[int, str]]]
AGREEMENTS: Service[Agreements] = Service(unwired("agreements"))
"""What finds the numbers of the agreements that came of meetings."""


async def agreements_of(meeting_ids: list[int]) -> dict[int, str]:
    """Meeting → the number of the agreement that came of it, where there is one."""
    return await AGREEMENTS()(meeting_ids) if meeting_ids else {}


_OF_EMPLOYERS = (
    "listing IN (SELECT id FROM listing WHERE organisation = ANY(:organisations::bigint[]) AND event = :event)"
)


async def meeting_by_id(meeting_id: int, *, lock: bool = False) -> MeetingRow:
    """A meeting with its people, place and hours. Raises NotFound."""
    ending = " FOR UPDATE OF m" if lock else ""
    row = await fetch_one_as(MeetingRow, f"{_MEETING} WHERE m.id = :id{ending}", id=_key(meeting_id))
    if row is None:
        raise NotFound
    return row


def _key(number: int) -> int:
    """A key that fits the database's type; no row has the 0."""
    return number if 0 < number < 2**63 else 0


async def meetings_by_ids(meeting_ids: list[int]) -> list[MeetingRow]:
    """Meetings with their people, place and hours, in order of id."""
    return await fetch_as(MeetingRow, f"{_MEETING} WHERE m.id = ANY(:ids::bigint[]) ORDER BY m.id", ids=meeting_ids)


def is_employer_of(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor acts for this employer; organisers may help."""
    return actor.sees_everything or organisation_id in actor.organisation_ids


async def meeting_for(actor: Actor, meeting_id: int, *, lock: bool = False) -> MeetingRow:
    """A meeting that the actor takes part in, any for organisers. Raises NotFound for all others."""
    row = await meeting_by_id(meeting_id, lock=lock)
    own = actor.account_id is not None and row.talent_account == actor.account_id
    if not own and not is_employer_of(actor, row.organisation):
        raise NotFound
    return row


async def employer_meeting_for(actor: Actor, meeting_id: int, *, lock: bool = False) -> MeetingRow:
    """A meeting of the actor's own organisation. Raises NotFound for all others."""
    row = await meeting_by_id(meeting_id, lock=lock)
    if not is_employer_of(actor, row.organisation):
        raise NotFound
    return row


async def find_talent_id(actor: Actor) -> int | None:
    """The actor's own profile's id, if there is one."""
    return await fetch_value_or_none(int, "SELECT id FROM talent WHERE account = :account", account=actor.account_id)


async def talent_id_of(actor: Actor) -> int:
    """The actor's own profile's id. Raises NotFound when there is none."""
    talent_id = await find_talent_id(actor)
    if talent_id is None:
        raise NotFound
    return talent_id


async def meetings_of_talent(talent_id: int) -> list[MeetingRow]:
    """A person's meetings in order of time, cancelled ones too."""
    return await fetch_as(
        MeetingRow, f"{_MEETING} WHERE m.talent = :talent ORDER BY m.starts_at, m.id", talent=talent_id
    )


async def meetings_of_organisations(organisation_ids: list[int], event_id: int) -> list[MeetingRow]:
    """Meetings of these employers at an event in order of time, cancelled ones too."""
    return await fetch_as(
        MeetingRow,
        f"{_MEETING} WHERE m.organisation = ANY(:organisations::bigint[]) AND m.event = :event"
        " ORDER BY m.starts_at, h.number, m.id",
        organisations=organisation_ids,
        event=event_id,
    )


async def wishes_of_talent(talent_id: int) -> list[TalentsWish]:
    """The person's pairs with listings that are still published: both sides' wishes, and a live meeting's id.

    An employer's refusal is not shown: the pair then appears as unanswered.
    """
    return await fetch_as(
        TalentsWish,
        f"SELECT p.talent_level, CASE WHEN p.employer_level IN {WANTED} THEN p.employer_level END AS employer_level,"  # noqa: S608 - constants: states and levels
        " p.mutual, p.talent_told_at AS told_at, l.id AS listing, l.title_zh, l.title_en, l.city, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, (SELECT m.id FROM meeting m WHERE m.talent = p.talent AND m.listing = p.listing"
        f" AND m.state IN {LIVE}) AS meeting FROM ({_PAIRS % 'talent = :talent'}) p JOIN listing l ON l.id = p.listing"
        " JOIN organisation o ON o.id = l.organisation"
        f" WHERE p.talent = :talent AND (p.talent_level IS NOT NULL OR p.employer_level IN {WANTED})"
        " AND l.state = 'published' AND o.state = 'approved'"
        " ORDER BY p.mutual DESC, (p.talent_level = 'must') DESC NULLS LAST, p.updated_at DESC, l.id",
        talent=talent_id,
    )


async def wishes_of_organisations(organisation_ids: list[int], event_id: int) -> list[EmployersWish]:
    """Pairs of these employers' published listings at an event with people who are not private.

    `named`: the name may be shown. A person's refusal is not shown: the pair then appears as unanswered.
    """
    return await fetch_as(
        EmployersWish,
        "SELECT p.employer_level, p.mutual, p.employer_told_at AS told_at, l.id AS listing, l.organisation, l.title_zh, l.title_en, t.id AS talent,"  # noqa: S608 - constants: states and levels
        f" CASE WHEN p.talent_level IN {WANTED} THEN p.talent_level END AS talent_level,"
        " t.name_passport, t.name_native, t.nationality, t.discipline, t.headline,"
        " t.visibility = 'employers' OR p.mutual AS named,"
        f" (SELECT m.id FROM meeting m WHERE m.talent = t.id AND m.listing = l.id AND m.state IN {LIVE}) AS meeting"
        f" FROM ({_PAIRS % _OF_EMPLOYERS}) p JOIN listing l ON l.id = p.listing JOIN organisation o ON o.id = l.organisation"
        " JOIN talent t ON t.id = p.talent WHERE l.organisation = ANY(:organisations::bigint[]) AND l.event = :event"
        " AND l.state = 'published' AND o.state = 'approved' AND t.visibility <> 'private'"
        f" AND (p.employer_level IS NOT NULL OR p.talent_level IN {WANTED})"
        " ORDER BY (p.talent_level = 'must') DESC NULLS LAST, (p.employer_level = 'must') DESC NULLS LAST,"
        " p.updated_at, l.id, t.id",
        organisations=organisation_ids,
        event=event_id,
    )


async def pair(listing_id: int, talent_id: int) -> Pair:
    """Both records of a pair with both sides' wishes and the live meeting. Raises NotFound when one does not exist."""
    row = await fetch_one_as(
        Pair,
        "SELECT l.id AS listing, l.event, l.organisation, e.state AS event_state, l.state AS listing_state, l.title_zh, l.title_en,"  # noqa: S608 - constants: states and levels
        " o.state AS organisation_state, o.name_zh AS organisation_zh, o.name_en AS organisation_en, t.id AS talent,"
        " t.account AS talent_account, t.visibility, a.level AS talent_level, b.level AS employer_level,"
        f" (SELECT m.id FROM meeting m WHERE m.talent = t.id AND m.listing = l.id AND m.state IN {LIVE}) AS meeting"
        " FROM listing l JOIN event e ON e.id = l.event JOIN organisation o ON o.id = l.organisation CROSS JOIN talent t"
        " LEFT JOIN preference a ON a.listing = l.id AND a.talent = t.id AND a.side = 'talent'"
        " LEFT JOIN preference b ON b.listing = l.id AND b.talent = t.id AND b.side = 'employer'"
        " WHERE l.id = :listing AND t.id = :talent",
        listing=_key(listing_id),
        talent=_key(talent_id),
    )
    if row is None:
        raise NotFound
    return row


async def pair_to_book(listing_id: int, talent_id: int) -> PairToBook:
    """A pair as the employer's list shows it, by ids that `pair` has checked. `bookable`: both want and have no meeting."""
    row = await fetch_one_as(
        PairToBook,
        "SELECT l.id AS listing, l.event, l.organisation, l.title_zh, l.title_en, t.id AS talent, t.name_passport,"  # noqa: S608 - constants: states and levels
        " t.name_native, t.nationality, t.discipline, t.headline, e.timezone, w.talent_level, w.employer_level,"
        " t.visibility = 'employers' OR w.mutual IS TRUE AS named, w.mutual IS TRUE AND l.state = 'published'"
        f" AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.talent = t.id AND m.listing = l.id AND m.state IN {LIVE})"
        " AS bookable FROM listing l JOIN event e ON e.id = l.event CROSS JOIN talent t"
        f" LEFT JOIN ({_PAIRS % 'listing = :listing AND talent = :talent'}) w ON true"
        " WHERE l.id = :listing AND t.id = :talent",
        listing=listing_id,
        talent=talent_id,
    )
    if row is None:
        raise NotFound
    return row


# Slots `s` of :event that can still be booked at the time :after: not begun. A demo whose dates are over can still be tried.
_OPEN = (
    "(s.starts_at > :after OR (SELECT e.demo AND e.ends_at <= :after AND s.starts_at >= e.starts_at"
    " FROM event e WHERE e.id = :event))"
)

# Of meetings that overlap slot `s`. Each of the three uses is a separate condition, so that an index answers it.
_HELD = f"""SELECT 1 FROM meeting m WHERE m.state IN {LIVE}
    AND tstzrange(m.starts_at, m.ends_at) && tstzrange(s.starts_at, s.ends_at)"""  # noqa: S608 - constants: states and levels

# A place is a slot and a table: of the employer's own tables if it has any, else a shared one. On shared tables an
# employer has one meeting at a time.
_PLACES = f"""
FROM meeting_slot s JOIN meeting_table h ON h.event = s.event CROSS JOIN unnest(:talents::bigint[]) AS p (talent)
CROSS JOIN (SELECT EXISTS (SELECT 1 FROM meeting_table WHERE event = :event AND organisation = :organisation) AS own) k
WHERE s.event = :event AND {_OPEN}
AND CASE WHEN k.own THEN h.organisation = :organisation ELSE h.organisation IS NULL END
AND NOT EXISTS ({_HELD} AND m.hall_table = h.id) AND NOT EXISTS ({_HELD} AND m.talent = p.talent)
AND (k.own OR NOT EXISTS ({_HELD} AND m.organisation = :organisation))
"""  # noqa: S608 - constants: states and levels


async def free_slots(
    event_id: int, organisation_id: int, talent_ids: list[int], after: datetime
) -> dict[int, list[FreeSlot]]:
    """talent → the slots in which this person and a table of the employer are free."""
    rows = await fetch_as(
        FreeSlot,
        f"SELECT DISTINCT p.talent, s.id, s.starts_at, s.ends_at {_PLACES} ORDER BY p.talent, s.starts_at",
        event=event_id,
        organisation=organisation_id,
        talents=talent_ids,
        after=after,
    )
    free: dict[int, list[FreeSlot]] = {}
    for row in rows:
        free.setdefault(row.talent, []).append(row)
    return free


async def free_tables(
    event_id: int, organisation_id: int, talent_id: int, after: datetime, slot_id: int
) -> list[FreeTable]:
    """Tables at which this person and the employer could meet in a slot."""
    return await fetch_as(
        FreeTable,
        "SELECT h.id AS hall_table, h.number, s.starts_at, s.ends_at, (SELECT count(*) FROM meeting u"  # noqa: S608 - constants: states and levels
        f" WHERE u.event = :event AND u.hall_table = h.id AND u.state IN {LIVE}) AS uses {_PLACES} AND s.id = :slot"
        " ORDER BY h.number",
        event=event_id,
        organisation=organisation_id,
        talents=[talent_id],
        after=after,
        slot=slot_id,
    )


async def why_nothing_free(event_id: int, organisation_id: int, talent_id: int, after: datetime) -> Lacking:
    """What is missing for a pair without a free slot."""
    (row,) = await fetch_as(
        Lacking,
        "SELECT (SELECT NOT e.demo AND e.ends_at <= :after FROM event e WHERE e.id = :event) AS over,"  # noqa: S608 - constants: states and levels
        f" EXISTS (SELECT 1 FROM meeting_slot s WHERE s.event = :event AND {_OPEN}) AS slots,"
        " EXISTS (SELECT 1 FROM meeting_table h WHERE h.event = :event"
        " AND (h.organisation = :organisation OR h.organisation IS NULL)) AS has_table,"
        f" EXISTS (SELECT 1 FROM meeting_slot s WHERE s.event = :event AND {_OPEN}"
        f" AND NOT EXISTS ({_HELD} AND m.talent = :talent)) AS person_free",
        event=event_id,
        organisation=organisation_id,
        talent=talent_id,
        after=after,
    )
    return row


async def spans_of_talent(talent_id: int) -> list[tuple[datetime, datetime]]:
    """Times of a person's meetings, at any event."""
    rows = await fetch_as(
        Span,
        f"SELECT starts_at, ends_at FROM meeting WHERE talent = :talent AND state IN {LIVE} ORDER BY starts_at",  # noqa: S608 - constants: states and levels
        talent=talent_id,
    )
    return [(row.starts_at, row.ends_at) for row in rows]


async def slot(event_id: int, slot_id: int) -> SlotRow | None:
    """A slot of this event."""
    return await fetch_one_as(
        SlotRow,
        "SELECT id, starts_at, ends_at FROM meeting_slot WHERE event = :event AND id = :id",
        event=event_id,
        id=slot_id,
    )


async def slots(event_id: int) -> list[SlotRow]:
    """The slots of an event in order."""
    return await fetch_as(
        SlotRow,
        "SELECT id, starts_at, ends_at FROM meeting_slot WHERE event = :event ORDER BY starts_at",
        event=event_id,
    )


async def is_talent_busy(talent_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the person has a meeting in this span."""
    return await fetch_value(
        bool,
        f"SELECT EXISTS (SELECT 1 FROM meeting WHERE talent = :talent AND state IN {LIVE}"  # noqa: S608 - constants: states and levels
        " AND tstzrange(starts_at, ends_at) && tstzrange(:starts_at, :ends_at))",
        talent=talent_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )


async def are_in_meetings(pairs: Sequence[tuple[int, int]]) -> list[bool]:
    """Of each (profile, session), whether the person has a meeting to come at the hour of the session."""
    return await fetch_value(
        list[bool],
        "SELECT array(SELECT EXISTS (SELECT 1 FROM meeting m WHERE m.talent = p.talent AND m.state = 'scheduled'"
        " AND m.starts_at < s.ends_at AND m.ends_at > s.starts_at)"
        " FROM unnest(:talents::bigint[], :sessions::bigint[]) WITH ORDINALITY AS p (talent, session, position)"
        " LEFT JOIN event_session s ON s.id = p.session ORDER BY p.position)",
        talents=[talent for talent, _ in pairs],
        sessions=[session for _, session in pairs],
    )


def is_booked(listing: str, talent: str) -> str:
    """SQL of whether a pair has a live meeting, for statements of lower slices; both are their own columns or arguments."""
    return f"EXISTS (SELECT 1 FROM meeting m WHERE m.listing = {listing} AND m.talent = {talent} AND m.state IN {LIVE})"  # noqa: S608 - constants of the code


async def tables_of(event_id: int, organisation_ids: list[int]) -> list[int]:
    """The numbers of these employers' own tables."""
    return await fetch_values(
        int,
        "SELECT number FROM meeting_table WHERE event = :event AND organisation = ANY(:organisations::bigint[])"
        " ORDER BY number",
        event=event_id,
        organisations=organisation_ids,
    )


async def hall(event_id: int) -> HallCounts:
    """Counts of an event's hall: slots, tables (own and shared), pairs of mutual wishes, meetings by state."""
    (row,) = await fetch_as(
        HallCounts,
        "SELECT (SELECT count(*) FROM meeting_slot WHERE event = :event) AS slots,"  # noqa: S608 - constants: states and levels
        " (SELECT count(*) FROM meeting_table WHERE event = :event AND organisation IS NOT NULL) AS own_tables,"
        " (SELECT count(*) FROM meeting_table WHERE event = :event AND organisation IS NULL) AS shared_tables,"
        " (SELECT count(*) FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing"
        f" AND b.side = 'employer' AND b.level IN {WANTED} WHERE a.event = :event AND a.side = 'talent'"
        f" AND a.level IN {WANTED}) AS mutual,"
        " (SELECT count(*) FROM meeting WHERE event = :event AND state = 'scheduled') AS scheduled,"
        " (SELECT count(*) FROM meeting WHERE event = :event AND state = 'held') AS held,"
        " (SELECT count(*) FROM meeting WHERE event = :event AND state = 'no_show') AS no_show",
        event=event_id,
    )
    return row
