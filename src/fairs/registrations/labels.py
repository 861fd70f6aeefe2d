"""Words and icons for states and categories."""

from datetime import datetime

from fairs.core import i18n
from fairs.core.i18n import N_
from fairs.registrations.tables import RegistrationState
from fairs.units import catalogues

STATE_LABELS: dict[str, object] = {
    RegistrationState.CONFIRMED: N_("Confirmed"),
    RegistrationState.WAITLISTED: N_("On the waiting list"),
    RegistrationState.OFFERED: N_("Offered a place"),
    RegistrationState.PENDING: N_("Under review"),
    RegistrationState.CANCELLED: N_("Cancelled registration"),
    RegistrationState.WITHDRAWN: N_("Withdrawn"),
    RegistrationState.REJECTED: N_("Not accepted"),
}
STATE_KINDS: dict[str, str] = {
    RegistrationState.CONFIRMED: "success",
    RegistrationState.WAITLISTED: "progress",
    RegistrationState.OFFERED: "warning",
    RegistrationState.PENDING: "info",
    RegistrationState.CANCELLED: "neutral",
    RegistrationState.WITHDRAWN: "neutral",
    RegistrationState.REJECTED: "danger",
}


def state_label(state: str) -> str:
    """The word for a state in the current language."""
    return str(STATE_LABELS[state])


def category_label(category: str) -> str:
    """The word for a category in the current language."""
    return catalogues.label("registration_categories", category, i18n.current_lang())


def short_categories() -> list[tuple[str, str]]:
    """Each category with its word at the gates, in the current language."""
    return [(item.key, i18n.pick(item.zh, item.short_en)) for item in catalogues.registration_categories()]


def fair_hours(start: datetime, end: datetime, zone: str) -> dict[str, str]:
    """`event`: from–to in the event's time, `zone`: its name, `own`: the same in the viewer's time, if it differs."""
    span = i18n.format_hours(start, end, zone)
    return {"event": span, "zone": i18n.zone_between(start, end, zone), "own": i18n.viewer_span(start, end, zone) or ""}
