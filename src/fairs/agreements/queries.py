"""Reading agreements: a caller gets only their own; all others get NotFound."""

import re
from datetime import datetime
from typing import Any

import asyncpg

from fairs.accounts.actor import Actor
from fairs.agreements import states
from fairs.core import db
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged, window
from fairs.core.search_keys import like_words
from fairs.organisations import phones

_NUMBER = re.compile(r"YX-[0-9]{4}-[0-9]{4,9}")
_WHO = (
    "WITH who AS (SELECT $1::boolean AS everything, $2::bigint[] AS units, $3::bigint[] AS organisations,"
    " $4::bigint AS account) "
)
_FROM = (
    " FROM agreement a CROSS JOIN who JOIN event e ON e.id = a.event JOIN unit u ON u.id = a.unit"
    " JOIN organisation o ON o.id = a.organisation JOIN talent t ON t.id = a.talent"
    " LEFT JOIN listing l ON l.id = a.listing LEFT JOIN account v ON v.id = a.verified_by"
)
_COLUMNS = (
    "SELECT a.*, e.slug AS event_slug, e.title_zh AS event_title_zh, e.title_en AS event_title_en,"
    " u.code AS unit_code, u.name_zh AS unit_zh, u.name_en AS unit_en, o.uscc, o.name_zh AS organisation_zh,"
    " o.name_en AS organisation_en, o.signatory, o.signatory_latin, t.name_passport, t.name_native, t.nationality, t.account AS talent_account,"
    " t.email AS talent_email, l.title_zh AS listing_zh, l.title_en AS listing_en, v.name AS verifier,"
    " (SELECT array_agg(s.party ORDER BY s.id) FROM agreement_signature s"
    "  WHERE s.agreement = a.id AND s.revision = a.revision) AS signed"
)
_SIDES = {
    "talent": "t.account = who.account",
    "employer": "a.organisation = ANY(who.organisations)",
    "bureau": "(who.everything OR a.unit = ANY(who.units))",
}
_MINE = f"({' OR '.join(_SIDES.values())})"
_TEXT = (
    "lower(concat_ws(' ', a.number, a.title_zh, a.title_en, o.name_zh, o.name_en, o.search_key, t.name_passport,"
    " t.name_native, t.search_key))"
)
_SORTS = {
    "number": "a.number",
    "state": "a.state_since",
    "amount": "a.amount_cny",
    "next": "a.next_step_by",
    "unit": "u.position",
}


def _who(actor: Actor) -> tuple[Any, ...]:
    return actor.sees_everything, actor.unit_ids, actor.organisation_ids, actor.account_id


def parties_of(actor: Actor, agreement: asyncpg.Record) -> frozenset[str]:
    """The sides that this account has in an agreement."""
    held = {
        states.EMPLOYER: agreement["organisation"] in actor.organisation_ids,
        states.TALENT: agreement["talent_account"] is not None and agreement["talent_account"] == actor.account_id,
        states.BUREAU: agreement["unit"] in actor.unit_ids,
        states.ORGANISER: actor.sees_everything,
    }
    return frozenset(party for party, stands in held.items() if stands)


def case_of(agreement: asyncpg.Record) -> states.Case:
    """What decides an agreement's steps."""
    return states.Case(agreement["state"], states.is_foreign(agreement["nationality"]), agreement["engagement"])


def _plain(text: str) -> str:
    """A typed text as the database takes it: without NUL."""
    return text.replace("\x00", "")


async def agreement_for(actor: Actor, number: str, *, lock: bool = False) -> asyncpg.Record:
    """The agreement with its parties' names. Raises NotFound for strangers. `lock` keeps it for the transaction."""
    if not _NUMBER.fullmatch(number):
        raise NotFound
    if lock:
        await db.execute("SELECT 1 FROM agreement WHERE number = $1 FOR UPDATE", number)
    row = await db.fetchrow(f"{_WHO}{_COLUMNS}{_FROM} WHERE {_MINE} AND a.number = $5", *_who(actor), number)
    if row is None:
        raise NotFound
    return row


async def number_of(agreement_id: int) -> str:
    """The number of an agreement's key. Raises NotFound."""
    found: str | None = await db.fetchval("SELECT number FROM agreement WHERE id = $1", agreement_id)
    if found is None:
        raise NotFound
    return found


