"""What a group's table would do, row by row: somebody new, somebody changed, somebody as before, or what is wrong."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from fairs.accounts.actor import Actor
from fairs.audit.services import current_origin
from fairs.core import i18n
from fairs.core.cleaning import Unstorable, clean_text
from fairs.core.cleaning import code as as_code
from fairs.core.errors import Invalid
from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_
from fairs.core.mailboxes import NoAddress, normal
from fairs.core.mailboxes import read as read_address
from fairs.registrations import phones, rules
from fairs.registrations.applying import Application
from fairs.registrations.asking import queries as asking
from fairs.registrations.asking import reading
from fairs.registrations.asking.content import PREFIX, Content, Kind
from fairs.registrations.asking.reading import Answers
from fairs.registrations.asking.rows import AskedRow
from fairs.registrations.entering import services as entering
from fairs.registrations.entering.forms import NOT_A_DAY
from fairs.registrations.entering.rows import EmployerFound
from fairs.registrations.entering.services import HERE, TWICE
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.groups import queries
from fairs.registrations.groups.columns import NUMBER, MemberForm, Sheet, Table
from fairs.registrations.groups.rights import Right
from fairs.registrations.groups.rows import Known
from fairs.registrations.placing import ALREADY
from fairs.registrations.tables import Category

Change = Literal["new", "changed", "same"]
NO_NUMBER = N_("No registration of your groups at this event has this number; leave the cell empty to add somebody")
ENDED = N_("This registration has ended; leave the number empty to register the person again")
OTHER_CATEGORY = N_("A category cannot be changed here")
OTHER_SESSIONS = N_("Sessions of somebody who is registered already are not changed here")
OTHER_ADDRESS = N_("This address belongs to another registration: %(number)s")
OWN_FORM = N_("People of this category fill in a form of their own: give them the code")
BREATH = 100  # rows between two turns of the event loop
_PLAIN = (
    "name_native",
    "name_passport",
    "email",
    "nationality",
    "phone",
    "badge_name",
    "organisation_name",
    "days",
    "lang",
)
_COLUMN = {"organisation_name": "organisation"}


@dataclass(frozen=True)
class Planned:
    """A row that can be stored. `values`: of a registration that changes; `columns`: which ones do."""

    row: int
    change: Change
    name: str
    application: Application | None = None
    known: Known | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    answers: Answers | None = None
    columns: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        return self.application.form.category if self.application else self.known.category if self.known else ""


@dataclass
class Plan:
    """All rows that can be stored. `placed`: state → how many of the new ones would get it."""

    rows: list[Planned] = field(default_factory=list)
    placed: dict[str, int] = field(default_factory=dict)

    def of(self, change: Change) -> list[Planned]:
        return [row for row in self.rows if row.change == change]


@dataclass
class _People:
    """Who is there: by number, by address, by name and telephone; and what earlier rows have named."""

    numbers: dict[str, Known]
    emails: dict[str, Known]
    marks: dict[tuple[str, str], Known]
    answers: dict[int, dict[str, Any]]
    employers: dict[str, EmployerFound | str]
    seen: dict[object, int] = field(default_factory=dict)


async def plan(table: Table, sheet: Sheet, *, by: Actor, told: bool = True) -> Plan:
    """What the table would do; what is wrong is added to its errors."""
    people = await _people(table, sheet)
    made = Plan()
    for at, (number, values) in enumerate(table.rows):
        if at % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        planned, errors = await _planned(number, values, sheet, people, by=by, told=told)
        table.errors += [(number, name, sentence) for name, sentence in errors]
        if planned is not None:
            made.rows.append(planned)
    table.errors.sort(key=lambda error: error[0])
    return made


async def _people(table: Table, sheet: Sheet) -> _People:
    numbers = {_number(values) for _, values in table.rows} - {""}
    emails = {address for _, values in table.rows if (address := _address(values.get("email", "")))}
    found = await queries.known_by_key(sheet.event.id, sorted(numbers), sorted(emails))
    keyless = [values for _, values in table.rows if not _number(values) and not values.get("email")]
    names = {values.get(name, "").strip().lower() for values in keyless for name in ("name_native", "name_passport")}
    alike = await queries.known_by_name(sheet.event.id, sorted(names - {""}))
    marks = {
        mark: row for row in alike for mark in _marks(row.name_native, row.name_passport, phones.opened(row.phone))
    }
    answers = {number: asking.opened(row) for number, row in (await asking.answers_of([r.id for r in found])).items()}
    live = {row.email: row for row in found if row.email and row.state not in rules.ENDED}
    return _People({row.number: row for row in found}, live, marks, answers, {})


def _number(values: Mapping[str, str]) -> str:
    try:
        return as_code(clean_text(values.get(NUMBER, ""))).upper()
    except Unstorable:
        return ""


def _address(text: str) -> str:
    try:
        return read_address(text) if text else ""
    except NoAddress:
        return ""


def _marks(native: str, passport: str, phone: str) -> list[tuple[str, str]]:
    digits = "".join(sign for sign in phone if sign.isdigit())[-11:]
    return [(name.casefold(), digits) for name in {native.strip(), passport.strip()} if name]


def may_change(known: Known, right: Right) -> bool:
    """Whether a group's table may change somebody: never who registered alone."""
    if known.registrant is not None:
        return False
    if right.runs:
        return True
    if right.employer is not None:
        own = known.category == Category.EMPLOYER and known.organisation == right.employer.id
        return own or known.group_organisation == right.employer.id
    return right.unit is not None and known.group_unit == right.unit


