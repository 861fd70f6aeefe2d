"""What a step of an agreement rests on: the date of the fact, a number, evidence in words. Pure."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fairs.core import clock
from fairs.core.errors import Invalid
from fairs.core.i18n import EVENT_ZONE, N_, format_day
from fairs.units.entries import StepNeed

MIN_EVIDENCE = 3  # characters
MIN_TELLING = 2  # letters and digits among them
NUMBER_LENGTH = 80
_NOTHING = frozenset(
    {
        "na",
        "nil",
        "nul",
        "null",
        "none",
        "no",
        "nothing",
        "tbd",
        "tba",
        "todo",
        "test",
        "abc",
        "asdf",
        "unknown",
        "later",
    }
    | {"yes", "ok", "没有", "暂无", "暂没有", "无证明", "无材料", "没有材料", "待补", "待补充", "待定", "待填", "后补"}
    | {"同上", "不详", "测试", "有的", "没有的", "无无", "材料", "证明", "evidence", "proof"}
)
NO_EVIDENCE = N_(
    "This is no evidence. Write what shows the step and where it is kept, such as “Contract, personnel office”."
)
NO_NUMBER = N_("Enter the number that the paper carries")
NO_PERIOD = N_("Enter the first and the last day of the engagement that is funded")
NO_DATE = N_("Enter the day on which it happened")
IN_FUTURE = N_("This day is still to come. Enter the day on which it happened.")


@dataclass(frozen=True)
class Fact:
    """`on`: the day on which it happened. `number`: of the paper. `evidence`: what shows it, in words or as a reference.
    `period`: first and last day of the engagement that is funded.
    `filed`: a file with the evidence comes with it, which is evidence by itself.
    """

    on: date | None = None
    number: str = ""
    evidence: str = ""
    period: tuple[date | None, date | None] = (None, None)
    filed: bool = False


NONE = Fact()


def today() -> date:
    """The day in the zone in which facts are dated."""
    return day_of(clock.now())


def day_of(moment: datetime) -> date:
    """The day of a moment in the zone in which facts are dated."""
    return moment.astimezone(ZoneInfo(EVENT_ZONE)).date()


def _told(text: str) -> str:
    """The letters and digits of a text, in one form."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if unicodedata.category(character)[0] in "LN")


def is_evidence(text: str) -> bool:
    """Whether a text tells anything: not dots, dashes, one repeated character, or a word for nothing."""
    told = _told(text)
    return (
        len(text.strip()) >= MIN_EVIDENCE and len(told) >= MIN_TELLING and len(set(told)) > 1 and told not in _NOTHING
    )


def is_number(text: str) -> bool:
    """Whether a text may be the number of a paper: it has a digit, and is not only zeros."""
    return any(character.isdigit() and character != "0" for character in _told(text))


def missing(fact: Fact, needs: frozenset[StepNeed]) -> dict[str, list[object]]:
    """What the step needs and the fact lacks, by field; a number that is given must be one."""
    found: dict[str, list[object]] = {}
    if StepNeed.DATE in needs and fact.on is None:
        found["fact_on"] = [NO_DATE]
    if (StepNeed.NUMBER in needs or fact.number) and not is_number(fact.number):
        found["fact_number"] = [NO_NUMBER]
    first, last = fact.period
    if StepNeed.PERIOD in needs and (first is None or last is None):
        found["period_from" if first is None else "period_to"] = [NO_PERIOD]
    elif first and last and last < first:
        found["period_to"] = [N_("Not before the first day")]
    if StepNeed.EVIDENCE in needs and not fact.filed and not is_evidence(fact.evidence):
        found["evidence"] = [NO_EVIDENCE if fact.evidence.strip() else N_("Enter the proof of this step")]
    return found


def require_in_order(on: date, since: date | None) -> None:
    """Raise Invalid when the day is still to come, or before the step it follows."""
    if on > today():
        raise Invalid(fields={"fact_on": [IN_FUTURE]})
    if since and on < since:
        message = N_("The step before it is of %(day)s: this one cannot be earlier.", day=format_day(since))
        raise Invalid(fields={"fact_on": [message]})
