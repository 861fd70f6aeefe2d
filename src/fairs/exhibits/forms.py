"""Input about exhibits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import EVENT_ZONE, N_, current_lang
from fairs.events.forms import TITLE_EN, TITLE_ZH
from fairs.exhibits import labels
from fairs.exhibits.tables import Asked, ExhibitKind
from fairs.units import catalogues

BIGGEST = 2**53


def _words(words: Mapping[str, object]) -> Sequence[Choice]:
    return [(value, str(word), value) for value, word in words.items()]


class ExhibitForm(Form):
    """What is shown. `owner`: for whom, as `exhibits.owners` names them; the files are tokens of held ones."""

    APART: ClassVar[frozenset[str]] = frozenset({"owner", "poster", "picture_1", "picture_2", "picture_3"})

    owner: Annotated[str, Field(N_("Shown by"), widget="radio", max_length=30)] = ""
    kind: Annotated[str, Field(N_("Kind"), widget="select", choices=lambda: _words(labels.KINDS))] = (
        ExhibitKind.PRODUCT.value
    )
    title_zh: Annotated[str, Field(TITLE_ZH, max_length=200, attrs={"data-either": "title_en"})] = ""
    title_en: Annotated[str, Field(TITLE_EN, max_length=200, attrs={"data-either": "title_zh"})] = ""
    text_zh: Annotated[
        str, Field(N_("Description in Chinese"), widget="textarea", max_length=3000, attrs={"rows": "5"})
    ] = ""
    text_en: Annotated[
        str, Field(N_("Description in English"), widget="textarea", max_length=3000, attrs={"rows": "5"})
    ] = ""
    discipline: Annotated[
        str,
        Field(N_("Field"), widget="search-select", choices=lambda: catalogues.choices("disciplines", current_lang())),
    ] = ""
    stage: Annotated[str, Field(N_("How far it is"), widget="select", choices=lambda: _words(labels.STAGES))] = ""
    looks_for: Annotated[
        list[str],
        Field(N_("Looks for"), widget="multiselect", max_length=12, choices=lambda: _words(labels.LOOKS_FOR)),
    ] = msgspec.field(default_factory=list)
    poster: Annotated[str, Field(N_("Poster"), widget="file", max_length=1000)] = ""
    picture_1: Annotated[str, Field(N_("First picture"), widget="file", max_length=1000)] = ""
    picture_2: Annotated[str, Field(N_("Second picture"), widget="file", max_length=1000)] = ""
    picture_3: Annotated[str, Field(N_("Third picture"), widget="file", max_length=1000)] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A title in one language at least."""
        if not values.get("title_zh") and not values.get("title_en"):
            return {"title_zh": N_("Give the title in one language at least")}
        return {}


class CallForm(Form):
    """Until when exhibits are taken, and what their owners read first."""

    APART: ClassVar[frozenset[str]] = frozenset({"timezone"})

    closes_at: Annotated[
        datetime | None,
        Field(N_("Exhibits are taken until"), widget="datetime", help=N_("Empty: until the event ends.")),
    ] = None
    call_zh: Annotated[
        str, Field(N_("What exhibitors read, in Chinese"), widget="textarea", max_length=2000, attrs={"rows": "4"})
    ] = ""
    call_en: Annotated[
        str, Field(N_("What exhibitors read, in English"), widget="textarea", max_length=2000, attrs={"rows": "4"})
    ] = ""
    timezone: Annotated[str, Field(N_("Time zone"), widget="hidden", max_length=64)] = EVENT_ZONE

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The event's own zone, which is no field of the call."""
        return str(values.get("timezone") or EVENT_ZONE)


class BackForm(Form):
    """Why an exhibit is sent back."""

    reason: Annotated[
        str,
        Field(
            N_("What is to be changed"),
            widget="textarea",
            max_length=500,
            attrs={"rows": "3"},
            help=N_("The exhibitor reads this, in the language in which you write it."),
        ),
    ]


class ScoreForm(Form):
    """What a member of the jury gives."""

    points: Annotated[int, Field(N_("Points, 0 to 100"), widget="number", ge=0, le=100)]
    note: Annotated[str, Field(N_("Remark for the jury"), max_length=500)] = ""


class GridForm(Form):
    """The plan as copied from a spreadsheet. Not stripped: empty cells at the start of a line are aisles."""

    text: Annotated[str, Field(N_("Rows and columns of the hall"), widget="textarea", max_length=20_000)] = ""


class StandForm(Form):
    """A booth for an exhibit; None frees it."""

    exhibit: Annotated[int, Field(N_("Exhibit"), widget="hidden", ge=1, le=BIGGEST)]
    booth: Annotated[int | None, Field(N_("Booth"), widget="select", ge=1, le=BIGGEST)] = None


class RequestForm(Form):
    """What a visitor wants of the exhibitor."""

    asks: Annotated[str, Field(N_("What brings you here"), widget="radio", choices=lambda: _words(labels.ASKS))] = (
        Asked.INTEREST.value
    )
    message: Annotated[
        str, Field(N_("Message to the exhibitor"), widget="textarea", max_length=1000, attrs={"rows": "4"})
    ] = ""
    contact: Annotated[
        bool,
        Field(N_("The exhibitor may see my e-mail address and write to me"), widget="checkbox"),
    ] = False
