"""Registers somebody else, on the same way as everybody: the event is locked, places are counted, badge and mail follow."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import current_origin, record
from fairs.core import clock, db, i18n, versions
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.events.rules import Act, is_over
from fairs.organisations import queries as organisations
from fairs.organisations.tables import OrganisationState
from fairs.registrations import counting, filling, phones, placing, queries, rules
from fairs.registrations.applying import OVER, Application, Registered, refusal
from fairs.registrations.asking.reading import Answers
from fairs.registrations.entering import queries as entries
from fairs.registrations.entering.forms import ChangeForm, EntryForm, RepresentativeForm, WalkInForm, chosen_days
from fairs.registrations.entering.rows import EmployerFound, Twin
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import Category, Registration

MOST = 300  # representatives at once
NOT_APPROVED = N_("The bureau has not approved this employer yet: representatives are registered after that")
NOBODY = N_("Enter at least one person")
TOO_MANY = N_("At most %(limit)s people at once. Send them in parts.", limit=MOST)
TWICE = N_("The same person stands in an earlier row")
HERE = N_("This person is registered already: %(number)s")
MAYBE = N_("Somebody like this is registered already. Look first, then register anyway.")
NO_EMPLOYER = N_("No approved employer has this name or credit code. Near: %(names)s")
NO_EMPLOYER_AT_ALL = N_("No approved employer has this name or credit code")
SEVERAL = N_("Several employers have this name: give the credit code")


class RowsRefused(Invalid):
    """Nobody was registered: `rows` says what is wrong, by the place of the row from 0."""

    code = "rows"

    def __init__(self, rows: Mapping[int, DomainError]) -> None:
        super().__init__(fields={f"representatives.{at}": [said(error)] for at, error in sorted(rows.items())})
        self.rows = dict(rows)


class Known(Conflict):
    """Somebody like this is registered. `digest` confirms that these were seen; it is empty when nothing can be confirmed."""

    code = "maybe_registered"

    def __init__(self, twins: Sequence[Twin], *, certain: bool) -> None:
        self.digest = "" if certain else _digest(twins)
        code = "already_registered" if certain else self.code
        message = HERE(number=twins[0].number) if certain else MAYBE
        super().__init__(message, code=code, numbers=[twin.number for twin in twins], confirm=self.digest)
        self.twins = twins


def said(error: DomainError) -> object:
    """What is wrong with one row, in a sentence."""
    messages = [message for found in getattr(error, "fields", {}).values() for message in found]
    return messages[0] if messages else error.message


async def enter_representatives(
    event_id: int, organisation_id: int, forms: Sequence[RepresentativeForm], *, by: Actor, demo: bool = False
) -> list[Registered]:
    """A registration for each, or for nobody.

    Raises NotFound for who does not act for the employer, Conflict (employer not approved, registration not open, no place) and
    RowsRefused with what is wrong in which row.
    """
    if not forms or len(forms) > MOST:
        raise Invalid(NOBODY if not forms else TOO_MANY)
    employer = await organisations.organisation_for(by, organisation_id)
    async with db.transaction_or_join():
        if await organisations.locked_state(organisation_id) != OrganisationState.APPROVED:
            raise Conflict(NOT_APPROVED, code="not_approved")
        event = await counting.lock_event(event_id)
        found = EmployerFound(employer.id, employer.name_zh, employer.name_en)
        asked = [_application(form, Category.EMPLOYER, by, employer=found, demo=demo) for form in forms]
        if (refused := refusal(event, asked[0])) is not None:
            raise refused
        wrong = await _again(event_id, organisation_id, forms)
        if wrong:
            raise RowsRefused(wrong)
        outcomes = await placing.place(event_id, asked)
        wrong = {at: what for at, what in enumerate(outcomes) if isinstance(what, DomainError)}
        if wrong:
            if all(what.code == "full" for what in wrong.values()):
                raise next(iter(wrong.values()))
            raise RowsRefused({at: Conflict(what.message, code=what.code) for at, what in wrong.items()})
    return [what for what in outcomes if isinstance(what, Registered)]


async def _again(event_id: int, organisation_id: int, forms: Sequence[RepresentativeForm]) -> dict[int, DomainError]:
    """Rows of people who are there already: without an address, by name and telephone. The event is locked."""
    wrong: dict[int, DomainError] = {}
    numbers: dict[tuple[str, str], str] = {}
    addresses: dict[str, str] = {}
    for row in await entries.representatives(event_id, organisation_id):
        if row.state not in rules.ENDED:
            addresses[row.email] = row.number
            numbers.update(
                dict.fromkeys(_marks(row.name_native, row.name_passport, phones.opened(row.phone)), row.number)
            )
    seen: set[object] = set()
    for at, form in enumerate(forms):
        marks = _marks(form.name_native, form.name_passport, form.phone)
        email = normal(form.email) if form.email else ""
        known = next((numbers[mark] for mark in marks if mark in numbers), addresses.get(email) if email else None)
        if known is not None:
            wrong[at] = Conflict(HERE(number=known), code="already_registered")
        elif (email and email in seen) or seen.intersection(marks):
            wrong[at] = Conflict(TWICE, code="twice")
        seen.update((*marks, email))
    return wrong


def _marks(native: str, passport: str, phone: str) -> list[tuple[str, str]]:
    digits = "".join(sign for sign in phone if sign.isdigit())[-11:]
    return [(name.casefold(), digits) for name in {native, passport} if name]


def _application(
    form: EntryForm,
    category: str,
    by: Actor,
    *,
    act: Act = Act.REGISTER,
    employer: EmployerFound | None = None,
    **more: Any,
) -> Application:
    organisation = more.pop("organisation", "")
    if employer is not None:
        organisation = i18n.pick(employer.name_zh, employer.name_en, "zh" if form.name_native else "en")
    email = normal(form.email) if form.email else ""
    lang = i18n.current_lang()
    person = RegistrationForm(
        email=email,
        name_passport=form.name_passport or form.name_native,
        name_native=form.name_native,
        organisation=organisation,
        phone=form.phone,
        category=str(category),
        sessions=more.pop("sessions", []),
        lang=lang,
    )
    return Application(
        person,
        email,
        by,
        lang,
        current_origin(),
        act=act,
        organisation=employer.id if employer else None,
        badge_name=form.badge_name,
        days=chosen_days(form),
        **more,
    )


async def enter_person(
    slug: str, form: WalkInForm, *, by: Actor, seen: str = "", answers: Answers | None = None
) -> Registered:
    """Registers somebody while the event runs, also when registration is closed.

    Raises NotFound for who does not register others here, Known when somebody like this is registered and `seen` is not the
    digest of those, Conflict and Invalid as `services.register`.
    """
    event = await entries.event_to_enter(by, slug)
    if form.category not in entries.categories_for(by, event):
        raise Invalid(fields={"category": [N_("Choose one from the list")]})
    employer = await employer_called(form.organisation) if form.category == Category.EMPLOYER else None
    async with db.transaction_or_join():
        await counting.lock_event(event.id)
        found = await entries.twins(event.id, form, normal(form.email) if form.email else "")
        asked = _application(
            form,
            form.category,
            by,
            act=Act.ENTER,
            employer=employer,
            organisation=form.organisation,
            sessions=form.sessions,
            answers=answers,
        )
        certain = [twin for twin in found if asked.email and twin.email == asked.email]
        if certain:
            raise Known(certain, certain=True)
        if found and seen != _digest(found):
            raise Known(found, certain=False)
        [outcome] = await placing.place(event.id, [asked])
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, Registered)
    return outcome


async def employer_called(text: str) -> EmployerFound:
    """The approved employer that is meant. Raises Invalid."""
    found = await entries.employers_called(text) if text else []
    if len(found) == 1:
        return found[0]
    near = [] if found or not text else await entries.employers_like(text)
    message = SEVERAL if found else NO_EMPLOYER(names="、".join(near)) if near else NO_EMPLOYER_AT_ALL
    raise Invalid(fields={"organisation": [message]})


def _digest(twins: Sequence[Twin]) -> str:
    """Identifies the people shown."""
    return hashlib.sha256(",".join(sorted(twin.number for twin in twins)).encode()).hexdigest()[:16]


def stored_entry(row: RegistrationRow) -> dict[str, Any]:
    """The values of the form of changes; a Latin name that repeats the other one is none."""
    return {
        "name_native": row.name_native,
        "name_passport": "" if row.name_passport == row.name_native else row.name_passport,
        "phone": phones.opened(row.phone),
        "email": row.email,
        "badge_name": row.badge_name,
        "days": [day.isoformat() for day in row.days],
        "organisation": "" if row.organisation is not None else row.organisation_name,
    }


async def entry_for(actor: Actor, number: str) -> RegistrationRow:
    """A registration whose data this actor may correct: one that was not made by another account for itself. Raises NotFound."""
    row = await queries.registration_by_number(actor, number)
    if row.registrant not in (None, actor.account_id):
        raise NotFound
    return row


async def change_entry(number: str, form: ChangeForm, *, by: Actor, seen: str = "") -> None:
    """Stores corrected data; a new address gets the badge by mail.

    Raises NotFound, Outdated, Conflict (cancelled, over, the address is registered) and Invalid.
    """
    async with db.transaction_or_join():
        row = await entry_for(by, number)
        event = await counting.lock_event(row.event)
        row = await queries.registration_by_id(row.id)
        stored = stored_entry(row)
        versions.require_current(form, stored, seen)
        if row.state in rules.ENDED:
            raise Conflict(N_("This registration has already been cancelled"), code="already_cancelled")
        if is_over(event.ends_at, clock.now(), demo=event.demo):
            raise Conflict(OVER, code="over")
        email = normal(form.email) if form.email else ""
        organisation = row.organisation_name if row.organisation is not None else form.organisation
        values: dict[str, Any] = {
            "name_native": form.name_native,
            "name_passport": form.name_passport or form.name_native,
            "email": email,
            "badge_name": form.badge_name,
            "organisation_name": organisation,
            "days": list(chosen_days(form)),
        }
        before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
        if phones.opened(row.phone) != form.phone:
            before["phone"] = values["phone"] = phones.seal(form.phone)
        if not before:
            return
        text = phones.search_text(form.name_native, values["name_passport"], organisation, email, form.phone)
        values |= {"search_key": text, "updated_at": clock.now(), "sequence": row.sequence + 1}
        with db.constraint_errors({"uq_registration_of_address": Conflict(placing.ALREADY, code="already_registered")}):
            await Registration.update(**values).where(Registration.id == row.id)
        told = {name: "" if name == "phone" else value for name, value in before.items()}
        after = {name: "" if name == "phone" else values[name] for name in before}
        await record("registration.change", "registration", row.id, by=by, before=told, after=after)
        if email and email != row.email:
            await filling.notify_placed([(row.id, row.state)], row.event)
