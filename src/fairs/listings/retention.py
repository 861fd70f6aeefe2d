"""Listings go three years after the end of the fair. Meetings about them go before (`meetings.retention`)."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("listings"),
        N_("the end of the fair"),
        "listing",
        "event IN (SELECT id FROM event WHERE ends_at < :before)",
        key="listings",
    ),
)
