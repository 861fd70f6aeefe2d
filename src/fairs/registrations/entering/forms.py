"""Input about somebody who is registered by another person. One name is enough, in either script."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, TypeVar

import msgspec

from fairs.core import cleaning
from fairs.core.forms import Bound, Choice, Field, Form, bind
from fairs.core.i18n import N_, format_day
from fairs.core.names import address_problem
from fairs.events import rules as event_rules
from fairs.events.rows import EventRow
from fairs.registrations.forms import all_categories
from fairs.registrations.tables import Category

PHONE = {
    "max_length": 40,
    "store": cleaning.phone,
    "pattern": r"[+0-9()./ -]*",
    "pattern_message": N_("Digits, spaces and + ( ) . - only"),
    "attrs": {"inputmode": "tel", "autocomplete": "off"},
}
EMAIL = {"widget": "email", "max_length": 254, "attrs": {"autocomplete": "off"}}
NO_NAME = N_("Give the name in one of the scripts at least")
NOT_A_DAY = N_("The event is not on this day: %(day)s")


NameNative = Annotated[
    str,
    Field(
        N_("Chinese name, or in another own script"),
        help=N_("One of the two names is enough."),
        max_length=120,
        rule=address_problem,
        attrs={"data-either": "name_passport"},
    ),
]
NamePassport = Annotated[
    str,
    Field(
        N_("Name in Latin letters"),
        max_length=120,
        rule=address_problem,
        attrs={"data-either": "name_native"},
    ),
]
BadgeName = Annotated[
    str,
    Field(
        N_("Name on the badge"),
        help=N_("Only when another name than these is to be printed."),
        max_length=120,
        rule=address_problem,
    ),
]


class NameForm(Form):
    """The names of a registration."""

    name_native: NameNative = ""
    name_passport: NamePassport = ""
    badge_name: BadgeName = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Somebody has a name."""
        return _named(values)


def _named(values: Mapping[str, Any]) -> dict[str, object]:
    return {} if values.get("name_native") or values.get("name_passport") else {"name_native": NO_NAME}


class DeskPhotoForm(Form):
    """A photo that the desk takes."""

    photo: Annotated[str, Field(N_("Photo of the face"), max_length=700)]


class EntryForm(Form):
    """Somebody whom another person registers."""

    name_native: NameNative = ""
    name_passport: NamePassport = ""
    phone: Annotated[str, Field(N_("Telephone"), **PHONE)] = ""
    email: Annotated[
        str,
        Field(
            N_("E-mail address"), help=N_("For the badge and for news. Without one you hand the badge over."), **EMAIL
        ),
    ] = ""
    badge_name: BadgeName = ""
    days: Annotated[
        list[str], Field(N_("Days"), help=N_("Nothing chosen: all days."), widget="multiselect", max_length=10)
    ] = msgspec.field(default_factory=list)

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Somebody has a name."""
        return _named(values)


class RepresentativeForm(EntryForm, kw_only=True):
    """A representative, who can be called on the days of the fair."""

    phone: Annotated[str, Field(N_("Telephone"), min_length=5, **PHONE)]


class ChangeForm(EntryForm):
    """What can be corrected later. An employer's name is its own."""

    organisation: Annotated[str, Field(N_("Organisation on the badge"), max_length=200, rule=address_problem)] = ""


class WalkInForm(EntryForm):
    """Somebody whom the staff registers: a name and a category are enough."""

    category: Annotated[str, Field(N_("Comes as"), widget="select", choices=all_categories)] = Category.CANDIDATE.value
    organisation: Annotated[
        str,
        Field(
            N_("Organisation on the badge"),
            help=N_("Of an employer's representative: its name as it is registered here, or its credit code."),
            max_length=200,
            rule=address_problem,
        ),
    ] = ""
    sessions: Annotated[
        list[str], Field(N_("Sessions to sign up for"), widget="multiselect", max_length=40, store=cleaning.code)
    ] = msgspec.field(default_factory=list)


E = TypeVar("E", bound=EntryForm)


def days_of(event: EventRow) -> list[Choice]:
    """The days of an event as choices."""
    days = event_rules.days_of(event.starts_at, event.ends_at, event.timezone)
    return [(day.isoformat(), format_day(day), "") for day in days]


def for_event(form: Bound[E], event: EventRow) -> Bound[E]:
    """The form with the days of its event to choose from; on a day's event there is nothing to choose."""
    found = days_of(event)
    choices = found if len(found) > 1 else []
    form["days"].spec = replace(form["days"].spec, choices=lambda: choices)
    return form


def read_entry(form: type[E], data: Mapping[str, Any], event: EventRow) -> Bound[E]:
    """The form with all errors, also of days that the event does not have."""
    read = for_event(bind(form, data), event)
    known = {choice[0] for choice in days_of(event)}
    for day in read.read.get("days") or []:
        if day not in known:
            read.add_error("days", NOT_A_DAY(day=day))
    return read


def chosen_days(form: EntryForm) -> tuple[date, ...]:
    """The days as such; those of a form that was read are days of its event."""
    return tuple(sorted({date.fromisoformat(day) for day in form.days}))


def is_empty(
    data: Mapping[str, Any], names: Sequence[str] = ("name_native", "name_passport", "phone", "email")
) -> bool:
    """Whether nothing was typed in a row."""
    return not any(str(data.get(name) or "").strip() for name in names)
