"""Events that listings publish for the slices above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListingPublished:
    """A listing has become visible to everybody, for the first time or again."""

    listing_id: int
    organisation_id: int
    event_id: int


@dataclass(frozen=True, slots=True)
class ListingClosed:
    """A listing has ended."""

    listing_id: int
    event_id: int
