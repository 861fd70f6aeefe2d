"""Which roles need a second factor, and from which day; resetting it for somebody who lost the phone."""

from collections.abc import Mapping
from datetime import date

from fairs.accounts import emails, links, people, queries, second
from fairs.accounts.actor import Actor
from fairs.accounts.forms import DemandsForm
from fairs.accounts.rows import DemandRow
from fairs.accounts.tables import TwoFactorDemand
from fairs.audit.services import record
from fairs.core import db, locks, versions
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.roles import Role
from fairs.core.rows import fetch_as

NOT_ON = N_("This account has no second step.")


async def demands() -> dict[Role, date]:
    """Role → the day from which it needs a second factor."""
    rows = await fetch_as(DemandRow, "SELECT role, since FROM two_factor_demand ORDER BY id")
    return {row.role: row.since for row in rows}


def stored_form(found: Mapping[Role, date]) -> dict[str, date | None]:
    """The demands as values of the form."""
    return {name: found.get(Role(name)) for name in DemandsForm.__struct_fields__}


async def store(form: DemandsForm, *, by: Actor, seen: str = "") -> None:
    """Demand a second factor of these roles only. Raises Outdated when another changed it since the version `seen`."""
    async with db.DB.transaction():
        await locks.hold(Lock.CLOSE_ACCOUNT)
        before = stored_form(await demands())
        versions.require_current(form, before, seen)
        after = {name: getattr(form, name) for name in DemandsForm.__struct_fields__}
        if after == before:
            return
        await TwoFactorDemand.delete(force=True)
        for name, since in after.items():
            if since is not None:
                await TwoFactorDemand(role=name, since=since).save()
        await record("two_factor.demand", "account", by.account_id, by=by, before=_told(before), after=_told(after))


def _told(found: Mapping[str, date | None]) -> dict[str, object]:
    return {name: since.isoformat() for name, since in found.items() if since is not None}


async def reset(account_id: int, reason: str, *, by: Actor) -> None:
    """Remove app and recovery codes of somebody who lost them, end what is signed in, and tell the person.

    Raises NotFound, Forbidden, and Conflict when there is nothing to reset or it is one's own account.
    """
    async with db.DB.transaction():
        row = await people.in_hand(account_id, by)
        if not await second.remove(account_id):
            raise Conflict(NOT_ON, code="second_off")
        ended = await people.end_sessions(account_id, by=by)
        await links.void(account_id)
        after = {"reason": reason, "sessions_ended": ended}
        await record("two_factor.reset", "account", account_id, by=by, after=after)
        account = await queries.account_by_email(row.email)
        assert account is not None
        await emails.send_second_reset(account)
