"""Reading wishes, slots and meetings, each only by those whom it concerns."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.errors import NotFound
from fairs.core.events_bus import NotWired
from fairs.core.rows import fetch_value

WANTED = "('must', 'meet')"
LIVE = "('scheduled', 'held')"
_MEETING = """
SELECT m.*, h.number AS table_number, l.title_zh, l.title_en, o.name_zh AS organisation_zh, o.name_en AS organisation_en,
       t.account AS talent_account, t.email AS talent_email, t.name_passport, t.name_native, e.slug AS event_slug,
       e.title_zh AS event_title_zh, e.title_en AS event_title_en, e.timezone, e.place_zh, e.place_en,
       e.demo AS event_demo, e.ends_at AS event_ends_at, e.starts_at AS event_starts_at
FROM meeting m JOIN listing l ON l.id = m.listing JOIN organisation o ON o.id = m.organisation
JOIN talent t ON t.id = m.talent JOIN event e ON e.id = m.event JOIN meeting_table h ON h.id = m.hall_table
"""
# Both sides' wishes of each pair, whichever of them spoke first; `where` says whose, so that nobody else's are read.
_PAIRS = f"""
SELECT w.*, (w.talent_level IN {WANTED} AND w.employer_level IN {WANTED}) IS TRUE AS mutual FROM (
    SELECT talent, listing, max(level) FILTER (WHERE side = 'talent') AS talent_level,
        max(level) FILTER (WHERE side = 'employer') AS employer_level, max(updated_at) AS updated_at,
        max(told_at) FILTER (WHERE side = 'talent') AS talent_told_at,
        max(told_at) FILTER (WHERE side = 'employer') AS employer_told_at
    FROM preference WHERE %s GROUP BY talent, listing
) w
"""  # noqa: S608 - constants; `%s` is filled with constants only


Agreements = Callable[[list[int]], Awaitable[dict[int, str]]]
_agreements: Agreements | None = None


def install_agreements(agreements: Agreements) -> None:
    """Set what finds the numbers of the agreements that came of meetings."""
    global _agreements
    _agreements = agreements


async def agreements_of(meeting_ids: list[int]) -> dict[int, str]:
    """Meeting → the number of the agreement that came of it, where there is one."""
    if _agreements is None:
        raise NotWired("agreements: call fairs.wiring.wire() first")
    return await _agreements(meeting_ids) if meeting_ids else {}


_OF_EMPLOYERS = "listing IN (SELECT id FROM listing WHERE organisation = ANY($1::bigint[]) AND event = $2)"


async def meeting_by_id(meeting_id: int, *, lock: bool = False) -> asyncpg.Record:
    """A meeting with its people, place and hours. Raises NotFound."""
    ending = " FOR UPDATE OF m" if lock else ""
    row = await db.fetchrow(f"{_MEETING} WHERE m.id = $1{ending}", meeting_id if 0 < meeting_id < 2**63 else 0)
    if row is None:
        raise NotFound
    return row


async def meetings_by_ids(meeting_ids: list[int]) -> list[asyncpg.Record]:
    """Meetings with their people, place and hours, in order of id."""
    return await db.fetch(f"{_MEETING} WHERE m.id = ANY($1::bigint[]) ORDER BY m.id", meeting_ids)


def is_employer_of(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor acts for this employer; organisers may help."""
    return actor.sees_everything or organisation_id in actor.organisation_ids


async def meeting_for(actor: Actor, meeting_id: int, *, lock: bool = False) -> asyncpg.Record:
    """A meeting that the actor takes part in, any for organisers. Raises NotFound for everybody else."""
    row = await meeting_by_id(meeting_id, lock=lock)
    own = actor.account_id is not None and row["talent_account"] == actor.account_id
    if not own and not is_employer_of(actor, row["organisation"]):
        raise NotFound
    return row


async def employer_meeting_for(actor: Actor, meeting_id: int, *, lock: bool = False) -> asyncpg.Record:
    """A meeting of the actor's own organisation. Raises NotFound for everybody else."""
    row = await meeting_by_id(meeting_id, lock=lock)
    if not is_employer_of(actor, row["organisation"]):
        raise NotFound
    return row


async def find_talent_id(actor: Actor) -> int | None:
    """The actor's own profile, if there is one."""
    found: int | None = await db.fetchval("SELECT id FROM talent WHERE account = $1", actor.account_id)
    return found


async def talent_id_of(actor: Actor) -> int:
    """The actor's own profile. Raises NotFound when there is none."""
    found = await find_talent_id(actor)
    if found is None:
        raise NotFound
    return found


async def meetings_of_talent(talent_id: int) -> list[asyncpg.Record]:
    """A person's meetings in order of time, cancelled ones too."""
    return await db.fetch(f"{_MEETING} WHERE m.talent = $1 ORDER BY m.starts_at, m.id", talent_id)


