"""Reads passports, letters and the links of sheets."""

from typing import Any

from fairs.core import clock, crypto
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value, fetch_values
from fairs.core.search_keys import like_words
from fairs.tours.papers.rows import CheckedLetter, LetterRow, LinkRow, OpenLink, PassportRow, TextRow, Unlettered
from fairs.tours.papers.tables import LetterState
from fairs.tours.rules import COMING

_LETTER = (
    "l.id, l.member, coalesce(r.name_passport, m.name_passport) AS name_passport,"
    " coalesce(r.name_native, m.name_native) AS name_native, coalesce(r.nationality, '') AS nationality, l.kind, l.state,"
    " coalesce(l.number, '') AS number, l.digest, l.document, l.initials, l.valid_until, l.reason, l.asked_at, l.decided_at,"
    " EXISTS (SELECT 1 FROM tour_passport p WHERE p.member = m.id) AS passport"
)
_LETTERS = "tour_letter l JOIN tour_member m ON m.id = l.member LEFT JOIN registration r ON r.id = m.registration"
ORDERS = {  # sort key → SQL
    "asked": "l.asked_at, l.id",
    "-asked": "l.asked_at DESC, l.id DESC",
    "name": "lower(coalesce(r.name_passport, m.name_passport)), l.id",
    "-name": "lower(coalesce(r.name_passport, m.name_passport)) DESC, l.id DESC",
    "number": "l.number NULLS LAST, l.id",
    "-number": "l.number DESC NULLS LAST, l.id DESC",
}
_LINK = "l.id, l.vehicle, l.interpreter, l.expires_at, l.revoked_at, l.made_at, l.opened_at"


async def passport_of(member_id: int) -> PassportRow | None:
    """The sealed passport of a member."""
    return await fetch_one_as(PassportRow, "SELECT member, data FROM tour_passport WHERE member = :id", id=member_id)


async def passports_in(event_id: int) -> dict[int, PassportRow]:
    """Member → sealed passport, of a whole tour."""
    rows = await fetch_as(
        PassportRow,
        "SELECT p.member, p.data FROM tour_passport p JOIN tour_member m ON m.id = p.member WHERE m.event = :event",
        event=event_id,
    )
    return {row.member: row for row in rows}


def _letters(event_id: int, filters: dict[str, Any]) -> Select:
    select = Select(_LETTER, _LETTERS).where("l.event = :event", event=event_id)
    if state := filters.get("state"):
        select.where("l.state = :state", state=state)
    if kind := filters.get("kind"):
        select.where("l.kind = :kind", kind=kind)
    if words := like_words(str(filters.get("q", ""))):
        select.where(
            "(coalesce(r.search_key, '') || ' ' || lower(m.name_passport || ' ' || m.name_native || ' '"
            " || coalesce(l.number, ''))) LIKE ALL (:words::text[])",
            words=words,
        )
    return select


async def letters_page(event_id: int, filters: dict[str, Any], *, sort: str, number: int, size: int) -> Page[LetterRow]:
    """One page of a tour's letters."""
    select = _letters(event_id, filters)
    read = select.reader(LetterRow, order=ORDERS.get(sort, ORDERS["-asked"]))
    return await paged((number, size, 0), select.count, read)


async def letters_in(event_id: int, filters: dict[str, Any]) -> list[LetterRow]:
    """All letters of a tour that fit, in the order of their requests."""
    return await _letters(event_id, filters).rows(LetterRow, order=ORDERS["asked"])


async def letters_of(member_id: int) -> list[LetterRow]:
    """The letters of a member, the last first."""
    select = Select(_LETTER, _LETTERS).where("l.member = :member", member=member_id)
    return await select.rows(LetterRow, order=ORDERS["-asked"])


async def ended_letters(member_id: int) -> list[str]:
    """Numbers of the letters that were revoked, as long as the member has none in force."""
    letters = await letters_of(member_id)
    if any(row.state == LetterState.ISSUED for row in letters):
        return []
    return [row.number for row in letters if row.state == LetterState.REVOKED and row.number]


async def letter_counts(event_id: int) -> dict[str, int]:
    """State → letters."""
    rows = await letters_in(event_id, {})
    return {state.value: sum(1 for row in rows if row.state == state) for state in LetterState}


