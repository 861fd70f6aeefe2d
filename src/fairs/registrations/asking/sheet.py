"""The questions of an event on a page: opened, filled with what was typed earlier, or read from what was sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from litestar.datastructures import FormMultiDict

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.forms import Bound
from fairs.core.i18n import EVENT_ZONE, format_day
from fairs.files import uploads
from fairs.files.rules import ACCEPTED, FORM
from fairs.files.services import held_by
from fairs.files.tables import Purpose
from fairs.files.uploads import Upload
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import labels, nights, queries, reading
from fairs.registrations.asking.content import PREFIX, Content, Kind, Question
from fairs.registrations.asking.reading import Answers
from fairs.registrations.asking.rows import AskedFor
from fairs.registrations.rows import SessionChoice
from fairs.registrations.session_pages import choices
from fairs.web.templating import AnyRequest

BODY = 3 * ACCEPTED[Purpose.ANSWER].most + FORM  # bytes of a request: without script files travel with their form


@dataclass
class Sheet:
    """What the template of the questions shows. Without a form of the event it has no sections."""

    row: AskedFor | None
    content: Content
    form: Bound[Any]
    uploads: dict[str, Upload]
    left: dict[tuple[str, str], int] = field(default_factory=dict)
    held: Mapping[str, Any] = field(default_factory=dict)  # question → the file that answers it already
    sessions: Sequence[SessionChoice] = ()
    zone: str = EVENT_ZONE
    prefix: str = PREFIX

    @property
    def mark(self) -> str:
        """Names the version that the page shows; "0" without a form."""
        return str(self.row.version) if self.row else "0"

    @property
    def ok(self) -> bool:
        return not self.form.has_errors

    @property
    def answers(self) -> Answers | None:
        """The answers that were read; None without a form."""
        if self.row is None:
            return None
        return reading.answers_of(self.row.form, self.row.version, self.content, self.form, self.prefix)

    @property
    def signs_up(self) -> bool:
        """Whether a question is about sessions: then nothing else on the page is."""
        return self.content.sessions is not None

    def span(self, question: Question) -> tuple[str, str]:
        """Arrival and departure as they stand in the two fields of a question."""
        return nights.typed(self.form[self.prefix + question.key].values)

    def free_nights(self, question: Question) -> list[tuple[str, int]]:
        """The nights with a limit: day and places left."""
        found = [(night, self.left.get((question.key, night))) for night in nights.all_of(question)]
        return [(format_day(date.fromisoformat(night)), left) for night, left in found if left is not None]

    def wrong_sessions(self, message: object) -> None:
        """Show beside the question why its sessions cannot be had."""
        question = self.content.sessions
        assert question is not None
        self.form.add_error(self.prefix + question.key, message)

    def when(self, key: str) -> str:
        """The condition of a question, for people."""
        question = self.content.question(key)
        return labels.when(self.content, question) if question else ""


def files_of(content: Content, prefix: str = PREFIX) -> dict[str, Purpose]:
    """The fields that take a file."""
    return {prefix + question.key: purpose_of(question) for question in content if question.takes_file}


def purpose_of(question: Question) -> Purpose:
    """What the file of a question is for."""
    return Purpose.PORTRAIT if question.kind == Kind.PHOTO else Purpose.ANSWER


async def opened_sheet(
    row: AskedFor | None,
    *,
    stored: Mapping[str, Any] | None = None,
    typed: Mapping[str, Sequence[str]] | None = None,
    held: Mapping[str, Any] | None = None,
) -> Sheet:
    """The questions with what the form begins with, stored answers, or what somebody typed and has not sent."""
    content = asked.read(row.content) if row else asked.EMPTY
    bound = reading.opened(content, stored)
    files = uploads.empty(**files_of(content))
    if typed is not None:
        reading.typed(bound, typed)
        for name in files:
            token = next(iter(typed.get(name, ())), "")
            purpose = files[name].purpose
            files[name] = Upload(name, purpose, held_by(token, purpose))
    left = await queries.left_of(row.form, content) if row else {}
    return Sheet(row, content, bound, files, left, held or {}, **await _sessions(row, content, stored))


async def received_sheet(
    request: AnyRequest,
    row: AskedFor | None,
    *,
    by: Actor,
    held: Mapping[str, Any] | None = None,
    unseen: Mapping[str, Any] | None = None,
    stored: Mapping[str, Any] | None = None,
) -> tuple[Sheet, FormMultiDict]:
    """The questions as they were answered, with all errors, and everything that was sent with files as tokens.

    `unseen`: stored answers that the sender does not see: they stay where nothing is typed instead. `stored`: those that it
    does see, by the fields' names: they count where the page says so (`core.versions`).
    """
    content = asked.read(row.content) if row else asked.EMPTY
    sent = await uploads.receive(request, by=by, **files_of(content))
    kept: Collection[str] = held or ()
    given, seen = versions.received(reading.form_of(content), sent.data, stored or {})
    for key, value in (unseen or {}).items():
        if not asked.as_texts(given.get(PREFIX + key)):
            given[PREFIX + key] = value
    bound = reading.read(content, given, held=kept)
    bound.version = seen
    sent.tell(bound)
    left = await queries.left_of(row.form, content) if row else {}
    sheet = Sheet(row, content, bound, sent.uploads, left, held or {}, **await _sessions(row, content, stored, PREFIX))
    return sheet, sent.data


async def _sessions(
    row: AskedFor | None, content: Content, stored: Mapping[str, Any] | None, prefix: str = ""
) -> dict[str, Any]:
    """The sessions to choose among, as somebody sees them who is signed up to those in the stored answers."""
    question = content.sessions
    if row is None or question is None:
        return {}
    held = (stored or {}).get(prefix + question.key) or ()
    return {"sessions": await choices(row.event, held), "zone": await queries.zone_of(row.event)}
