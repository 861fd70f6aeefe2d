"""Reads leads for their employer, for the visitor, and for who runs the event."""

import asyncio
import re
from datetime import date
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.badges import codes, tokens
from fairs.badges.queries import public_keys
from fairs.core import cleaning
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as
from fairs.core.search_keys import like_words
from fairs.core.wishes import WANTED
from fairs.leads.rows import (
    Exhibitor,
    GateOfBooth,
    LeadCounts,
    LeadRow,
    OwnListing,
    Recorder,
    TagCount,
    Visitor,
)
from fairs.leads.tables import Answer
from fairs.registrations import phones
from fairs.talents.rules import Relation, View, view_of

GIVEN = f"c.answer IS NOT DISTINCT FROM '{Answer.GIVEN}'"
_COLUMNS = (
    "l.id, l.event, e.slug AS event_slug, e.title_zh, e.title_en, e.timezone, l.organisation, o.name_zh AS organisation_zh,"  # noqa: S608 - constants of the code
    " o.name_en AS organisation_en, o.state = 'approved' AS approved, l.registration, l.listing,"
    " coalesce(p.title_zh, '') AS listing_zh, coalesce(p.title_en, '') AS listing_en, l.stars, l.tags, l.note, l.follow_up,"
    " l.follow_up_on, l.seen_by, l.seen_at, l.last_seen_at, coalesce(w.name, '') AS recorder, l.deleted_at, l.deleted_by,"
    " l.updated_at, coalesce(c.answer, '') AS answer, coalesce(c.contact, false) AS contact, r.name_passport, r.name_native,"
    " coalesce(nullif(r.organisation_name, ''), nullif(t.current_employer, ''), t.institution, '') AS affiliation,"
    " r.category, r.email, r.phone, t.id AS talent, t.visibility, coalesce(t.discipline, '') AS discipline,"
    " coalesce(t.headline, '') AS headline,"
    " EXISTS (SELECT 1 FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing"
    " JOIN listing q ON q.id = a.listing WHERE a.talent = t.id AND a.side = 'talent' AND b.side = 'employer'"
    f" AND a.level IN {WANTED} AND b.level IN {WANTED} AND q.organisation = l.organisation) AS mutual,"
    " EXISTS (SELECT 1 FROM meeting m WHERE m.talent = t.id AND m.organisation = l.organisation"
    " AND m.state IN ('scheduled', 'held')) AS meeting"
)
_SOURCE = (
    "lead l JOIN event e ON e.id = l.event JOIN organisation o ON o.id = l.organisation"
    " JOIN registration r ON r.id = l.registration LEFT JOIN talent t ON t.id = r.talent"
    " LEFT JOIN lead_consent c ON c.registration = l.registration AND c.organisation = l.organisation"
    " LEFT JOIN listing p ON p.id = l.listing LEFT JOIN account w ON w.id = l.recorded_by"
)
_NAME = f"CASE WHEN {GIVEN} THEN lower(r.name_passport) END"
ORDERS = {  # sort key → SQL
    "seen": "l.last_seen_at, l.id",
    "-seen": "l.last_seen_at DESC, l.id DESC",
    "name": f"{_NAME} NULLS LAST, l.id",
    "-name": f"{_NAME} DESC NULLS LAST, l.id DESC",
    "stars": "l.stars, l.last_seen_at DESC, l.id DESC",
    "-stars": "l.stars DESC, l.last_seen_at DESC, l.id DESC",
    "due": "l.follow_up <> 'open', l.follow_up_on NULLS LAST, l.id",
    "-due": "l.follow_up <> 'open', l.follow_up_on DESC NULLS LAST, l.id DESC",
}
FILTERS = {
    "stars": "l.stars >= :stars",
    "tag": ":tag = ANY(l.tags)",
    "follow": "CASE :follow WHEN 'overdue' THEN l.follow_up = 'open' AND l.follow_up_on < :today ELSE l.follow_up = :follow END",
    "agreed": f"({GIVEN}) = (:agreed = 'yes')",
}
_BIGGEST = 2**63 - 1
_NUMBER = re.compile(r"[A-Z0-9-]{4,20}")


