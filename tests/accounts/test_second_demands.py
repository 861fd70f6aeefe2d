"""A second factor demanded of a role; resetting it for somebody who lost the phone."""

from datetime import timedelta

import httpx
import pytest

from fairs.accounts import second, second_demands, services
from fairs.accounts.actor import SYSTEM
from fairs.accounts.forms import DemandsForm
from fairs.core import clock
from fairs.core import db as database
from tests import factories, mails
from tests.accounts.test_two_factor import first_step, protected, with_password
from tests.cast import make_actor, post, sign_in


async def demand(days: int) -> None:
    await second_demands.store(DemandsForm(organiser=second.today() + timedelta(days=days)), by=SYSTEM)


async def test_nothing_else_is_open_from_the_day_on(client: httpx.AsyncClient) -> None:
    organiser = await make_actor("organiser")
    candidate = await make_actor("candidate", email="other@example.org")
    await demand(0)
    await sign_in(client, organiser, proved=True)
    for path in ("/organise/people", "/account", "/account/name", "/organise/access"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/two-factor"), path
    assert (await post(client, "/account/name", {"name": "Other"})).headers["location"] == "/account/two-factor"
    answer = await client.get("/organise/people", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "second_needed")
    assert organiser.name not in (await client.get("/")).text, "a public page is a stranger's"
    assert "nothing else is open" in (await client.get("/account/two-factor")).text
    await post(client, "/account/two-factor/begin")
    await sign_in(client, candidate)
    assert (await client.get("/account")).status_code == 200
    await protected(organiser)
    await sign_in(client, organiser)
    assert (await client.get("/organise/people")).status_code == 200


async def test_a_notice_before_the_day(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    organiser = await make_actor("organiser")
    await with_password(organiser)
    await demand(3)
    answer = await first_step(client, organiser, next="/account")
    assert answer.headers["location"] == "/account"
    assert "needs a second step" in (await client.get("/account")).text
    assert (await client.get("/organise/people")).status_code == 200
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await client.get("/organise/people")).headers["location"] == "/account/two-factor"
    answer = await first_step(client, organiser, next="/account")
    assert answer.headers["location"] == "/account/two-factor"


async def test_tokens_are_not_concerned(client: httpx.AsyncClient) -> None:
    organiser = await make_actor("organiser")
    token = await services.issue_token("api", "x", by=organiser, account_id=organiser.account_id)
    await demand(0)
    answer = await client.get("/api/v1/events", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_page_stores_the_days_and_notices_another(client: httpx.AsyncClient) -> None:
    admin = await make_actor("admin", email="root@example.org")
    await sign_in(client, admin, proved=True)
    page = (await client.get("/organise/people/two-factor")).text
    seen = page.split('name="_version" value="')[1].split('"')[0]
    day = second.today() + timedelta(days=9)
    assert (await post(client, "/organise/people/two-factor", {"bureau": "soon", "_version": seen})).status_code == 422
    answer = await post(client, "/organise/people/two-factor", {"bureau": day.isoformat(), "_version": seen})
    assert answer.status_code == 303
    assert await second_demands.demands() == {"bureau": day}
    answer = await post(client, "/organise/people/two-factor", {"staff": day.isoformat(), "_version": seen})
    assert answer.status_code == 409
    assert await second_demands.demands() == {"bureau": day}
    fresh = (await client.get("/organise/people/two-factor")).text.split('name="_version" value="')[1].split('"')[0]
    assert (await post(client, "/organise/people/two-factor", {"bureau": "", "_version": fresh})).status_code == 303
    assert await second_demands.demands() == {}
    await sign_in(client, await make_actor("organiser"))
    assert (await client.get("/organise/people/two-factor")).status_code == 403


async def test_list_shows_and_filters(client: httpx.AsyncClient) -> None:
    admin = await make_actor("admin", email="root@example.org", name="Root")
    safe = await make_actor("organiser", email="safe@example.org", name="Safe One")
    await make_actor("organiser", email="late@example.org", name="Late One")
    await protected(safe)
    await demand(5)
    await sign_in(client, admin)
    for state, expected in (("on", {"Safe One"}), ("off", {"Root", "Late One"}), ("missing", {"Late One"})):
        page = (await client.get(f"/organise/people?second={state}")).text.split('id="rows"')[1]
        assert {name for name in ("Root", "Safe One", "Late One") if f">{name}<" in page} == expected, state
    assert "Off, but demanded" in (await client.get("/organise/people")).text


async def test_administrator_resets_a_lost_phone(client: httpx.AsyncClient) -> None:
    admin = await make_actor("admin", email="root@example.org", name="Root")
    bob = await make_actor("bureau", email="bob@example.org", name="Bob", unit_id=await factories.unit_id("411500"))
    await protected(bob)
    half = await second.half(bob.account_id or 0, "", by_link=False)
    await sign_in(client, bob)
    await sign_in(client, admin, proved=True)
    assert "two-factor/reset" in (await client.get(f"/people/{bob.account_id}")).text
    path = f"/people/{bob.account_id}/two-factor/reset"
    assert (await post(client, path, {"reason": ""})).status_code == 422
    assert await second.is_on(bob.account_id or 0)
    assert (await post(client, path, {"reason": "phone stolen, asked by telephone"})).status_code == 303
    assert not await second.is_on(bob.account_id or 0)
    assert not await second.half_of(half)
    sessions = "SELECT count(*) FROM sign_in_session WHERE account = $1"
    assert await database.fetchval(sessions, bob.account_id) == 0
    assert "administrator" in await mails.text_of("bob@example.org")
    reason = "SELECT after->>'reason' FROM audit_entry WHERE action = 'two_factor.reset'"
    assert (await database.fetchval(reason)).startswith("phone stolen")
    answer = await post(client, path, {"reason": "again"})
    assert answer.status_code == 303
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'two_factor.reset'") == 1
    await sign_in(client, await make_actor("organiser"), proved=True)
    assert (await post(client, path, {"reason": "not an administrator"})).status_code == 403
