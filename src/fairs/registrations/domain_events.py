"""Events that registrations publish for the slices above."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlacesGiven:
    """These registrations just got their place: confirmed at once, or promoted from the waiting list."""

    registration_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class RegistrationCancelled:
    """A registration has ended."""

    registration_id: int