async def meetings_of_organisations(organisation_ids: list[int], event_id: int) -> list[asyncpg.Record]:
    """Meetings of these employers at an event in order of time, cancelled ones too."""
    return await db.fetch(
        f"{_MEETING} WHERE m.organisation = ANY($1::bigint[]) AND m.event = $2 ORDER BY m.starts_at, h.number, m.id",
        organisation_ids,
        event_id,
    )


async def wishes_of_talent(talent_id: int) -> list[asyncpg.Record]:
    """The person's pairs with listings that are still published: what both sides said, and a live meeting's id.

    What an employer declined is not told: the pair then stands as not answered.
    """
    return await db.fetch(
        f"SELECT p.talent_level, CASE WHEN p.employer_level IN {WANTED} THEN p.employer_level END AS employer_level,"  # noqa: S608 - constants: states and levels
        " p.mutual, p.talent_told_at AS told_at, l.id AS listing, l.title_zh, l.title_en, l.city, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, (SELECT m.id FROM meeting m WHERE m.talent = p.talent AND m.listing = p.listing"
        f" AND m.state IN {LIVE}) AS meeting FROM ({_PAIRS % 'talent = $1'}) p JOIN listing l ON l.id = p.listing"
        " JOIN organisation o ON o.id = l.organisation"
        f" WHERE p.talent = $1 AND (p.talent_level IS NOT NULL OR p.employer_level IN {WANTED})"
        " AND l.state = 'published' AND o.state = 'approved'"
        " ORDER BY p.mutual DESC, (p.talent_level = 'must') DESC NULLS LAST, p.updated_at DESC, l.id",
        talent_id,
    )


async def wishes_of_organisations(organisation_ids: list[int], event_id: int) -> list[asyncpg.Record]:
    """Pairs of these employers' published listings at an event with people who are not private.

    `named`: the name may be shown. What a person declined is not told: the pair then stands as not answered.
    """
    return await db.fetch(
        "SELECT p.employer_level, p.mutual, p.employer_told_at AS told_at, l.id AS listing, l.organisation, l.title_zh, l.title_en, t.id AS talent,"  # noqa: S608 - constants: states and levels
        f" CASE WHEN p.talent_level IN {WANTED} THEN p.talent_level END AS talent_level,"
        " t.name_passport, t.name_native, t.nationality, t.discipline, t.headline,"
        " t.visibility = 'employers' OR p.mutual AS named,"
        f" (SELECT m.id FROM meeting m WHERE m.talent = t.id AND m.listing = l.id AND m.state IN {LIVE}) AS meeting"
        f" FROM ({_PAIRS % _OF_EMPLOYERS}) p JOIN listing l ON l.id = p.listing JOIN organisation o ON o.id = l.organisation"
        " JOIN talent t ON t.id = p.talent WHERE l.organisation = ANY($1::bigint[]) AND l.event = $2"
        " AND l.state = 'published' AND o.state = 'approved' AND t.visibility <> 'private'"
        f" AND (p.employer_level IS NOT NULL OR p.talent_level IN {WANTED})"
        " ORDER BY (p.talent_level = 'must') DESC NULLS LAST, (p.employer_level = 'must') DESC NULLS LAST,"
        " p.updated_at, l.id, t.id",
        organisation_ids,
        event_id,
    )


async def pair(listing_id: int, talent_id: int) -> asyncpg.Record:
    """Both records of a pair with both sides' wishes and the live meeting. Raises NotFound when one is not there."""
    row = await db.fetchrow(
        "SELECT l.id AS listing, l.event, l.organisation, l.state AS listing_state, l.title_zh, l.title_en,"  # noqa: S608 - constants: states and levels
        " o.state AS organisation_state, o.name_zh AS organisation_zh, o.name_en AS organisation_en, t.id AS talent,"
        " t.account AS talent_account, t.visibility, a.level AS talent_level, b.level AS employer_level,"
        f" (SELECT m.id FROM meeting m WHERE m.talent = t.id AND m.listing = l.id AND m.state IN {LIVE}) AS meeting"
        " FROM listing l JOIN organisation o ON o.id = l.organisation CROSS JOIN talent t"
        " LEFT JOIN preference a ON a.listing = l.id AND a.talent = t.id AND a.side = 'talent'"
        " LEFT JOIN preference b ON b.listing = l.id AND b.talent = t.id AND b.side = 'employer'"
        " WHERE l.id = $1 AND t.id = $2",
        listing_id if 0 < listing_id < 2**63 else 0,
        talent_id if 0 < talent_id < 2**63 else 0,
    )
    if row is None:
        raise NotFound
    return row


