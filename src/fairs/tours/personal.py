"""Tours that a person was invited to, with what was told and read."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

_OWN = (
    "(m.registration = ANY(:registrations::bigint[]) OR m.talent = ANY(:talents::bigint[])"
    " OR (m.email <> '' AND m.email = ANY(:emails::text[])))"
)
KINDS = (
    Kind(
        "tours",
        N_("Tours that you were invited to"),
        ("tour_member.registration", "tour_member.talent", "tour_member.email", "tour_told.member"),
        personal.reader(
            "SELECT e.slug AS event, m.state, m.origin, m.email, m.name_passport, m.name_native, m.discipline, m.why,"  # noqa: S608 - a constant
            " m.invited_at, m.answered_at, (SELECT count(*) FROM tour_told t WHERE t.member = m.id) AS told,"
            " (SELECT max(t.read_at) FROM tour_told t WHERE t.member = m.id) AS read_at"
            f" FROM tour_member m JOIN event e ON e.id = m.event WHERE {_OWN} ORDER BY m.id"
        ),
        personal.deleter(f"DELETE FROM tour_member m WHERE {_OWN}"),  # noqa: S608 - a constant
    ),
)
