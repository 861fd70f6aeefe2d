"""Reads the members of a tour: the list, one of them, the viewer's own tours, what was told to whom, who is counted."""

from datetime import datetime
from typing import Any

from fairs.accounts.actor import Actor
from fairs.checkin import tallies
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as
from fairs.core.search_keys import like_words
from fairs.tours.queries import AT_STOP
from fairs.tours.rows import MemberRow, NewsCount, NewsRow, OwnMember, Seen, Unread
from fairs.tours.rules import COMING

_BIGGEST = 2**63 - 1
_EMAIL = "coalesce(nullif(r.email, ''), m.email)"
_NAMES = (
    "coalesce(r.name_passport, m.name_passport) AS name_passport, coalesce(r.name_native, m.name_native) AS name_native,"
    f" {_EMAIL} AS email, coalesce(nullif(r.phone, ''), m.phone) AS phone, coalesce(g.name, '') AS group_name"
)
_COLUMNS = (
    "m.id, m.event, m.registration, coalesce(r.number, '') AS number, coalesce(r.state, '') AS place,"  # noqa: S608 - constants of the code
    f" coalesce(m.talent, r.talent) AS talent, coalesce(u.code, '') AS unit, coalesce(u.name_zh, '') AS unit_zh,"
    f" coalesce(u.name_en, '') AS unit_en, m.grp, m.state, m.origin, {_NAMES},"
    " coalesce(nullif(m.discipline, ''), t.discipline, '') AS discipline,"
    " coalesce(nullif(r.organisation_name, ''), nullif(t.current_employer, ''), t.institution, '') AS affiliation,"
    " coalesce(nullif(r.nationality, ''), t.nationality, '') AS nationality, coalesce(r.lang, m.lang) AS lang,"
    " coalesce(a.id, b.id) AS account, coalesce(a.timezone, b.timezone, '') AS own_zone, m.instead_of, m.reply_by, m.why,"
    " m.invited_at, m.state_at,"
    " (SELECT count(*) FROM tour_told d WHERE d.member = m.id AND d.read_at IS NULL) AS unread"
)
_SOURCE = (
    "tour_member m LEFT JOIN registration r ON r.id = m.registration LEFT JOIN talent t ON t.id = coalesce(m.talent, r.talent)"
    " LEFT JOIN unit u ON u.id = m.unit LEFT JOIN tour_group g ON g.id = m.grp"
    " LEFT JOIN account a ON a.id = coalesce(t.account, r.registrant)"
    f" LEFT JOIN account b ON b.email = {_EMAIL} AND b.email_confirmed_at IS NOT NULL"
)
_OWN = (
    f"(t.account = :account OR r.registrant = :account OR ({_EMAIL} = :email AND EXISTS (SELECT 1 FROM account own"  # noqa: S608 - constants above
    " WHERE own.id = :account AND own.email_confirmed_at IS NOT NULL)))"
)
_NAME = "lower(coalesce(r.name_passport, m.name_passport))"
ORDERS = {  # sort key → SQL
    "name": f"{_NAME}, m.id",
    "-name": f"{_NAME} DESC, m.id DESC",
    "state": "m.state_at, m.id",
    "-state": "m.state_at DESC, m.id DESC",
    "group": "g.name NULLS LAST, m.id",
    "-group": "g.name DESC NULLS LAST, m.id DESC",
    "city": "u.position NULLS LAST, m.id",
    "-city": "u.position DESC NULLS LAST, m.id DESC",
}
FILTERS = {
    "state": "m.state = :state",
    "group": "CASE :group WHEN 'none' THEN m.grp IS NULL ELSE m.grp::text = :group END",
    "unit": "u.code = :unit",
    "origin": "m.origin = :origin",
    "late": "m.state = 'invited' AND m.reply_by < :late",
}


def _chosen(event_id: int, filters: dict[str, Any]) -> Select:
    select = Select(_COLUMNS, _SOURCE).where("m.event = :event", event=event_id)
    for name, condition in FILTERS.items():
        if value := filters.get(name):
            select.where(condition, **{name: value})
    if words := like_words(str(filters.get("q", ""))):
        select.where(
            "(coalesce(r.search_key, '') || ' ' || lower(m.name_passport || ' ' || m.name_native || ' ' || m.email))"
            " LIKE ALL (:words::text[])",
            words=words,
        )
    return select


async def members_page(event_id: int, filters: dict[str, Any], *, sort: str, number: int, size: int) -> Page[MemberRow]:
    """One page of a tour's people."""
    select = _chosen(event_id, filters)
    read = select.reader(MemberRow, order=ORDERS.get(sort, ORDERS["name"]))
    return await paged((number, size, 0), select.count, read)


async def members_of(event_id: int, filters: dict[str, Any] | None = None) -> list[MemberRow]:
    """All people of a tour that fit, by name."""
    return await _chosen(event_id, filters or {}).rows(MemberRow, order=ORDERS["name"])


async def members_by_ids(event_id: int, ids: list[int]) -> list[MemberRow]:
    """These people of a tour, by name; those of another one are left out."""
    select = Select(_COLUMNS, _SOURCE).where("m.event = :event AND m.id = ANY(:ids::bigint[])", event=event_id, ids=ids)
    return await select.rows(MemberRow, order=ORDERS["name"])


async def member_of(event_id: int, member_id: int, *, lock: bool = False) -> MemberRow:
    """One of a tour. Raises NotFound."""
    return await _one("m.id = :id AND m.event = :event", member_id, lock=lock, event=event_id)


