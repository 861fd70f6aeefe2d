"""Reads answers by the one form layer: a form's content becomes a form of `core.forms`, for pages, calls and rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, cast

import msgspec

from fairs.core import cleaning
from fairs.core.forms import Bound, BoundField, Choice, Field, Form, bind, blank
from fairs.core.i18n import N_, current_lang, pick
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import nights
from fairs.registrations.asking.content import CHOSEN, COUNTED, FILES, PREFIX, Content, Kind, Question
from fairs.units.catalogues import choices as catalogue

MOST_RADIO = 8  # options up to which a choice is shown as buttons
FILL_IN = N_("Please fill this in")
AGREE = N_("Please agree, or you cannot register")
NO_QUESTION = N_("There is no such question")
NO_FILES = N_("A file is given on the page of the registration")


@dataclass(frozen=True)
class Said:
    """A text of the form in the language of whoever reads it."""

    zh: str
    en: str

    def __str__(self) -> str:
        return pick(self.zh, self.en)


@dataclass(frozen=True)
class Answers:
    """Checked answers to one version. `brief` go soon after the fair, `sealed` also; `files`: key → token of a held file, empty: none.

    `sessions`: the codes of those that were chosen; None when no question is about them.
    """

    form: int
    version: int
    content: Content
    given: dict[str, Any] = field(default_factory=dict)
    brief: dict[str, Any] = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    sessions: list[str] | None = None

    def reviewed(self) -> bool:
        """Whether something is answered that the staff has to look at."""
        values = self.given | self.brief | self.sealed
        if self.sessions and (chosen := self.content.sessions) is not None:
            values[chosen.key] = self.sessions
        return any(
            question.reviewed and not (_is_empty(values.get(question.key)) and not self.files.get(question.key))
            for question in self.content
        )

    def options(self) -> list[tuple[str, str]]:
        """(question, option) of everything chosen, each once."""
        values = self.given | self.brief
        chosen = [
            (question.key, parts(question, values.get(question.key)))
            for question in self.content
            if question.kind in COUNTED
        ]
        return [(key, option) for key, options in chosen for option in dict.fromkeys(options)]


def parts(question: Question, value: Any) -> list[str]:
    """What of an answer is counted, one by one: options, or nights."""
    return nights.of(str(value or "")) if question.kind == Kind.NIGHTS else asked.as_texts(value)


_KINDS: dict[Kind, tuple[Any, Any, dict[str, Any]]] = {  # type, default, properties
    Kind.TEXT: (str, "", {"max_length": 400}),
    Kind.LONG: (str, "", {"widget": "textarea", "max_length": 4000}),
    Kind.CHOICE: (str, "", {"max_length": 40}),
    Kind.SEVERAL: (list[str], list, {"widget": "multiselect", "max_length": 40}),
    Kind.NUMBER: (float | None, None, {"widget": "number", "ge": -1e9, "le": 1e12}),
    Kind.DATE: (date | None, None, {"widget": "date"}),
    Kind.COUNTRY: (
        str,
        "",
        {"widget": "search-select", "max_length": 2, "choices": lambda: catalogue("countries", current_lang())},
    ),
    Kind.PHONE: (
        str,
        "",
        {
            "max_length": 40,
            "store": cleaning.phone,
            "pattern": r"[+0-9()./ -]*",
            "pattern_message": N_("Digits, spaces and + ( ) . - only"),
            "attrs": {"inputmode": "tel", "autocomplete": "off"},
        },
    ),
    Kind.EMAIL: (str, "", {"widget": "email", "max_length": 254, "attrs": {"autocomplete": "off"}}),
    Kind.LINK: (
        str,
        "",
        {
            "max_length": 500,
            "pattern": r"https?://[^\s<>\"]+\.[^\s<>\"]+",
            "pattern_message": N_("A whole address, beginning with https://"),
            "attrs": {"inputmode": "url", "autocomplete": "off"},
        },
    ),
    Kind.FILE: (str, "", {"max_length": 1000}),
    Kind.PHOTO: (str, "", {"max_length": 1000}),
    Kind.SESSION: (list[str], list, {"max_length": 40}),
    Kind.NIGHTS: (
        str,
        "",
        {
            "max_length": 30,
            "pattern": f"{nights.DAY}/{nights.DAY}",
            "pattern_message": nights.BOTH,
            "attrs": {"autocomplete": "off"},
        },
    ),
    Kind.CONSENT: (bool, False, {"widget": "checkbox"}),
    Kind.IDENTITY: (
        str,
        "",
        {
            "max_length": 40,
            "store": cleaning.code,
            "pattern": r"[A-Za-z0-9()/ -]{4,40}",
            "pattern_message": N_("Letters and digits, as in the document"),
            "attrs": {"autocomplete": "off", "spellcheck": "false"},
        },
    ),
}


def _choices(question: Question) -> Any:
    def found() -> Sequence[Choice]:
        return [(option.key, option.label, "") for option in question.options]

    return found


def _spec(question: Question) -> tuple[Any, Any]:
    """(annotated type, default) of a question; without a default an answer is required of everybody."""
    kind, default, properties = _KINDS[question.kind]
    properties = dict(properties)
    if question.kind in CHOSEN:
        properties["choices"] = _choices(question)
    if question.kind == Kind.CHOICE:
        properties["widget"] = "radio" if len(question.options) <= MOST_RADIO else "select"
    if question.kind == Kind.CONSENT and not question.required:
        properties["attrs"] = {"mark_optional": "true"}
    spec = Field(Said(question.zh, question.en), help=Said(question.help_zh, question.help_en), **properties)
    return Annotated[kind, spec], default


_LATER = FILES | {Kind.CONSENT, Kind.SESSION}  # whether they are answered is seen after the others


@lru_cache(maxsize=128)
def form_of(content: Content, prefix: str = PREFIX) -> type[Form]:
    """The form that asks these questions: one field for each, named by prefix and key."""
    fields: list[tuple[str, Any, Any]] = []
    for question in content:
        kind, default = _spec(question)
        if question.required and question.show_if is None and question.kind not in _LATER:
            fields.append((prefix + question.key, kind))  # type: ignore[arg-type]  # required: no default
        elif default is list:
            fields.append((prefix + question.key, kind, msgspec.field(default_factory=list)))
        else:
            fields.append((prefix + question.key, kind, default))
    made: Any = msgspec.defstruct("Answered", fields, bases=(Form,), kw_only=True)
    return cast(type[Form], made)


def opened(content: Content, stored: Mapping[str, Any] | None = None, prefix: str = PREFIX) -> Bound[Any]:
    """The form with stored answers, or with what it begins with."""
    values: dict[str, Any] = {}
    for question in content:
        if stored is not None:
            value = stored.get(question.key)
            if value is not None:
                values[prefix + question.key] = value
        elif question.default:
            values[prefix + question.key] = _default(question)
    return _marked(content, blank(form_of(content, prefix), **values), prefix)


def _default(question: Question) -> Any:
    if question.kind == Kind.SEVERAL:
        return [part.strip() for part in question.default.split(",") if part.strip()]
    return question.default


def _marked(content: Content, bound: Bound[Any], prefix: str) -> Bound[Any]:
    """Fields that are required when they are asked are shown as such."""
    for question in content:
        if question.required:
            bound[prefix + question.key].required = True
    return bound


def typed(bound: Bound[Any], values: Mapping[str, Sequence[str]]) -> Bound[Any]:
    """The form with what somebody typed earlier and has not sent."""
    for name, item in bound.fields.items():
        if name in values:
            item.values = [str(value) for value in values[name]]
        elif values:
            item.values = []
    return bound


def _raw(data: Mapping[str, Any], name: str) -> Any:
    if hasattr(data, "getall"):
        found = data.getall(name, [])
        return found if len(found) > 1 else found[0] if found else None
    return data.get(name)


def read(
    content: Content,
    data: Mapping[str, Any],
    prefix: str = PREFIX,
    *,
    complete: bool = True,
    held: Collection[str] = (),
) -> Bound[Any]:
    """The form with all errors. Answers to questions that are not asked are ignored; `complete`: what is required must be given,
    except the files of the questions in `held`."""
    raw = {question.key: _sent(question, _raw(data, prefix + question.key)) for question in content}
    asked_of = asked.shown(
        content, {key: asked.as_texts(_as_consent(content, key, value)) for key, value in raw.items()}
    )
    bound = bind(form_of(content, prefix), {prefix + key: value for key, value in raw.items() if key in asked_of})
    for question in content:
        item = bound[prefix + question.key]
        if question.key not in asked_of:
            item.errors.clear()
            item.values = asked.as_texts(raw[question.key])
        elif not item.errors and (refused := _refused(question, bound.read.get(item.name))) is not None:
            item.errors.append(refused)
        elif question.required and not item.errors and _is_empty(bound.read.get(item.name)):
            if complete and question.key not in held:
                item.errors.append(AGREE if question.kind == Kind.CONSENT else FILL_IN)
        elif not complete and item.errors and not asked.as_texts(raw[question.key]):
            item.errors.clear()
    bound.read = {name: value for name, value in bound.read.items() if name.removeprefix(prefix) in asked_of}
    return _marked(content, bound, prefix)


def _sent(question: Question, value: Any) -> Any:
    """What was sent as the question's field takes it."""
    if question.kind == Kind.NIGHTS:
        return nights.text_of(value)
    if question.kind == Kind.SESSION:
        texts = value if isinstance(value, list | tuple) else [value]
        return [text.strip() if isinstance(text, str) else text for text in texts if text not in (None, "")]
    return value


