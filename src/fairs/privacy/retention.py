"""Exports of people's own data go after a week."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("exports of people's own data"), N_("the end of their link"), "data_export", "expires_at < :before"
    ),
)