async def own_member(actor: Actor, member_id: int, *, lock: bool = False) -> MemberRow:
    """The viewer as a member of a tour. Raises NotFound for all others."""
    row = await _one(f"m.id = :id AND {_OWN}", member_id, lock=lock, account=actor.account_id, email=actor.email)
    if not actor.reaches(row.event):
        raise NotFound
    return row


async def _one(condition: str, member_id: int, *, lock: bool, **arguments: Any) -> MemberRow:
    row = None
    if 0 < member_id <= _BIGGEST:
        row = await fetch_one_as(
            MemberRow,
            f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE {condition}" + (" FOR UPDATE OF m" if lock else ""),  # noqa: S608 - constants of this file
            id=member_id,
            **arguments,
        )
    if row is None:
        raise NotFound
    return row


async def own_tours(actor: Actor) -> list[OwnMember]:
    """Tours that the viewer was invited to or has a place in, the next first; none of a draft, none as a substitute."""
    return await fetch_as(
        OwnMember,
        "SELECT m.id, m.state, e.slug, e.title_zh, e.title_en, e.starts_at, e.ends_at, e.timezone, m.reply_by,"  # noqa: S608 - constants of this file
        " p.released_at IS NOT NULL AS released,"
        " (SELECT count(*) FROM tour_told d WHERE d.member = m.id AND d.read_at IS NULL) AS unread"
        f" FROM {_SOURCE} JOIN event e ON e.id = m.event LEFT JOIN tour_plan p ON p.event = m.event"
        f" WHERE {_OWN} AND m.state <> 'substitute' AND e.state <> 'draft' ORDER BY e.starts_at DESC, m.id",
        account=actor.account_id,
        email=actor.email,
    )


async def people_at(event_id: int, stop_id: int) -> list[MemberRow]:
    """Who is to be at a stop, with a place, by name."""
    select = Select(_COLUMNS, f"{_SOURCE} JOIN tour_stop s ON s.event = m.event")
    select.where("m.event = :event AND s.id = :stop", event=event_id, stop=stop_id)
    select.where(f"m.state = ANY(:coming::text[]) AND {AT_STOP}", coming=list(COMING))
    return await select.rows(MemberRow, order=ORDERS["name"])


async def news_of(member_id: int) -> list[NewsRow]:
    """What a member was told, the latest first."""
    return await fetch_as(
        NewsRow,
        "SELECT n.id, n.stop, n.kind, n.before, n.after, n.at, coalesce(s.title_zh, '') AS title_zh,"
        " coalesce(s.title_en, '') AS title_en, d.read_at FROM tour_told d JOIN tour_news n ON n.id = d.news"
        " LEFT JOIN tour_stop s ON s.id = n.stop WHERE d.member = :member ORDER BY n.at DESC, n.id DESC LIMIT 100",
        member=member_id,
    )


async def news_counts(event_id: int) -> list[NewsCount]:
    """What was told in a tour, the latest first, with how many have read it."""
    return await fetch_as(
        NewsCount,
        "SELECT n.id, n.stop, n.kind, n.at, coalesce(s.title_zh, '') AS title_zh, coalesce(s.title_en, '') AS title_en,"
        " count(d.id) AS told, count(d.read_at) AS read FROM tour_news n LEFT JOIN tour_told d ON d.news = n.id"
        " LEFT JOIN tour_stop s ON s.id = n.stop WHERE n.event = :event GROUP BY n.id, s.id ORDER BY n.at DESC, n.id DESC LIMIT 100",
        event=event_id,
    )


async def unread_of(event_id: int, news_id: int = 0) -> list[Unread]:
    """People with a place who have not read what they were told (of one thing only, with its id), the longest first."""
    return await fetch_as(
        Unread,
        f"SELECT m.id, {_NAMES}, count(*) AS news, min(n.at) AS since FROM tour_told d JOIN tour_news n ON n.id = d.news"  # noqa: S608 - constants of this file
        " JOIN tour_member m ON m.id = d.member LEFT JOIN registration r ON r.id = m.registration"
        " LEFT JOIN tour_group g ON g.id = m.grp WHERE n.event = :event AND d.read_at IS NULL"
        " AND m.state = ANY(:coming::text[]) AND (:news::bigint = 0 OR n.id = :news) GROUP BY m.id, r.id, g.id"
        " ORDER BY min(n.at), m.id",
        event=event_id,
        news=news_id,
        coming=list(COMING),
    )


async def counted(event_id: int, gate_id: int, stop_id: int, since: datetime) -> list[Seen]:
    """Who is expected (at a stop; 0: on the whole tour), and when the badge was scanned at the gate since then; missing ones first."""
    at_stop = f"AND EXISTS (SELECT 1 FROM tour_stop s WHERE s.id = :stop AND s.event = m.event AND {AT_STOP})"  # noqa: S608 - a constant
    return await fetch_as(
        Seen,
        f"SELECT * FROM (SELECT m.id, {_NAMES}, (SELECT min(s.scanned_at) FROM scan s WHERE s.registration = m.registration"  # noqa: S608 - constants of the code
        " AND s.gate = :gate AND s.scanned_at >= :since AND s.outcome IN ('admitted', 'already') AND s.direction = 'in'"
        f" AND {tallies.STANDING}) AS seen_at"
        " FROM tour_member m LEFT JOIN registration r ON r.id = m.registration LEFT JOIN tour_group g ON g.id = m.grp"
        f" WHERE m.event = :event AND m.state = ANY(:coming::text[]) {at_stop if stop_id else 'AND :stop::bigint = 0'}) c"
        " ORDER BY seen_at IS NOT NULL, group_name, name_passport, id",
        event=event_id,
        gate=gate_id,
        stop=stop_id,
        since=since,
        coming=list(COMING),
    )