async def waiting(event_id: int) -> list[int]:
    """Members with a place who wait for a letter: asked for, or revoked with none issued since."""
    return await fetch_values(
        int,
        "SELECT m.id FROM tour_member m WHERE m.event = :event AND m.state = ANY(:coming::text[])"
        " AND EXISTS (SELECT 1 FROM tour_letter l WHERE l.member = m.id AND l.state IN ('requested', 'revoked'))"
        " AND NOT EXISTS (SELECT 1 FROM tour_letter l WHERE l.member = m.id AND l.state = 'issued') ORDER BY m.id",
        event=event_id,
        coming=list(COMING),
    )


LETTER_DAYS = (
    30  # so many days before the journey a letter should be there: an own proposal, for the way to a consulate
)


async def unlettered(event_id: int) -> list[tuple[int, int]]:
    """(member, days left): who arrives soon from abroad, by nationality and residence, and has no letter and none asked for."""
    rows = await fetch_as(
        Unlettered,
        "SELECT m.id AS member, greatest(extract(day FROM j.at - :now), 0)::int AS days FROM tour_member m"
        " JOIN tour_trip j ON j.member = m.id AND j.direction = 'arrival' AND j.mode IN ('flight', 'train')"
        " LEFT JOIN registration r ON r.id = m.registration LEFT JOIN talent t ON t.id = coalesce(m.talent, r.talent)"
        " WHERE m.event = :event AND m.state = ANY(:coming::text[]) AND m.no_letter = ''"
        " AND coalesce(nullif(r.nationality, ''), t.nationality, '') NOT IN ('', 'CN', 'HK', 'MO', 'TW')"
        " AND coalesce(t.residence_country, '') <> 'CN' AND j.at > :now AND j.at < :now + make_interval(days => :most)"
        " AND NOT EXISTS (SELECT 1 FROM tour_letter l WHERE l.member = m.id AND l.state <> 'refused') ORDER BY j.at, m.id",
        event=event_id,
        coming=list(COMING),
        now=clock.now(),
        most=LETTER_DAYS,
    )
    return [(row.member, row.days) for row in rows]


async def no_letter_of(member_id: int) -> str:
    """Why a member needs no letter; empty: nobody has said so."""
    return await fetch_value(str, "SELECT no_letter FROM tour_member WHERE id = :id", id=member_id)


async def numbered(event_id: int) -> int:
    """How many letters of a tour have ever got a number."""
    return await fetch_value(
        int, "SELECT count(*) FROM tour_letter WHERE event = :event AND number IS NOT NULL", event=event_id
    )


async def by_digest(digest: bytes) -> CheckedLetter | None:
    """What the public page says of a letter that was issued."""
    return await fetch_one_as(
        CheckedLetter,
        "SELECT number, initials, valid_until, state FROM tour_letter WHERE digest = :digest",
        digest=digest,
    )


async def texts_of(event_id: int) -> dict[str, TextRow]:
    """Kind → the own text of a tour's letters."""
    rows = await fetch_as(
        TextRow, "SELECT kind, body_zh, body_en FROM tour_letter_text WHERE event = :event", event=event_id
    )
    return {row.kind: row for row in rows}


async def links_of(event_id: int) -> list[LinkRow]:
    """All links to sheets of a tour, the last first."""
    return await fetch_as(
        LinkRow,
        f"SELECT {_LINK} FROM tour_sheet_link l WHERE l.event = :event ORDER BY l.made_at DESC, l.id DESC",  # noqa: S608 - a constant of this file
        event=event_id,
    )


async def link_of(event_id: int, link_id: int) -> LinkRow:
    """One of them. Raises NotFound."""
    for row in await links_of(event_id):
        if row.id == link_id:
            return row
    raise NotFound


async def open_link(code: str) -> OpenLink:
    """The link with this code, while it is in force. Raises NotFound."""
    row = await fetch_one_as(
        OpenLink,
        "SELECT id, event, vehicle, interpreter, expires_at FROM tour_sheet_link WHERE token_hash = :hash"
        " AND revoked_at IS NULL AND expires_at > :now",
        hash=crypto.hash_token(code[:200]),
        now=clock.now(),
    )
    if row is None:
        raise NotFound
    return row
