"""Input of the settings of registration."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.core.forms import Bound, Choice, Field, Form, bind
from fairs.core.i18n import EVENT_ZONE, N_, current_lang, pick
from fairs.core.roles import Role
from fairs.events import rules
from fairs.events.forms import BACKWARDS, CONTACT_EMAIL, CONTACT_NAME, CONTACT_PHONE, PLACES_FIELD
from fairs.events.rows import EventRow
from fairs.units import catalogues


def offered_categories() -> list[Choice]:
    """As what people may register themselves at all: an event may allow fewer."""
    found = [item for item in catalogues.registration_categories() if item.own_place is not None]
    lang = current_lang()
    return [
        (item.key, pick(item.zh, item.en, lang), item.key) for item in sorted(found, key=lambda one: one.own_place or 0)
    ]


def every_category() -> list[Choice]:
    """All categories of registrations."""
    lang = current_lang()
    return [(item.key, pick(item.zh, item.en, lang), item.key) for item in catalogues.registration_categories()]


def group_roles() -> list[Choice]:
    """Roles that may be let to register groups."""
    return [(Role.EMPLOYER.value, str(N_("Employers")), ""), (Role.BUREAU.value, str(N_("Bureaus of other units")), "")]


class RegistrationSettingsForm(Form):
    """When, as what and how many people register themselves."""

    APART: ClassVar[frozenset[str]] = frozenset({"timezone"})

    capacity: Annotated[int | None, PLACES_FIELD] = None
    waiting_list: Annotated[
        bool,
        Field(
            N_("Waiting list"),
            help=N_("When all places are taken, people may wait for one. Without it nobody else can register then."),
            widget="checkbox",
        ),
    ] = False
    offer_hours: Annotated[
        int | None,
        Field(
            N_("Hours to accept an offered place"),
            help=N_(
                "A free place is offered to the next in line by mail and kept so long; who does not accept makes room for"
                " the next one. Empty: the next in line has the place at once."
            ),
            widget="number",
            ge=1,
            le=720,
            attrs={"autocomplete": "off"},
        ),
    ] = None
    registration_opens_at: Annotated[
        datetime | None,
        Field(N_("Registration opens"), help=N_("Empty: as soon as the event is published."), widget="datetime"),
    ] = None
    registration_closes_at: Annotated[
        datetime | None,
        Field(N_("Registration ends"), help=N_("Empty: when the event is over."), widget="datetime"),
    ] = None
    own_categories: Annotated[
        list[str],
        Field(
            N_("Who may register themselves"),
            help=N_("Nothing chosen: as in the event that this one is a part of, else all of them."),
            widget="multiselect",
            choices=offered_categories,
        ),
    ] = msgspec.field(default_factory=list)
    forms_above: Annotated[
        bool,
        Field(
            N_("Ask the questions of the event above"),
            help=N_(
                "Whoever has no form of their own here is asked as there. Options and nights with places share them with the event above."
            ),
            widget="checkbox",
        ),
    ] = False
    groups_from: Annotated[
        list[str],
        Field(
            N_("Who else may register groups"),
            help=N_(
                "Those who run the event always can. Employers and bureaus register people in the categories above; employers"
                " their representatives too."
            ),
            widget="multiselect",
            choices=group_roles,
        ),
    ] = msgspec.field(default_factory=list)
    companions: Annotated[
        int,
        Field(
            N_("Companions of one person, at most"),
            help=N_("Each has a badge and takes a place. 0: nobody brings somebody along."),
            widget="number",
            ge=0,
            le=20,
            attrs={"autocomplete": "off"},
        ),
    ] = 0
    companion_categories: Annotated[
        list[str],
        Field(
            N_("Who may bring companions"),
            help=N_("Nothing chosen: everybody."),
            widget="multiselect",
            choices=every_category,
        ),
    ] = msgspec.field(default_factory=list)
    sessions_until: Annotated[
        datetime | None,
        Field(
            N_("Sessions can be changed until"),
            help=N_(
                "For all sessions. One with an earlier date of its own keeps it. Empty: until each session begins."
            ),
            widget="datetime",
        ),
    ] = None
    contact_name: Annotated[str, CONTACT_NAME] = ""
    contact_phone: Annotated[str, CONTACT_PHONE] = ""
    contact_email: Annotated[str, CONTACT_EMAIL] = ""
    timezone: Annotated[str, Field(N_("Time zone"), widget="hidden", max_length=64)] = EVENT_ZONE

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The event's own zone, which is no setting."""
        return str(values.get("timezone") or EVENT_ZONE)

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """The end is after the beginning, and both are in a year that can be."""
        found: dict[str, object] = {}
        for name in ("registration_opens_at", "registration_closes_at", "sessions_until"):
            if (moment := values.get(name)) and not rules.is_plausible(moment):
                found[name] = N_("The year cannot be right")
        opens_at, closes_at = values.get("registration_opens_at"), values.get("registration_closes_at")
        if opens_at and closes_at and not found and closes_at <= opens_at:
            found["registration_closes_at"] = BACKWARDS
        return found


def stored_settings(event: EventRow) -> dict[str, Any]:
    """The form's values of a row of `queries`."""
    return {name: getattr(event, name) for name in RegistrationSettingsForm.__struct_fields__}


def read_settings(data: Mapping[str, Any], event: EventRow) -> Bound[RegistrationSettingsForm]:
    """The form with all errors; a day after the end of the event is one of them."""
    form = bind(RegistrationSettingsForm, {**data, "timezone": event.timezone}, zone=event.timezone)
    for name in ("registration_opens_at", "registration_closes_at", "sessions_until"):
        moment = form.read.get(name)
        if moment and moment > event.ends_at and not form[name].errors:
            form.add_error(name, N_("This is after the end of the event"))
    return form
