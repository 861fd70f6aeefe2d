"""Who was shown a person's e-mail address or telephone number: the person reads it."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.rows import execute, fetch_as
from fairs.privacy.rows import Look
from fairs.privacy.tables import LookPlace


async def note(
    accounts: Sequence[int | None], place: LookPlace, *, by: Actor, organisation_id: int | None = None
) -> None:
    """Somebody else was shown it; once a day for each page. People without an account are left out: nobody could read it."""
    others = sorted({found for found in accounts if found is not None and found != by.account_id})
    if not others or by.account_id is None:
        return
    await execute(
        "INSERT INTO contact_look (account, viewer, organisation_id, place, at, day)"
        " SELECT id, :viewer, :organisation, :place, :now, (:now::timestamptz AT TIME ZONE 'UTC')::date"
        " FROM unnest(:others::bigint[]) AS o (id) ON CONFLICT (account, viewer, place, day) DO NOTHING",
        others=others,
        viewer=by.account_id,
        organisation=organisation_id,
        place=place,
        now=clock.now(),
    )


async def of(account_id: int, most: int = 100) -> list[Look]:
    """The last looks at this person's data, newest first."""
    return await fetch_as(
        Look,
        "SELECT l.place, l.at, l.day, a.name AS viewer, l.organisation_id FROM contact_look l JOIN account a ON a.id = l.viewer"
        " WHERE l.account = :account ORDER BY l.at DESC, l.id DESC LIMIT :most",
        account=account_id,
        most=most,
    )
