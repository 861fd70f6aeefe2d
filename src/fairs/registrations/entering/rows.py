"""What statements about people registered by others return."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.registrations.tables import RegistrationState


class Entry(Row, frozen=True):
    """Somebody who was registered by another person. `phone` is sealed."""

    id: int
    number: str
    state: RegistrationState
    category: str
    email: str
    name_passport: str
    name_native: str
    badge_name: str
    organisation_name: str
    phone: str
    days: list[date]
    created_at: datetime
    entered_by_name: str | None


class Twin(Row, frozen=True):
    """Somebody who may be the same person. `phone` is sealed; `alike`: whether the name is the same."""

    id: int
    number: str
    state: RegistrationState
    category: str
    email: str
    name_passport: str
    name_native: str
    organisation_name: str
    phone: str
    alike: bool


class KeptPerson(Row, frozen=True):
    """The registration of an entry that came late."""

    id: int
    number: str
    state: RegistrationState


class EmployerFound(Row, frozen=True):
    """An approved employer with the name that a badge shows."""

    id: int
    name_zh: str
    name_en: str