def shown(row: LeadRow) -> LeadRow:
    """The lead as far as the visitor's consent goes; contact data as well where the profile's own rules give it."""
    if row.answer != Answer.GIVEN:
        nothing = dict.fromkeys(("name_passport", "name_native", "affiliation", "category", "email", "phone"), "")
        more = {"discipline": "", "headline": "", "talent": None}
        return msgspec.structs.replace(row, **nothing, **more)
    relation = Relation(approved_employer=row.approved, mutual=row.mutual, meeting=row.meeting)
    view = view_of(row.visibility, relation) if row.visibility else View.NOTHING
    changed: dict[str, Any] = {} if view >= View.PROFILE else {"discipline": "", "headline": "", "talent": None}
    if row.contact or view >= View.CONTACT:
        changed["phone"] = phones.opened(row.phone)
    else:
        changed |= {"email": "", "phone": ""}
    return msgspec.structs.replace(row, **changed)


def _of(event_id: int, organisation_id: int, filters: dict[str, Any], today: date) -> Select:
    select = Select(_COLUMNS, _SOURCE).where(
        "l.event = :event AND l.organisation = :organisation AND l.deleted_at IS NULL",
        event=event_id,
        organisation=organisation_id,
    )
    for name, condition in FILTERS.items():
        if value := filters.get(name):
            more = {"today": today} if name == "follow" else {}
            select.where(condition, **{name: value}, **more)
    if words := like_words(str(filters.get("q", ""))):
        select.where(
            f"((CASE WHEN {GIVEN} THEN r.search_key ELSE '' END) || ' ' || lower(l.note || ' ' || array_to_string(l.tags, ' ')))"
            " LIKE ALL (:words::text[])",
            words=words,
        )
    return select


async def leads_page(
    event_id: int, organisation_id: int, filters: dict[str, Any], *, sort: str, today: date, number: int, size: int
) -> Page[LeadRow]:
    """One page of an employer's leads at an event."""
    select = _of(event_id, organisation_id, filters, today)
    read = select.reader(LeadRow, order=ORDERS.get(sort, ORDERS["-seen"]))
    return await paged((number, size, 0), select.count, read, shown)


async def agreed_leads(event_id: int, organisation_id: int, filters: dict[str, Any], *, today: date) -> list[LeadRow]:
    """All leads whose visitors agreed, for an export."""
    select = _of(event_id, organisation_id, {**filters, "agreed": "yes"}, today)
    return [shown(row) for row in await select.rows(LeadRow, order=ORDERS["seen"], size=10_000)]


async def counts(event_id: int, organisation_id: int, today: date) -> LeadCounts:
    """What the employer has at the event."""
    (row,) = await fetch_as(
        LeadCounts,
        f"SELECT count(*) AS seen, count(*) FILTER (WHERE {GIVEN}) AS agreed,"  # noqa: S608 - a constant above
        " count(*) FILTER (WHERE l.follow_up = 'open') AS open,"
        " count(*) FILTER (WHERE l.follow_up = 'open' AND l.follow_up_on < :today) AS overdue FROM lead l"
        " LEFT JOIN lead_consent c ON c.registration = l.registration AND c.organisation = l.organisation"
        " WHERE l.event = :event AND l.organisation = :organisation AND l.deleted_at IS NULL",
        event=event_id,
        organisation=organisation_id,
        today=today,
    )
    return row


async def tags_of(event_id: int, organisation_id: int) -> list[TagCount]:
    """The employer's tags at an event, the most used first."""
    return await fetch_as(
        TagCount,
        "SELECT tag, count(*) FROM lead l CROSS JOIN unnest(l.tags) AS tag WHERE l.event = :event"
        " AND l.organisation = :organisation AND l.deleted_at IS NULL GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 100",
        event=event_id,
        organisation=organisation_id,
    )


async def lead_for(actor: Actor, lead_id: int, *, lock: bool = False) -> LeadRow:
    """A lead of the actor's own organisation. Raises NotFound for all others."""
    row = None
    if 0 < lead_id <= _BIGGEST:
        row = await fetch_one_as(
            LeadRow,
            f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE l.id = :id AND l.organisation = ANY(:own::bigint[])"  # noqa: S608 - constants above
            + (" FOR UPDATE OF l" if lock else ""),
            id=lead_id,
            own=actor.organisation_ids,
        )
    if row is None or not actor.reaches(row.event):
        raise NotFound
    return shown(row)


