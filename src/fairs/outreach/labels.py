"""Words of visits to counties."""

from fairs.core.i18n import N_
from fairs.outreach.tables import Came, ExpertState, ServiceState

STATES: dict[str, tuple[str, object]] = {
    ServiceState.ASKED: ("progress", N_("Waits for the organiser")),
    ServiceState.RETURNED: ("warning", N_("Sent back")),
    ServiceState.ACCEPTED: ("success", N_("Accepted")),
    ServiceState.CLOSED: ("done", N_("Visit over")),
    ServiceState.CANCELLED: ("neutral", N_("Cancelled")),
}
EXPERTS: dict[str, tuple[str, object]] = {
    ExpertState.ASKED: ("progress", N_("Asked, no answer yet")),
    ExpertState.AGREED: ("success", N_("Will go")),
    ExpertState.DECLINED: ("neutral", N_("Declined")),
    ExpertState.WITHDRAWN: ("neutral", N_("Goes no longer")),
}
CAME: dict[str, tuple[str, object]] = {
    Came.SOLVED: ("success", N_("The problem is solved")),
    Came.GOES_ON: ("progress", N_("The work goes on")),
    Came.NOTHING: ("neutral", N_("Nothing came of it")),
}
