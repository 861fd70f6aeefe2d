"""Read agreements: the caller gets its own, NotFound for others."""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.agreements import states
from fairs.agreements.rows import (
    AgreementRow,
    CheckedText,
    FollowUp,
    MeetingsAgreement,
    MeetingToDrawUp,
    NamedRevision,
    Person,
    Reason,
    Revision,
    Signature,
    Transition,
)
from fairs.agreements.tables import Agreement
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_value_or_none, fetch_values
from fairs.events.domain_events import EventHolding

_NUMBER = re.compile(r"YX-[0-9]{4}-[0-9]{4,9}")
SOURCE = (
    "agreement a JOIN event e ON e.id = a.event JOIN unit u ON u.id = a.unit"
    " JOIN organisation o ON o.id = a.organisation JOIN talent t ON t.id = a.talent"
    " LEFT JOIN listing l ON l.id = a.listing LEFT JOIN account v ON v.id = a.verified_by"
)
COLUMNS = (
    "a.id, a.number, a.event, a.unit, a.organisation, a.talent, a.listing, a.meeting, a.state, a.state_since,"
    " a.engagement, a.title_zh, a.title_en, a.content_zh, a.content_en, a.heads, a.amount_cny, a.months_per_year,"
    " a.next_step_by, a.revision, a.verified_by, a.verified_at, a.created_by, a.created_at, a.updated_at,"
    " e.slug AS event_slug, e.state AS event_state, e.title_zh AS event_title_zh, e.title_en AS event_title_en,"
    " u.code AS unit_code, u.name_zh AS unit_zh, u.name_en AS unit_en, o.uscc, o.name_zh AS organisation_zh,"
    " o.name_en AS organisation_en, o.signatory, o.signatory_latin, t.name_passport, t.name_native, t.nationality,"
    " t.account AS talent_account, t.email AS talent_email, l.title_zh AS listing_zh, l.title_en AS listing_en,"
    " v.name AS verifier, (SELECT array_agg(s.party ORDER BY s.id) FROM agreement_signature s"
    "  WHERE s.agreement = a.id AND s.revision = a.revision) AS signed"
)
SIDES: dict[str, str] = {
    states.TALENT: "t.account = :account::bigint",
    states.EMPLOYER: "a.organisation = ANY(:organisations::bigint[])",
    states.BUREAU: "(:everything::boolean OR a.unit = ANY(:units::bigint[]))",
}
REACHED = "(:only_event::bigint IS NULL OR a.event = :only_event::bigint)"
_MINE = f"({' OR '.join(SIDES.values())}) AND {REACHED}"


def who(actor: Actor) -> dict[str, Any]:
    return {
        "everything": actor.sees_everything,
        "units": actor.unit_ids,
        "organisations": actor.organisation_ids,
        "account": actor.account_id,
        "only_event": actor.only_event,
    }


def parties_of(actor: Actor, agreement: AgreementRow) -> frozenset[str]:
    """The sides for which this account acts in an agreement."""
    held = {
        states.EMPLOYER: agreement.organisation in actor.organisation_ids,
        states.TALENT: agreement.talent_account is not None and agreement.talent_account == actor.account_id,
        states.BUREAU: agreement.unit in actor.unit_ids,
        states.ORGANISER: actor.sees_everything,
    }
    return frozenset(party for party, stands in held.items() if stands)


def case_of(agreement: AgreementRow) -> states.Case:
    """The values that decide an agreement's steps."""
    foreign, verified = states.is_foreign(agreement.nationality), agreement.verified_at is not None
    return states.Case(agreement.state, foreign, agreement.engagement, verified)


def plain(text: str) -> str:
    """A typed text without NUL, which PostgreSQL refuses."""
    return text.replace("\x00", "")


async def agreement_for(actor: Actor, number: str, *, lock: bool = False) -> AgreementRow:
    """The agreement with its parties' names. Raises NotFound for strangers. `lock`: locks it for the transaction."""
    if not _NUMBER.fullmatch(number):
        raise NotFound
    if lock:
        await Agreement.select(Agreement.id).where(Agreement.number == number).lock_rows("UPDATE")
    sql = f"SELECT {COLUMNS} FROM {SOURCE} WHERE {_MINE} AND a.number = :number"  # noqa: S608 - constants of the code; values are named arguments
    row = await fetch_one_as(AgreementRow, sql, **who(actor), number=number)
    if row is None:
        raise NotFound
    return row


async def may_read_evidence(actor: Actor, file_id: UUID) -> bool:
    """Whether the actor may read the agreement of which this file proves a step."""
    number = await fetch_value_or_none(
        str,
        "SELECT a.number FROM agreement_transition x JOIN agreement a ON a.id = x.agreement WHERE x.file = :file",
        file=file_id,
    )
    try:
        return number is not None and bool(await agreement_for(actor, number))
    except NotFound:
        return False


