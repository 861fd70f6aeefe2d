"""What statements about badges return."""

from datetime import datetime

from fairs.core.rows import Row


class Names(Row, frozen=True):
    """Printed names on a badge, and the registration's number."""

    number: str
    name_passport: str
    name_native: str
    organisation_name: str
    badge_name: str


class PrintedBadge(Names, frozen=True):
    """A badge with its fair, for printing. `answers`: those that are printed."""

    id: int
    registration: int
    event: int
    code: str
    revoked_at: datetime | None
    category: str
    lang: str
    title_zh: str
    title_en: str
    place_zh: str
    place_en: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    answers: str


class IssuedCode(Row, frozen=True):
    """The code of a badge."""

    uid: bytes
    code: str


class LiveBadge(Row, frozen=True):
    """A valid badge."""

    id: int
    uid: bytes
    code: str
    issued_at: datetime


class FairOfBadge(Row, frozen=True):
    """The fair of a badge, for a stranger's phone."""

    slug: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place_zh: str
    place_en: str


class ExportedBadge(Row, frozen=True):
    """A badge's code with the registration's number."""

    id: int
    code: str
    number: str


class PublicKey(Row, frozen=True):
    """The public half of a key."""

    number: int
    public_key: bytes


class SigningKey(Row, frozen=True):
    """The current signing key; the private half is sealed."""

    id: int
    number: int
    private_key_sealed: bytes
