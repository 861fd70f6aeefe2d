"""Entries of the audit log go after the catalogue's period; until then the database refuses it."""

from fairs.core import retention
from fairs.core.i18n import N_

RULES = (
    retention.rows(
        N_("entries of the audit log"), N_("the act"), "audit_entry", "at < :before", key="audit", append_only=True
    ),
)
