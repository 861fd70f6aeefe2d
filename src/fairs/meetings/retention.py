"""Meetings are part of the service log: they go three years after the end of the fair. Agreements stay."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("meetings"),
        N_("the end of the fair"),
        "meeting",
        "event IN (SELECT id FROM event WHERE ends_at < :before)",
        key="listings",
    ),
)
