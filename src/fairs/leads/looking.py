"""A visitor reads who was shown the e-mail address or telephone number: the list, the visitor's page, an export."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core.rows import fetch_values
from fairs.leads.rows import LeadRow
from fairs.privacy import looks
from fairs.privacy.tables import LookPlace


async def note(rows: Sequence[LeadRow], *, by: Actor) -> None:
    """Note that these visitors' contact data was shown, as far as it is in the rows."""
    shown = [row.registration for row in rows if row.email or row.phone]
    if not shown:
        return
    accounts = await fetch_values(
        int,
        "SELECT DISTINCT coalesce(r.registrant, t.account) FROM registration r LEFT JOIN talent t ON t.id = r.talent"
        " WHERE r.id = ANY(:ids::bigint[]) AND coalesce(r.registrant, t.account) IS NOT NULL ORDER BY 1",
        ids=shown,
    )
    await looks.note(accounts, LookPlace.VISITORS, by=by, organisation_id=rows[0].organisation)
