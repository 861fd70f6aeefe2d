"""What an account's proof and change of address mean for its registrations."""

import pytest

from fairs.accounts import changes, claims, queries, services
from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import AddressForm, SignUpForm
from fairs.core import db as database
from fairs.registrations import phones
from fairs.registrations import queries as registrations
from fairs.registrations import services as registering
from fairs.registrations.forms import RegistrationForm
from fairs.talents import services as talents
from fairs.talents.forms import ProfileForm
from tests import factories, mails
from tests.cast import PASSWORD, make_actor

NEW = "maria@new.example.org"
PHONE = "+34 600 123 987"


async def move(actor: Actor, new: str = NEW) -> None:
    """The account's address becomes another one, by the mailed link."""
    cookie = await services.open_session(actor.account_id or 0, ip="", user_agent="", by_link=True)
    here = await queries.actor_by_session(cookie)
    assert here is not None
    await changes.request_address(AddressForm(email=new), by=here)
    await changes.change_address((await mails.text_of(new)).split("/login/link/")[1].split("/")[0], by=here)


async def found_by(event: int, typed: str) -> int:
    return (await registrations.search(event=event, q=typed)).total


async def test_moved_registration_is_found_by_the_new_address_and_by_the_phone(db: None) -> None:
    maria = await make_actor("candidate", email="maria@example.org")
    event = await factories.event()
    form = RegistrationForm(email=maria.email, name_passport="Maria Fernandez", phone=PHONE)
    await registering.register(event, form, by=maria)
    stored = await database.fetchval("SELECT phone FROM registration")
    await move(maria)
    row = await database.fetchrow("SELECT email, phone, search_key FROM registration")
    assert row is not None
    assert (row["email"], row["phone"], phones.opened(row["phone"])) == (NEW, stored, PHONE)
    assert "600" not in row["search_key"]
    for typed, times in ((NEW, 1), ("123987", 1), ("fernandez", 1), ("maria@example.org", 0)):
        assert await found_by(event, typed) == times, typed


async def test_registration_waiting_under_the_new_address_joins_the_profile(db: None) -> None:
    """The new address is proved by the change: what organisers entered for it is the same person's."""
    maria = await make_actor("candidate", email="maria@example.org")
    talent = await talents.save_profile(ProfileForm(name_passport="Maria Fernandez", headline="Wheat"), by=maria)
    await registering.register(
        await factories.event(), RegistrationForm(email=NEW, name_passport="Maria Fernandez"), by=SYSTEM
    )
    assert await database.fetchval("SELECT talent FROM registration") is None
    await move(maria)
    assert await database.fetchval("SELECT talent FROM registration") == talent


@pytest.mark.parametrize("way", ["confirmation", "sign-in link"])
async def test_each_proof_joins_what_waits_for_the_address(db: None, way: str) -> None:
    form = SignUpForm(name="Maria Fernandez", email=NEW, password=PASSWORD)
    account = await services.sign_up(form, caller=Caller())
    maria = await queries.actor_by_id(account)
    assert maria is not None
    talent = await talents.save_profile(
        ProfileForm(name_passport="Maria Fernandez", headline="Wheat", phone=PHONE), by=maria
    )
    await registering.register(
        await factories.event(), RegistrationForm(email=NEW, name_passport="Maria Fernandez"), by=SYSTEM
    )
    assert await database.fetchval("SELECT talent FROM registration") is None
    if way == "confirmation":
        text = await mails.text_of(NEW, kind="confirm_address")
        await claims.confirm(text.split("/login/link/")[1].split("/")[0])
    else:
        await services.request_link(NEW, caller=Caller())
        text = await mails.text_of(NEW, kind="sign_in_link")
        await services.use_link(text.split("/login/link/")[1].split()[0])
    assert await database.fetchval("SELECT talent FROM registration") == talent
