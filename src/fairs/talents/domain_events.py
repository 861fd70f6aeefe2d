"""Events that profiles publish for the slices above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProfileOpened:
    """An account now has a profile for the first time."""

    account_id: int
