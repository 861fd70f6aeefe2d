"""The addresses of a person's calendars, and what they have shown."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

KINDS = (
    Kind(
        "calendars",
        N_("Addresses of your calendar, and what they show"),
        ("calendar_feed.account",),
        personal.reader(
            "SELECT f.name, f.lang, f.created_at, f.last_read_at, (SELECT jsonb_agg(l.content ORDER BY l.uid) FROM calendar_line l"
            " WHERE l.feed = f.id) AS entries FROM calendar_feed f WHERE f.account = :account ORDER BY f.id"
        ),
        personal.deleter("DELETE FROM calendar_feed WHERE account = :account"),
    ),
)
