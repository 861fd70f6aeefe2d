"""Words for mailings, their states and reasons."""

from typing import Any

from fairs.core.i18n import N_
from fairs.mailings.tables import MailingKind, MailingState, Reason, RecipientState, Trigger
from fairs.notifications.controllers import STATES as MAIL_STATES

KINDS: dict[str, object] = {
    MailingKind.SERVICE: N_("Message about the event"),
    MailingKind.NEWSLETTER: N_("Newsletter, with a link to leave it"),
}
STATES: dict[str, tuple[str, object]] = {
    MailingState.DRAFT: ("neutral", N_("Draft")),
    MailingState.SENDING: ("progress", N_("Being sent")),
    MailingState.PAUSED: ("warning", N_("Paused")),
    MailingState.DONE: ("success", N_("All written")),
    MailingState.ABORTED: ("danger", N_("Stopped")),
}
RECIPIENT_STATES: dict[str, tuple[str, object]] = {
    RecipientState.WAITING: ("neutral", N_("Waits for its turn")),
    **MAIL_STATES,
    RecipientState.ABORTED: ("neutral", N_("Stopped before it was sent")),
    RecipientState.EXCLUDED: ("neutral", N_("Left out")),
}
REASONS: dict[str, object] = {
    Reason.NO_ADDRESS: N_("No address"),
    Reason.SAME_ADDRESS: N_("The same address gets it already"),
    Reason.BOUNCED: N_("Mail to this address came back"),
    Reason.COMPLAINT: N_("Complained about mail"),
    Reason.NEWSLETTER: N_("Left the newsletter"),
    Reason.BY_HAND: N_("Entered by hand in the list of addresses without mailings"),
    Reason.WITHDREW: N_("Registration cancelled"),
    Reason.EARLIER: N_("Was in this state before the rule was switched on"),
}
TRIGGERS: dict[str, object] = {
    Trigger.BEFORE: N_("Days before the event"),
    Trigger.AFTER: N_("Days after the event"),
    Trigger.STATE: N_("Change of state"),
    Trigger.ABSENT: N_("Not checked in on the first day"),
    Trigger.MEETING: N_("Meeting tomorrow"),
}


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a mailing's state."""
    kind, word = STATES[state]
    return kind, str(word)


def recipient_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of the state of one person's mail."""
    kind, word = RECIPIENT_STATES[state]
    return kind, str(word)


WORDS: dict[str, Any] = {  # for templates
    "state_badge": state_badge,
    "recipient_badge": recipient_badge,
    "reasons": REASONS,
    "kinds": KINDS,
    "triggers": TRIGGERS,
}
