"""The link of an invitation: shown once, forwarded, ended, sent again, withdrawn."""

from datetime import timedelta

import httpx

from fairs.accounts import invitations, queries
from fairs.core import clock
from fairs.core.db import fetchval
from tests.cast import PASSWORD, errors_in, make_actor, post, sign_in, sign_out
from tests.home.rights import LINK, invited, organiser
from tests.pages import main_of


async def test_link_is_shown_once_and_leads_a_new_person_in(client: httpx.AsyncClient) -> None:
    await organiser(client)
    unit = {"role": "bureau", "unit": "410300"}
    path = await invited(client, "li@example.org", **unit)
    listed = main_of((await client.get("/organise/people?show=invitations")).text)
    assert "li@example.org" in listed.replace("<wbr>", "")
    assert path not in listed
    sign_out(client)
    page = await client.get(path)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "Wang Organiser invites you" in page.text
    answer = await post(client, path, {"name": "", "password": "short"})
    assert errors_in(answer.text) == ["Please fill this in", "At least 10 characters"]
    answer = await post(client, path, {"name": "Li Lei", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert (await client.get("/home")).status_code == 200
    assert "Li Lei" in main_of((await client.get("/bureau/people")).text)


async def test_forwarded_link_is_explained_and_refused(client: httpx.AsyncClient) -> None:
    await organiser(client)
    path = await invited(client, "bob@example.org")
    mallory = await make_actor("candidate", email="mallory@example.org")
    await sign_in(client, mallory, proved=True)
    page = await client.get(path)
    assert "You are signed in as mallory@example.org" in page.text
    answer = await post(client, path)
    assert answer.status_code == 409
    assert "An invitation cannot be passed on" in answer.text
    bob = await make_actor("candidate", email="bob@example.org")
    sign_out(client)
    assert f'href="/login?next={path}"' in (await client.get(path)).text
    assert (await post(client, path, {"name": "Mallory", "password": PASSWORD})).status_code == 409
    await sign_in(client, bob, proved=True)
    assert (await post(client, path)).status_code == 303
    assert await fetchval("SELECT count(*) FROM membership WHERE role = 'organiser'") == 2


async def test_each_way_in_which_a_link_ends_has_its_page(client: httpx.AsyncClient) -> None:
    await organiser(client)
    used, withdrawn, replaced, expired = [await invited(client, f"{at}@example.org") for at in "abcd"]
    sign_out(client)
    await post(client, used, {"name": "A", "password": PASSWORD})
    by = await queries.account_by_email("org@example.org")
    assert by is not None
    actor = await queries.actor_by_id(by.id)
    assert actor is not None
    ids = [await fetchval("SELECT id FROM invitation WHERE email = $1", f"{at}@example.org") for at in "bc"]
    await invitations.withdraw(ids[0], by=actor)
    await invitations.resend(ids[1], by=actor)
    sign_out(client)
    for path, status, words in (
        (used, 410, "This invitation has been accepted"),
        (withdrawn, 410, "This invitation was withdrawn"),
        (replaced, 410, "A newer link was sent"),
        (expired[:-3] + "xyz", 404, "This is not one of our links"),
    ):
        for answer in (await client.get(path), await post(client, path, {"name": "X", "password": PASSWORD})):
            assert (answer.status_code, words in answer.text) == (status, True), words
    clock._shift.set(timedelta(days=7, minutes=1))
    for answer in (await client.get(expired), await post(client, expired, {"name": "X", "password": PASSWORD})):
        assert (answer.status_code, "This link has expired" in answer.text) == (410, True)
    assert await fetchval("SELECT count(*) FROM account") == 2


async def test_send_again_and_withdraw_on_the_page(client: httpx.AsyncClient) -> None:
    await organiser(client)
    first = await invited(client)
    number = await fetchval("SELECT id FROM invitation")
    answer = await post(client, f"/people/invitations/{number}/resend")
    (second,) = LINK.findall(answer.text)
    assert (answer.status_code, second != first) == (201, True)
    assert (await post(client, f"/people/invitations/{number}/withdraw")).status_code == 303
    assert "Nobody is being waited for" in (await client.get("/organise/people?show=invitations")).text
    assert "Withdrawn" in main_of((await client.get("/organise/people?show=invitations&state=withdrawn")).text)
    answer = await post(client, f"/people/invitations/{number}/resend")
    assert answer.status_code == 303