async def _planned(
    row: int, values: dict[str, str], sheet: Sheet, people: _People, *, by: Actor, told: bool
) -> tuple[Planned | None, list[tuple[str, str]]]:
    number = _number(values)
    known, wrong = _found(number, values, sheet.right, people)
    seen: list[object] = [number, _address(values.get("email", ""))]
    if not any(seen):
        seen = list(_marks(values.get("name_native", ""), values.get("name_passport", ""), values.get("phone", "")))
    for key in seen:
        if key and key in people.seen:
            wrong.setdefault(
                NUMBER if key == number else "email" if isinstance(key, str) else "name_native", str(TWICE)
            )
        if key:
            people.seen[key] = row
    sent, unknown = sheet.inputs({name: text for name, text in values.items() if name != NUMBER})
    wrong |= {name: text for name, text in unknown.items() if name not in wrong}
    form = _bound(sent, known, sheet)
    category = str(form.read.get("category") or "")
    if known is not None and category != known.category:
        wrong.setdefault("category", str(OTHER_CATEGORY))
    entry, bound = _answered(sent, known, category, sheet, people)
    if entry is None and known is None and category not in sheet.right.categories and sheet.asks.get(category):
        wrong.setdefault("category", str(OWN_FORM))
    for item in (form, bound):
        for name, messages in (item.errors if item is not None else {}).items():
            if name not in wrong and messages:
                wrong[name] = str(messages[0])
    employer = await _employer(form, category, sheet.right, people, wrong) if known is None else None
    if wrong:
        return None, list(wrong.items())
    answers = reading.answers_of(entry[0].form, entry[0].version, entry[1], bound) if entry and bound else None
    answers = replace(answers, sessions=None) if answers is not None else None  # the row's own column says them
    if known is None:
        return _new(row, form.value, answers, employer, sheet, by=by, told=told), []
    return _changed(row, form.value, answers, known, sheet, people)


def _found(
    number: str, values: Mapping[str, str], right: Right, people: _People
) -> tuple[Known | None, dict[str, str]]:
    """Who is meant by the keys of a row, and what is wrong with them."""
    wrong: dict[str, str] = {}
    email = _address(values.get("email", ""))
    holder = people.emails.get(email) if email else None
    if number or values.get(NUMBER, "").strip():
        known = people.numbers.get(number)
        if known is None or not may_change(known, right):
            return None, {NUMBER: str(NO_NUMBER)}
        if known.state in rules.ENDED:
            wrong[NUMBER] = str(ENDED)
        if holder is not None and holder.id != known.id:
            wrong["email"] = str(OTHER_ADDRESS(number=holder.number) if right.runs else ALREADY)
        return known, wrong
    if holder is not None:
        if not may_change(holder, right):
            wrong["email"] = str(HERE(number=holder.number) if right.runs else ALREADY)
        return holder, wrong
    if not email:
        marks = _marks(values.get("name_native", ""), values.get("name_passport", ""), values.get("phone", ""))
        twin = next((people.marks[mark] for mark in marks if mark in people.marks), None)
        if twin is not None:
            wrong["name_native"] = str(HERE(number=twin.number) if may_change(twin, right) else ALREADY)
    return None, wrong


def stored(known: Known) -> dict[str, Any]:
    """A registration as the form of a row is sent."""
    return {
        "name_native": known.name_native,
        "name_passport": "" if known.name_passport == known.name_native else known.name_passport,
        "email": known.email,
        "phone": phones.opened(known.phone),
        "category": known.category,
        "nationality": known.nationality,
        "organisation": known.organisation_name,
        "badge_name": known.badge_name,
        "days": [day.isoformat() for day in known.days],
        "sessions": list(known.sessions),
        "lang": known.lang,
    }


def _bound(sent: Mapping[str, Any], known: Known | None, sheet: Sheet) -> Bound[MemberForm]:
    given = {name: value for name, value in sent.items() if not name.startswith(PREFIX)}
    if known is not None:
        given = stored(known) | given
    if not given.get("category"):
        right = sheet.right
        usual = Category.EMPLOYER if right.employer else Category.CANDIDATE
        given["category"] = (
            known.category if known else usual.value if usual in right.categories else right.categories[0]
        )
    form = bind(MemberForm, given)
    for day in form.read.get("days") or ():
        if day not in sheet.known_days:
            form.add_error("days", NOT_A_DAY(day=day))
    return form


