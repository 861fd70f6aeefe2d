"""Input about tours: the plan, a stop as its tour and as its host write it, people, quotas."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.core import cleaning
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import EVENT_ZONE, N_, current_lang
from fairs.core.names import address_problem
from fairs.events.forms import BACKWARDS, BEGINS, ENDS, TITLE_EN, TITLE_ZH
from fairs.tours.labels import STOP_KINDS
from fairs.tours.tables import StopKind
from fairs.units import catalogues

LONGEST = timedelta(hours=24)
PHONE = r"[+0-9()./ -]*"
PHONE_MESSAGE = N_("Digits, spaces and + ( ) . - only")
ONE_TITLE = N_("Give the title in one language at least")


def _units() -> Sequence[Choice]:
    return catalogues.choices("units", current_lang())


def _kinds() -> Sequence[Choice]:
    return [(kind, str(word), kind) for kind, word in STOP_KINDS.items()]


def _languages() -> Sequence[Choice]:
    return catalogues.choices("languages", current_lang())


def _disciplines() -> Sequence[Choice]:
    return catalogues.choices("disciplines", current_lang())


def _langs() -> Sequence[Choice]:
    return [("en", "English", ""), ("zh", "中文", "")]


class PlanForm(Form):
    """How the tour is planned."""

    start: Annotated[
        str,
        Field(N_("The tour starts in"), widget="search-select", choices=_units, help=N_("The first day begins here.")),
    ] = ""
    finish: Annotated[
        str, Field(N_("The tour ends in"), widget="search-select", choices=_units, help=N_("The last day ends here."))
    ] = ""
    begins: Annotated[int, Field(N_("A day begins at, hour"), widget="number", ge=0, le=23)] = 9
    ends: Annotated[int, Field(N_("A day ends at, hour"), widget="number", ge=1, le=24)] = 18
    per_day: Annotated[int, Field(N_("Most stops in a day"), widget="number", ge=1, le=8)] = 3
    seats: Annotated[int, Field(N_("Seats of a coach"), widget="number", ge=1, le=500)] = 45
    most_groups: Annotated[int, Field(N_("Most groups that travel apart"), widget="number", ge=1, le=12)] = 1
    reply_by: Annotated[
        date | None,
        Field(
            N_("Invitations are to be answered by"),
            widget="date",
            help=N_("Who has not answered is reminded three days before."),
        ),
    ] = None

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """The day ends after it begins."""
        if values.get("begins") is not None and values.get("ends") is not None and values["ends"] <= values["begins"]:
            return {"ends": N_("The day ends before it begins")}
        return {}


class HostForm(Form):
    """What the host of a stop may change."""

    place_zh: Annotated[str, Field(N_("Address in Chinese"), max_length=200)] = ""
    place_en: Annotated[str, Field(N_("Address in English"), max_length=200)] = ""
    host_name: Annotated[
        str, Field(N_("Contact there"), max_length=120, help=N_("Who receives the people and answers the telephone."))
    ] = ""
    host_phone: Annotated[
        str,
        Field(
            N_("Telephone there"),
            max_length=40,
            store=cleaning.phone,
            pattern=PHONE,
            pattern_message=PHONE_MESSAGE,
            attrs={"inputmode": "tel"},
        ),
    ] = ""
    host_email: Annotated[str, Field(N_("E-mail address there"), widget="email", max_length=254)] = ""
    interpreters: Annotated[
        list[str], Field(N_("Interpreters for"), widget="multiselect", max_length=8, choices=_languages)
    ] = msgspec.field(default_factory=list)
    places: Annotated[
        int | None,
        Field(
            N_("People at once"),
            widget="number",
            ge=0,
            le=10_000,
            help=N_("How many people can come at once. Empty: no limit."),
        ),
    ] = None
    bring_zh: Annotated[str, Field(N_("What to bring, in Chinese"), max_length=300)] = ""
    bring_en: Annotated[str, Field(N_("What to bring, in English"), max_length=300)] = ""
    note_zh: Annotated[str, Field(N_("Note in Chinese"), widget="textarea", max_length=1000, attrs={"rows": "3"})] = ""
    note_en: Annotated[str, Field(N_("Note in English"), widget="textarea", max_length=1000, attrs={"rows": "3"})] = ""


class StopForm(HostForm, kw_only=True):
    """A stop. `employer`: the id of the organisation that receives; `groups`: names; empty: everybody."""

    APART: ClassVar[frozenset[str]] = frozenset({"timezone"})

    kind: Annotated[str, Field(N_("Kind"), widget="select", choices=_kinds)] = StopKind.VISIT.value
    title_zh: Annotated[str, Field(TITLE_ZH, max_length=200)] = ""
    title_en: Annotated[str, Field(TITLE_EN, max_length=200)] = ""
    starts_at: Annotated[datetime, Field(BEGINS, widget="datetime")]
    ends_at: Annotated[datetime, Field(ENDS, widget="datetime")]
    unit: Annotated[str, Field(N_("City"), widget="search-select", choices=_units)] = ""
    employer: Annotated[
        str,
        Field(
            N_("Employer that receives"),
            widget="search-select",
            help=N_("Without an employer the bureau of the city is the host."),
            max_length=20,
        ),
    ] = ""
    groups: Annotated[
        list[str],
        Field(N_("For the groups"), widget="multiselect", max_length=40, help=N_("Nothing chosen: for everybody.")),
    ] = msgspec.field(default_factory=list)
    pinned: Annotated[
        bool,
        Field(N_("Stays where it is when a route is proposed"), widget="checkbox"),
    ] = False
    timezone: Annotated[str, Field(N_("Time zone"), widget="hidden", max_length=64)] = EVENT_ZONE

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The tour's own zone, which is not a field of the stop."""
        return str(values.get("timezone") or EVENT_ZONE)

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A title, and an end after the beginning."""
        found: dict[str, object] = {}
        if not values.get("title_zh") and not values.get("title_en"):
            found["title_zh"] = ONE_TITLE
        starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            found["ends_at"] = BACKWARDS
        elif starts_at and ends_at and ends_at - starts_at > LONGEST:
            found["ends_at"] = N_("A stop lasts a day at most")
        return found


class MoveForm(Form):
    """A stop at another hour; it keeps its length."""

    starts_at: Annotated[datetime, Field(N_("New beginning"), widget="datetime")]
    later: Annotated[bool, Field(N_("Move the later stops of this day by as much"), widget="checkbox")] = False


class ReasonForm(Form):
    """Why a stop is cancelled, or declined."""

    reason: Annotated[str, Field(N_("Reason"), max_length=300)]


class PersonForm(Form):
    """Somebody to be invited, entered by hand or from a table."""

    email: Annotated[
        str, Field(N_("E-mail address"), widget="email", max_length=254, help=N_("The invitation goes here."))
    ]
    name_passport: Annotated[
        str, Field(N_("Name in Latin letters, as in your passport"), max_length=120, rule=address_problem)
    ]
    name_native: Annotated[str, Field(N_("Name in your own script"), max_length=120, rule=address_problem)] = ""
    phone: Annotated[
        str,
        Field(
            N_("Phone with country code"),
            max_length=40,
            store=cleaning.phone,
            pattern=PHONE,
            pattern_message=PHONE_MESSAGE,
            attrs={"inputmode": "tel"},
        ),
    ] = ""
    unit: Annotated[
        str,
        Field(
            N_("Comes for the city"), widget="search-select", choices=_units, help=N_("It counts towards its quota.")
        ),
    ] = ""
    discipline: Annotated[str, Field(N_("Field"), widget="search-select", choices=_disciplines)] = ""
    lang: Annotated[str, Field(N_("Language of the mails"), widget="select", choices=_langs)] = "en"


class InviteForm(PersonForm):
    """The same on its page: invited at once, or waiting as a substitute."""

    substitute: Annotated[bool, Field(N_("Wait as a substitute"), widget="checkbox")] = False


class QuotaForm(Form, kw_only=True):
    """How many people are wanted for a city, or from a field."""

    unit: Annotated[str, Field(N_("City"), widget="search-select", choices=_units)] = ""
    discipline: Annotated[str, Field(N_("Field"), widget="search-select", choices=_disciplines)] = ""
    places: Annotated[int, Field(N_("People"), widget="number", ge=1, le=10_000)]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """One of the two."""
        if bool(values.get("unit")) == bool(values.get("discipline")):
            return {"unit": N_("Choose a city or a field, one of the two")}
        return {}


class GroupForm(Form):
    """A new group."""

    name: Annotated[str, Field(N_("Name of the group"), max_length=40)]


class RouteForm(Form):
    """What a route is proposed for."""

    cities: Annotated[
        list[str],
        Field(
            N_("Cities"),
            widget="multiselect",
            max_length=10,
            choices=_units,
            help=N_("Employers there with a published listing may be visited, besides the stops that there are."),
        ),
    ] = msgspec.field(default_factory=list)
    hours: Annotated[float, Field(N_("A visit takes, hours"), widget="number", ge=0.5, le=8)] = 1.5