async def meeting_to_draw_up(actor: Actor, meeting_id: int) -> asyncpg.Record:
    """The meeting with what an agreement of it starts from. Raises NotFound unless its employer (or the desk) asks."""
    row = await db.fetchrow(
        "SELECT m.*, o.name_zh AS organisation_zh, o.name_en AS organisation_en, o.uscc, o.unit, o.search_key AS keys,"
        " u.name_zh AS unit_zh, u.name_en AS unit_en, t.name_passport, t.name_native, t.nationality, t.institution,"
        " l.title_zh AS listing_zh, l.title_en AS listing_en, l.description_zh, l.description_en,"
        " l.engagement AS ways, e.title_zh AS event_title_zh, e.title_en AS event_title_en, e.timezone,"
        " e.starts_at AS event_starts_at FROM meeting m JOIN organisation o ON o.id = m.organisation"
        " JOIN unit u ON u.id = o.unit JOIN talent t ON t.id = m.talent JOIN listing l ON l.id = m.listing"
        " JOIN event e ON e.id = m.event WHERE m.id = $1 AND ($2 OR m.organisation = ANY($3))",
        meeting_id,
        actor.sees_everything,
        actor.organisation_ids,
    )
    if row is None:
        raise NotFound
    return row


async def agreement_of_meeting(meeting_id: int) -> str | None:
    """The number of the meeting's agreement that is not terminated."""
    found: str | None = await db.fetchval(
        "SELECT number FROM agreement WHERE meeting = $1 AND state <> 'terminated' ORDER BY id DESC LIMIT 1", meeting_id
    )
    return found


async def revisions_of(agreement_id: int) -> list[asyncpg.Record]:
    """Every text there was, newest first."""
    return await db.fetch(
        "SELECT r.revision, r.document, r.document_hash, r.made_at, c.name AS made_by_name FROM agreement_revision r"
        " LEFT JOIN account c ON c.id = r.made_by WHERE r.agreement = $1 ORDER BY r.revision DESC",
        agreement_id,
    )


async def current_revision(agreement_id: int) -> asyncpg.Record:
    """The text in force: revision, document, document_hash, made_at."""
    row = await db.fetchrow(
        "SELECT revision, document, document_hash, made_at FROM agreement_revision WHERE agreement = $1"
        " ORDER BY revision DESC LIMIT 1",
        agreement_id,
    )
    if row is None:
        raise NotFound
    return row


async def current_hash(number: str) -> str:
    """SHA-256 (hex) of the text in force: what a signature has to name."""
    found = await db.fetchval(
        "SELECT encode(r.document_hash, 'hex') FROM agreement_revision r JOIN agreement a ON a.id = r.agreement"
        " AND a.revision = r.revision WHERE a.number = $1",
        number,
    )
    if found is None:
        raise NotFound
    return str(found)


async def signatures_of(agreement_id: int) -> list[asyncpg.Record]:
    """Every signature ever given, oldest first; those of an earlier revision are void."""
    return await db.fetch(
        "SELECT s.revision, s.party, s.name_signed, s.signed_at, s.document_hash, s.ip, s.confirmed_by, s.revision < a.revision AS void"
        " FROM agreement_signature s JOIN agreement a ON a.id = s.agreement WHERE s.agreement = $1 ORDER BY s.id",
        agreement_id,
    )


async def transitions_of(agreement_id: int) -> list[asyncpg.Record]:
    """The steps taken, oldest first."""
    return await db.fetch(
        "SELECT x.from_state, x.to_state, x.evidence, x.reason, x.at, c.name AS by_name FROM agreement_transition x"
        " LEFT JOIN account c ON c.id = x.by_account WHERE x.agreement = $1 ORDER BY x.id",
        agreement_id,
    )


