"""What profiles tell the slices above them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProfileOpened:
    """An account has a profile now that it had not before."""

    account_id: int
