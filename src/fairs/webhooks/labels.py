"""Words for topics, states and errors of webhooks."""

from fairs.core.i18n import N_
from fairs.webhooks.tables import TEST, DeliveryState, Topic

TOPICS: dict[str, object] = {
    Topic.REGISTRATION_MADE: N_("Somebody registered"),
    Topic.REGISTRATION_CANCELLED: N_("A registration was cancelled"),
    Topic.REGISTRATION_PROMOTED: N_("Somebody moved up from the waiting list"),
    Topic.CHECK_IN: N_("Scans at the gates"),
    Topic.AGREEMENT: N_("A step of an agreement"),
    Topic.LISTING_PUBLISHED: N_("A listing was published"),
    Topic.LISTING_CLOSED: N_("A listing was closed"),
    TEST: N_("A test"),
}
STATES: dict[str, tuple[str, object]] = {
    DeliveryState.WAITING: ("progress", N_("On its way")),
    DeliveryState.RETRY: ("warning", N_("Tried again later")),
    DeliveryState.SENT: ("success", N_("Arrived")),
    DeliveryState.FAILED: ("danger", N_("Given up")),
}
ERRORS: dict[str, object] = {
    "address_refused": N_("The name leads to an address inside a network, which is never called"),
    "timeout": N_("No answer in time"),
    "tls": N_("The certificate is not valid"),
    "unknown_name": N_("There is no such name"),
    "no_connection": N_("No connection"),
    "not_http": N_("The answer is not HTTP"),
}


def topic_word(topic: str) -> str:
    """The name of a topic."""
    return str(TOPICS.get(topic, topic))


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a delivery's state."""
    kind, word = STATES[state]
    return kind, str(word)


def error_word(error: str) -> str:
    """What went wrong."""
    return str(ERRORS.get(error, error))
