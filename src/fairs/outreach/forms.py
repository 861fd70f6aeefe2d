"""Input about visits to counties."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.outreach import labels, rules
from fairs.outreach.tables import Came
from fairs.units import catalogues

BIGGEST = 2**53


def _came() -> Sequence[Choice]:
    return [(value, str(word), value) for value, (_, word) in labels.CAME.items()]


class RequestForm(Form, kw_only=True):
    """What a county asks for."""

    topic_zh: Annotated[str, Field(N_("Topic in Chinese"), max_length=200, attrs={"data-either": "topic_en"})] = ""
    topic_en: Annotated[str, Field(N_("Topic in English"), max_length=200, attrs={"data-either": "topic_zh"})] = ""
    problem_zh: Annotated[
        str, Field(N_("The problem in Chinese"), widget="textarea", max_length=3000, attrs={"rows": "5"})
    ] = ""
    problem_en: Annotated[
        str, Field(N_("The problem in English"), widget="textarea", max_length=3000, attrs={"rows": "5"})
    ] = ""
    discipline: Annotated[
        str,
        Field(N_("Field"), widget="search-select", choices=lambda: catalogues.choices("disciplines", current_lang())),
    ] = ""
    place_zh: Annotated[str, Field(N_("County or town in Chinese"), max_length=120)] = ""
    place_en: Annotated[str, Field(N_("County or town in English"), max_length=120)] = ""
    from_day: Annotated[date, Field(N_("First day"), widget="date")]
    to_day: Annotated[date, Field(N_("Last day"), widget="date")]
    experts: Annotated[int, Field(N_("Experts wanted"), widget="number", ge=1, le=50)] = 1
    people: Annotated[
        int,
        Field(
            N_("People whom it should help"),
            widget="number",
            ge=0,
            le=1_000_000,
            help=N_("Farmers, patients, pupils or staff of firms, as estimated now."),
        ),
    ] = 0
    receiver: Annotated[
        str,
        Field(
            N_("Who receives the experts"),
            max_length=120,
            help=N_("Name and office telephone. Experts who agreed see it."),
        ),
    ] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A topic in one language at least; days in their order."""
        found: dict[str, object] = {}
        if not values.get("topic_zh") and not values.get("topic_en"):
            found["topic_zh"] = N_("Give the topic in one language at least")
        first, last = values.get("from_day"), values.get("to_day")
        if first and last and last < first:
            found["to_day"] = N_("The last day is before the first")
        elif first and last and (last - first).days >= rules.MOST_DAYS:
            found["to_day"] = N_("A visit lasts a year at most")
        return found


class BackForm(Form):
    """Why a request is sent back."""

    reason: Annotated[str, Field(N_("What is to be changed"), widget="textarea", max_length=500, attrs={"rows": "3"})]


class DayForm(Form, kw_only=True):
    """A day of an expert at the county."""

    expert: Annotated[int, Field(N_("Expert"), widget="select", ge=1, le=BIGGEST)]
    day: Annotated[date, Field(N_("Day"), widget="date")]
    place: Annotated[str, Field(N_("Where"), max_length=120)] = ""
    task: Annotated[str, Field(N_("What is done there"), widget="textarea", max_length=500, attrs={"rows": "2"})]


class DoneForm(Form, kw_only=True):
    """How a day went."""

    APART: ClassVar[frozenset[str]] = frozenset({"evidence"})

    people: Annotated[int, Field(N_("People whom it helped"), widget="number", ge=0, le=1_000_000)]
    note: Annotated[str, Field(N_("What was done"), widget="textarea", max_length=1000, attrs={"rows": "3"})] = ""
    evidence: Annotated[str, Field(N_("Photo, list or report"), widget="file", max_length=1000)] = ""


class FollowUpForm(Form, kw_only=True):
    """What has come of the visit."""

    came: Annotated[str, Field(N_("What came of it"), widget="radio", choices=_came)] = Came.GOES_ON.value
    text: Annotated[str, Field(N_("In a few sentences"), widget="textarea", max_length=1000, attrs={"rows": "3"})]
