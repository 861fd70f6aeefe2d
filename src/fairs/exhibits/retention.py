"""What visitors asked of exhibitors goes three years after the fair, as the rest of the service log."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("requests to exhibitors"),
        N_("the end of the fair"),
        "exhibit_request",
        "exhibit IN (SELECT x.id FROM exhibit x JOIN event e ON e.id = x.event WHERE e.ends_at < :before)",
        key="listings",
    ),
)