def _answered(
    sent: Mapping[str, Any], known: Known | None, category: str, sheet: Sheet, people: _People
) -> tuple[tuple[AskedRow, Content] | None, Bound[Any] | None]:
    """The questions of a category as a row answers them; empty cells of sealed numbers keep what is stored."""
    entry = sheet.asks.get(category) if category in sheet.right.categories or known else None
    given = {name: value for name, value in sent.items() if name.startswith(PREFIX)}
    if entry is None or (known is not None and not given):
        return None, None
    content = entry[1]
    before = people.answers.get(known.id, {}) if known else {}
    raw: dict[str, Any] = {PREFIX + key: value for key, value in before.items()}
    for name, value in given.items():
        question = content.question(name.removeprefix(PREFIX))
        if question is not None and not (question.kind == Kind.IDENTITY and not value):
            raw[name] = value
    if (signed := content.sessions) is not None:
        raw[PREFIX + signed.key] = sent.get("sessions", raw.get(PREFIX + signed.key))
    bound = reading.read(content, raw, complete=known is None)
    for question in content:
        if question.takes_file:
            bound[PREFIX + question.key].errors.clear()
            bound.read.pop(PREFIX + question.key, None)
    return entry, bound


async def _employer(
    form: Bound[MemberForm], category: str, right: Right, people: _People, wrong: dict[str, str]
) -> EmployerFound | None:
    """For which employer somebody comes in the employers' category."""
    if category != Category.EMPLOYER:
        return None
    if right.employer is not None:
        return right.employer
    text = str(form.read.get("organisation") or "")
    if text not in people.employers:
        try:
            people.employers[text] = await entering.employer_called(text)
        except Invalid as refused:
            people.employers[text] = str(entering.said(refused))
    found = people.employers[text]
    if isinstance(found, str):
        wrong.setdefault("organisation", found)
        return None
    return found


def _values(form: MemberForm) -> dict[str, Any]:
    chinese = form.nationality == "CN" or (not form.nationality and not form.name_passport)
    return {
        "name_native": form.name_native,
        "name_passport": form.name_passport or form.name_native,
        "email": normal(form.email) if form.email else "",
        "nationality": form.nationality,
        "phone": form.phone,
        "badge_name": form.badge_name,
        "organisation_name": form.organisation,
        "days": sorted({date.fromisoformat(day) for day in form.days}),
        "lang": form.lang or ("zh" if chinese else "en"),
    }


def _new(
    row: int,
    form: MemberForm,
    answers: Answers | None,
    employer: EmployerFound | None,
    sheet: Sheet,
    *,
    by: Actor,
    told: bool,
) -> Planned:
    values = _values(form)
    organisation = values["organisation_name"]
    if employer is not None:
        organisation = i18n.pick(employer.name_zh, employer.name_en, "zh" if form.name_native else "en")
    person = RegistrationForm(
        email=values["email"],
        name_passport=values["name_passport"],
        name_native=form.name_native,
        nationality=form.nationality,
        organisation=organisation,
        phone=form.phone,
        category=form.category,
        sessions=list(form.sessions),
        code=form.code,
        lang=values["lang"],
    )
    application = Application(
        person,
        values["email"],
        by,
        i18n.current_lang(),
        current_origin(),
        act=sheet.right.act,
        organisation=employer.id if employer else None,
        badge_name=form.badge_name,
        days=tuple(values["days"]),
        answers=answers,
        grouped=sheet.right.categories,
        told=told,
    )
    return Planned(row, "new", form.name_native or form.name_passport, application)


def _changed(
    row: int, form: MemberForm, answers: Answers | None, known: Known, sheet: Sheet, people: _People
) -> tuple[Planned | None, list[tuple[str, str]]]:
    values = _values(form)
    if known.organisation is not None:  # an employer's name is its own
        values["organisation_name"] = known.organisation_name
    if sorted(form.sessions) != sorted(known.sessions):
        return None, [("sessions", str(OTHER_SESSIONS))]
    before = {name: getattr(known, name) for name in _PLAIN} | {"phone": phones.opened(known.phone)}
    changed = {name: values[name] for name in _PLAIN if values[name] != before[name]}
    columns = [_COLUMN.get(name, name) for name in changed]
    if answers is not None:
        held = people.answers.get(known.id, {})
        after = answers.given | answers.brief | answers.sealed
        keys = [question.key for question in answers.content if question.kind != Kind.SESSION]
        asked = [PREFIX + key for key in keys if after.get(key) != held.get(key)]
        columns += asked
        answers = answers if asked else None
    name = form.name_native or form.name_passport
    if not columns:
        return Planned(row, "same", name, known=known), []
    return Planned(row, "changed", name, known=known, values=changed, answers=answers, columns=tuple(columns)), []
