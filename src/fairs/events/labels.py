"""Words for kinds and states, translated at display."""

from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from fairs.core.i18n import BABEL_LOCALE, N_, current_lang, format_hours, format_moment
from fairs.events.inheriting import effective
from fairs.events.rows import EventRow
from fairs.events.rules import Act, allows
from fairs.events.tables import EventState, GateKind, GateRule, GateWays, Release
from fairs.units import catalogues

GATE_KINDS: dict[str, object] = {
    GateKind.ENTRY: N_("Entry"),
    GateKind.ZONE: N_("Zone"),
    GateKind.SESSION: N_("Session"),
    GateKind.BOOTH: N_("Booth"),
    GateKind.TABLE: N_("Table"),
    GateKind.SIGNING: N_("Signing desk"),
    GateKind.PICKUP: N_("Pick-up of materials"),
}
RELEASES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    Release.DRAWN_UP: ("neutral", N_("Being drawn up")),
    Release.ASKED: ("progress", N_("With the province")),
    Release.RETURNED: ("warning", N_("Returned")),
    Release.RELEASED: ("success", N_("Released")),
}
GATE_RULES: dict[str, object] = {
    GateRule.DAY: N_("Once a day"),
    GateRule.ONCE: N_("Once in the whole event"),
    GateRule.MANY: N_("As often as they come"),
}
GATE_WAYS: dict[str, object] = {
    GateWays.BOTH: N_("Coming in and going out"),
    GateWays.IN: N_("Coming in only"),
}
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    EventState.DRAFT: ("neutral", N_("Draft")),
    EventState.PUBLISHED: ("success", N_("Published")),
    EventState.CLOSED: ("progress", N_("Registration closed")),
    EventState.FOLLOW_UP: ("done", N_("Follow-up")),
    EventState.ARCHIVED: ("neutral", N_("Archived")),
    EventState.CANCELLED: ("danger", N_("Cancelled")),
}
ALLOWED: dict[Act, object] = {
    Act.PREPARE: N_("The event and its programme are changed"),
    Act.REGISTER: N_("People register"),
    Act.ENTER: N_("Staff register others, also at the entrance"),
    Act.OFFER: N_("Employers enter and publish listings"),
    Act.MEET: N_("Meetings are requested and booked"),
    Act.SCAN: N_("Badges are scanned"),
    Act.AGREE: N_("Intent agreements are signed and followed up"),
}


def allowed(state: str) -> list[tuple[str, bool]]:
    """(what, whether an event in this state allows it), for the organiser's page."""
    return [(str(word), allows(state, act)) for act, word in ALLOWED.items()]


def event_kind(kind: str) -> str:
    """The event's kind in the viewer's language."""
    return catalogues.label("event_kinds", kind, current_lang())


def event_family(family: str) -> str:
    """The family of a part of an edition in the viewer's language; empty for none."""
    return catalogues.label("event_families", family, current_lang()) if family else ""


def session_kind(kind: str) -> str:
    """The session's kind in the viewer's language."""
    return catalogues.label("session_kinds", kind, current_lang())


def gate_kind(kind: str) -> str:
    """The gate's kind in the viewer's language."""
    return str(GATE_KINDS.get(kind, kind))


def gate_rule(rule: str) -> str:
    """How often the gate admits a person, in the viewer's language."""
    return str(GATE_RULES.get(rule, rule))


def registration_category(key: str) -> str:
    """A category of registrations in the viewer's language."""
    return catalogues.label("registration_categories", key, current_lang())


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of an event's state."""
    kind, word = STATES[state]
    return kind, str(word)


def release_badge(release: str) -> tuple[str, str]:
    """(kind of badge, word) of a bureau's event with the province."""
    kind, word = RELEASES[release]
    return kind, str(word)


def clock_time(moment: datetime, zone: str) -> str:
    """`09:00` in the event's zone."""
    return format_moment(moment, zone, "time")


def weekday(day: date) -> str:
    """`Saturday`."""
    return format_date(day, "EEEE", locale=BABEL_LOCALE[current_lang()])


def category(code: str) -> str:
    """A category of disciplines in the viewer's language."""
    return catalogues.label("categories", code, current_lang())


def full_span(event: EventRow) -> str:
    """From–to with the hours, also over several days: `Sat 27 Oct 2018, 08:30 – Sun 28 Oct, 17:30`."""
    return format_hours(event.starts_at, event.ends_at, event.timezone)


WORDS: dict[str, Any] = {  # for templates
    "event_kind": event_kind,
    "event_family": event_family,
    "session_kind": session_kind,
    "gate_kind": gate_kind,
    "gate_rule": gate_rule,
    "registration_category": registration_category,
    "state_badge": state_badge,
    "allowed": allowed,
    "release_badge": release_badge,
    "clock_time": clock_time,
    "hour": format_moment,
    "full_span": full_span,
    "weekday": weekday,
    "category": category,
    "effective": effective,
}
