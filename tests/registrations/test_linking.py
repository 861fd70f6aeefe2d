"""Registration and profile are one person's, whichever came first; an address that nobody proved joins nothing."""

import pytest

from fairs.accounts import services as accounts
from fairs.accounts.actor import Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.queries import actor_by_id
from fairs.core import db as database
from fairs.core.forms import bind
from fairs.core.roles import Role
from fairs.privacy import held
from fairs.registrations import queries, services
from fairs.registrations.forms import RegistrationForm
from fairs.talents import journey
from fairs.talents import services as talents
from fairs.talents.forms import ProfileForm
from tests import factories, mails
from tests.cast import make_actor

EMAIL = "maria@example.org"


async def candidate(email: str = EMAIL) -> Actor:
    return await make_actor("candidate", email=email, name="Maria", proved=False)


def person(email: str = EMAIL) -> RegistrationForm:
    return RegistrationForm(email=email, name_passport="Maria Fernandez", phone="+34 600 000 000")


async def save_profile(by: Actor) -> int:
    form = bind(ProfileForm, {"name_passport": "Maria Fernandez", "visibility": "private"})
    assert form.ok, form.errors
    return await talents.save_profile(form.value, by=by)


async def prove(actor: Actor) -> Actor:
    await accounts.request_link(actor.email, caller=Caller())
    token = (await mails.text_of(actor.email)).split("/login/link/")[1].split()[0]
    await accounts.use_link(token)
    found = await actor_by_id(actor.account_id or 0)
    assert found is not None
    return found


async def linked() -> int | None:
    found: int | None = await database.fetchval("SELECT talent FROM registration")
    return found


@pytest.mark.parametrize("first", ["registration", "profile"])
async def test_both_orders_make_one_person(db: None, first: str) -> None:
    event = await factories.event(state="published", capacity=None)
    maria = await candidate()
    if first == "registration":
        await services.register(event, person(), by=maria)
        assert await linked() is None
        talent = await save_profile(maria)
    else:
        talent = await save_profile(maria)
        await services.register(event, person(), by=maria)
    assert await linked() == talent
    exported = await held.everything(maria)
    assert [row["phone"] for row in exported["registrations"]] == ["+34 600 000 000"]
    assert exported["profile"][0]["name_passport"] == "Maria Fernandez"


async def test_registration_without_a_profile_is_in_the_export(db: None) -> None:
    event = await factories.event(state="published", capacity=None)
    maria = await candidate()
    await services.register(event, person(), by=maria)
    exported = await held.everything(maria)
    assert (exported["profile"], len(exported["registrations"])) == ([], 1)


@pytest.mark.parametrize("first", ["profile", "registration"])
async def test_person_written_in_by_others_is_joined_by_the_proof_only(db: None, first: str) -> None:
    """Organiser's programs write an address in; somebody signs up with it; the owner of the mailbox comes later."""
    event = await factories.event(state="published", capacity=None)
    organiser = await make_actor("organiser")
    maria = await candidate()
    if first == "profile":
        talent = await save_profile(maria)
        await services.register(event, person(), by=organiser)
    else:
        await services.register(event, person(), by=organiser)
        talent = await save_profile(maria)
    assert await linked() is None
    number = await database.fetchval("SELECT id FROM registration")
    assert not queries.is_own(maria, await queries.registration_by_id(number))
    assert (await held.everything(maria))["registrations"] == []
    maria = await prove(maria)
    assert await linked() == talent
    assert queries.is_own(maria, await queries.registration_by_id(number))
    assert len((await held.everything(maria))["registrations"]) == 1


async def test_person_of_a_proved_address_is_joined_at_once(db: None) -> None:
    event = await factories.event(state="published", capacity=None)
    maria = await prove(await candidate())
    talent = await save_profile(maria)
    await services.register(event, person(), by=await make_actor("organiser"))
    assert await linked() == talent


async def test_strangers_registrations_are_not_joined(db: None) -> None:
    event = await factories.event(state="published", capacity=None)
    for email in ("other@example.org", "another@example.org"):
        await services.register(event, person(email), by=await make_actor("organiser", email=f"o-{email}"))
    maria = await prove(await candidate())
    talent = await save_profile(maria)
    await services.register(event, person(), by=maria)
    rows = await database.fetch("SELECT email, talent FROM registration ORDER BY id")
    assert [(row["email"], row["talent"]) for row in rows] == [
        ("other@example.org", None),
        ("another@example.org", None),
        (EMAIL, talent),
    ]


async def test_journey_knows_the_registration_in_either_order(db: None) -> None:
    event = await factories.event(state="published", capacity=None)
    maria = await candidate()
    assert Role.CANDIDATE in maria.roles
    await services.register(event, person(), by=maria)
    await save_profile(maria)
    steps = {step.route: step.state for step in await journey.journey_of(maria)}
    assert steps["my_registrations"] == "done", steps
