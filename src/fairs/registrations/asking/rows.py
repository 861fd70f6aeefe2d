"""What statements about forms and answers return."""

from datetime import datetime
from uuid import UUID

from fairs.core.rows import Row


class FormRow(Row, frozen=True):
    """A form with its counts. `number`: of the latest version, 0 without one; `answered`: live registrations with answers."""

    id: int
    event: int
    category: str
    draft: str
    in_use: bool
    answers_until: datetime | None
    number: int
    published_at: datetime | None
    content: str
    answered: int
    earlier: int


class PartRow(Row, frozen=True):
    """A part of an event."""

    slug: str
    title_zh: str
    title_en: str


class VersionRow(Row, frozen=True):
    """A version in the history of its form."""

    id: int
    number: int
    content: str
    published_at: datetime
    published_by: str | None
    answered: int


class AskedRow(Row, frozen=True):
    """The version of which people of a category are asked now."""

    form: int
    version: int
    number: int
    content: str
    answers_until: datetime | None


class AskedFor(AskedRow, frozen=True):
    """The same, with the event and the category that were looked up."""

    event: int
    category: str


class AnsweredRow(Row, frozen=True):
    """The answers of a registration with the version that asked; `sessions`: to which it is signed up."""

    registration: int
    form: int
    version: int
    number: int
    content: str
    given: str
    brief: str
    sealed: str
    updated_at: datetime
    sessions: list[str]


class BadgeAnswers(Row, frozen=True):
    """The answers of a registration with the newest version of their form."""

    registration: int
    given: str
    brief: str
    content: str
    sessions_zh: list[str]
    sessions_en: list[str]


class AnswerFile(Row, frozen=True):
    """A file that answers a question."""

    registration: int
    question: str
    brief: bool
    file: UUID


class Taken(Row, frozen=True):
    """How many live registrations chose an option."""

    form: int
    question: str
    option: str
    taken: int


class DraftRow(Row, frozen=True):
    """What somebody typed; sealed."""

    typed: str
    updated_at: datetime


class AskedContent(Row, frozen=True):
    """The content of one version."""

    category: str
    content: str


class NumberRow(Row, frozen=True):
    """A registration with its public number."""

    id: int
    number: str


class TypedRow(DraftRow, frozen=True):
    """What somebody typed for an event; sealed."""

    event: str
