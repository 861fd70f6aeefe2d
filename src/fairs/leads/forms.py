"""Input about leads."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_
from fairs.leads.tables import FollowUp

MOST_TAGS, LONGEST_TAG = 10, 40
FOLLOW_UPS: dict[str, object] = {
    FollowUp.NOTHING: N_("Nothing to do"),
    FollowUp.OPEN: N_("To do"),
    FollowUp.DONE: N_("Follow-up done"),
}
_SEPARATOR = re.compile(r"[,，、;；\n]+")
BIGGEST = 2**53


def split_tags(text: str) -> list[str]:
    """Tags as typed in one line, with Chinese or Western commas; each once."""
    found = (" ".join(part.split()) for part in _SEPARATOR.split(text))
    return list(dict.fromkeys(part for part in found if part))


def _tags_in_line(text: str) -> str:
    return ", ".join(split_tags(text))


def _refused_tags(text: str) -> object | None:
    tags = split_tags(text)
    if len(tags) > MOST_TAGS:
        return N_("At most %(limit)s tags", limit=MOST_TAGS)
    if any(len(tag) > LONGEST_TAG for tag in tags):
        return N_("Separate tags by commas: each at most %(limit)s characters", limit=LONGEST_TAG)
    return None


def _stars() -> Sequence[Choice]:
    return [("", str(N_("not rated")), ""), *((str(n), "★" * n, "") for n in range(1, 6))]


def _follow_ups() -> Sequence[Choice]:
    return [(value, str(words), "") for value, words in FOLLOW_UPS.items()]


class VisitorForm(Form):
    """What a camera or a hand scanner read, or the number under the code."""

    code: Annotated[
        str,
        Field(
            N_("Code or number of the badge"),
            help=N_("A scanner types the code; by hand enter the registration number, such as FA26-000777."),
            max_length=400,
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "data-code": ""},
        ),
    ]


class LeadForm(Form):
    """What an employer notes about a visitor who agreed."""

    stars: Annotated[str, Field(N_("Stars"), widget="select", choices=_stars)] = ""
    tags: Annotated[
        str,
        Field(
            N_("Tags"),
            help=N_("In one line, with commas between them."),
            max_length=450,
            rule=_refused_tags,
            store=_tags_in_line,
        ),
    ] = ""
    note: Annotated[
        str,
        Field(
            N_("Notes"),
            help=N_("Your colleagues read them too. The visitor gets them with a copy of all own data."),
            widget="textarea",
            max_length=2000,
            attrs={"rows": "4"},
        ),
    ] = ""
    about: Annotated[int | None, Field(N_("About the listing"), widget="select", ge=1, le=BIGGEST)] = None
    follow_up: Annotated[str, Field(N_("Follow up"), widget="radio", choices=_follow_ups)] = FollowUp.NOTHING.value
    follow_up_on: Annotated[date | None, Field(N_("Until"), widget="date")] = None

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        if values.get("follow_up_on") and values.get("follow_up") == FollowUp.NOTHING:
            return {"follow_up": N_("There is a day, but nothing to do")}
        return {}


class BoothForm(Form):
    """The employer of a booth's gate; empty: none."""

    gate: Annotated[int, Field(N_("Gate"), widget="hidden", ge=1, le=BIGGEST)]
    organisation: Annotated[int | None, Field(N_("Employer"), widget="select", ge=1, le=BIGGEST)] = None