async def number_of(agreement_id: int) -> str:
    """The number of an agreement by its key. Raises NotFound."""
    found = await fetch_value_or_none(str, "SELECT number FROM agreement WHERE id = :id", id=agreement_id)
    if found is None:
        raise NotFound
    return found


async def meeting_to_draw_up(actor: Actor, meeting_id: int) -> MeetingToDrawUp:
    """The meeting with the initial data of an agreement. Raises NotFound unless its employer (or the desk) asks."""
    row = await fetch_one_as(
        MeetingToDrawUp,
        "SELECT m.id, m.event, m.listing, m.organisation, m.talent, m.state, o.name_zh AS organisation_zh,"
        " o.name_en AS organisation_en, o.uscc, o.unit, u.name_zh AS unit_zh, u.name_en AS unit_en, t.name_passport,"
        " t.name_native, t.nationality, l.title_zh AS listing_zh, l.title_en AS listing_en, l.description_zh,"
        " l.description_en, l.engagement AS ways, e.title_zh AS event_title_zh, e.title_en AS event_title_en, e.timezone,"
        " m.starts_at, e.starts_at AS event_starts_at, e.state AS event_state FROM meeting m JOIN organisation o ON o.id = m.organisation"
        " JOIN unit u ON u.id = o.unit JOIN talent t ON t.id = m.talent JOIN listing l ON l.id = m.listing"
        " JOIN event e ON e.id = m.event WHERE m.id = :id AND (:everything OR m.organisation = ANY(:organisations))",
        id=meeting_id,
        everything=actor.sees_everything,
        organisations=actor.organisation_ids,
    )
    if row is None:
        raise NotFound
    return row


async def agreement_of_meeting(meeting_id: int) -> str | None:
    """The number of the meeting's agreement that is not terminated."""
    return await fetch_value_or_none(
        str,
        "SELECT number FROM agreement WHERE meeting = :meeting AND state <> 'terminated' ORDER BY id DESC LIMIT 1",
        meeting=meeting_id,
    )


async def agreements_of_meetings(meeting_ids: list[int]) -> dict[int, str]:
    """Meeting → the number of its agreement that is not terminated, as `agreement_of_meeting`."""
    rows = await fetch_as(
        MeetingsAgreement,
        "SELECT DISTINCT ON (meeting) meeting, number FROM agreement WHERE meeting = ANY(:meetings::bigint[])"
        " AND state <> 'terminated' ORDER BY meeting, id DESC",
        meetings=meeting_ids,
    )
    return {row.meeting: row.number for row in rows}


async def revisions_of(agreement_id: int) -> list[NamedRevision]:
    """All texts, newest first."""
    return await fetch_as(
        NamedRevision,
        "SELECT r.revision, r.document, r.document_hash, r.made_at, c.name AS made_by_name FROM agreement_revision r"
        " LEFT JOIN account c ON c.id = r.made_by WHERE r.agreement = :id ORDER BY r.revision DESC",
        id=agreement_id,
    )


async def current_revision(agreement_id: int) -> Revision:
    """The current text."""
    row = await fetch_one_as(
        Revision,
        "SELECT revision, document, document_hash, made_at FROM agreement_revision WHERE agreement = :id"
        " ORDER BY revision DESC LIMIT 1",
        id=agreement_id,
    )
    if row is None:
        raise NotFound
    return row


async def event_of(agreement_id: int) -> int | None:
    """The event at which an agreement was made."""
    return await fetch_value_or_none(int, "SELECT event FROM agreement WHERE id = :id", id=agreement_id)


async def current_hash(number: str) -> str:
    """SHA-256 (hex) of the current text: a signature must contain it."""
    found = await fetch_value_or_none(
        str,
        "SELECT encode(r.document_hash, 'hex') FROM agreement_revision r JOIN agreement a ON a.id = r.agreement"
        " AND a.revision = r.revision WHERE a.number = :number",
        number=number,
    )
    if found is None:
        raise NotFound
    return found


async def signatures_of(agreement_id: int) -> list[Signature]:
    """All signatures, oldest first; those of an earlier revision are void."""
    return await fetch_as(
        Signature,
        "SELECT s.revision, s.party, s.name_signed, s.signed_at, s.document_hash, s.ip, s.confirmed_by,"
        " s.revision < a.revision AS void FROM agreement_signature s JOIN agreement a ON a.id = s.agreement"
        " WHERE s.agreement = :id ORDER BY s.id",
        id=agreement_id,
    )


