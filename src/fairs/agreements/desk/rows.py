"""Rows of the statements of the signing desk."""

from datetime import datetime

from fairs.core.rows import Row


class AtDesk(Row, frozen=True):
    """Whose badge was scanned. `talent` of a candidate, `organisation` of an employer's representative."""

    registration: int
    event: int
    confirmed: bool
    revoked: bool
    employer: bool
    talent: int | None
    organisation: int | None
    name_passport: str
    name_native: str
    organisation_zh: str
    organisation_en: str


class DeskAgreement(Row, frozen=True):
    """An agreement of the two as the desk shows it: no text, no amount. `signed`: the sides that have signed its text."""

    number: str
    state: str
    title_zh: str
    title_en: str
    signed: list[str]


class DeskMeeting(Row, frozen=True):
    """The latest meeting of the two at the event."""

    id: int
    state: str
    outcome: str
    starts_at: datetime
