"""Groups whose contact person somebody is."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind

KINDS = (
    Kind(
        "groups",
        N_("Groups that you look after"),
        ("registration_group.contact_email", "registration_group_member.registration"),
        personal.reader(
            "SELECT DISTINCT e.slug AS event, g.name, g.contact_email, g.made_at FROM registration_group g JOIN event e ON e.id = g.event"
            " LEFT JOIN registration_group_member m ON m.of_group = g.id AND m.registration = ANY(:registrations::bigint[])"
            " WHERE m.id IS NOT NULL OR (g.contact_email = ANY(:emails::text[]) AND g.contact_email <> '') ORDER BY g.made_at"
        ),
        personal.deleter(
            "DELETE FROM registration_group_member WHERE registration = ANY(:registrations::bigint[])",
            "UPDATE registration_group SET contact_email = '' WHERE contact_email = ANY(:emails::text[]) AND contact_email <> ''",
        ),
        Fate.EMPTIED,
        N_("The groups name no contact person any more, and you belong to none."),
    ),
)
