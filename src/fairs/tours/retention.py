"""People of tours go three years after the tour, as the rest of the service log."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("people of tours"),
        N_("the end of the tour"),
        "tour_member",
        "event IN (SELECT id FROM event WHERE ends_at < :before)",
        key="listings",
    ),
)
