"""Pure rules of registrations: public numbers, places, states."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Protocol, TypeVar

from fairs.registrations.rows import OpenSession
from fairs.registrations.tables import RegistrationState
from fairs.units import catalogues

STATES = (
    RegistrationState.CONFIRMED,
    RegistrationState.WAITLISTED,
    RegistrationState.OFFERED,
    RegistrationState.PENDING,
    RegistrationState.CANCELLED,
    RegistrationState.WITHDRAWN,
    RegistrationState.REJECTED,
)
ENDED = frozenset({RegistrationState.CANCELLED, RegistrationState.WITHDRAWN, RegistrationState.REJECTED})
ENDED_STATES = (
    "('cancelled', 'withdrawn', 'rejected')"  # the same in SQL, in the order in which partial indexes have them
)
HOLDING = frozenset({RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.PENDING})
HOLDS = "r.state IN ('confirmed', 'offered', 'pending')"  # registration `r` has a place
PHONE = re.compile(r"[+(]?\d[\d()./-]{3,}")
NUMBER = re.compile(r"[A-Z0-9]{3,8}-\d{6,12}")


def categories() -> tuple[str, ...]:
    """As what people may come."""
    return catalogues.keys("registration_categories")


def own_categories() -> tuple[str, ...]:
    """As what people may register by themselves, in the order of their form."""
    own = [(item.own_place, item.key) for item in catalogues.registration_categories() if item.own_place is not None]
    return tuple(key for _, key in sorted(own))


def number_prefix(slug: str, starts_at: datetime) -> str:
    """Two letters of the event and two digits of its year: `hnzcyz-2018` → `HN18`."""
    letters = re.sub(r"[^A-Z]", "", slug.upper()) + "XX"
    return f"{letters[:2]}{starts_at.year % 100:02d}"


def is_number(text: str) -> bool:
    """Whether `text` can be a registration's number."""
    return NUMBER.fullmatch(text) is not None


def digits(phone: str) -> str:
    """The digits of a phone number; its ending is searchable."""
    return re.sub(r"\D", "", phone)


class Timed(Protocol):
    """An object with a start and an end."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


T = TypeVar("T", bound=Timed)


def may_change(session: OpenSession, now: datetime) -> bool:
    """Whether sign-up to a session of `open_sessions` can still change: until its date, else its start."""
    until = session.changes_until or session.starts_at
    return session.stays_open or now < min(until, session.starts_at)


def overlapping(sessions: Sequence[T]) -> list[tuple[T, T]]:
    """Pairs of sessions that overlap: no person can attend both."""
    return [
        (one, other)
        for one, other in combinations(sessions, 2)
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
    ]