async def was_signed(agreement_id: int) -> bool:
    """Whether the text in force was signed by both: in the browser, or on paper before the organiser's desk."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT 1 FROM agreement_transition x JOIN agreement a ON a.id = x.agreement"
            " JOIN agreement_revision r ON r.agreement = a.id AND r.revision = a.revision"
            " WHERE a.id = $1 AND x.to_state = 'signed_intent' AND x.at >= r.made_at)",
            agreement_id,
        )
    )


async def confirmed_by(agreement_id: int) -> frozenset[str]:
    """Sides that confirmed the step that needs both, since the present state began."""
    rows = await db.fetch(
        "SELECT x.reason FROM agreement_transition x JOIN agreement a ON a.id = x.agreement JOIN agreement_revision r"
        " ON r.agreement = a.id AND r.revision = a.revision WHERE a.id = $1"
        " AND x.from_state = x.to_state AND x.at >= r.made_at AND x.at >= a.state_since",
        agreement_id,
    )
    return frozenset(row["reason"].removeprefix("confirmed:") for row in rows)


async def find_agreements(
    actor: Actor,
    side: str,
    *,
    q: str = "",
    state: str = "",
    unit: str = "",
    event: str = "",
    updated_since: datetime | None = None,
    sort: str = "",
    page: int | None = None,
    page_size: int | None = None,
    strict: bool = False,
) -> Page[asyncpg.Record]:
    """A page of what `side` (talent, employer, bureau) sees; `strict`: one past the end is empty. `q` reads numbers, names, pinyin and initials."""
    where = (
        f"{_FROM} WHERE {_SIDES[side]} AND {_TEXT} LIKE ALL ($5::text[])"
        " AND ($6 = '' OR a.state = $6) AND ($7 = '' OR u.code = $7)"
        " AND ($8 = '' OR e.slug = $8) AND ($9::timestamptz IS NULL OR a.updated_at >= $9)"
    )
    args = (*_who(actor), like_words(_plain(q)), _plain(state), _plain(unit), _plain(event), updated_since)
    column = _SORTS.get(sort.removeprefix("-"), "a.id")
    order = f"{column} {'DESC' if sort.startswith('-') or not sort else 'ASC'} NULLS LAST, a.id DESC"
    return await paged(
        window(page, page_size),
        lambda: db.fetchval(f"{_WHO}SELECT count(*){where}", *args),
        lambda *part: db.fetch(f"{_WHO}{_COLUMNS}{where} ORDER BY {order} LIMIT $10 OFFSET $11", *args, *part),
        strict=strict,
    )


async def ledger_rows(actor: Actor, side: str, *, state: str = "", unit: str = "", q: str = "") -> list[dict[str, Any]]:
    """Every agreement of a side with what the signing ledger needs, by number; at most 20,000."""
    rows = await db.fetch(
        f"{_WHO}SELECT a.*, e.title_zh AS event_zh, u.name_zh AS unit_zh, o.name_zh AS organisation_zh, o.uscc,"  # noqa: S608 - constants; `side` picks one by key
        " o.kind AS organisation_kind, o.industry, o.contact_name, o.contact_phone, t.name_passport, t.name_native,"
        " t.nationality, t.degree, t.institution, t.current_employer, t.discipline, h.steps"
        f"{_FROM} LEFT JOIN LATERAL (SELECT jsonb_object_agg(x.to_state, jsonb_build_array(x.at, x.evidence)"
        " ORDER BY x.id) AS steps FROM agreement_transition x WHERE x.agreement = a.id AND x.from_state <> x.to_state)"
        f" h ON true WHERE {_SIDES[side]} AND {_TEXT} LIKE ALL ($5::text[]) AND ($6 = '' OR a.state = $6)"
        " AND ($7 = '' OR u.code = $7) ORDER BY a.number LIMIT 20000",
        *_who(actor),
        like_words(_plain(q)),
        _plain(state),
        _plain(unit),
    )
    return [phones.opened(row) for row in rows]


async def by_digest(digest: bytes) -> asyncpg.Record | None:
    """What anybody who holds a paper may know of it: nothing of the person."""
    return await db.fetchrow(
        "SELECT a.number, r.revision, r.revision < a.revision AS replaced, a.state, a.verified_at, r.made_at,"
        " o.name_zh AS organisation_zh, o.name_en AS organisation_en, u.name_zh AS unit_zh, u.name_en AS unit_en,"
        " (SELECT max(s.signed_at) FROM agreement_signature s WHERE s.agreement = a.id AND s.revision = r.revision"
        "  AND s.party = 'employer') AS employer_at,"
        " (SELECT max(s.signed_at) FROM agreement_signature s WHERE s.agreement = a.id AND s.revision = r.revision"
        "  AND s.party = 'talent') AS talent_at,"
        " (SELECT max(s.confirmed_by) FROM agreement_signature s WHERE s.agreement = a.id AND s.revision = r.revision"
        "  AND s.party = 'employer') AS employer_by,"
        " (SELECT max(s.confirmed_by) FROM agreement_signature s WHERE s.agreement = a.id AND s.revision = r.revision"
        "  AND s.party = 'talent') AS talent_by"
        " FROM agreement_revision r JOIN agreement a ON a.id = r.agreement JOIN organisation o ON o.id = a.organisation"
        " JOIN unit u ON u.id = a.unit WHERE r.document_hash = $1",
        digest,
    )


async def people_of(agreement_id: int, party: str) -> list[asyncpg.Record]:
    """Who is written to on a side: account id (or None), email, name, lang; the employer's colleagues up to 20."""
    if party == states.TALENT:
        return await db.fetch(
            "SELECT c.id, t.email, t.name_passport AS name, coalesce(c.lang, 'en') AS lang FROM agreement a"
            " JOIN talent t ON t.id = a.talent LEFT JOIN account c ON c.id = t.account WHERE a.id = $1",
            agreement_id,
        )
    return await db.fetch(
        "SELECT DISTINCT c.id, c.email, c.name, c.lang FROM agreement a JOIN membership m ON m.role = 'employer'"
        " AND m.organisation_id = a.organisation JOIN account c ON c.id = m.account AND c.active WHERE a.id = $1"
        " ORDER BY c.id LIMIT 20",
        agreement_id,
    )
