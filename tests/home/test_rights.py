"""Pages about people and rights: lists, inviting, links, what is done to an account."""

import asyncio
from io import BytesIO

import httpx
import pytest
import python_calamine

from fairs.accounts import people, queries
from fairs.accounts import services as accounts
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import SignInForm
from fairs.core.db import fetch, fetchval
from fairs.core.errors import Conflict, Invalid
from fairs.core.roles import Role
from tests import factories
from tests.cast import PASSWORD, errors_in, make_actor, post, sign_in, sign_out
from tests.home.rights import LINK, invited, organiser
from tests.pages import form_of, main_of

RUN = "/organise/editions"


# Lists


async def test_province_sees_all_who_run_the_fair_and_finds_them_in_pinyin(client: httpx.AsyncClient) -> None:
    await organiser(client)
    luoyang = await factories.unit_id("410300")
    await make_actor("bureau", email="lili@example.org", name="李丽", unit_id=luoyang)
    await make_actor("candidate", email="cand@example.org", name="Carla Candidate")
    page = main_of((await client.get("/organise/people")).text)
    assert ("李丽" in page, "Carla Candidate" in page) == (True, False)
    assert "2 people" in page
    assert "Luoyang" in page
    for query, found in (
        ("q=lili", True),
        ("q=li+li", True),
        ("q=wang", False),
        ("role=bureau&unit=410300", True),
        ("unit=410100", False),
        ("role=staff", False),
        ("state=suspended", False),
        ("role=everybody&sort=-seen", True),
    ):
        page = main_of((await client.get(f"/organise/people?{query}")).text)
        assert ("李丽" in page) == found, query
    assert "Carla Candidate" in main_of((await client.get("/organise/people?role=candidate")).text)


async def test_list_pages_and_sorts(client: httpx.AsyncClient) -> None:
    await organiser(client)
    for at in range(60):
        await make_actor("organiser", email=f"p{at:02}@example.org", name=f"Person {at:02}")
    first = main_of((await client.get("/organise/people?sort=email")).text)
    assert ("Person 00" in first, "Person 59" in first) == (True, False)
    assert "Person 59" in main_of((await client.get("/organise/people?sort=email&page=2")).text)
    assert "Person 59" in main_of((await client.get("/organise/people?sort=-email")).text)


async def test_bureau_sees_its_own_colleagues_only(client: httpx.AsyncClient) -> None:
    luoyang, zhengzhou = await factories.unit_id("410300"), await factories.unit_id("410100")
    mine = await make_actor("bureau", email="me@example.org", name="Mine", unit_id=luoyang)
    colleague = await make_actor("bureau", email="col@example.org", name="Colleague", unit_id=luoyang)
    other = await make_actor("bureau", email="other@example.org", name="Elsewhere", unit_id=zhengzhou)
    await sign_in(client, mine, proved=True)
    page = main_of((await client.get("/bureau/people")).text)
    assert ("Colleague" in page, "Elsewhere" in page) == (True, False)
    assert (await client.get(f"/people/{colleague.account_id}")).status_code == 200
    assert (await client.get(f"/people/{other.account_id}")).status_code == 404
    for verb in ("suspend", "reactivate", "sign-out"):
        assert (await post(client, f"/people/{other.account_id}/{verb}", {"reason": "x"})).status_code == 404
    content = (await client.get("/people/export.xlsx")).content
    rows = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {"Mine", "Colleague"}


async def test_bureau_cannot_suspend_who_has_another_role_too(client: httpx.AsyncClient) -> None:
    unit = await factories.unit_id("410300")
    mine = await make_actor("bureau", email="me@example.org", unit_id=unit)
    both = await make_actor("bureau", email="both@example.org", name="Both", unit_id=unit)
    await accounts.grant(both.account_id or 0, Grant(Role.ORGANISER), by=SYSTEM)
    await sign_in(client, mine, proved=True)
    page = main_of((await client.get(f"/people/{both.account_id}")).text)
    assert "only the organisers can suspend it" in page
    assert "Organiser" not in page, "another office's role is none of the bureau's business"
    await post(client, f"/people/{both.account_id}/suspend", {"reason": "x"})
    assert await fetchval("SELECT active FROM account WHERE id = $1", both.account_id)