def _refused(question: Question, value: Any) -> object | None:
    """Why a well-formed answer is not taken; None: it is."""
    if _is_empty(value):
        return None
    if question.kind == Kind.NIGHTS:
        return nights.wrong(question, value)
    if question.kind == Kind.SESSION and question.most is not None and len(set(value)) > question.most:
        return N_("Sessions, at the most: %(most)s", most=question.most)
    return None


def _as_consent(content: Content, key: str, value: Any) -> Any:
    """A ticked box as its yes, whatever text the browser sent for it."""
    question = content.question(key)
    if question is None or question.kind != Kind.CONSENT:
        return value
    return value in (True, "true", "on", "1", "yes", "是")


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == "" or value == []


def answers_of(form: int, version: int, content: Content, bound: Bound[Any], prefix: str = PREFIX) -> Answers:
    """The answers of a form without errors, each where it is kept."""
    made = Answers(form, version, content)
    for question in content:
        value = bound.read.get(prefix + question.key)
        if question.kind == Kind.SESSION:
            made = replace(made, sessions=list(dict.fromkeys(value or ())))
        elif question.kind in FILES:
            if prefix + question.key in bound.read:
                made.files[question.key] = str(value or "")
        elif not _is_empty(value):
            value = value.isoformat() if isinstance(value, date) else value
            value = int(value) if isinstance(value, float) and value.is_integer() else value
            if question.kind == Kind.IDENTITY:
                made.sealed[question.key] = str(value)
            else:
                (made.brief if question.brief else made.given)[question.key] = value
    return made


