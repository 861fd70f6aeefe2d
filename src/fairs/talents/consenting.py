"""What an answer about publication, suggestions or keeping changes in the person's profile."""

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.rows import fetch_values
from fairs.talents import services


async def on_privacy(by: Actor, given: bool) -> None:
    """Without it nobody is shown the profile, and nobody gets it suggested."""
    if not given:
        await services.withdraw_consent(by=by)
        await on_matching(by, False)


async def on_publication(by: Actor, given: bool) -> None:
    """Withdrawn: the profile is hidden. Giving it happens on the profile, where its circle is chosen."""
    if not given:
        await services.withdraw_consent(by=by)


async def on_matching(by: Actor, given: bool) -> None:
    """The profile takes part in suggestions, or is left out from now on."""
    changed = await fetch_values(
        int,
        "UPDATE talent SET matching = :given, updated_at = :now WHERE account = :account AND matching <> :given RETURNING id",
        account=by.account_id,
        given=given,
        now=clock.now(),
    )
    for talent in changed:
        await services.encode(talent)


async def on_keeping(by: Actor, given: bool) -> None:
    """The profile may be kept for the next fair, or is emptied soon after the last one."""
    await fetch_values(
        int,
        "UPDATE talent SET keep_after = :given WHERE account = :account AND keep_after <> :given RETURNING id",
        account=by.account_id,
        given=given,
    )
