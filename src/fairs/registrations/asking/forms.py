"""Input of those who build a form: the form itself, a section, a question with its options."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.core.forms import Bound, Choice, Field, Form, bind, blank
from fairs.core.i18n import EVENT_ZONE, N_, gettext, pick
from fairs.registrations.asking import labels
from fairs.registrations.asking.content import (
    CHOSEN,
    KEY,
    YES,
    Condition,
    Content,
    Keep,
    Kind,
    Option,
    Question,
    Section,
    SeenBy,
)
from fairs.registrations.forms import all_categories
from fairs.units import catalogues

SPARE, MOST_OPTIONS = 4, 100
EMPTY, COPY = "", "form:"
ONE_NAME = N_("Give the text in one of the languages at least")
ONE_QUESTION = N_("Choose answers to one question only")
NOT_ON_BADGES = frozenset({Kind.FILE, Kind.IDENTITY})
NO_OPTIONS = N_("Give at least two options")


def _words(words: Mapping[Any, object]) -> list[Choice]:
    return [(str(key), str(word), "") for key, word in words.items()]


def start_choices() -> list[Choice]:
    """The catalogue's templates."""
    return [(item.key, pick(item.zh, item.en), "") for item in catalogues.registration_forms()]


class NewForm(Form):
    """A new form: for whom, and what it begins with."""

    category: Annotated[str, Field(N_("For"), widget="select", max_length=12)] = ""
    start: Annotated[
        str,
        Field(
            N_("Begin with"),
            help=N_("A template can be changed in every point afterwards."),
            widget="select",
            max_length=40,
        ),
    ] = EMPTY


def for_event(form: Bound[NewForm], taken: Sequence[str], copies: Sequence[Choice]) -> Bound[NewForm]:
    """The form with the categories that have no form yet, and what can be begun with."""
    everybody = [("", labels.form_label(""), "")] if "" not in taken else []
    free = [*everybody, *(choice for choice in all_categories() if choice[0] not in taken)]
    starts = [(EMPTY, str(N_("An empty form")), ""), *start_choices(), *copies]
    form["category"].spec = replace(form["category"].spec, choices=lambda: free)
    form["start"].spec = replace(form["start"].spec, choices=lambda: starts)
    for name, choices in (("category", free), ("start", starts)):
        if form[name].value not in {choice[0] for choice in choices} and not form[name].errors:
            form.add_error(name, N_("Choose one from the list"))
    return form


class UntilForm(Form):
    """Until when people change their answers."""

    answers_until: Annotated[
        datetime | None,
        Field(N_("Answers can be changed until"), help=N_("Empty: until the event begins."), widget="datetime"),
    ] = None


class _Texts(Form):
    zh: Annotated[str, Field(N_("In Chinese"), max_length=300, attrs={"data-either": "en"})] = ""
    en: Annotated[str, Field(N_("In English"), max_length=300, attrs={"data-either": "zh"})] = ""
    help_zh: Annotated[str, Field(N_("Help in Chinese"), widget="textarea", max_length=1500, attrs={"rows": "2"})] = ""
    help_en: Annotated[str, Field(N_("Help in English"), widget="textarea", max_length=1500, attrs={"rows": "2"})] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """There is a text."""
        return {} if values.get("zh") or values.get("en") else {"zh": ONE_NAME}


class SectionForm(_Texts):
    """A heading with the questions below it."""


