"""Effects of closing an account on the meetings of its profile."""

from fairs.accounts import proof
from fairs.accounts.actor import Actor
from fairs.accounts.domain_events import AccountClosing
from fairs.core import clock
from fairs.core.rows import fetch_values
from fairs.meetings import services


async def call_off(actor: Actor) -> None:
    """Cancel future meetings while the profile still belongs to the account: the employers are notified."""
    coming = await fetch_values(
        int,
        "SELECT m.id FROM meeting m JOIN talent t ON t.id = m.talent WHERE t.account = :account"
        " AND m.state = 'scheduled' AND m.starts_at > :now ORDER BY m.id",
        account=actor.account_id,
        now=clock.now(),
    )
    for meeting in coming:
        await services.cancel(meeting, by=actor)


async def entered(_: Actor) -> list[object]:
    """Nothing of its own to export: meetings follow from the profile."""
    return []


async def on_account_closing(event: AccountClosing) -> None:
    """Runs before the profile's own handler, which deletes the profile."""
    await call_off(event.actor)


BELONGINGS = proof.Belongings(entered, call_off)
