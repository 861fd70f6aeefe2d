"""Effects of closing an account on its calendars."""

from fairs.accounts.domain_events import AccountClosing
from fairs.core.rows import execute


async def on_account_closing(event: AccountClosing) -> None:
    """Their addresses answer nobody any more."""
    await execute("DELETE FROM calendar_feed WHERE account = :account", account=event.actor.account_id)
