"""Words for kinds and states, translated at display."""

from datetime import date, datetime

from babel.dates import format_date

from fairs.core.i18n import BABEL_LOCALE, N_, current_lang, format_hours, format_moment
from fairs.events.rows import EventRow
from fairs.events.tables import EventState
from fairs.units import catalogues

SESSION_KINDS: dict[str, object] = {
    "opening": N_("Opening"),
    "forum": N_("Forum"),
    "policy_briefing": N_("Policy briefing"),
    "project_pitch": N_("Project pitch"),
    "roadshow": N_("Roadshow"),
    "product_launch": N_("Product launch"),
    "showcase": N_("Showcase"),
    "signing": N_("Signing ceremony"),
    "negotiation": N_("Negotiation"),
    "city_session": N_("City session"),
    "tour_stop": N_("Tour stop"),
}
GATE_KINDS: dict[str, object] = {
    "entry": N_("Entry"),
    "zone": N_("Zone"),
    "session": N_("Session"),
    "booth": N_("Booth"),
    "table": N_("Table"),
    "signing": N_("Signing desk"),
}
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    EventState.DRAFT: ("neutral", N_("Draft")),
    EventState.PUBLISHED: ("success", N_("Published")),
    EventState.CLOSED: ("done", N_("Closed")),
}


def event_kind(kind: str) -> str:
    """The event's kind in the viewer's language."""
    return catalogues.label("event_kinds", kind, current_lang())


def session_kind(kind: str) -> str:
    """The session's kind in the viewer's language."""
    return str(SESSION_KINDS.get(kind, kind))


def gate_kind(kind: str) -> str:
    """The gate's kind in the viewer's language."""
    return str(GATE_KINDS.get(kind, kind))


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of an event's state."""
    kind, word = STATES[state]
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