async def test_bureau_invites_gate_staff_for_the_event_that_it_runs(client: httpx.AsyncClient) -> None:
    luoyang = await factories.unit_id("410300")
    fair = await factories.event(slug="fair", title_en="The whole fair")
    part = {"parent": fair, "unit": luoyang, "kind": "session"}
    own = await factories.event(slug="luoyang", title_en="Luoyang session", release="released", release_note="", **part)
    await factories.event(slug="drawn-up", title_en="Drawn up", state="draft", release="drawn_up", **part)
    gate, elsewhere = await factories.gate(own), await factories.gate(fair)
    mine = await make_actor("bureau", email="me@example.org", unit_id=luoyang)
    of_fair = await make_actor("staff", email="fair@example.org", name="Of the fair", event_id=fair)
    await sign_in(client, mine, proved=True)
    assert "/people/invite?role=staff&amp;event=luoyang" in (await client.get(f"{RUN}/luoyang/devices")).text
    page = main_of((await client.get("/people/invite?role=staff&event=luoyang")).text)
    assert ("Luoyang session" in page, "The whole fair" in page, "Drawn up" in page) == (True, False, False)
    staff = {"role": "staff", "email": "gate@example.org"}
    for given in ({"event": "fair"}, {"event": "drawn-up"}, {"event": "luoyang", "gates": str(elsewhere)}):
        answer = await post(client, "/people/invite", {**staff, "lang": "en", **given})
        assert answer.status_code == 422, given
    await invited(client, **staff, event="luoyang", gates=str(gate))
    held = await make_actor("staff", email="both@example.org", name="Our own", event_id=own)
    await accounts.grant(held.account_id or 0, Grant(Role.STAFF, event_id=fair), by=SYSTEM)
    page = main_of((await client.get("/bureau/people")).text)
    assert ("Our own" in page, "Luoyang session" in page) == (True, True)
    assert ("Of the fair" in page, "The whole fair" in page) == (False, False)
    assert (await client.get(f"/people/{of_fair.account_id}")).status_code == 404
    rows = python_calamine.CalamineWorkbook.from_filelike(
        BytesIO((await client.get("/people/export.xlsx")).content)
    ).get_sheet_by_index(0)
    assert [row[2] for row in rows.to_python()[1:] if row[0] == "Our own"] == ["Gate staff · Luoyang session"]
    assert "1 to 1 of 1" in main_of((await client.get("/bureau/people?show=invitations&q=gate")).text)
    (ours, not_ours) = await fetch(
        "SELECT id FROM membership WHERE account = $1 ORDER BY event_id DESC", held.account_id
    )
    for role, status in ((not_ours, 404), (ours, 303)):
        answer = await post(client, f"/people/{held.account_id}/roles/{role['id']}/take", {})
        assert answer.status_code == status
    assert await fetchval("SELECT event_id FROM membership WHERE account = $1", held.account_id) == fair


async def test_employer_owner_invites_and_its_colleague_does_not(client: httpx.AsyncClient) -> None:
    firm = await factories.organisation(name_en="Zhongyuan University")
    owner = await make_actor("employer", email="first@example.org", name="First", organisation_id=firm)
    second = await make_actor("employer", email="second@example.org", name="Second", organisation_id=firm)
    await sign_in(client, owner, proved=True)
    path = await invited(client, role="employer", organisation=str(firm))
    assert "Second" in main_of((await client.get("/employer/people")).text)
    await sign_in(client, second, proved=True)
    assert (await client.get("/people/invite")).status_code == 403
    assert 'href="/people/invite"' not in (await client.get("/employer/people")).text
    assert (await post(client, f"/people/{owner.account_id}/suspend", {"reason": "x"})).status_code == 404
    sign_out(client)
    assert "Zhongyuan University" in main_of((await client.get(path)).text)


# Inviting


async def test_form_has_the_fields_of_its_role(client: httpx.AsyncClient) -> None:
    await organiser(client)
    event = await factories.event(slug="fair")
    await factories.gate(event)
    for role, names in (
        ("organiser", set()),
        ("bureau", {"unit"}),
        ("staff", {"event", "gates"}),
        ("reviewer", {"event"}),
        ("interpreter", {"event"}),
    ):
        page = main_of((await client.get(f"/people/invite?role={role}")).text)
        found = {name for name in ("unit", "event", "gates", "organisation") if f'name="{name}"' in page}
        assert found == names, role
    assert "Administrator" not in main_of((await client.get("/people/invite")).text)


