"""What a person shows, and what the person asked of exhibitors."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

KINDS = (
    Kind(
        "exhibits",
        N_("What you show"),
        ("exhibit.talent",),
        personal.reader(
            "SELECT e.slug AS event, x.kind, x.state, x.title_zh, x.title_en, x.text_zh, x.text_en, x.stage, x.looks_for,"
            " x.discipline, x.reason, x.submitted_at, x.decided_at FROM exhibit x JOIN event e ON e.id = x.event"
            " WHERE x.talent = ANY(:talents::bigint[]) ORDER BY x.id"
        ),
        personal.deleter("DELETE FROM exhibit WHERE talent = ANY(:talents::bigint[])"),
    ),
    Kind(
        "exhibit_requests",
        N_("What you asked of exhibitors"),
        ("exhibit_request.account",),
        personal.reader(
            "SELECT x.title_zh, x.title_en, q.asks, q.message, q.contact, q.at, q.done_at FROM exhibit_request q"
            " JOIN exhibit x ON x.id = q.exhibit WHERE q.account = :account ORDER BY q.id"
        ),
        personal.deleter("DELETE FROM exhibit_request WHERE account = :account"),
    ),
)
