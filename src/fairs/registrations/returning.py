"""Where somebody comes from who looks after a registration."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.registrations import queries
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import Category


def list_of(actor: Actor, row: RegistrationRow) -> tuple[str, dict[str, Any]]:
    """The route of the list on which this actor finds the registration, with its values."""
    if queries.is_own(actor, row):
        return "my_registrations", {}
    if row.host is not None and row.host == actor.account_id and row.host_number:
        return "companions", {"number": row.host_number}
    if queries.runs_event(actor, row):
        return "event_registrations", {"slug": row.slug}
    if row.category == Category.EMPLOYER and row.organisation in actor.organisation_ids:
        return "representatives", {"slug": row.slug}
    return "enter_person", {"slug": row.slug}
