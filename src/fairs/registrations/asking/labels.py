"""Words for forms, and answers as people read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fairs.core.i18n import N_, current_lang, format_day, gettext
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import nights
from fairs.registrations.asking.content import Content, Keep, Kind, Question, SeenBy
from fairs.registrations.labels import category_label
from fairs.units.catalogues import label

KINDS: dict[Kind, object] = {
    Kind.TEXT: N_("Text, one line"),
    Kind.LONG: N_("Text, several lines"),
    Kind.CHOICE: N_("One of several options"),
    Kind.SEVERAL: N_("Several options"),
    Kind.NUMBER: N_("Number"),
    Kind.DATE: N_("Date"),
    Kind.COUNTRY: N_("Country or region"),
    Kind.PHONE: N_("Telephone"),
    Kind.EMAIL: N_("E-mail address"),
    Kind.LINK: N_("Web address"),
    Kind.FILE: N_("File"),
    Kind.PHOTO: N_("Photo of the person"),
    Kind.SESSION: N_("Sessions to sign up for"),
    Kind.NIGHTS: N_("Nights: arrival and departure"),
    Kind.CONSENT: N_("Consent, a box to tick"),
    Kind.IDENTITY: N_("Number of a passport or permit (encrypted)"),
}
SEEN_BY: dict[SeenBy, object] = {
    SeenBy.ORGANISER: N_("Those who run the event"),
    SeenBy.BUREAU: N_("The city bureau too"),
    SeenBy.EMPLOYER: N_("The person's employer too"),
}
KEEP: dict[Keep, object] = {
    Keep.REGISTRATION: N_("As long as the registration"),
    Keep.FAIR: N_("Until 30 days after the fair"),
}
MASK = "••••"


def form_label(category: str) -> str:
    """For whom a form is."""
    return category_label(category) if category else gettext("Everybody without a form of their own")


def said(question: Question, value: Any, *, masked: bool = True) -> str:
    """An answer as text in the current language."""
    if value is None or value == "":
        return ""
    match question.kind:
        case Kind.CHOICE | Kind.SEVERAL:
            texts = []
            for key in asked.as_texts(value):
                option = question.option(key)
                texts.append(option.label if option else key)
            return ", ".join(texts)
        case Kind.SESSION:
            return ", ".join(asked.as_texts(value))
        case Kind.NIGHTS:
            return nights.said(str(value))
        case Kind.CONSENT:
            return gettext("yes") if value else gettext("no")
        case Kind.COUNTRY:
            return label("countries", str(value), current_lang())
        case Kind.DATE:
            return _day(str(value))
        case Kind.NUMBER if isinstance(value, int | float):
            return str(value)
        case Kind.IDENTITY if masked:
            return mask(str(value))
    return str(value)


def _day(text: str) -> str:
    try:
        return format_day(date.fromisoformat(text))
    except ValueError:
        return text


def mask(number: str) -> str:
    """The last two signs of a number."""
    return MASK + number[-2:] if len(number) > 6 else MASK


def when(content: Content, question: Question) -> str:
    """The condition under which a question is asked, for people; empty: always."""
    condition = question.show_if
    if condition is None:
        return ""
    other = content.question(condition.question)
    if other is None:
        return ""
    if not condition.values:
        return gettext("Only if you answered “%(question)s”", question=other.label)
    if other.kind == Kind.CONSENT:
        return gettext("Only if you ticked “%(question)s”", question=other.label)
    values = " / ".join(said(other, value) for value in condition.values)
    return gettext("Only for “%(question)s”: %(answer)s", question=other.label, answer=values)


def lines(
    content: Content, values: Mapping[str, Any], *, level: SeenBy | None = None, masked: bool = True
) -> list[tuple[Question, str]]:
    """The answers of a registration in the order of the form; those that this reader may see. `level` None: all."""
    return [
        (question, text)
        for question in content
        if (level is None or asked.readable(question, level))
        and (text := said(question, values.get(question.key), masked=masked))
    ]
