"""Who closes the account takes every consent back: what employers had noted about the person goes."""

from fairs.accounts.domain_events import AccountClosing
from fairs.core.rows import Row, fetch_as
from fairs.leads import services


class _Given(Row, frozen=True):
    """A consent in force."""

    registration: int
    organisation: int


async def on_account_closing(event: AccountClosing) -> None:
    """Runs while the registrations still belong to the account."""
    rows = await fetch_as(
        _Given,
        "SELECT c.registration, c.organisation FROM lead_consent c JOIN registration r ON r.id = c.registration"
        " LEFT JOIN talent t ON t.id = r.talent WHERE :account IN (r.registrant, t.account) AND c.answer = 'given'"
        " ORDER BY c.id",
        account=event.actor.account_id,
    )
    for row in rows:
        await services.answer_as_visitor(row.registration, row.organisation, given=False, contact=False, by=event.actor)