async def test_what_is_missing_or_strange_stays_in_the_form(client: httpx.AsyncClient) -> None:
    await organiser(client)
    event, other = await factories.event(slug="fair"), await factories.event(slug="other")
    await factories.gate(event)
    strange = await factories.gate(other)
    for sent, errors in (
        ({"role": "bureau", "email": "a@example.org"}, ["Choose where this role holds."]),
        ({"role": "bureau", "email": "a@example.org", "unit": "999999"}, ["Choose where this role holds."]),
        ({"role": "organiser", "email": "not an address"}, ["This is not an e-mail address"]),
        (
            {"role": "staff", "email": "a@example.org", "event": "fair", "gates": str(strange)},
            ["Choose gates of this event only."],
        ),
        ({"role": "organiser", "email": "org@example.org"}, ["This person has the role already."]),
    ):
        answer = await post(client, "/people/invite", {"lang": "en", **sent})
        assert (answer.status_code, errors_in(answer.text)) == (422, errors), sent
        assert f'value="{sent["email"]}"' in answer.text
    assert await fetchval("SELECT count(*) FROM invitation") == 0


async def test_organiser_cannot_smuggle_an_administrator(client: httpx.AsyncClient) -> None:
    await organiser(client)
    answer = await post(client, "/people/invite", {"role": "admin", "email": "a@example.org", "unit": "410300"})
    assert answer.status_code == 201, "an unknown role falls back to the first form"
    assert await fetchval("SELECT role FROM invitation") == "bureau"


# Accounts


async def test_suspended_account_is_out_with_its_tokens(client: httpx.AsyncClient) -> None:
    await organiser(client)
    password = await accounts.create_account(
        email="bob@example.org", name="Bob", lang="en", password=PASSWORD, proved=True
    )
    await accounts.grant(password, Grant(Role.BUREAU, await factories.unit_id()), by=SYSTEM)
    bob = await queries.actor_by_id(password)
    assert bob is not None
    token = await accounts.issue_token("api", "x", by=bob, account_id=bob.account_id)
    session = await accounts.open_session(password, ip="", user_agent="")
    answer = await post(client, f"/people/{password}/suspend", {"reason": ""})
    assert errors_in(answer.text) == ["Please fill this in"]
    assert (await post(client, f"/people/{password}/suspend", {"reason": "left"})).status_code == 303
    assert await queries.actor_by_session(session) is None
    assert await queries.actor_by_token(token) is None
    with pytest.raises(Invalid):
        await accounts.sign_in(SignInForm(email="bob@example.org", password=PASSWORD), caller=Caller())
    assert "This account is suspended" in (await client.get(f"/people/{password}")).text
    await post(client, f"/people/{password}/reactivate")
    assert await accounts.sign_in(SignInForm(email="bob@example.org", password=PASSWORD), caller=Caller()) == password
    assert await queries.actor_by_token(token) is None
    actions = await fetchval(
        "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_entry WHERE action LIKE 'account.%'"
    )
    assert "account.suspend account.reactivate" in actions


async def test_sign_out_and_take_a_role_away(client: httpx.AsyncClient) -> None:
    await organiser(client)
    bob = await make_actor("staff", email="bob@example.org", name="Bob", event_id=await factories.event())
    session = await accounts.open_session(bob.account_id or 0, ip="", user_agent="")
    await post(client, f"/people/{bob.account_id}/sign-out")
    assert await queries.actor_by_session(session) is None
    (role,) = await people.roles_of(bob.account_id or 0)
    assert (await post(client, f"/people/{bob.account_id}/roles/{role.id}/take")).status_code == 303
    assert await people.roles_of(bob.account_id or 0) == []


async def test_organiser_has_no_say_over_an_administrator(client: httpx.AsyncClient) -> None:
    await organiser(client)
    admin = await make_actor("admin", email="root@example.org")
    (role,) = await people.roles_of(admin.account_id or 0)
    for path in ("suspend", "sign-out", f"roles/{role.id}/take", f"roles/{role.id}/hand-over"):
        answer = await post(client, f"/people/{admin.account_id}/{path}", {"reason": "x", "email": "x@example.org"})
        assert answer.status_code == 404, path
    assert await fetchval("SELECT active FROM account WHERE id = $1", admin.account_id)


