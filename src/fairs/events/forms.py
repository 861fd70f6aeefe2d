"""Input about events: the same definition for the organiser's pages, the JSON API and the demo builder."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar
from zoneinfo import available_timezones

from fairs.core.cleaning import code, phone
from fairs.core.forms import Bound, Choice, Field, Form, bind
from fairs.core.i18n import EVENT_ZONE, N_, current_lang, is_zone
from fairs.events import labels, rules
from fairs.events.planning import speaking
from fairs.events.rows import EventRow
from fairs.units import catalogues

CODE = r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*"
CODE_MESSAGE = N_("Letters, digits and single hyphens only, like main-hall")
TITLE_ZH, TITLE_EN = N_("Title in Chinese"), N_("Title in English")
BEGINS, ENDS = N_("Begins"), N_("Ends")
BACKWARDS = N_("The end is before the beginning, or at the same time")


@lru_cache(maxsize=1)
def _zones() -> tuple[Choice, ...]:
    return tuple((name, name.replace("_", " "), name.lower()) for name in sorted(available_timezones()))


def _zone_choices() -> list[Choice]:
    return list(_zones())


def _kind_choices() -> list[Choice]:
    return catalogues.choices("event_kinds", current_lang())


def _family_choices() -> list[Choice]:
    return catalogues.choices("event_families", current_lang())


def _unit_choices() -> list[Choice]:
    return catalogues.choices("units", current_lang())


def _session_kinds() -> list[Choice]:
    return [(kind, labels.session_kind(kind), kind) for kind in catalogues.keys("session_kinds")]


RESERVED = N_("This word is used by the site itself. Please choose another.")
SLUG_FIELD = Field(
    N_("Short name in the address"),
    help=N_("For example hnzcyz-2027: small letters, digits and hyphens. It cannot change once published."),
    max_length=rules.SLUG_MAX,
    min_length=rules.SLUG_MIN,
    store=code,
    pattern=rules.SLUG,
    pattern_message=N_("Small letters, digits and single hyphens only, like hnzcyz-2027"),
    attrs={"autocapitalize": "none", "spellcheck": "false"},
)
PLACES_FIELD = Field(
    N_("Places"),
    help=N_("How many people may be registered at once. Leave empty for no limit."),
    widget="number",
    ge=0,
    le=1_000_000,
    attrs={"autocomplete": "off"},
)
FAMILY_FIELD = Field(
    N_("Family"),
    help=N_("Under which heading the page of the edition lists this part."),
    widget="select",
    choices=_family_choices,
    attrs={"autocomplete": "off"},
)
CONTACT_NAME = Field(
    N_("Contact of the fair"),
    help=N_("A person or an office, shown on the public page."),
    max_length=120,
    attrs={"autocomplete": "off"},
)
CONTACT_PHONE = Field(
    N_("Telephone of the fair"),
    max_length=40,
    store=phone,
    pattern=r"[+0-9][-0-9 ()./]{4,39}",
    pattern_message=N_("Digits, spaces and a plus sign, like +86 371 6590 0000"),
    attrs={"inputmode": "tel"},
)
CONTACT_EMAIL = Field(N_("E-mail of the fair"), widget="email", max_length=254, attrs={"autocomplete": "off"})


class EventForm(Form):
    """An edition or a part of one."""

    title_zh: Annotated[str, Field(TITLE_ZH, max_length=200)]
    title_en: Annotated[str, Field(TITLE_EN, max_length=200)]
    slug: Annotated[str, SLUG_FIELD]
    kind: Annotated[str, Field(N_("Kind of event"), widget="select", choices=_kind_choices)]
    unit: Annotated[str, Field(N_("Reporting unit in charge"), widget="search-select", choices=_unit_choices)]
    starts_at: Annotated[datetime, Field(BEGINS, widget="datetime")]
    ends_at: Annotated[datetime, Field(ENDS, widget="datetime")]
    timezone: Annotated[
        str,
        Field(
            N_("Time zone of the place"),
            help=N_("All times of the programme are shown in it."),
            widget="search-select",
            choices=_zone_choices,
        ),
    ] = EVENT_ZONE
    place_zh: Annotated[str, Field(N_("Place in Chinese"), max_length=200)] = ""
    place_en: Annotated[str, Field(N_("Place in English"), max_length=200)] = ""
    summary_zh: Annotated[str, Field(N_("Invitation in Chinese"), widget="textarea", max_length=2000)] = ""
    summary_en: Annotated[str, Field(N_("Invitation in English"), widget="textarea", max_length=2000)] = ""
    capacity: Annotated[int | None, PLACES_FIELD] = None
    contact_name: Annotated[str, CONTACT_NAME] = ""
    contact_phone: Annotated[str, CONTACT_PHONE] = ""
    contact_email: Annotated[str, CONTACT_EMAIL] = ""
    parent: Annotated[
        str,
        Field(
            N_("Part of"),
            help=N_("Short name of the event that this one belongs to."),
            max_length=rules.SLUG_MAX,
            store=code,
        ),
    ] = ""
    family: Annotated[str, FAMILY_FIELD] = ""

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The event's own zone."""
        given = str(values.get("timezone") or EVENT_ZONE).strip()
        return given if is_zone(given) else EVENT_ZONE


