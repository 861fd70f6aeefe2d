"""Words and icons for states and categories."""

from datetime import datetime

from fairs.core import i18n
from fairs.core.i18n import N_

STATE_LABELS: dict[str, object] = {
    "confirmed": N_("Confirmed"),
    "waitlisted": N_("On the waiting list"),
    "pending": N_("Under review"),
    "cancelled": N_("Cancelled registration"),
}
STATE_KINDS = {"confirmed": "success", "waitlisted": "progress", "pending": "info", "cancelled": "neutral"}
CATEGORY_LABELS: dict[str, object] = {
    "candidate": N_("Candidate"),
    "employer": N_("Employer representative"),
    "guest": N_("Guest of honour"),
    "expert": N_("Expert"),
    "media": N_("Media representative"),
    "staff": N_("Staff of the fair"),
    "visitor": N_("Visitor"),
}


def state_label(state: str) -> str:
    """The word for a state in the current language."""
    return str(STATE_LABELS[state])


def category_label(category: str) -> str:
    """The word for a category in the current language."""
    return str(CATEGORY_LABELS[category])


def fair_hours(start: datetime, end: datetime, zone: str) -> dict[str, str]:
    """`event`: from–to in the event's time, `zone`: its name, `own`: the same in the viewer's time, if it differs."""
    span = i18n.format_hours(start, end, zone)
    return {"event": span, "zone": i18n.zone_between(start, end, zone), "own": i18n.viewer_span(start, end, zone) or ""}
