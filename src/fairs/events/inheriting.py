"""What a part of an edition takes over from the event above where it says nothing itself: place, contact, who may register."""

from msgspec.structs import replace

from fairs.events.rows import EventRow


def inherited(event: EventRow) -> frozenset[str]:
    """What comes from the event above: of `place`, `contact`, `categories`. The zone is copied when a part is made."""
    if event.parent is None:
        return frozenset()
    above = {
        "place": not (event.place_zh or event.place_en) and bool(event.parent_place_zh or event.parent_place_en),
        "contact": not _contact(event) and any((event.parent_contact_phone, event.parent_contact_email)),
        "categories": not event.own_categories and bool(event.parent_own_categories),
    }
    return frozenset(name for name, comes in above.items() if comes)


def _contact(event: EventRow) -> bool:
    return bool(event.contact_name or event.contact_phone or event.contact_email)


def effective(event: EventRow) -> EventRow:
    """The event as people see it, filled up from the event above."""
    given = inherited(event)
    if "place" in given:
        event = replace(event, place_zh=event.parent_place_zh or "", place_en=event.parent_place_en or "")
    if "contact" in given:
        event = replace(
            event,
            contact_name=event.parent_contact_name or "",
            contact_phone=event.parent_contact_phone or "",
            contact_email=event.parent_contact_email or "",
        )
    if "categories" in given:
        event = replace(event, own_categories=list(event.parent_own_categories or []))
    return event