class PartForm(Form):
    """A bureau's own event inside an edition. Its unit, kind and zone are given."""

    title_zh: Annotated[str, Field(TITLE_ZH, max_length=200)]
    title_en: Annotated[str, Field(TITLE_EN, max_length=200)]
    slug: Annotated[str, SLUG_FIELD]
    starts_at: Annotated[datetime, Field(BEGINS, widget="datetime")]
    ends_at: Annotated[datetime, Field(ENDS, widget="datetime")]
    edition: Annotated[str, Field(N_("Inside which edition"), max_length=rules.SLUG_MAX, store=code)] = ""
    family: Annotated[str, FAMILY_FIELD] = ""
    place_zh: Annotated[str, Field(N_("Place in Chinese"), max_length=200)] = ""
    place_en: Annotated[str, Field(N_("Place in English"), max_length=200)] = ""
    summary_zh: Annotated[str, Field(N_("Invitation in Chinese"), widget="textarea", max_length=2000)] = ""
    summary_en: Annotated[str, Field(N_("Invitation in English"), widget="textarea", max_length=2000)] = ""
    capacity: Annotated[int | None, PLACES_FIELD] = None
    contact_name: Annotated[str, CONTACT_NAME] = ""
    contact_phone: Annotated[str, CONTACT_PHONE] = ""
    contact_email: Annotated[str, CONTACT_EMAIL] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """An address that the site does not use itself, and hours that can be."""
        found: dict[str, object] = {}
        if values.get("slug") in rules.RESERVED_SLUGS:
            found["slug"] = RESERVED
        starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
        for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
            if moment and not rules.is_plausible(moment):
                found[name] = N_("The year cannot be right")
        if starts_at and ends_at and "ends_at" not in found and ends_at <= starts_at:
            found["ends_at"] = BACKWARDS
        elif starts_at and ends_at and not found and ends_at - starts_at > rules.LONGEST:
            found["ends_at"] = N_("An event lasts a year at most")
        return found

    def check(self) -> dict[str, object]:
        return self.check_given({name: getattr(self, name) for name in ("slug", "starts_at", "ends_at")})


class CloneForm(Form):
    """A new draft made from an edition: its names, its first day, and what is taken over."""

    title_zh: Annotated[str, Field(TITLE_ZH, max_length=200)]
    title_en: Annotated[str, Field(TITLE_EN, max_length=200)]
    slug: Annotated[str, SLUG_FIELD]
    starts_on: Annotated[
        date,
        Field(
            N_("First day"),
            help=N_("Everything moves by whole days; hours stay. The same weekday is proposed."),
            widget="date",
        ),
    ]
    rooms: Annotated[bool, Field(N_("Rooms"), widget="checkbox")] = False
    gates: Annotated[bool, Field(N_("Gates with their rules"), widget="checkbox")] = False
    programme: Annotated[bool, Field(N_("Programme"), widget="checkbox")] = False
    parts: Annotated[bool, Field(N_("Parts: city and industry sessions, tours"), widget="checkbox")] = False
    tables: Annotated[bool, Field(N_("Slots and tables for meetings"), widget="checkbox")] = False
    mails: Annotated[bool, Field(N_("Own mail texts, and mailing rules (turned off)"), widget="checkbox")] = False

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """An address that the site does not use itself."""
        taken = values.get("slug") in rules.RESERVED_SLUGS
        return {"slug": RESERVED} if taken else {}

    def check(self) -> dict[str, object]:
        return self.check_given({"slug": self.slug})


