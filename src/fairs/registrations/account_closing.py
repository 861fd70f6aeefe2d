"""Effects on registrations when an account's address is proved or changed, or the account closes."""

from typing import Any

from fairs.accounts import changes, proof
from fairs.accounts.actor import Actor
from fairs.accounts.domain_events import AccountClosing, AddressChanged
from fairs.core import clock, db
from fairs.core.i18n import N_, pick
from fairs.core.rows import execute, fetch_as, fetch_value_or_none
from fairs.registrations import filling, phones, queries, rules, services
from fairs.registrations.rows import Entered, FoundBy, Id, Live
from fairs.registrations.rules import ENDED_STATES
from fairs.registrations.tables import Registration

_LIVE = f"state NOT IN {ENDED_STATES}"


async def entered(actor: Actor) -> list[object]:
    """The live registrations that this account made."""
    rows = await fetch_as(
        Entered,
        "SELECT r.number, r.name_passport, e.title_zh, e.title_en FROM registration r JOIN event e ON e.id = r.event"  # noqa: S608 - a constant condition
        f" WHERE r.registrant = :account AND r.{_LIVE} ORDER BY r.id",
        account=actor.account_id,
    )
    return [
        N_(
            "Registration %(number)s for %(event)s, in the name of %(name)s",
            number=row.number,
            event=pick(row.title_zh, row.title_en),
            name=row.name_passport,
        )
        for row in rows
    ]


async def discard(actor: Actor) -> None:
    """Cancel what the account registered; registrations made by organisers stay."""
    rows = await fetch_as(
        Id,
        f"SELECT id FROM registration WHERE registrant = :account AND {_LIVE} ORDER BY id",  # noqa: S608 - a constant condition
        account=actor.account_id,
    )
    for row in rows:
        await services.cancel(row.id, by=actor, reason="discarded by the owner of the address")


async def again(email: str) -> None:
    """Write the mail of each live registration of this address again."""
    rows = await fetch_as(
        Live,
        f"SELECT id, state, event FROM registration WHERE email = :email AND {_LIVE} ORDER BY id",  # noqa: S608 - a constant condition
        email=email,
    )
    for row in rows:
        await filling.notify_placed([(row.id, row.state)], row.event)


async def name_of(email: str) -> str:
    """The name last entered for the address."""
    found = await fetch_value_or_none(
        str,
        "SELECT coalesce(nullif(name_native, ''), name_passport) FROM registration WHERE email = :email"
        " ORDER BY id DESC LIMIT 1",
        email=email,
    )
    return found or ""


async def on_address_changed(event: AddressChanged) -> None:
    """Live registrations follow the account: all of a proved address, else those the account made itself."""
    rows = await fetch_as(
        FoundBy,
        "SELECT id, name_native, name_passport, organisation_name, phone FROM registration"  # noqa: S608 - a constant condition
        f" WHERE {_LIVE} AND (registrant = :account OR (email = :email AND :proved)) ORDER BY id FOR UPDATE",
        account=event.actor.account_id,
        email=event.actor.email,
        proved=event.actor.proved,
    )
    with db.constraint_errors({"uq_registration_of_address": changes.taken()}):
        for row in rows:
            names = (row.name_native, row.name_passport, row.organisation_name)
            search_key = phones.search_text(*names, event.address, phones.opened(row.phone))
            changed: dict[str, Any] = {"email": event.address, "updated_at": clock.now(), "search_key": search_key}
            await Registration.update(**changed).where(Registration.id == row.id)


async def on_account_closing(event: AccountClosing) -> None:
    """Places at fairs that are not over go to the waiting list; what was typed and never sent is forgotten."""
    await execute("DELETE FROM registration_draft WHERE account = :account", account=event.actor.account_id)
    for row in await queries.registrations_of(event.actor):
        if row.state not in rules.ENDED and row.ends_at > clock.now():
            await services.cancel(row.id, by=event.actor, reason="account closed")


BELONGINGS = proof.Belongings(entered, discard, again, name_of)