async def visitor_of(event_id: int, organisation_id: int, text: str) -> tuple[Visitor | None, bool]:
    """(who is behind a badge's code or a typed number, whether it was a number); None: no badge of ours."""
    typed = cleaning.code(text).strip().upper()
    if _NUMBER.fullmatch(typed):
        return await _visitor(
            organisation_id, "r.number = :number AND r.event = :event", number=typed, event=event_id
        ), True
    keys = await public_keys()
    reading = await asyncio.to_thread(codes.genuine_reading, text.strip()[: tokens.MAX_URL], keys)
    if reading is None:
        return None, False
    return await _visitor(organisation_id, "b.uid = :uid", uid=reading[0]), False


async def _visitor(organisation_id: int, condition: str, **arguments: Any) -> Visitor | None:
    return await fetch_one_as(
        Visitor,
        "SELECT r.id AS registration, r.event, r.state = 'confirmed' AS confirmed, b.revoked_at IS NOT NULL AS revoked,"  # noqa: S608 - a constant condition
        " (r.organisation IS NOT DISTINCT FROM :own AND r.category = 'employer') AS colleague"
        f" FROM registration r LEFT JOIN badge b ON b.registration = r.id WHERE {condition}"
        " ORDER BY b.revoked_at IS NOT NULL, b.id DESC LIMIT 1",
        own=organisation_id,
        **arguments,
    )


async def own_listings(event_id: int, organisation_id: int) -> list[OwnListing]:
    """The employer's published listings at the event."""
    return await fetch_as(
        OwnListing,
        "SELECT id, title_zh, title_en FROM listing WHERE event = :event AND organisation = :organisation"
        " AND state = 'published' ORDER BY id",
        event=event_id,
        organisation=organisation_id,
    )


async def recorders_of(registration_id: int) -> list[Recorder]:
    """Employers that have seen a badge, or that its person has answered, the latest first."""
    return await fetch_as(
        Recorder,
        "SELECT o.id AS organisation, o.name_zh, o.name_en, l.seen_at, coalesce(l.seen_by, '') AS seen_by,"
        " coalesce(c.answer, '') AS answer, coalesce(c.contact, false) AS contact, c.answered_at,"
        " c.asked_by IS NOT NULL AS on_phone"
        " FROM (SELECT organisation FROM lead WHERE registration = :registration AND deleted_at IS NULL"
        " UNION SELECT organisation FROM lead_consent WHERE registration = :registration) x"
        " JOIN organisation o ON o.id = x.organisation"
        " LEFT JOIN lead l ON l.organisation = o.id AND l.registration = :registration AND l.deleted_at IS NULL"
        " LEFT JOIN lead_consent c ON c.organisation = o.id AND c.registration = :registration"
        " ORDER BY coalesce(l.last_seen_at, c.answered_at) DESC, o.id",
        registration=registration_id,
    )


async def exhibitors(event_id: int) -> list[Exhibitor]:
    """Approved employers with a booth, a published listing or a representative at an event."""
    return await fetch_as(
        Exhibitor,
        "SELECT o.id, o.name_zh, o.name_en FROM organisation o WHERE o.state = 'approved' AND ("
        " EXISTS (SELECT 1 FROM booth b WHERE b.event = :event AND b.organisation = o.id)"
        " OR EXISTS (SELECT 1 FROM listing p WHERE p.event = :event AND p.organisation = o.id AND p.state = 'published')"
        " OR EXISTS (SELECT 1 FROM registration r WHERE r.event = :event AND r.organisation = o.id"
        " AND r.category = 'employer' AND r.state = 'confirmed')) ORDER BY o.name_zh, o.id",
        event=event_id,
    )


async def booth_gates(event_id: int) -> list[GateOfBooth]:
    """Gates of kind booth of an event, each with its employer."""
    return await fetch_as(
        GateOfBooth,
        "SELECT g.id, g.code, g.name_zh, g.name_en, b.organisation, coalesce(o.name_zh, '') AS organisation_zh,"
        " coalesce(o.name_en, '') AS organisation_en FROM gate g LEFT JOIN booth_gate b ON b.gate = g.id"
        " LEFT JOIN organisation o ON o.id = b.organisation WHERE g.event = :event AND g.kind = 'booth' ORDER BY g.code",
        event=event_id,
    )
