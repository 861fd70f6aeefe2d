"""What an account's proof means for the employers that it entered or joined."""

from fairs.accounts import proof
from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.i18n import N_, pick


async def entered(actor: Actor) -> list[object]:
    """The employers for which the account acts."""
    rows = await db.fetch(
        "SELECT name_zh, name_en FROM organisation WHERE id = ANY($1::bigint[]) ORDER BY id", actor.organisation_ids
    )
    return [N_("Acting for the employer %(name)s", name=pick(row["name_zh"], row["name_en"])) for row in rows]


async def discard(actor: Actor) -> None:
    """The account acts for no employer any more; one that waits for approval and has nobody else is refused."""
    gone = await db.fetch(
        "DELETE FROM membership WHERE account = $1 AND role = 'employer' RETURNING organisation_id", actor.account_id
    )
    for row in gone:
        refused = await db.execute(
            "UPDATE organisation SET state = 'rejected', decided_at = $2 WHERE id = $1 AND state = 'pending'"
            " AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.organisation_id = $1)",
            row["organisation_id"],
            clock.now(),
        )
        after = {"account": actor.account_id, "refused": bool(refused)}
        await record("organisation.leave", "organisation", row["organisation_id"], by=actor, after=after)


def register() -> None:
    """Called once by the app."""
    proof.BELONGINGS.append(proof.Belongings(entered, discard))
