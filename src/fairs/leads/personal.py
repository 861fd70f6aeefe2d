"""Booths that hold a person's data, and what the person answered."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

_OWN = "registration = ANY(:registrations::bigint[])"
KINDS = (
    Kind(
        "visits",
        N_("Booths that hold your data"),
        ("lead.registration", "lead_consent.registration"),
        personal.reader(
            "SELECT e.slug AS event, o.name_zh AS organisation, c.answer, c.contact, c.answered_at, l.seen_at, l.last_seen_at,"
            " l.seen_by, l.stars, l.tags, l.note FROM lead l FULL JOIN lead_consent c ON c.registration = l.registration"
            " AND c.organisation = l.organisation JOIN organisation o ON o.id = coalesce(l.organisation, c.organisation)"
            " JOIN registration r ON r.id = coalesce(l.registration, c.registration) JOIN event e ON e.id = r.event"
            " WHERE r.id = ANY(:registrations::bigint[]) ORDER BY r.id, o.id"
        ),
        personal.deleter(f"DELETE FROM lead WHERE {_OWN}", f"DELETE FROM lead_consent WHERE {_OWN}"),  # noqa: S608 - constants
    ),
)
