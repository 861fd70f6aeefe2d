"""Who asks for a place, what comes of it, and why an event takes nobody: before a place is counted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import Once
from fairs.audit.services import Origin
from fairs.core import clock, i18n
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.rules import Act, Window, allows, is_over, window
from fairs.registrations import rules
from fairs.registrations.asking.reading import Answers
from fairs.registrations.codes.rows import CodeFacts
from fairs.registrations.codes.rules import refusal as code_refusal
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.rows import LockedEvent

CLOSED = N_("This event takes no registrations at the moment")
OVER = N_("This event is over: nothing can be changed any more.")
NOT_YET = N_("Registration opens on %(when)s")
ENDED = N_("Registration ended on %(when)s")
FULL = N_("All places are taken, and this event keeps no waiting list")
NOT_ALONE = N_("Nobody can register in this category alone: the organiser does it")
NOT_IN_GROUPS = N_("A group cannot be registered in this category: the organiser does it")
STAFF = frozenset({Role.ADMIN, Role.ORGANISER, Role.BUREAU, Role.STAFF})


@dataclass(frozen=True, slots=True)
class Application:
    """A request for a place. `lang` and `origin` are the caller's: a batch has neither.

    `act`: what the event must allow. `organisation`: the employer for which the person comes. Without an `email` nobody can
    tell whether the person is registered already: the caller finds out under the lock of the event. `grouped`: registered with a
    group, in one of these categories, with the review of one's own registration. `told`: the usual mail goes out.
    """

    form: RegistrationForm
    email: str
    by: Actor
    lang: str
    origin: Origin
    talent_id: int | None = None
    demo: bool = False
    once: Once | None = None
    act: Act = Act.REGISTER
    organisation: int | None = None
    badge_name: str = ""
    days: tuple[date, ...] = ()
    answers: Answers | None = None
    grouped: tuple[str, ...] | None = None
    told: bool = True
    companion_of: int | None = None
    relation: str = ""

    @property
    def sessions(self) -> list[str]:
        """The codes of the sessions that were chosen, on the form and in its questions."""
        asked = self.answers.sessions if self.answers is not None else None
        return [*self.form.sessions, *(asked or ())]

    @property
    def own(self) -> bool:
        """Whether people register themselves."""
        return bool(self.email) and self.email == self.by.email

    @property
    def alone(self) -> bool:
        """Whether nobody of the staff has a hand in it."""
        return self.own and self.organisation is None and not self.by.roles & STAFF and self.grouped is None

    @property
    def reviewed(self) -> bool:
        """Whether an answer waits for the staff."""
        return (self.alone or self.grouped is not None) and self.answers is not None and self.answers.reviewed()


@dataclass(frozen=True)
class Registered:
    """The result. `position` in the waiting list from 1, None with a place. `answer`: stored for a call with a key."""

    id: int
    number: str
    state: str
    position: int | None
    answer: bytes = b""


@dataclass(frozen=True)
class Repeated:
    """The call's key was used before: nothing was done, and the earlier answer is the answer."""


Outcome = Registered | Repeated | Exception


class Dated(Protocol):
    """An event with the time in which people register themselves."""

    @property
    def registration_opens_at(self) -> datetime | None: ...
    @property
    def registration_closes_at(self) -> datetime | None: ...
    @property
    def timezone(self) -> str: ...


def refusal(event: LockedEvent, who: Application, code: CodeFacts | None = None) -> DomainError | None:
    """Why nobody can be registered in this way now. The staff is not bound to the dates: see `events.rules.Act`.

    `code`: what was typed, found.
    """
    now = clock.now()
    found: DomainError | None
    if not allows(event.state, who.act):
        return Conflict(CLOSED, code="not_open")
    if is_over(event.ends_at, now, demo=event.demo):
        return Conflict(OVER, code="over")
    if who.act == Act.REGISTER:
        with i18n.language(who.lang):
            if (found := closed_by_date(event, now)) is not None:
                return found
    if who.form.code and (found := code_refusal(code, who.email, who.form.category, now)) is not None:
        return found
    opened = code is not None and code.category == who.form.category
    if opened:
        return None
    if who.grouped is not None and who.form.category not in who.grouped:
        return Invalid(fields={"category": [NOT_IN_GROUPS]})
    if who.alone and who.form.category not in (event.own_categories or rules.own_categories()):
        return Invalid(fields={"category": [NOT_ALONE]})
    return None


def closed_by_date(event: Dated, now: datetime) -> Conflict | None:
    """The refusal before registration opens and after it has ended, in the current language."""
    opens_at, closes_at = event.registration_opens_at, event.registration_closes_at
    found = window(opens_at, closes_at, now)
    if found == Window.BEFORE and opens_at is not None:
        when = i18n.format_moment(opens_at, event.timezone)
        return Conflict(NOT_YET(when=when), code="not_open_yet", opens_at=opens_at.isoformat())
    if found == Window.AFTER and closes_at is not None:
        when = i18n.format_moment(closes_at, event.timezone)
        return Conflict(ENDED(when=when), code="registration_ended", closed_at=closes_at.isoformat())
    return None
