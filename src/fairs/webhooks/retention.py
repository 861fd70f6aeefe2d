"""How long the log of deliveries is kept: as long as the mails that tell people the same."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("deliveries to webhooks"),
        N_("their end"),
        "webhook_delivery",
        "ended_at < :before AND state IN ('sent', 'failed')",
        key="mails",
    ),
)
