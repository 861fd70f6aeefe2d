"""Experts of visits go three years after the event, as the rest of the service log."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("experts of visits to counties"),
        N_("the end of the event"),
        "service_expert",
        "request IN (SELECT q.id FROM service_request q JOIN event e ON e.id = q.event WHERE greatest(e.ends_at, q.to_day) < :before)",
        key="listings",
    ),
)
