"""Words for how a print stands and for what a printer lacks."""

from fairs.badges.states import PrintState
from fairs.core.i18n import N_

STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    PrintState.WAITING: ("neutral", N_("Waits for the printer")),
    PrintState.PRINTING: ("progress", N_("Printing")),
    PrintState.PRINTED: ("success", N_("Printed")),
    PrintState.FAILED: ("danger", N_("Not printed")),
    PrintState.CANCELLED: ("neutral", N_("Given up")),
}
_REASONS: dict[str, object] = {  # keywords of RFC 8011 and of the agent
    "media-empty": N_("No paper"),
    "media-needed": N_("Other paper is needed"),
    "media-jam": N_("Paper jam"),
    "media-low": N_("Little paper is left"),
    "door-open": N_("A door of the printer is open"),
    "cover-open": N_("A cover of the printer is open"),
    "toner-empty": N_("No toner"),
    "marker-supply-empty": N_("No ink or toner"),
    "paused": N_("The printer is paused"),
    "stopped": N_("The printer has stopped"),
    "printer-stopped": N_("The printer has stopped"),
    "offline": N_("The printer is off"),
    "shutdown": N_("The printer is off"),
    "not-accepting-jobs": N_("The printer takes no prints"),
    "no-pdf": N_("The printer reads no PDF: use its queue in CUPS"),
    "printer-unreachable": N_("The agent does not reach the printer"),
    "job-canceled-at-device": N_("Stopped at the printer"),
    "job-canceled-by-user": N_("Stopped at the printer"),
    "aborted-by-system": N_("The printer gave up"),
    "document-format-error": N_("The printer cannot read the page"),
    "perhaps-printed": N_("The agent was cut off: look whether the badge came out"),
}


def reason_label(reason: str) -> str:
    """A reason in words; an unknown one as the printer says it."""
    return str(_REASONS.get(reason, reason))
