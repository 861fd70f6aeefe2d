"""Who sees how much of a profile, and what a person may take along."""

import httpx
import pytest

from fairs.core import db
from fairs.core.errors import NotFound
from fairs.home.queries import talent_for
from fairs.talents.rules import View
from tests import factories
from tests.cast import make_actor, post, sign_in

pytestmark = pytest.mark.usefixtures("db")
NAME = {"name_passport": "Maria Fernandez"}


async def test_export_holds_everything_about_the_person_and_nobody_else(client: httpx.AsyncClient) -> None:
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    await post(client, "/me/profile", NAME | {"visibility": "employers", "consent": "true", "skills": "CT, MRI"})
    talent = await db.fetchval("SELECT id FROM talent")
    event, organisation = await factories.event(slug="fair-2018"), await factories.organisation()
    listing = await factories.listing(organisation, event)
    await factories.registration(event, number="R1", talent=talent, email=alice.email)
    await factories.registration(event, number="R2")
    await factories.talent(name_passport="Another Person")
    await db.execute(
        "INSERT INTO preference (event, talent, listing, side, level, updated_at)"
        " VALUES ($1, $2, $3, 'talent', 'must', now())",
        event,
        talent,
        listing,
    )
    answer = await client.get("/me/profile/export.json")
    assert answer.status_code == 200
    assert 'filename="my-data.json"' in answer.headers["content-disposition"]
    data = answer.json()
    assert data["account"][0]["email"] == "alice@example.org"
    assert (data["profile"][0]["name_passport"], data["profile"][0]["skills"]) == ("Maria Fernandez", ["CT", "MRI"])
    assert [(item["kind"], item["given"]) for item in data["consents"]] == [("publication", True), ("matching", True)]
    assert [item["number"] for item in data["registrations"]] == ["R1"]
    assert [(item["listing"], item["level"]) for item in data["wishes"]] == [(listing, "must")]
    assert "Another Person" not in answer.text


async def test_talent_page_shows_an_employer_the_profile_without_contact(client: httpx.AsyncClient) -> None:
    organisation = await factories.organisation()
    talent = await factories.talent(phone="+49 30 901820", name_native="<b>Мария</b>")
    await sign_in(client, await make_actor("employer", organisation_id=organisation))
    page = await client.get(f"/talents/{talent}")
    assert page.status_code == 200
    assert "Machine learning for medical images" in page.text
    assert "&lt;b&gt;Мария" in page.text
    assert "+49 30" not in page.text
    assert "talent1@" not in page.text.split("<main")[1]
    assert "mailto:" not in page.text


async def test_talent_page_offers_an_employers_own_listings(client: httpx.AsyncClient) -> None:
    event, organisation, other = await factories.event(), await factories.organisation(), await factories.organisation()
    await factories.listing(organisation, event, title_zh="本单位岗位")
    await factories.listing(other, event, title_zh="别家岗位")
    await sign_in(client, await make_actor("employer", organisation_id=organisation))
    page = await client.get(f"/talents/{await factories.talent()}")
    assert "本单位岗位" in page.text
    assert "别家岗位" not in page.text


async def test_own_talent_page_shows_what_employers_see(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("candidate"))
    await post(client, "/me/profile", NAME | {"phone": "+49 30 901820"})
    talent = await db.fetchval("SELECT id FROM talent")
    page = await client.get(f"/talents/{talent}")
    assert "This is what employers see." in page.text
    assert "+49 30" not in page.text


@pytest.mark.parametrize("visibility", ["private", "matched", "employers"])
async def test_talent_page_of_another_candidate_is_not_found(client: httpx.AsyncClient, visibility: str) -> None:
    talent = await factories.talent(visibility=visibility)
    await sign_in(client, await make_actor("candidate"))
    assert (await client.get(f"/talents/{talent}")).status_code == 404


async def test_talent_page_of_a_private_profile_is_found_by_the_organiser_only(client: httpx.AsyncClient) -> None:
    talent = await factories.talent(visibility="private")
    await sign_in(client, await make_actor("employer", organisation_id=await factories.organisation()))
    assert (await client.get(f"/talents/{talent}")).status_code == 404
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    page = await client.get(f"/talents/{talent}")
    assert page.status_code == 200
    assert "mailto:" in page.text


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999999"])
async def test_talent_page_of_nobody_is_not_found(client: httpx.AsyncClient, number: str) -> None:
    await sign_in(client, await make_actor("organiser"))
    assert (await client.get(f"/talents/{number}")).status_code == 404


async def both_want(talent: int, listing: int, event: int, sides: tuple[str, ...] = ("talent", "employer")) -> None:
    for side in sides:
        await db.execute(
            "INSERT INTO preference (event, talent, listing, side, level, updated_at) VALUES ($1, $2, $3, $4, 'meet', now())",
            event,
            talent,
            listing,
            side,
        )


async def test_talent_for_shows_contact_only_after_both_sides_said_yes() -> None:
    event, organisation = await factories.event(), await factories.organisation()
    listing = await factories.listing(organisation, event)
    boss = await make_actor("employer", email="boss@example.org", organisation_id=organisation)
    talent = await factories.talent(visibility="employers", phone="+49 30 901820")
    before = await talent_for(boss, talent)
    assert (before.view, before.email, before.phone) == (View.PROFILE, "", "")
    await both_want(talent, listing, event, ("employer",))
    assert (await talent_for(boss, talent)).view == View.PROFILE
    await both_want(talent, listing, event, ("talent",))
    after = await talent_for(boss, talent)
    assert (after.view, after.phone) == (View.CONTACT, "+49 30 901820")


async def test_talent_for_hides_matched_profiles_from_employers_without_a_match() -> None:
    event, organisation, other = await factories.event(), await factories.organisation(), await factories.organisation()
    listing = await factories.listing(organisation, event)
    boss = await make_actor("employer", email="boss@example.org", organisation_id=organisation)
    rival = await make_actor("employer", email="rival@example.org", organisation_id=other)
    talent = await factories.talent(visibility="matched")
    with pytest.raises(NotFound):
        await talent_for(boss, talent)
    await both_want(talent, listing, event)
    assert (await talent_for(boss, talent)).view == View.CONTACT
    with pytest.raises(NotFound):
        await talent_for(rival, talent)


async def test_talent_for_refuses_employers_that_are_not_approved() -> None:
    organisation = await factories.organisation(state="pending")
    boss = await make_actor("employer", email="boss@example.org", organisation_id=organisation)
    with pytest.raises(NotFound):
        await talent_for(boss, await factories.talent(visibility="employers"))


async def test_talent_for_bureaus_is_their_own_people_and_whoever_is_not_private() -> None:
    luoyang = await factories.unit_id("410300")
    bureau = await make_actor("bureau", email="ly@example.org", unit_id=luoyang)
    own = await factories.talent(visibility="private", unit=luoyang)
    other = await factories.talent(visibility="private", unit=await factories.unit_id())
    shown = await factories.talent(visibility="matched")
    assert (await talent_for(bureau, own)).view == View.CONTACT
    assert (await talent_for(bureau, shown)).view == View.PROFILE
    with pytest.raises(NotFound):
        await talent_for(bureau, other)
