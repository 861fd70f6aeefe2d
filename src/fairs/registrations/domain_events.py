"""Events that registrations publish for the slices above."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlacesGiven:
    """These registrations just got their place: confirmed at once, or promoted from the waiting list.

    `again`: they may have had it before, and a badge that is valid still. `told`: they get the usual mail.
    """

    registration_ids: Sequence[int]
    again: bool = False
    told: bool = True


@dataclass(frozen=True, slots=True)
class RegistrationCancelled:
    """A registration has ended."""

    registration_id: int


@dataclass(frozen=True, slots=True)
class RegistrationsMade:
    """People have registered, with a place or on the waiting list."""

    registration_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class RegistrationsPromoted:
    """These registrations got the place that they waited for."""

    registration_ids: Sequence[int]
