"""Exports of people's own data go after a week, and who looked at whose contact data with the log."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("exports of people's own data"), N_("the end of their link"), "data_export", "expires_at < :before"
    ),
    retention.rows(N_("looks at contact data"), N_("the look"), "contact_look", "at < :before", key="audit"),
)
