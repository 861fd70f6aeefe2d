"""Effects on the profile when an account's address is proved or changed, or the account closes."""

from fairs.accounts import changes, proof
from fairs.accounts.actor import Actor
from fairs.accounts.domain_events import AccountClosing, AddressChanged
from fairs.core import clock, db
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value_or_none
from fairs.talents import services
from fairs.talents.tables import Talent


async def entered(actor: Actor) -> list[object]:
    """The account's profile."""
    row = await Talent.objects().where(Talent.account == actor.account_id).first()
    if row is None:
        return []
    return [N_("A profile in the name of %(name)s: %(headline)s", name=row.name_passport, headline=row.headline)]


async def discard(actor: Actor) -> None:
    """Hide the account's profile and empty it."""
    await services.withdraw_consent(by=actor)
    await services.remove_photo(by=actor)
    found = await fetch_value_or_none(
        int,
        "UPDATE talent SET name_passport = :name, name_native = '', nationality = '', residence_country = '', phone = '',"
        " degree = '', discipline = '', institution = '', grad_year = NULL, current_employer = '', headline = '',"
        " summary = '', summary_lang = DEFAULT, skills = '{}', languages = '{}', engagement = '{}', cities = '{}',"
        " available_from = NULL, pay_min = NULL, has_project = false, abroad_country = '',"
        " abroad_from = NULL, abroad_to = NULL, abroad_degree = '', search_key = '', updated_at = :now"
        " WHERE account = :account RETURNING id",
        account=actor.account_id,
        name=actor.email.partition("@")[0],
        now=clock.now(),
    )
    if found is not None:
        await services.encode(found)


async def on_address_changed(event: AddressChanged) -> None:
    """The profile takes the new address. Raises Conflict when another profile has it."""
    with db.constraint_errors({"talent_email_key": changes.taken()}):
        await Talent.update(email=event.address).where(Talent.account == event.actor.account_id)


async def on_account_closing(event: AccountClosing) -> None:
    """Hide the profile from all; empty it too if its address was never proved.

    Photo and address are removed: a later person with the same one is not taken for this person.
    """
    actor = event.actor
    await services.withdraw_consent(by=actor)
    await services.remove_photo(by=actor)
    if not actor.proved:
        await discard(actor)
    await execute(
        "UPDATE talent SET account = NULL, email = 'closed-' || id || '@invalid', updated_at = :now WHERE account = :account",
        account=actor.account_id,
        now=clock.now(),
    )


BELONGINGS = proof.Belongings(entered, discard)