async def pair_to_book(listing_id: int, talent_id: int) -> asyncpg.Record:
    """A pair as the employer's list shows it, by ids that `pair` has found. `bookable`: both want and have no meeting."""
    row = await db.fetchrow(
        "SELECT l.id AS listing, l.event, l.organisation, l.title_zh, l.title_en, t.id AS talent, t.name_passport,"  # noqa: S608 - constants: states and levels
        " t.name_native, t.nationality, t.discipline, t.headline, e.timezone, w.talent_level, w.employer_level,"
        " t.visibility = 'employers' OR w.mutual IS TRUE AS named, w.mutual IS TRUE AND l.state = 'published'"
        f" AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.talent = t.id AND m.listing = l.id AND m.state IN {LIVE})"
        " AS bookable FROM listing l JOIN event e ON e.id = l.event CROSS JOIN talent t"
        f" LEFT JOIN ({_PAIRS % 'listing = $1 AND talent = $2'}) w ON true WHERE l.id = $1 AND t.id = $2",
        listing_id,
        talent_id,
    )
    if row is None:
        raise NotFound
    return row


# Slots `s` of event $1 that one can still book, now being $4: not one that has begun. A demo whose dates are over stays open to be tried.
_OPEN = "(s.starts_at > $4 OR (SELECT e.demo AND e.ends_at <= $4 AND s.starts_at >= e.starts_at FROM event e WHERE e.id = $1))"

# Of meetings that share time with slot `s`. Each of the three uses is asked by itself, so that an index answers it.
_HELD = f"""SELECT 1 FROM meeting m WHERE m.state IN {LIVE}
    AND tstzrange(m.starts_at, m.ends_at) && tstzrange(s.starts_at, s.ends_at)"""  # noqa: S608 - constants: states and levels

# A place is a slot and a table: of the employer's own tables if it has any, else a shared one. On shared tables an
# employer has one meeting at a time.
_PLACES = f"""
FROM meeting_slot s JOIN meeting_table h ON h.event = s.event CROSS JOIN unnest($3::bigint[]) AS p (talent)
CROSS JOIN (SELECT EXISTS (SELECT 1 FROM meeting_table WHERE event = $1 AND organisation = $2) AS own) k
WHERE s.event = $1 AND {_OPEN}
AND CASE WHEN k.own THEN h.organisation = $2 ELSE h.organisation IS NULL END
AND NOT EXISTS ({_HELD} AND m.hall_table = h.id) AND NOT EXISTS ({_HELD} AND m.talent = p.talent)
AND (k.own OR NOT EXISTS ({_HELD} AND m.organisation = $2))
"""  # noqa: S608 - constants: states and levels


async def free_slots(
    event_id: int, organisation_id: int, talent_ids: list[int], after: datetime
) -> dict[int, list[asyncpg.Record]]:
    """talent → the slots (id, starts_at, ends_at) in which this person and a table of the employer are free."""
    rows = await db.fetch(
        f"SELECT DISTINCT p.talent, s.id, s.starts_at, s.ends_at {_PLACES} ORDER BY p.talent, s.starts_at",
        event_id,
        organisation_id,
        talent_ids,
        after,
    )
    found: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        found.setdefault(row["talent"], []).append(row)
    return found


async def free_tables(
    event_id: int, organisation_id: int, talent_id: int, after: datetime, slot_id: int
) -> list[asyncpg.Record]:
    """Tables at which this person and the employer could meet in a slot: hall_table, number, starts_at, ends_at, and how
    many live meetings the event has at it (`uses`)."""
    return await db.fetch(
        "SELECT h.id AS hall_table, h.number, s.starts_at, s.ends_at, (SELECT count(*) FROM meeting u"  # noqa: S608 - constants: states and levels
        f" WHERE u.event = $1 AND u.hall_table = h.id AND u.state IN {LIVE}) AS uses {_PLACES} AND s.id = $5"
        " ORDER BY h.number",
        event_id,
        organisation_id,
        [talent_id],
        after,
        slot_id,
    )


async def why_nothing_free(event_id: int, organisation_id: int, talent_id: int, after: datetime) -> asyncpg.Record:
    """What a pair lacks that has no free slot: over (the event), slots (still to come), has_table (that the employer may use),
    person_free (the person has a slot without a meeting)."""
    row = await db.fetchrow(
        "SELECT (SELECT NOT e.demo AND e.ends_at <= $4 FROM event e WHERE e.id = $1) AS over,"  # noqa: S608 - constants: states and levels
        f" EXISTS (SELECT 1 FROM meeting_slot s WHERE s.event = $1 AND {_OPEN}) AS slots,"
        " EXISTS (SELECT 1 FROM meeting_table h WHERE h.event = $1 AND (h.organisation = $2 OR h.organisation IS NULL)) AS has_table,"
        f" EXISTS (SELECT 1 FROM meeting_slot s WHERE s.event = $1 AND {_OPEN}"
        f" AND NOT EXISTS ({_HELD} AND m.talent = $3)) AS person_free",
        event_id,
        organisation_id,
        talent_id,
        after,
    )
    assert row is not None
    return row