class SessionForm(Form):
    """A session of the programme. `room` is a room's code, `unit` a reporting unit's, `speakers` as of `speaking`."""

    APART: ClassVar[frozenset[str]] = frozenset({"timezone"})

    code: Annotated[str, Field(N_("Code"), max_length=40, store=code, pattern=CODE, pattern_message=CODE_MESSAGE)]
    kind: Annotated[str, Field(N_("Kind of session"), widget="select", choices=_session_kinds)]
    title_zh: Annotated[str, Field(TITLE_ZH, max_length=200)]
    title_en: Annotated[str, Field(TITLE_EN, max_length=200)]
    starts_at: Annotated[datetime, Field(BEGINS, widget="datetime")]
    ends_at: Annotated[datetime, Field(ENDS, widget="datetime")]
    room: Annotated[str, Field(N_("Room"), max_length=40, store=code)] = ""
    unit: Annotated[str, Field(N_("Reporting unit in charge"), widget="search-select", choices=_unit_choices)] = ""
    capacity: Annotated[int | None, Field(N_("Seats"), widget="number", ge=0, le=1_000_000)] = None
    sign_up: Annotated[bool, Field(N_("People sign up to this session"), widget="checkbox")] = False
    changes_until: Annotated[
        datetime | None,
        Field(
            N_("Sign-up changes until"),
            help=N_("Until then people can sign up, leave and change. Empty: until the session begins."),
            widget="datetime",
        ),
    ] = None
    speakers: Annotated[
        str,
        Field(
            N_("Speakers"),
            help=N_(
                "One a line, in order: the code or the name of a speaker of this event. Put (host) after who hosts."
            ),
            widget="textarea",
            max_length=2000,
            attrs={"rows": "4"},
            store=speaking.canonical,
        ),
    ] = ""
    timezone: Annotated[str, Field(N_("Time zone"), widget="hidden", max_length=64)] = EVENT_ZONE

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The event's own zone, which is not a field of the session."""
        return str(values.get("timezone") or EVENT_ZONE)

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """The end is after the beginning, the last change of a sign-up before it."""
        starts_at, ends_at, until = (values.get(name) for name in ("starts_at", "ends_at", "changes_until"))
        found: dict[str, object] = {}
        if starts_at and ends_at and ends_at <= starts_at:
            found["ends_at"] = BACKWARDS
        elif starts_at and ends_at and ends_at - starts_at > rules.LONGEST_SESSION:
            found["ends_at"] = N_("A session lasts a week at most")
        if starts_at and until and until > starts_at:
            found["changes_until"] = N_("This is after the start of the session")
        for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
            if moment and not rules.is_plausible(moment):
                found[name] = N_("The year cannot be right")
        return found


class SpeakerForm(Form):
    """Somebody who speaks or hosts. One of the names is enough; the other language shows it too."""

    code: Annotated[
        str,
        Field(
            N_("Code"),
            help=N_("Sessions and spreadsheets name the speaker by it, for example wang-li. It cannot change later."),
            max_length=40,
            store=code,
            pattern=CODE,
            pattern_message=CODE_MESSAGE,
        ),
    ]
    name_zh: Annotated[str, Field(N_("Name in Chinese"), max_length=120)] = ""
    name_en: Annotated[str, Field(N_("Name in English"), max_length=120)] = ""
    affiliation_zh: Annotated[str, Field(N_("Position and organisation in Chinese"), max_length=200)] = ""
    affiliation_en: Annotated[str, Field(N_("Position and organisation in English"), max_length=200)] = ""
    bio_zh: Annotated[str, Field(N_("Short biography in Chinese"), widget="textarea", max_length=1000)] = ""
    bio_en: Annotated[str, Field(N_("Short biography in English"), widget="textarea", max_length=1000)] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A speaker has a name."""
        if values.get("name_zh") or values.get("name_en"):
            return {}
        return {"name_zh": N_("Give the name in one of the languages at least")}


class PictureForm(Form):
    """A speaker's picture."""

    picture: Annotated[
        str,
        Field(
            N_("Picture of the speaker"),
            help=N_("Public beside the biography as soon as a released session names the speaker."),
            max_length=700,
        ),
    ]


class CancelForm(Form):
    """Why a released session is cancelled: everybody who signed up reads it."""

    reason: Annotated[
        str,
        Field(
            N_("Reason"),
            help=N_("Everybody who signed up reads it, and the public programme shows it."),
            widget="textarea",
            max_length=300,
            min_length=3,
            attrs={"rows": "3"},
        ),
    ]


def read_session(data: Mapping[str, Any], zone: str) -> Bound[SessionForm]:
    """A session's form; times without an offset are in the event's zone."""
    given = {name: data.get(name) for name in SessionForm.__struct_fields__}
    return bind(SessionForm, given | {"timezone": zone}, zone=zone)


def stored_part(event: EventRow) -> dict[str, Any]:
    """The form's values of a row of `queries`."""
    values = {name: getattr(event, name) for name in PartForm.__struct_fields__ if name != "edition"}
    return {**values, "edition": event.parent_slug or ""}


def stored_event(event: EventRow) -> dict[str, Any]:
    """The form's values of a row of `queries`."""
    values = {name: getattr(event, name) for name in EventForm.__struct_fields__}
    return {**values, "unit": event.unit_code, "parent": event.parent_slug or ""}


def read_event(data: Mapping[str, Any]) -> Bound[EventForm]:
    """The form with all errors: of each field, of the span, of the address. Times without an offset are in the event's
    own zone."""
    bound = bind(EventForm, data, zone=EventForm.zone_of(data))
    if bound.read.get("slug") in rules.RESERVED_SLUGS:
        bound.add_error("slug", RESERVED)
    if bound.read.get("family") and not bound.read.get("parent"):
        bound.add_error("family", N_("Only a part of another event has a family"))
    starts_at, ends_at = bound.read.get("starts_at"), bound.read.get("ends_at")
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment and not rules.is_plausible(moment):
            bound.add_error(name, N_("The year cannot be right"))
    if starts_at and ends_at and not bound["ends_at"].errors:
        if ends_at <= starts_at:
            bound.add_error("ends_at", BACKWARDS)
        elif ends_at - starts_at > rules.LONGEST:
            bound.add_error("ends_at", N_("An event lasts a year at most"))
    return bound