def call_errors(content: Content, data: object) -> tuple[Mapping[str, Any], dict[str, list[object]]]:
    """(the answers of a JSON call, errors of what is no question), as `answers.<key>`."""
    if data is None:
        return {}, {}
    if not isinstance(data, Mapping):
        return {}, {"answers": [N_("Give an object")]}
    wrong: dict[str, list[object]] = {}
    for key in data:
        question = content.question(str(key))
        if question is None:
            wrong[f"answers.{key}"] = [NO_QUESTION]
        elif question.kind in FILES:
            wrong[f"answers.{key}"] = [NO_FILES]
    return data, wrong


def read_call(
    form: int, version: int, content: Content, data: object, *, complete: bool = True
) -> tuple[Answers, dict[str, list[object]]]:
    """Answers of a JSON call with its errors by `answers.<key>`. Files come by the page only: none is required here."""
    given, wrong = call_errors(content, data)
    bound = read(content, {f"{PREFIX}{key}": value for key, value in given.items()}, complete=complete)
    for question in content:
        if question.kind in FILES:
            field_of(bound, question).errors.clear()
    for name, found in bound.errors.items():
        wrong.setdefault(f"answers.{name.removeprefix(PREFIX)}", list(found))
    return answers_of(form, version, content, bound), wrong


def field_of(bound: Bound[Any], question: Question, prefix: str = PREFIX) -> BoundField:
    """The field of a question."""
    return bound[prefix + question.key]