async def spans_of_talent(talent_id: int) -> list[tuple[datetime, datetime]]:
    """When a person sits in meetings, at any event."""
    rows = await db.fetch(
        f"SELECT starts_at, ends_at FROM meeting WHERE talent = $1 AND state IN {LIVE} ORDER BY starts_at",  # noqa: S608 - constants: states and levels
        talent_id,
    )
    return [(row["starts_at"], row["ends_at"]) for row in rows]


async def slot(event_id: int, slot_id: int) -> asyncpg.Record | None:
    """A slot of this event."""
    return await db.fetchrow("SELECT * FROM meeting_slot WHERE event = $1 AND id = $2", event_id, slot_id)


async def slots(event_id: int) -> list[asyncpg.Record]:
    """The slots of an event in order."""
    return await db.fetch("SELECT * FROM meeting_slot WHERE event = $1 ORDER BY starts_at", event_id)


async def is_talent_busy(talent_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the person sits in a meeting in this span."""
    return bool(
        await db.fetchval(
            f"SELECT EXISTS (SELECT 1 FROM meeting WHERE talent = $1 AND state IN {LIVE}"  # noqa: S608 - constants: states and levels
            " AND tstzrange(starts_at, ends_at) && tstzrange($2, $3))",
            talent_id,
            starts_at,
            ends_at,
        )
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
    rows = await db.fetch(
        "SELECT number FROM meeting_table WHERE event = $1 AND organisation = ANY($2::bigint[]) ORDER BY number",
        event_id,
        organisation_ids,
    )
    return [row["number"] for row in rows]


async def hall(event_id: int) -> asyncpg.Record:
    """Counts of an event's hall: slots, tables (own and shared), pairs of mutual wishes, meetings by state."""
    row = await db.fetchrow(
        "SELECT (SELECT count(*) FROM meeting_slot WHERE event = $1) AS slots,"  # noqa: S608 - constants: states and levels
        " (SELECT count(*) FROM meeting_table WHERE event = $1 AND organisation IS NOT NULL) AS own_tables,"
        " (SELECT count(*) FROM meeting_table WHERE event = $1 AND organisation IS NULL) AS shared_tables,"
        " (SELECT count(*) FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing"
        f" AND b.side = 'employer' AND b.level IN {WANTED} WHERE a.event = $1 AND a.side = 'talent'"
        f" AND a.level IN {WANTED}) AS mutual,"
        " (SELECT count(*) FROM meeting WHERE event = $1 AND state = 'scheduled') AS scheduled,"
        " (SELECT count(*) FROM meeting WHERE event = $1 AND state = 'held') AS held,"
        " (SELECT count(*) FROM meeting WHERE event = $1 AND state = 'no_show') AS no_show"
    , event_id)  # fmt: skip
    assert row is not None
    return row


async def contacts(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[tuple[str, asyncpg.Record]]]:
    """(listing, talent) → whom to write to: ("talent", …) and, where there is somebody, ("employer", …), who asked for the
    meeting, else the first member. Each: account_id, email, name, lang, timezone."""
    talents = await db.fetch(
        "SELECT t.id, a.id AS account_id, t.email, coalesce(nullif(CASE WHEN coalesce(a.lang, 'en') = 'zh' THEN"
        " t.name_native ELSE '' END, ''), t.name_passport) AS name, coalesce(a.lang, 'en') AS lang,"
        " coalesce(a.timezone, '') AS timezone FROM talent t LEFT JOIN account a ON a.id = t.account"
        " WHERE t.id = ANY($1::bigint[])",
        [talent for _, talent in pairs],
    )
    employers = await db.fetch(
        "SELECT x.listing, x.talent, c.* FROM unnest($1::bigint[], $2::bigint[]) AS x (listing, talent)"
        " JOIN listing l ON l.id = x.listing CROSS JOIN LATERAL ("
        " SELECT a.id AS account_id, a.email, a.name, a.lang, a.timezone FROM membership s"
        " JOIN account a ON a.id = s.account AND a.active"
        " LEFT JOIN preference p ON p.listing = l.id AND p.talent = x.talent AND p.side = 'employer' AND p.set_by = a.id"
        " WHERE s.organisation_id = l.organisation AND s.role = 'employer' ORDER BY (p.id IS NULL), s.id LIMIT 1) c",
        [listing for listing, _ in pairs],
        [talent for _, talent in pairs],
    )
    people = {row["id"]: row for row in talents}
    found = {pair: [("talent", people[pair[1]])] for pair in pairs}
    for row in employers:
        found[row["listing"], row["talent"]].append(("employer", row))
    return found
