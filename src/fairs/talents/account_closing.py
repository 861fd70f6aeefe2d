"""What an account's proof, change of address and end mean for its profile."""

from fairs.accounts import changes, proof
from fairs.accounts.actor import Actor
from fairs.accounts.domain_events import AccountClosing, AddressChanged
from fairs.core import clock, db
from fairs.core.i18n import N_
from fairs.talents import services


async def entered(actor: Actor) -> list[object]:
    """The account's profile."""
    row = await db.fetchrow("SELECT name_passport, headline FROM talent WHERE account = $1", actor.account_id)
    if row is None:
        return []
    return [N_("A profile in the name of %(name)s: %(headline)s", name=row["name_passport"], headline=row["headline"])]


async def discard(actor: Actor) -> None:
    """Hide the account's profile and empty it."""
    await services.withdraw_consent(by=actor)
    found = await db.fetchval(
        "UPDATE talent SET name_passport = $2, name_native = '', nationality = '', residence_country = '', phone = '',"
        " degree = '', discipline = '', institution = '', grad_year = NULL, current_employer = '', headline = '',"
        " summary = '', summary_lang = DEFAULT, skills = '{}', languages = '{}', engagement = '{}', cities = '{}',"
        " available_from = NULL, pay_min = NULL, has_project = false, search_key = '', updated_at = $3"
        " WHERE account = $1 RETURNING id",
        actor.account_id,
        actor.email.partition("@")[0],
        clock.now(),
    )
    if found is not None:
        await services.encode(found)


async def on_address_changed(event: AddressChanged) -> None:
    """The profile's address follows. Raises Conflict when another profile has that address."""
    with db.constraint_errors({"talent_email_key": changes.taken()}):
        await db.execute("UPDATE talent SET email = $2 WHERE account = $1", event.actor.account_id, event.address)


async def on_account_closing(event: AccountClosing) -> None:
    """Nobody is shown the profile any more; one of an address that was never proved is emptied too.

    The address goes out of it: who comes later with the same one is not taken for this person.
    """
    actor = event.actor
    await services.withdraw_consent(by=actor)
    if not actor.proved:
        await discard(actor)
    await db.execute(
        "UPDATE talent SET account = NULL, email = 'closed-' || id || '@invalid', updated_at = $2 WHERE account = $1",
        actor.account_id,
        clock.now(),
    )


BELONGINGS = proof.Belongings(entered, discard)
