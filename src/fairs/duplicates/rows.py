"""What statements about duplicates return."""

from datetime import datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.duplicates.tables import PairState


class ProfileFacts(Row, frozen=True):
    """What a profile says about who somebody is; `phone` is sealed."""

    id: int
    name_passport: str
    name_native: str
    email: str
    phone: str
    nationality: str
    institution: str
    current_employer: str
    said: str


class EntryFacts(Row, frozen=True):
    """The same of a registration; `birth` as it was answered. `alone`: without a profile, at an event that is not over."""

    id: int
    talent: int
    event: int
    name_passport: str
    name_native: str
    email: str
    phone: str
    nationality: str
    organisation_name: str
    birth: str
    said: str


class PairRow(Row, frozen=True):
    """A pair with the names of both, for the list."""

    id: int
    one: int
    other: int
    score: int
    reasons: list[str]
    state: PairState
    found_at: datetime
    decided_at: datetime | None
    decided_name: str | None
    one_passport: str
    one_native: str
    one_email: str
    other_passport: str
    other_native: str
    other_email: str


class SideEntry(Row, frozen=True):
    """A registration of one side, with what hangs on it."""

    id: int
    number: str
    event: int
    slug: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    demo: bool
    category: str
    state: str
    created_at: datetime
    talent: int | None
    registrant: int | None
    email: str
    name_passport: str
    name_native: str
    nationality: str
    organisation_name: str
    phone: str
    lang: str
    arrived: bool


class AccountRow(Row, frozen=True):
    """The account of a side. `roles`: other than a candidate's."""

    id: int
    email: str
    active: bool
    proved: bool
    last_sign_in_at: datetime | None
    roles: list[str]


class MergeRow(Row, frozen=True):
    """A merge; `images` is sealed."""

    id: int
    kept: int
    gone: int
    score: int
    reasons: list[str]
    moved: str
    images: str
    photo: UUID | None
    gone_email: str
    gone_account: int | None
    merged_by: int | None
    merged_at: datetime
    merged_name: str | None
    undo_until: datetime
    undone_at: datetime | None
    undone_name: str | None
    kept_passport: str
    kept_native: str


class FieldName(Row, frozen=True):
    """A column of a table."""

    name: str


class Image(Row, frozen=True):
    """A row of a table as JSON."""

    key: str
    line: str
