"""Nights as an answer: arrival and departure in one text, `2027-10-26/2027-10-29`; pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from fairs.core.i18n import N_, format_day, ngettext
from fairs.core.sheet_words import as_day
from fairs.registrations.asking.content import Question

MOST = 60  # nights between the first arrival and the last departure of a question
BOTH = N_("Give the day of arrival and the day of departure")
ORDER = N_("The departure is a day after the arrival")
DAY = r"\d{4}-\d\d-\d\d"
_ISO = re.compile(f"({DAY})/({DAY})")
_BETWEEN = re.compile(r"\s*(?: / |–|—|~|→|;|；|至|到|\bto\b)\s*")
Span = tuple[date, date]


def text_of(raw: Any) -> Any:
    """What was typed, sent or written in a cell as one text; two fields of a page: arrival and departure."""
    if isinstance(raw, list | tuple):
        days = [str(part).strip() for part in raw]
        return "/".join(days) if any(days) else ""
    if not isinstance(raw, str) or _ISO.fullmatch(raw.strip()):
        return raw
    return "/".join(as_day(part) for part in _BETWEEN.split(raw.strip()))


def span(text: str) -> Span | None:
    """Arrival and departure; None for what is no such text."""
    try:
        arrival, departure = (date.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        return None
    return arrival, departure


def limits(question: Question) -> Span | None:
    """First arrival and last departure of a question; None when they are not given yet."""
    return span(f"{question.first}/{question.last}")


def wrong(question: Question, text: str) -> object | None:
    """Why this is no answer to the question; None: it is one."""
    given, within = span(text), limits(question)
    if given is None:
        return BOTH
    if given[0] >= given[1]:
        return ORDER
    if within is not None and (given[0] < within[0] or given[1] > within[1]):
        return N_("From %(first)s to %(last)s at the most", first=format_day(within[0]), last=format_day(within[1]))
    if question.most is not None and (given[1] - given[0]).days > question.most:
        return N_("Nights, at the most: %(most)s", most=question.most)
    return None


def each(first: date, last: date) -> list[str]:
    """The nights from an arrival to a departure, each by the day on which it begins."""
    return [(first + timedelta(days=at)).isoformat() for at in range(max(0, min(MOST, (last - first).days)))]


def of(text: str) -> list[str]:
    """The nights of an answer."""
    found = span(text)
    return each(*found) if found else []


def all_of(question: Question) -> list[str]:
    """The nights that a question offers."""
    within = limits(question)
    return each(*within) if within else []


def offered(question: Question) -> str:
    """First arrival and last departure, for people; empty when they are not given."""
    within = limits(question)
    return f"{format_day(within[0])} – {format_day(within[1])}" if within else ""


def said(text: str) -> str:
    """An answer for people."""
    found = span(text)
    if found is None:
        return text
    number = (found[1] - found[0]).days
    nights = ngettext("%(num)s night", "%(num)s nights", number)
    return f"{format_day(found[0])} – {format_day(found[1])} ({nights})"


def typed(values: Sequence[str]) -> tuple[str, str]:
    """The two fields of a page, for what was typed or is stored."""
    parts = list(values) if len(values) > 1 else (values[0] if values else "").split("/")
    return parts[0], parts[1] if len(parts) > 1 else ""


def problem(question: Question) -> object | None:
    """Why a question cannot be asked; None: it can."""
    within = limits(question)
    if within is None:
        return N_("“%(question)s” needs the first arrival and the last departure", question=question.label)
    if not 0 < (within[1] - within[0]).days <= MOST:
        return N_(
            "“%(question)s” needs a last departure after the first arrival, at most %(most)s nights",
            question=question.label,
            most=MOST,
        )
    return None
