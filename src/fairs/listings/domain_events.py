"""Events that listings publish for the slices above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListingPublished:
    """An employer's listing is published for an event, for the first time or again, in the same transaction."""

    listing_id: int
    organisation_id: int
    event_id: int