class QuestionForm(_Texts):
    """A question. `conditions` are `question=answer`; `options` is the text of all, by which two versions are compared."""

    APART: ClassVar[frozenset[str]] = frozenset({"key"})
    kind: Annotated[str, Field(N_("Answered by"), widget="select", choices=lambda: _words(labels.KINDS))] = (
        Kind.TEXT.value
    )
    section: Annotated[str, Field(N_("Section"), widget="select", max_length=40)] = ""
    required: Annotated[bool, Field(N_("An answer is required"), widget="checkbox")] = False
    reviewed: Annotated[
        bool,
        Field(
            N_("The staff reviews the answer"),
            help=N_(
                "Who answers it registers for review: the place is kept, the badge follows when the staff confirms. A changed"
                " answer is reviewed again; until then the badge opens no gate."
            ),
            widget="checkbox",
        ),
    ] = False
    on_badge: Annotated[
        bool,
        Field(
            N_("The answer is printed on the badge"),
            help=N_("Where the badge has a box for answers. A photo is then the one of the badge and of the gates."),
            widget="checkbox",
        ),
    ] = False
    first: Annotated[date | None, Field(N_("First arrival"), widget="date")] = None
    last: Annotated[date | None, Field(N_("Last departure"), widget="date")] = None
    places: Annotated[
        int | None, Field(N_("Places for each night"), help=N_("Empty: for all."), widget="number", ge=0, le=100_000)
    ] = None
    most: Annotated[
        int | None,
        Field(
            N_("At most, for one person"),
            help=N_("Nights, or sessions. Empty: no limit."),
            widget="number",
            ge=1,
            le=100,
        ),
    ] = None
    conditions: Annotated[
        list[str],
        Field(
            N_("Ask only if"),
            help=N_("Nothing chosen: always. Several answers of one question: if one of them was given."),
            widget="multiselect",
            max_length=90,
        ),
    ] = msgspec.field(default_factory=list)
    default: Annotated[
        str,
        Field(
            N_("The form begins with"),
            help=N_("Of a choice the short name of the option; several with commas."),
            max_length=200,
        ),
    ] = ""
    seen_by: Annotated[
        str, Field(N_("Who reads the answers"), widget="radio", choices=lambda: _words(labels.SEEN_BY))
    ] = SeenBy.ORGANISER.value
    keep: Annotated[
        str,
        Field(
            N_("How long answers are kept"),
            help=N_("Numbers of documents always go 30 days after the fair."),
            widget="radio",
            choices=lambda: _words(labels.KEEP),
        ),
    ] = Keep.REGISTRATION.value
    key: Annotated[
        str,
        Field(
            N_("Short name"),
            help=N_("For the API and other programs; it stays. Empty: made from the English text."),
            max_length=40,
            pattern=KEY.pattern,
            pattern_message=N_("Small letters, digits and _ only, beginning with a letter"),
            attrs={"autocapitalize": "none", "spellcheck": "false"},
        ),
    ] = ""
    options: Annotated[str, Field(N_("Options"), widget="textarea", max_length=60_000)] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A text, and conditions on one question."""
        found = super().check_given(values)
        if values.get("on_badge") and values.get("kind") in NOT_ON_BADGES:
            found["on_badge"] = N_("Files and numbers of documents are not printed")
        if len({text.partition("=")[0] for text in values.get("conditions") or ()}) > 1:
            found["conditions"] = ONE_QUESTION
        return found

    def question(self, key: str, options: tuple[Option, ...]) -> Question:
        """The question that was described."""
        conditions = [text.partition("=") for text in self.conditions]
        values = tuple(value for _, _, value in conditions if value)
        anyhow = any(not value for _, _, value in conditions)
        return Question(
            key,
            Kind(self.kind),
            self.zh,
            self.en,
            self.help_zh,
            self.help_en,
            self.required,
            options if self.kind in CHOSEN else (),
            Condition(conditions[0][0], () if anyhow else values) if conditions else None,
            self.default,
            SeenBy(self.seen_by),
            Keep(self.keep),
            self.reviewed,
            self.on_badge and Kind(self.kind) not in NOT_ON_BADGES,
            *((_iso(self.first), _iso(self.last)) if self.kind == Kind.NIGHTS else ("", "")),
            self.most if self.kind in (Kind.NIGHTS, Kind.SESSION) else None,
            self.places if self.kind == Kind.NIGHTS else None,
        )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def stored_section(section: Section) -> dict[str, Any]:
    """The values of its form."""
    return {name: getattr(section, name) for name in SectionForm.__struct_fields__}


def stored_question(question: Question, section: str) -> dict[str, Any]:
    """The values of its form."""
    condition = question.show_if
    conditions = []
    if condition is not None:
        conditions = [f"{condition.question}={value}" for value in condition.values or ("",)]
    names = ("kind", "zh", "en", "help_zh", "help_en", "required", "reviewed", "default", "seen_by", "keep", "key")
    found = {name: getattr(question, name) for name in (*names, "on_badge", "most", "places")}
    days = {name: getattr(question, name) for name in ("first", "last")}
    found |= {name: date.fromisoformat(day) if day else None for name, day in days.items()}
    return found | {"section": section, "conditions": conditions, "options": as_text(question.options)}


def in_content(form: Bound[QuestionForm], content: Content, key: str) -> Bound[QuestionForm]:
    """The form with the sections and the earlier answers of its content."""
    sections = [(section.key, section.label, "") for section in content.sections]
    earlier = content.before(key)
    conditions: list[Choice] = []
    for question in earlier:
        if question.kind in CHOSEN:
            conditions += [(f"{question.key}={o.key}", f"{question.label}: {o.label}", "") for o in question.options]
        if question.kind == Kind.CONSENT:
            conditions.append(
                (f"{question.key}={YES}", gettext("“%(question)s” is ticked", question=question.label), "")
            )
        else:
            conditions.append((f"{question.key}=", gettext("“%(question)s” is answered", question=question.label), ""))
    known = {choice[0] for choice in conditions}
    conditions += [
        (text, text, "") for text in form["conditions"].values if text not in known and text.partition("=")[0]
    ]
    form["section"].spec = replace(form["section"].spec, choices=lambda: sections)
    for name in ("section", "kind", "seen_by", "keep"):
        form[name].required = True
    form["conditions"].spec = replace(form["conditions"].spec, choices=lambda: conditions)
    for text in form["conditions"].values:
        if text not in known and not form["conditions"].errors:
            form.add_error("conditions", N_("Choose one from the list"))
    return form


class OptionForm(Form):
    """One row: an option."""

    key: Annotated[str, Field(N_("Short name"), max_length=40, pattern=KEY.pattern)] = ""
    zh: Annotated[str, Field(N_("Option in Chinese"), max_length=200)] = ""
    en: Annotated[str, Field(N_("Option in English"), max_length=200)] = ""
    limit: Annotated[int | None, Field(N_("Places"), widget="number", ge=0, le=1_000_000)] = None
    note_zh: Annotated[str, Field(N_("Note in Chinese"), max_length=300)] = ""
    note_en: Annotated[str, Field(N_("Note in English"), max_length=300)] = ""


@dataclass
class OptionRows:
    """The rows of the page; `options` only when every row could be read."""

    rows: list[Bound[OptionForm]]

    @property
    def ok(self) -> bool:
        return all(row.ok for row in self.rows)

    @property
    def options(self) -> tuple[Option, ...]:
        """The options, each with a short name of its own."""
        found: list[Option] = []
        for row in self.rows:
            value = row.value
            key = free_key(value.key or slug(value.en) or "option", [option.key for option in found])
            found.append(Option(key, value.zh, value.en, value.note_zh, value.note_en, value.limit))
        return tuple(found)

    @property
    def text(self) -> str:
        return as_text(self.options) if self.ok else ""

    def numbered(self) -> list[Bound[OptionForm]]:
        """All rows and some empty ones, with names of their own for each field."""
        found = [*self.rows, *(blank(OptionForm) for _ in range(SPARE))]
        for at, row in enumerate(found):
            for name, item in row.fields.items():
                item.name = f"option-{at}-{name}"
        return found


_ROW = re.compile(r"option-(\d{1,3})-([a-z_]+)")


def read_options(data: Mapping[str, Any]) -> OptionRows:
    """The rows in which something was typed, in their order."""
    sent: dict[int, dict[str, Any]] = {}
    for name, value in data.items():
        if (match := _ROW.fullmatch(name)) and isinstance(value, str):
            sent.setdefault(int(match[1]), {})[match[2]] = value
    rows = [
        row for _, row in sorted(sent.items()) if str(row.get("zh") or "").strip() or str(row.get("en") or "").strip()
    ]
    return OptionRows([bind(OptionForm, row) for row in rows[:MOST_OPTIONS]])


def rows_of(options: Sequence[Option]) -> OptionRows:
    """The rows of stored options."""
    return OptionRows([bind(OptionForm, msgspec.structs.asdict(option)) for option in options])


def as_text(options: Sequence[Option]) -> str:
    """All options as one text."""
    return "\n".join(
        " | ".join((o.key, o.zh, o.en, "" if o.limit is None else str(o.limit), o.note_zh, o.note_en)) for o in options
    )


def slug(text: str) -> str:
    """A short name of an English text; empty when nothing is left."""
    found = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:30].strip("_")
    return found if KEY.fullmatch(found) else ""


def free_key(wanted: str, taken: Sequence[str]) -> str:
    """The name, with a number when it is taken."""
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted[:36]}_{number}", number + 1
    return found


def read_until(data: Mapping[str, Any], zone: str = EVENT_ZONE) -> Bound[UntilForm]:
    """The form with all errors."""
    return bind(UntilForm, data, zone=zone)
