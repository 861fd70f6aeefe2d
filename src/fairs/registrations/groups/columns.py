"""The columns of a group's table: the person, and the questions that the event asks of the categories that a group may use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from fairs.core import sheet_tables
from fairs.core.cleaning import code as as_code
from fairs.core.errors import Invalid
from fairs.core.fields import NO, YES, Choice
from fairs.core.forms import Field
from fairs.core.i18n import N_, current_lang, language
from fairs.core.search_keys import fold
from fairs.core.sheet_tables import Rows, as_text
from fairs.core.sheet_words import LANGS, Choices, Unknown, Words, as_day, parts
from fairs.events.rows import EventRow
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import queries as asking
from fairs.registrations.asking.content import PREFIX, Content, Kind, Question
from fairs.registrations.asking.reading import Said
from fairs.registrations.asking.rows import AskedRow
from fairs.registrations.entering.forms import WalkInForm, days_of
from fairs.registrations.entering.pasting import days_named
from fairs.registrations.forms import CODE, countries
from fairs.registrations.groups.rights import Right
from fairs.registrations.labels import category_label

MOST = 10_000  # rows
NUMBER = "number"
LANGUAGES = {"zh": N_("Chinese"), "en": N_("English")}
NOT_IN_TABLES = asked.FILES | {Kind.SESSION}  # sessions have a column of their own
NOTHING = N_("There are no rows. Paste the table with the people, or choose a file.")
OTHER_COLUMNS = N_("The columns are not those of the workbook. Begin with it.")


class MemberForm(WalkInForm):
    """One row: somebody of the group."""

    nationality: Annotated[
        str, Field(N_("Nationality or region"), widget="search-select", choices=countries, max_length=2)
    ] = ""
    code: Annotated[str, CODE] = ""
    lang: Annotated[str, Field(N_("Language of the mails"), widget="hidden", max_length=2)] = ""


BASE: dict[str, tuple[object, int, object]] = {  # field → head, width, what to write
    NUMBER: (
        N_("Registration number"),
        16,
        N_("Empty for somebody new. With it, or with the same e-mail address, the row changes the person."),
    ),
    "name_native": (N_("Name in own script"), 16, N_("One of the two names is enough.")),
    "name_passport": (N_("Name in Latin letters"), 26, N_("As in the passport")),
    "email": (N_("E-mail address"), 30, N_("For the badge and for news. Without one you hand the badge over.")),
    "phone": (N_("Telephone"), 18, N_("With country code; may be empty")),
    "category": (N_("Comes as"), 16, N_("From the list")),
    "nationality": (N_("Nationality or region"), 20, N_("From the list; may be empty")),
    "organisation": (N_("Organisation on the badge"), 30, N_("May be empty")),
    "badge_name": (N_("Name on the badge"), 18, N_("Only when another name than these is to be printed.")),
    "days": (N_("Days"), 22, N_("Days of the event like 2027-10-27, several separated by semicolons; empty: all days")),
    "sessions": (N_("Sessions"), 22, N_("Short names of sessions, several separated by semicolons")),
    "code": (N_("Invitation code"), 18, N_("May be empty")),
    "lang": (N_("Language of the mails"), 14, N_("From the list; empty: Chinese for people from China")),
}
_BOX = ((YES, N_("yes"), ""), (NO, N_("no"), ""))


@dataclass
class Table:
    """Rows with their numbers in the spreadsheet, as texts by field; what is wrong: (row, column, sentence)."""

    rows: Rows
    errors: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """What an event takes from a group. `asks`: of each category the version that is asked, with its questions."""

    event: EventRow
    right: Right
    asks: Mapping[str, tuple[AskedRow, Content] | None]

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Column → question; of those that are asked in several forms, the options of all."""
        found: dict[str, Question] = {}
        for entry in self.asks.values():
            for question in entry[1] if entry else ():
                if question.kind in NOT_IN_TABLES:
                    continue
                name = PREFIX + question.key
                known = found.get(name)
                more = (*known.options, *(o for o in question.options if not known.option(o.key))) if known else ()
                found[name] = asked.with_options(known, more) if known else question
        return found

    @cached_property
    def columns(self) -> dict[str, tuple[object, int, object]]:
        """Field → head, width, what to write."""
        made = dict(BASE)
        taken = {name for head, _, _ in BASE.values() for name in _in_both(head)}
        for name, question in self.questions.items():
            head: object = Said(question.zh or question.en, question.en or question.zh)
            if taken & set(_in_both(head)):
                head = Said(
                    f"{question.zh or question.en} ({question.key})", f"{question.en or question.zh} ({question.key})"
                )
            taken |= set(_in_both(head))
            made[name] = (head, 22, Help(question))
        return made

    @cached_property
    def chosen(self) -> Choices:
        """The columns with a list."""
        found: dict[str, Any] = {
            "category": lambda: [(name, category_label(name), "") for name in self.right.categories],
            "nationality": countries,
            "lang": lambda: [(key, str(word), "") for key, word in LANGUAGES.items()],
        }
        found |= {name: _list_of(question) for name, question in self.questions.items() if _has_list(question)}
        return found

    @cached_property
    def several(self) -> frozenset[str]:
        return frozenset(name for name, question in self.questions.items() if question.takes_several)

    @cached_property
    def days(self) -> frozenset[str]:
        return frozenset(name for name, question in self.questions.items() if question.kind == Kind.DATE)

    @cached_property
    def words(self) -> Words:
        """What people write in the columns with a list."""
        boxes = [name for name, question in self.questions.items() if question.kind == Kind.CONSENT]
        return Words(self.chosen, yes_no=boxes)

    def text(self, table: Table) -> str:
        """The table as it can be pasted again, with the columns that it had."""
        return as_text(table.rows, [name for name in self.columns if any(name in values for _, values in table.rows)])

    def read_text(self, text: str) -> Table:
        """A pasted table. Raises Invalid for the field `file`."""
        return _limited(Table(sheet_tables.read_text(text, self.columns)))

    async def read_file(self, content: bytes, filename: str) -> Table:
        """An uploaded spreadsheet. Raises Invalid for the field `file`, and TooLarge."""
        rows, problems = await sheet_tables.read_file(content, filename, self.columns)
        return _limited(Table(rows, [(row, "", sentence) for row, sentence in problems]))

    def inputs(self, values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """A row as a form is sent, and the columns whose words are unknown."""
        sent: dict[str, Any] = {name: text for name, text in values.items() if name not in self.chosen}
        wrong: dict[str, str] = {}
        for name in self.chosen:
            if name in values:
                try:
                    many = name in self.several
                    sent[name] = self.words.codes(name, values[name]) if many else self.words.code(name, values[name])
                except Unknown as unknown:
                    wrong[name] = str(unknown)
        if "days" in sent:
            sent["days"] = days_named(sent["days"], self.event)
        if "sessions" in sent:
            sent["sessions"] = [as_code(part) for part in parts(sent["sessions"])]
        for name, question in self.questions.items():
            if name in sent and question.kind == Kind.DATE:
                sent[name] = as_day(sent[name])
            elif name in sent and question.kind == Kind.CONSENT:
                sent[name] = sent[name] == YES
        return sent, wrong

    @cached_property
    def known_days(self) -> frozenset[str]:
        """The days of the event."""
        return frozenset(choice[0] for choice in days_of(self.event))


async def sheet_of(event: EventRow, right: Right) -> Sheet:
    """The columns for this event and right."""
    asks: dict[str, tuple[AskedRow, Content] | None] = {}
    for category in right.categories:
        row = await asking.asked_of(event.id, category)
        asks[category] = (row, asked.read(row.content)) if row else None
    return Sheet(event, right, asks)


def _in_both(head: object) -> list[str]:
    found = []
    for lang in LANGS:
        with language(lang):
            found.append(fold(str(head)))
    return found


def _has_list(question: Question) -> bool:
    return question.kind in asked.CHOSEN or question.kind in (Kind.COUNTRY, Kind.CONSENT)


def _list_of(question: Question) -> Any:
    def found() -> Sequence[Choice]:
        if question.kind == Kind.COUNTRY:
            return countries()
        if question.kind == Kind.CONSENT:
            return [(key, str(word), "") for key, word, _ in _BOX]
        return [(option.key, option.label, "") for option in question.options]

    return found


@dataclass(frozen=True)
class Help:
    """What to write in the column of a question."""

    question: Question

    def __str__(self) -> str:
        lines = [self.question.help]
        if self.question.takes_several:
            lines.append(str(N_("From the list, several separated by semicolons")))
        elif _has_list(self.question):
            lines.append(str(N_("From the list")))
        elif self.question.kind == Kind.DATE:
            lines.append(str(N_("A day like 2027-03-01")))
        elif self.question.kind == Kind.NIGHTS:
            lines.append(str(N_("Arrival and departure like 2027-03-01/2027-03-04")))
        lines.append("" if self.question.required else str(N_("May be empty")))
        joint = "；" if current_lang() == "zh" else "; "
        return joint.join(line for line in lines if line)


def _limited(table: Table) -> Table:
    if not table.rows:
        raise Invalid(fields={"file": [NOTHING]})
    names = {name for _, values in table.rows for name in values}
    if not names & {"name_native", "name_passport", NUMBER, "email"}:
        raise Invalid(fields={"file": [OTHER_COLUMNS]})
    if len(table.rows) > MOST:
        raise Invalid(fields={"file": [N_("At most %(limit)s people at once. Send them in parts.", limit=MOST)]})
    return table
