"""Visits to counties that a person was asked for."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Kind

KINDS = (
    Kind(
        "service",
        N_("Visits to counties that you were asked for"),
        ("service_expert.talent",),
        personal.reader(
            "SELECT q.topic_zh, q.topic_en, q.place_zh, q.place_en, x.state, x.why, x.asked_at, x.answered_at,"
            " (SELECT json_agg(json_build_object('day', d.day, 'place', d.place, 'task', d.task, 'people', d.people,"
            " 'note', d.note)) FROM service_day d WHERE d.expert = x.id) AS days FROM service_expert x"
            " JOIN service_request q ON q.id = x.request WHERE x.talent = ANY(:talents::bigint[]) ORDER BY x.id"
        ),
        personal.deleter("DELETE FROM service_expert WHERE talent = ANY(:talents::bigint[])"),
    ),
)
