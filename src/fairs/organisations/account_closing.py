"""Effects on employers that an account entered or joined when its address is proved."""

from fairs.accounts import proof
from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock
from fairs.core.i18n import N_, pick
from fairs.core.rows import execute, fetch_as
from fairs.organisations.rows import Left
from fairs.organisations.tables import Organisation


async def entered(actor: Actor) -> list[object]:
    """The employers for which the account acts."""
    if not actor.organisation_ids:
        return []
    own = Organisation.id.is_in(list(actor.organisation_ids))
    rows = await Organisation.objects().where(own).order_by(Organisation.id)
    return [N_("Acting for the employer %(name)s", name=pick(row.name_zh, row.name_en)) for row in rows]


async def discard(actor: Actor) -> None:
    """End the account's memberships; a waiting employer without other members is refused."""
    gone = await fetch_as(
        Left,
        "DELETE FROM membership WHERE account = :account AND role = 'employer' RETURNING organisation_id",
        account=actor.account_id,
    )
    for row in gone:
        refused = await execute(
            "UPDATE organisation SET state = 'rejected', decided_at = :now WHERE id = :id AND state = 'pending'"
            " AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.organisation_id = :id)",
            id=row.organisation_id,
            now=clock.now(),
        )
        after = {"account": actor.account_id, "refused": bool(refused)}
        await record("organisation.leave", "organisation", row.organisation_id, by=actor, after=after)


BELONGINGS = proof.Belongings(entered, discard)
