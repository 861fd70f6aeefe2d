"""Tours that a person was invited to, with what was told and read."""

from typing import Any

from fairs.core import crypto, personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind
from fairs.tours.logistics.sealed import opened_emergency
from fairs.tours.papers.sealed import PASSPORT

_OWN = (
    "(m.registration = ANY(:registrations::bigint[]) OR m.talent = ANY(:talents::bigint[])"
    " OR (m.email <> '' AND m.email = ANY(:emails::text[])))"
)


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    """What is sealed, in plain text: for the person."""
    passport = crypto.open_text(row["passport"], PASSPORT) if row["passport"] else ""
    return {**row, "emergency": opened_emergency(row["emergency"]), "passport": passport}


KINDS = (
    Kind(
        "tours",
        N_("Tours that you were invited to"),
        ("tour_member.registration", "tour_member.talent", "tour_member.email", "tour_told.member"),
        personal.reader(
            "SELECT e.slug AS event, m.state, m.origin, m.email, m.name_passport, m.name_native, m.discipline, m.why, m.no_letter,"  # noqa: S608 - a constant
            " m.invited_at, m.answered_at, (SELECT count(*) FROM tour_told t WHERE t.member = m.id) AS told,"
            " (SELECT max(t.read_at) FROM tour_told t WHERE t.member = m.id) AS read_at,"
            " (SELECT json_agg(json_build_object('direction', j.direction, 'mode', j.mode, 'number', j.number, 'at', j.at,"
            " 'place', j.place, 'terminal', j.terminal) ORDER BY j.direction)::text FROM tour_trip j WHERE j.member = m.id) AS journeys,"
            " n.sex, n.room, n.mate, n.food, n.access, coalesce(n.emergency, '') AS emergency,"
            " coalesce((SELECT p.data FROM tour_passport p WHERE p.member = m.id), '') AS passport,"
            " (SELECT json_agg(json_build_object('number', l.number, 'kind', l.kind, 'state', l.state, 'asked_at', l.asked_at)"
            " ORDER BY l.id)::text FROM tour_letter l WHERE l.member = m.id) AS letters"
            f" FROM tour_member m JOIN event e ON e.id = m.event LEFT JOIN tour_need n ON n.member = m.id WHERE {_OWN} ORDER BY m.id",
            _opened,
        ),
        personal.deleter(f"DELETE FROM tour_member m WHERE {_OWN}"),  # noqa: S608 - a constant
    ),
)
