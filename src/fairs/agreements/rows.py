"""What statements about agreements return."""

from datetime import date, datetime
from uuid import UUID

from fairs.agreements.tables import AgreementState, Party
from fairs.core.rows import Row
from fairs.events.tables import EventState
from fairs.meetings.tables import MeetingState


class Parties(Row, frozen=True):
    """The parties named in the text of an agreement."""

    event_title_zh: str
    event_title_en: str
    organisation_zh: str
    organisation_en: str
    uscc: str
    name_passport: str
    name_native: str
    nationality: str
    unit_zh: str
    unit_en: str


class AgreementRow(Parties, frozen=True):
    """An agreement with its parties' names. `signed`: the sides that have signed the current text."""

    id: int
    number: str
    event: int
    unit: int
    organisation: int
    talent: int
    listing: int | None
    meeting: int | None
    state: AgreementState
    state_since: datetime
    engagement: str
    title_zh: str
    title_en: str
    content_zh: str
    content_en: str
    heads: int
    amount_cny: int | None
    months_per_year: int | None
    next_step_by: date | None
    revision: int
    verified_by: int | None
    verified_at: datetime | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    event_slug: str
    event_state: EventState
    unit_code: str
    signatory: str
    signatory_latin: str
    talent_account: int | None
    talent_email: str
    listing_zh: str | None
    listing_en: str | None
    verifier: str | None
    signed: list[str] | None


class MeetingToDrawUp(Parties, frozen=True):
    """A meeting with the initial data of an agreement."""

    id: int
    event: int
    listing: int
    organisation: int
    talent: int
    state: MeetingState
    unit: int
    listing_zh: str
    listing_en: str
    description_zh: str
    description_en: str
    ways: list[str]
    timezone: str
    starts_at: datetime
    event_starts_at: datetime
    event_state: EventState


class Revision(Row, frozen=True):
    """A text as canonical JSON, with its SHA-256."""

    revision: int
    document: str
    document_hash: bytes
    made_at: datetime


class NamedRevision(Revision, frozen=True):
    """A text, and its author."""

    made_by_name: str | None


class Signature(Row, frozen=True):
    """A signature; `void` when its text is no longer current."""

    revision: int
    party: Party
    name_signed: str
    signed_at: datetime
    document_hash: bytes
    ip: str
    confirmed_by: str
    void: bool


class Transition(Row, frozen=True):
    """A recorded step. Without a name: recorded by the platform."""

    from_state: str
    to_state: AgreementState
    evidence: str
    reason: str
    at: datetime
    fact_on: date
    fact_number: str
    by_name: str | None
    file: UUID | None = None
    file_name: str | None = None
    file_size: int | None = None


class Reason(Row, frozen=True):
    """The reason text of a step, besides its evidence."""

    reason: str


class LedgerRow(Row, frozen=True):
    """An agreement with the ledger's data. `steps`: JSON of state → [day of the fact, evidence, number]."""

    number: str
    state: AgreementState
    state_since: datetime
    engagement: str
    title_zh: str
    amount_cny: int | None
    months_per_year: int | None
    event_zh: str
    family: str
    unit_zh: str
    organisation_zh: str
    uscc: str
    organisation_kind: str
    industry: str
    contact_name: str
    contact_phone: str
    name_passport: str
    name_native: str
    nationality: str
    degree: str
    institution: str
    current_employer: str
    discipline: str
    steps: str | None


class CheckedText(Row, frozen=True):
    """Public data of a text, for checking a paper. `replaced`: there is a later text."""

    number: str
    revision: int
    replaced: bool
    state: AgreementState
    verified_at: datetime | None
    made_at: datetime
    organisation_zh: str
    organisation_en: str
    unit_zh: str
    unit_en: str
    employer_at: datetime | None
    talent_at: datetime | None
    employer_by: str | None
    talent_by: str | None


class Person(Row, frozen=True):
    """A mail recipient; without an account, no `id`."""

    id: int | None
    email: str
    name: str
    lang: str


class MeetingsAgreement(Row, frozen=True):
    """The number of the agreement that came of a meeting."""

    meeting: int
    number: str


class FollowUp(Row, frozen=True):
    """A signed agreement that has not arrived; `signed_at`: when its current text was signed."""

    id: int
    number: str
    state: AgreementState
    state_since: datetime
    revision: int
    signed_at: datetime


class Overdue(Row, frozen=True):
    """Numbers of agreements that wait for the staff."""

    verify: int
    overdue: int
