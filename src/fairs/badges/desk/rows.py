"""What statements of the desk return."""

from datetime import datetime

from fairs.core.rows import Row


class DeskBadge(Row, frozen=True):
    """A badge of a person, valid or not. `until`: of one for a day."""

    id: int
    issued_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    until: datetime | None
    handed_at: datetime | None
    handed_name: str | None
    prints: int
    printed_at: datetime | None


class Scanned(Row, frozen=True):
    """The registration of a badge that was scanned at the desk."""

    number: str
    temporary: bool
    revoked: bool


class BadgeGroup(Row, frozen=True):
    """An organisation with people who have a place; `handed`: whose badge is handed out. `name` empty: they name none."""

    name: str
    people: int
    handed: int


class GroupMember(Row, frozen=True):
    """Somebody of an organisation who has a place."""

    number: str
    name_passport: str
    name_native: str
    category: str
    handed_at: datetime | None
