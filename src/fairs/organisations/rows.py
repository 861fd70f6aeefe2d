"""What statements about employers return."""

from datetime import datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.organisations.tables import OrganisationState


class OrganisationRow(Row, frozen=True):
    """An employer with its unit. `contact_phone` is readable here: sealed only at rest."""

    id: int
    uscc: str
    name_zh: str
    name_en: str
    kind: str
    unit: int
    industry: str
    intro_zh: str
    intro_en: str
    contact_name: str
    contact_phone: str
    signatory: str
    signatory_latin: str
    state: OrganisationState
    decided_by: int | None
    decided_at: datetime | None
    decision_note: str
    licence: UUID | None
    search_key: str
    demo: bool
    created_at: datetime
    unit_code: str
    unit_name_zh: str
    unit_name_en: str
    decided_by_name: str | None


class Member(Row, frozen=True):
    """An account that is a member of an employer."""

    id: int
    name: str
    email: str
    lang: str
    created_at: datetime


class Namesake(Row, frozen=True):
    """Another employer with the same Chinese name."""

    id: int
    name_zh: str
    uscc: str
    state: OrganisationState
    unit_name_zh: str
    unit_name_en: str


class StateCount(Row, frozen=True):
    """Employers in one state."""

    state: OrganisationState
    count: int


class Left(Row, frozen=True):
    """An employer that an account has left."""

    organisation_id: int