async def transitions_of(agreement_id: int) -> list[Transition]:
    """The steps taken, oldest first."""
    return await fetch_as(
        Transition,
        "SELECT x.from_state, x.to_state, x.evidence, x.reason, x.at, x.fact_on, x.fact_number, c.name AS by_name, x.file, f.name AS file_name,"
        " f.size AS file_size FROM agreement_transition x LEFT JOIN file f ON f.id = x.file"
        " LEFT JOIN account c ON c.id = x.by_account WHERE x.agreement = :id ORDER BY x.id",
        id=agreement_id,
    )


async def last_fact(agreement_id: int) -> date | None:
    """The day of the fact of the last step; None before the first."""
    return await fetch_value_or_none(
        date,
        "SELECT fact_on FROM agreement_transition WHERE agreement = :id AND from_state <> to_state"
        " ORDER BY id DESC LIMIT 1",
        id=agreement_id,
    )


async def was_signed(agreement_id: int) -> bool:
    """Whether both signed the current text: in the browser, or on paper before the organiser's desk."""
    return await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM agreement_transition x JOIN agreement a ON a.id = x.agreement"
        " JOIN agreement_revision r ON r.agreement = a.id AND r.revision = a.revision"
        " WHERE a.id = :id AND x.to_state = 'signed_intent' AND x.at >= r.made_at)",
        id=agreement_id,
    )


async def confirmed_by(agreement_id: int) -> frozenset[str]:
    """Sides that confirmed a step requiring both, since the current state began."""
    rows = await fetch_as(
        Reason,
        "SELECT x.reason FROM agreement_transition x JOIN agreement a ON a.id = x.agreement JOIN agreement_revision r"
        " ON r.agreement = a.id AND r.revision = a.revision WHERE a.id = :id"
        " AND x.from_state = x.to_state AND x.at >= r.made_at AND x.at >= a.state_since",
        id=agreement_id,
    )
    return frozenset(row.reason.removeprefix("confirmed:") for row in rows)


async def by_digest(digest: bytes) -> CheckedText | None:
    """Public data of a text, for checking a paper: no personal data."""
    return await fetch_one_as(
        CheckedText,
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
        " JOIN unit u ON u.id = a.unit WHERE r.document_hash = :digest",
        digest=digest,
    )


async def standing_still(since: datetime) -> list[str]:
    """Numbers of signed intents without a step since a moment."""
    return await fetch_values(
        str,
        "SELECT number FROM agreement WHERE state = 'signed_intent' AND state_since <= :since ORDER BY id",
        since=since,
    )


async def to_follow_up(signed_before: datetime) -> list[FollowUp]:
    """Agreements signed before a moment, on their way to the arrival."""
    return await fetch_as(
        FollowUp,
        "SELECT a.id, a.number, a.state, a.state_since, a.revision, x.signed_at FROM agreement a CROSS JOIN LATERAL"
        " (SELECT coalesce(max(t.at), a.state_since) AS signed_at FROM agreement_transition t"
        " WHERE t.agreement = a.id AND t.to_state = 'signed_intent') x"
        " WHERE a.state IN ('signed_intent', 'contract', 'permit') AND x.signed_at <= :before ORDER BY a.id",
        before=signed_before,
    )


async def people_of(agreement_id: int, party: str) -> list[Person]:
    """Mail recipients of a side; at most 20 colleagues of the employer or of the bureau."""
    if party == states.TALENT:
        return await fetch_as(
            Person,
            "SELECT c.id, t.email, t.name_passport AS name, coalesce(c.lang, 'en') AS lang FROM agreement a"
            " JOIN talent t ON t.id = a.talent LEFT JOIN account c ON c.id = t.account WHERE a.id = :id",
            id=agreement_id,
        )
    if party == states.BUREAU:
        return await fetch_as(
            Person,
            "SELECT DISTINCT c.id, c.email, c.name, c.lang FROM agreement a JOIN membership m ON m.role = 'bureau'"
            " AND m.unit = a.unit JOIN account c ON c.id = m.account AND c.active WHERE a.id = :id ORDER BY c.id LIMIT 20",
            id=agreement_id,
        )
    return await fetch_as(
        Person,
        "SELECT DISTINCT c.id, c.email, c.name, c.lang FROM agreement a JOIN membership m ON m.role = 'employer'"
        " AND m.organisation_id = a.organisation JOIN account c ON c.id = m.account AND c.active WHERE a.id = :id"
        " ORDER BY c.id LIMIT 20",
        id=agreement_id,
    )


async def on_event_holding(event: EventHolding) -> None:
    """`agreements` of an event, in any state."""
    sql = "SELECT count(*) FROM agreement WHERE event = :event"
    event.found["agreements"] = await fetch_value(int, sql, event=event.event_id)
