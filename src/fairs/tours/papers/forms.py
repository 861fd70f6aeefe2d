"""Input about passports and letters."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fairs.core import cleaning, clock
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.units import catalogues

BLANKS = ("name", "nationality", "born", "passport", "from", "until", "tour", "cities")
_BLANK = re.compile(r"\{([^{}]*)\}")


def _countries() -> Sequence[Choice]:
    return catalogues.choices("countries", current_lang())


def _kinds() -> Sequence[Choice]:
    zh = current_lang() == "zh"
    return [(one.key, one.zh if zh else one.en, "") for one in catalogues.visa_letters()]


class PassportForm(Form, kw_only=True):
    """A passport."""

    number: Annotated[
        str,
        Field(
            N_("Number of the passport"),
            max_length=20,
            store=cleaning.code,
            pattern=r"[A-Za-z0-9 -]{5,20}",
            help=N_("Encrypted. It stands in your letter, and is deleted 30 days after the tour."),
        ),
    ]
    nationality: Annotated[str, Field(N_("Nationality"), widget="search-select", choices=_countries)]
    born: Annotated[date, Field(N_("Date of birth"), widget="date")]
    expires: Annotated[date, Field(N_("Valid until"), widget="date")]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Born before today; a passport that has not expired."""
        found: dict[str, object] = {}
        today = clock.now().date()
        if values.get("born") and not (values["born"].year >= 1900 and values["born"] < today):
            found["born"] = N_("This is no date of birth")
        if values.get("expires") and values["expires"] < today:
            found["expires"] = N_("This passport has expired")
        return found


class RequestForm(Form):
    """For which visa a letter is wanted."""

    kind: Annotated[str, Field(N_("For which visa?"), widget="select", choices=_kinds)]


class TextForm(Form, kw_only=True):
    """The text of a tour's letters of a kind, in both languages."""

    body_zh: Annotated[str, Field(N_("Text in Chinese"), widget="textarea", max_length=3000, attrs={"rows": "8"})]
    body_en: Annotated[str, Field(N_("Text in English"), widget="textarea", max_length=3000, attrs={"rows": "8"})]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Only blanks that are filled in."""
        found: dict[str, object] = {}
        for name in ("body_zh", "body_en"):
            wrong = [blank for blank in _BLANK.findall(values.get(name) or "") if blank not in BLANKS]
            if wrong:
                found[name] = N_("Nothing is filled in for {%(blank)s}", blank=wrong[0][:40])
        return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled in; a brace that is no blank stays."""
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), text)


class NoLetterForm(Form):
    """Why a person needs no letter."""

    why: Annotated[
        str,
        Field(
            N_("No letter is needed because"),
            max_length=300,
            help=N_("For example a residence permit and its last day, or entry without a visa. Empty: one is needed."),
        ),
    ] = ""
