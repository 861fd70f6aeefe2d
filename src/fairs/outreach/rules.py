"""Steps of a request, and which days count. Pure."""

from datetime import date

from fairs.outreach.tables import ServiceState

STEPS: dict[str, tuple[frozenset[str], ServiceState]] = {  # act → from which states, into which
    "ask": (frozenset({ServiceState.RETURNED}), ServiceState.ASKED),
    "accept": (frozenset({ServiceState.ASKED}), ServiceState.ACCEPTED),
    "return": (frozenset({ServiceState.ASKED}), ServiceState.RETURNED),
    "close": (frozenset({ServiceState.ACCEPTED}), ServiceState.CLOSED),
    "cancel": (frozenset({ServiceState.ASKED, ServiceState.RETURNED, ServiceState.ACCEPTED}), ServiceState.CANCELLED),
}
CHANGEABLE = frozenset({ServiceState.ASKED, ServiceState.RETURNED})
MOST_DAYS = 366


def within(day: date, first: date, last: date) -> bool:
    """Whether a day is one of the visit."""
    return first <= day <= last