async def test_last_administrator_stays(client: httpx.AsyncClient) -> None:
    admin = await organiser(client, "admin")
    (role,) = await people.roles_of(admin.account_id or 0)
    answer = await post(client, f"/people/{admin.account_id}/roles/{role.id}/take")
    assert answer.headers["location"] == f"/people/{admin.account_id}"
    assert "This is the last administrator" in (await client.get(f"/people/{admin.account_id}")).text
    assert len(await people.roles_of(admin.account_id or 0)) == 1


@pytest.mark.parametrize("verb", ["suspend", "take"])
async def test_two_administrators_cannot_remove_each_other_at_once(db: None, verb: str) -> None:
    pair = [await make_actor("admin", email=f"{at}@example.org") for at in "ab"]

    async def remove(by: Actor, other: Actor) -> None:
        if verb == "suspend":
            await people.suspend(other.account_id or 0, "x", by=by)
        else:
            (role,) = await people.roles_of(other.account_id or 0)
            await people.take_role(other.account_id or 0, role.id, by=by)

    answers = await asyncio.gather(remove(*pair), remove(*reversed(pair)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [Conflict], answers
    left = "SELECT count(*) FROM membership m JOIN account a ON a.id = m.account AND a.active WHERE m.role = 'admin'"
    assert await fetchval(left) == 1


async def test_gates_are_chosen_with_a_version(client: httpx.AsyncClient) -> None:
    await organiser(client)
    event = await factories.event()
    east, west = await factories.gate(event, code="east"), await factories.gate(event, code="west")
    bob = await make_actor("staff", email="bob@example.org", event_id=event)
    (role,) = await people.roles_of(bob.account_id or 0)
    path = f"/people/{bob.account_id}/roles/{role.id}/gates"
    opened = form_of((await client.get(path)).text, path)
    assert (await post(client, path, {**opened, "gates": [str(east)]})).status_code == 303
    assert await people.gates_of_role(role.id) == [east]
    answer = await post(client, path, {**opened, "gates": [str(west)]})
    assert answer.status_code == 409
    assert await people.gates_of_role(role.id) == [east]
    answer = await post(client, path, {"gates": ["999999"]})
    assert answer.status_code == 422


async def test_hand_over_page_invites_the_successor(client: httpx.AsyncClient) -> None:
    actor = await organiser(client)
    (role,) = await people.roles_of(actor.account_id or 0)
    path = f"/people/{actor.account_id}/roles/{role.id}/hand-over"
    assert "Wang Organiser keeps the role until" in (await client.get(path)).text
    answer = await post(client, path, {"email": "heir@example.org", "name": "Heir", "lang": "en"})
    (link,) = LINK.findall(answer.text)
    assert "takes over from Wang Organiser" in (await client.get("/organise/people?show=invitations")).text
    sign_out(client)
    assert (await post(client, link, {"name": "Heir", "password": PASSWORD})).status_code == 303
    assert await people.roles_of(actor.account_id or 0) == []


# The desk of reviewers and interpreters


async def test_reviewer_and_interpreter_have_a_desk_without_names_of_candidates(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", title_en="Great fair")
    firm = await factories.organisation(name_en="Zhongyuan University")
    await factories.listing(firm, event, title_en="Urgent post", urgent=True, urgent_reason="Nobody else does it")
    plain = await factories.listing(firm, event, title_en="Plain post")
    talent = await factories.talent(name_passport="Secret Name", languages=["en"])
    await factories.meeting(event, plain, firm, talent, state="scheduled", outcome="")
    await factories.event(title_en="Other fair")
    await sign_in(client, await make_actor("reviewer", email="r@example.org", event_id=event), proved=True)
    assert (await client.get("/home")).headers["location"] == "/work"
    page = main_of((await client.get("/work")).text)
    assert ("Urgent post" in page, "Nobody else does it" in page, "Plain post" in page) == (True, True, False)
    assert "Other fair" not in page
    await sign_in(client, await make_actor("interpreter", email="i@example.org", event_id=event), proved=True)
    page = main_of((await client.get("/work")).text)
    assert ("Plain post" in page, "Zhongyuan University" in page, "Secret Name" in page) == (True, True, False)
    assert "Plain post" not in main_of((await client.get("/work?language=ru")).text)
