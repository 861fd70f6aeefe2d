"""Rows of the statements about suggestions."""

from datetime import date, datetime
from decimal import Decimal

from fairs.core.rows import Row
from fairs.core.wishes import Level
from fairs.listings.tables import ListingState


class ProfileText(Row, frozen=True, gc=False):
    """The engine's input for a person; in a judged set the `id` is a text."""

    id: int | str
    headline: str
    summary: str
    summary_lang: str
    skills: list[str]
    discipline: str
    degree: str
    languages: list[str]
    engagement: list[str]
    cities: list[str]
    available_from: date | None
    pay_min: int | None
    nationality: str


class ProfileRow(ProfileText, frozen=True, gc=False):
    """A profile as the engine reads it, and its visibility."""

    id: int
    visibility: str


class ListingText(Row, frozen=True, gc=False):
    """The engine's input for a listing and its employer; in a judged set the `id` is a text."""

    id: int | str
    kind: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    discipline: str
    degree: str
    languages: list[str]
    engagement: list[str]
    city: str
    start_by: date | None
    pay_min: int | None
    pay_max: int | None
    sponsors_permit: bool | None
    industry: str


class ListingRow(ListingText, frozen=True, gc=False):
    """A listing as the engine reads it, at its event."""

    id: int
    event: int


class StoredVector(Row, frozen=True, gc=False):
    """The vector of a text in one language, and the hash of that text."""

    owner_id: int
    lang: str
    text_hash: bytes
    vector: bytes


class ListingVector(Row, frozen=True, gc=False):
    """The vector of one of a listing's texts."""

    owner_id: int
    vector: bytes


class DenseVector(Row, frozen=True, gc=False):
    """A record's vector in the index."""

    owner_id: int
    vector: list[float]


class Neighbour(Row, frozen=True):
    """A record that the index found; the distance is the negative dot product."""

    owner_id: int
    distance: float


class TalentsVersion(Row, frozen=True):
    """Changes whenever a visible profile, or what has been read of one, changes."""

    records: int
    ids: Decimal | None
    changed_at: datetime | None
    read: int
    read_at: datetime | None


class ListingsVersion(TalentsVersion, frozen=True):
    """The same for an event's published listings and their employers' industries."""

    industries: int | None


class TalentStamp(Row, frozen=True, gc=False):
    """Changes whenever this visible profile, or what has been read of it, changes."""

    id: int
    changed_at: datetime
    read: int
    read_at: datetime | None


class ListingStamp(TalentStamp, frozen=True, gc=False):
    """The same for a published listing and its employer's industry."""

    industry: str


class OwnListing(Row, frozen=True):
    """A listing whose suggestions the caller may see."""

    id: int
    event_id: int
    state: ListingState
    title_zh: str
    title_en: str
    approved: bool


class Shown(Row, frozen=True):
    """Data of the other side on a page: the viewer's own wish, whether the other side wants to meet, a booked meeting."""

    id: int
    own_level: Level | None
    wanted: bool
    booked: bool


class ShownListing(Shown, frozen=True):
    """A listing, shown to a person."""

    kind: str
    title_zh: str
    title_en: str
    city: str
    engagement: list[str]
    headcount: int
    urgent: bool
    pay_min: int | None
    pay_max: int | None
    organisation_zh: str
    organisation_en: str


class ShownTalent(Shown, frozen=True):
    """A person, shown to an employer. `named`: the name may be shown; `coming`: registered for the listing's event."""

    name_passport: str
    name_native: str
    nationality: str
    residence_country: str
    degree: str
    institution: str
    discipline: str
    headline: str
    named: bool
    coming: bool
