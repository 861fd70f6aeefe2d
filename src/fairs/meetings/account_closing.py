"""What the end of an account means for the meetings of its profile."""

from fairs.accounts import changes, proof
from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.meetings import services


async def call_off(actor: Actor) -> None:
    """Meetings to come are called off while the profile is still the account's: the employers hear of it."""
    rows = await db.fetch(
        "SELECT m.id FROM meeting m JOIN talent t ON t.id = m.talent WHERE t.account = $1 AND m.state = 'scheduled'"
        " AND m.starts_at > $2 ORDER BY m.id",
        actor.account_id,
        clock.now(),
    )
    for row in rows:
        await services.cancel(row["id"], by=actor)


async def entered(_: Actor) -> list[object]:
    """Nothing of its own to read: meetings follow from the profile."""
    return []


def register() -> None:
    """Called once by the app, before the profile's own."""
    proof.BELONGINGS.append(proof.Belongings(entered, call_off))
    changes.ON_CLOSING.append(call_off)
