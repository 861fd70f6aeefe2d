"""What a part of an event takes over from the event above it, as long as it says nothing of its own."""

from dataclasses import dataclass

from fairs.events.rows import EventRow
from fairs.events.tables import EventState


@dataclass(frozen=True)
class Effective:
    """What holds for an event. `place_above`, `contact_above`, `categories_above`: taken over from the event above;
    `zone_above`: the same as there. `named`: the event above may be named to everybody."""

    place_zh: str
    place_en: str
    contact_name: str
    contact_phone: str
    contact_email: str
    own_categories: list[str]
    place_above: bool
    contact_above: bool
    categories_above: bool
    zone_above: bool
    named: bool


def effective(event: EventRow) -> Effective:
    """Its own place, contact and categories that may register; those of the event that it is a part of where it gives none."""
    own = (event.contact_name, event.contact_phone, event.contact_email)
    above = (event.parent_contact_name or "", event.parent_contact_phone or "", event.parent_contact_email or "")
    place = (event.place_zh, event.place_en)
    place_above = (event.parent_place_zh or "", event.parent_place_en or "")
    return Effective(
        *(place if any(place) else place_above),
        *(own if any(own) else above),
        event.own_categories or event.parent_own_categories or [],
        place_above=not any(place) and any(place_above),
        contact_above=not any(own) and any(above),
        categories_above=not event.own_categories and bool(event.parent_own_categories),
        zone_above=event.parent is not None and event.timezone == event.parent_timezone,
        named=event.parent_state is not None and event.parent_state != EventState.DRAFT,
    )
