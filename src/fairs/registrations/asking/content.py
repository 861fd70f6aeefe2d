"""What a form asks: sections of questions, each in two languages. A version of it never changes; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from fairs.core.i18n import pick

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
PREFIX = "q_"  # of the fields of a page, so that no question takes the name of a field of the person
YES = "yes"  # the answer of a consent, as conditions compare it


class Kind(StrEnum):
    """How a question is answered. An identity is the number of a passport or permit: sealed and masked.

    A session question is answered by signing up: the sign-up itself is the answer. Nights: `2027-10-26/2027-10-29`, arrival and departure.
    """

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    SEVERAL = "several"
    NUMBER = "number"
    DATE = "date"
    COUNTRY = "country"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    FILE = "file"
    PHOTO = "photo"
    SESSION = "session"
    NIGHTS = "nights"
    CONSENT = "consent"
    IDENTITY = "identity"


class SeenBy(StrEnum):
    """Who reads the answers besides the person: each level also those before it."""

    ORGANISER = "organiser"
    BUREAU = "bureau"
    EMPLOYER = "employer"


class Keep(StrEnum):
    """How long answers are kept: as long as the registration, or thirty days after the fair."""

    REGISTRATION = "registration"
    FAIR = "fair"


CHOSEN = frozenset({Kind.CHOICE, Kind.SEVERAL})
COUNTED = CHOSEN | {Kind.NIGHTS}  # whose answers may have limited places
FILES = frozenset({Kind.FILE, Kind.PHOTO})
LEVELS = tuple(SeenBy)


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer to choose. `limit`: how many people may; None: all."""

    key: str
    zh: str = ""
    en: str = ""
    note_zh: str = ""
    note_en: str = ""
    limit: int | None = None

    @property
    def label(self) -> str:
        return pick(self.zh, self.en)

    @property
    def note(self) -> str:
        return pick(self.note_zh, self.note_en)


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """The question is asked when an earlier one has one of these answers; without values: when it is answered at all."""

    question: str
    values: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question. `default`: what the form begins with; of several choices, separated by commas.

    `reviewed`: the staff looks at the answer, and again when it changes, before the registration is confirmed. `on_badge`:
    it is printed there; a photo is the one of the badge and the gates. Of nights: `first` arrival, `last` departure, and `places` for
    each night; `most` nights, or sessions.
    """

    key: str
    kind: Kind
    zh: str = ""
    en: str = ""
    help_zh: str = ""
    help_en: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    show_if: Condition | None = None
    default: str = ""
    seen_by: SeenBy = SeenBy.ORGANISER
    keep: Keep = Keep.REGISTRATION
    reviewed: bool = False
    on_badge: bool = False
    first: str = ""
    last: str = ""
    most: int | None = None
    places: int | None = None

    @property
    def label(self) -> str:
        return pick(self.zh, self.en)

    @property
    def help(self) -> str:
        return pick(self.help_zh, self.help_en)

    @property
    def brief(self) -> bool:
        """Whether the answer goes thirty days after the fair."""
        return self.keep == Keep.FAIR or self.kind == Kind.IDENTITY

    @property
    def takes_file(self) -> bool:
        return self.kind in FILES

    @property
    def of_nights(self) -> bool:
        return self.kind == Kind.NIGHTS

    @property
    def takes_several(self) -> bool:
        return self.kind == Kind.SEVERAL

    def option(self, key: str) -> Option | None:
        """The option with this key."""
        return next((option for option in self.options if option.key == key), None)


class Section(msgspec.Struct, frozen=True, omit_defaults=True):
    """Questions under one heading."""

    key: str
    zh: str = ""
    en: str = ""
    help_zh: str = ""
    help_en: str = ""
    questions: tuple[Question, ...] = ()

    @property
    def label(self) -> str:
        return pick(self.zh, self.en)

    @property
    def help(self) -> str:
        return pick(self.help_zh, self.help_en)


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that a form asks, in order."""

    sections: tuple[Section, ...] = ()

    def __iter__(self) -> Iterator[Question]:
        return (question for section in self.sections for question in section.questions)

    def question(self, key: str) -> Question | None:
        """The question with this key."""
        return next((question for question in self if question.key == key), None)

    def section(self, key: str) -> Section | None:
        """The section with this key."""
        return next((section for section in self.sections if section.key == key), None)

    def section_of(self, key: str) -> Section | None:
        """The section that has this question."""
        return next((one for one in self.sections if any(found.key == key for found in one.questions)), None)

    @property
    def sessions(self) -> Question | None:
        """The question that is answered by signing up to sessions."""
        return next((question for question in self if question.kind == Kind.SESSION), None)

    def before(self, key: str) -> list[Question]:
        """The questions that come before this one; all of them when there is none with this key."""
        found: list[Question] = []
        for question in self:
            if question.key == key:
                break
            found.append(question)
        return found


EMPTY = Content()


def read(text: str) -> Content:
    """The content of a stored text."""
    return msgspec.json.decode(text.encode(), type=Content)


def written(content: Content) -> str:
    """The text to store."""
    return msgspec.json.encode(content).decode()


def meets(condition: Condition, given: Sequence[str]) -> bool:
    """Whether an answer fulfils a condition."""
    said = {value.strip().casefold() for value in given} - {""}
    return bool(said & {value.casefold() for value in condition.values}) if condition.values else bool(said)


def shown(content: Content, given: Mapping[str, Sequence[str]]) -> set[str]:
    """The keys of the questions that are asked of somebody with these answers: key → texts."""
    found: set[str] = set()
    for question in content:
        condition = question.show_if
        if condition is None or (condition.question in found and meets(condition, given.get(condition.question, ()))):
            found.add(question.key)
    return found


def with_options(question: Question, options: tuple[Option, ...]) -> Question:
    """The question with other options."""
    return msgspec.structs.replace(question, options=options)


def as_texts(value: Any) -> list[str]:
    """A stored or sent answer as the texts that conditions compare."""
    if value is None or value is False or value == "":
        return []
    if value is True:
        return [YES]
    if isinstance(value, list | tuple | set):
        return [str(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value))]
    return [str(value)]


def readable(question: Question, level: SeenBy) -> bool:
    """Whether somebody at this level reads the answers to a question."""
    return LEVELS.index(question.seen_by) >= LEVELS.index(level)
