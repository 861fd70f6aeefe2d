"""Leads go three years after the fair as the rest of the service log; deleted ones and answers without a lead sooner."""

from datetime import timedelta

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("visitors of booths that were deleted"),
        N_("their deletion"),
        "lead",
        "deleted_at < :before",
        after=timedelta(days=1),
    ),
    retention.rows(
        N_("visitors of booths"),
        N_("the end of the fair"),
        "lead",
        "event IN (SELECT id FROM event WHERE ends_at < :before)",
        key="listings",
    ),
    retention.rows(
        N_("answers of visitors to employers"),
        N_("the end of the fair"),
        "lead_consent",
        "registration IN (SELECT r.id FROM registration r JOIN event e ON e.id = r.event WHERE e.ends_at < :before)",
        key="listings",
    ),
)
