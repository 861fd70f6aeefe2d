"""Words of scans for the pages of organisers; the scanner's own are in `templates/checkin/_words.html`."""

from datetime import datetime
from typing import Any

from fairs.checkin.tables import Direction, Outcome, Reason
from fairs.core.i18n import N_, format_moment

REASONS: dict[str, object] = {
    Reason.MALFORMED: N_("Not a badge"),
    Reason.KEYBOARD: N_("Not readable"),
    Reason.WRONG_GATE: N_("Wrong gate"),
    Reason.FORGED: N_("Forged"),
    Reason.UNKNOWN: N_("Unknown"),
    Reason.WRONG_EVENT: N_("Other fair"),
    Reason.REVOKED: N_("Revoked badge"),
    Reason.NOT_CONFIRMED: N_("Not confirmed"),
    Reason.TOO_EARLY: N_("Too early"),
    Reason.TOO_LATE: N_("Too late"),
    Reason.NOT_SIGNED_UP: N_("Not signed up"),
    Reason.WRONG_CATEGORY: N_("Other group"),
    Reason.WRONG_ROOM: N_("Other room"),
    Reason.WRONG_WAY: N_("Entrance only"),
    Reason.FULL: N_("Full"),
}
OUTCOMES: dict[str, object] = {
    Outcome.ADMITTED: N_("Admitted"),
    Outcome.ALREADY: N_("Already in"),
    Outcome.REFUSED: N_("Refused"),
}
DIRECTIONS: dict[str, object] = {Direction.IN: N_("Coming in"), Direction.OUT: N_("Going out")}


def reason_word(reason: str) -> str:
    """The word for a reason in the current language; an unknown one says itself."""
    return str(REASONS.get(reason, reason))


def moments(zone: str) -> dict[str, Any]:
    """`moment`, `hour`: a time of the event as plain text, for cells and inside sentences."""

    def moment(at: datetime | None) -> str:
        return format_moment(at, zone, "short") if at else ""

    def hour(at: datetime | None) -> str:
        return format_moment(at, zone, "time") if at else ""

    return {"moment": moment, "hour": hour}


WORDS: dict[str, Any] = {"reason_word": reason_word, "outcomes": OUTCOMES, "directions": DIRECTIONS}
