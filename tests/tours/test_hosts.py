"""Hosts of stops: asked by mail and on their page, they answer, write, and see nothing but their own."""

import httpx
import pytest

from fairs.core import db
from fairs.core.errors import Conflict
from fairs.tours import hosting, services, waiting
from fairs.tours.forms import ReasonForm
from tests import fair
from tests.cast import make_actor, post, sign_in
from tests.pages import form_of, main_of
from tests.tours.stage import HERE, add_stop, mailed, open_tour, people, stop_form

OFF = ReasonForm(reason="Road closed")


async def test_a_host_is_asked_and_answers(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    stop = await add_stop(stage, 1, 1)
    await people(stage, 2, organisation_name="UPC")
    await sign_in(client, stage.wang.actor)
    here = f"/hosting/{stop}"
    assert (await client.get(here)).status_code == 404, "not asked yet"
    assert "Nobody has asked you yet" in (await client.get("/hosting")).text
    await sign_in(client, stage.organiser)
    await post(client, f"{HERE}/ask")
    assert await mailed("tour_stop_asked") == ["wang@example.org"]
    await sign_in(client, stage.wang.actor)
    assert "1 stop waits for your answer" in (await client.get("/hosting")).text
    page = main_of((await client.get(here)).text)
    for words in ("Yes, we receive them", "Member 000", "UPC", "2 people come"):
        assert words in page
    assert "m0@example.org" not in page
    assert "+34" not in page
    assert (await post(client, f"{here}/decline", {"reason": ""})).status_code == 422
    await post(client, f"{here}/decline", {"reason": "Stocktaking"})
    await sign_in(client, stage.organiser)
    shown = main_of((await client.get(HERE)).text)
    assert "has declined" in shown
    assert "Stocktaking" in (await client.get(f"{HERE}/stops/{stop}")).text
    await sign_in(client, stage.wang.actor)
    await post(client, f"{here}/confirm")
    assert await db.fetchval("SELECT state FROM tour_stop") == "confirmed"
    first = form_of((await client.get(here)).text, here)
    assert (await post(client, here, first | {"places": ["0"]})).status_code == 422
    assert (await post(client, here, first | {"host_phone": ["call me"]})).status_code == 422
    assert (await post(client, here, first | {"host_name": ["Ms Li"], "places": ["20"]})).status_code == 303
    late = await post(client, here, first | {"host_name": ["Mr Zhao"]})
    assert late.status_code == 409
    assert "Ms Li" in late.text
    await sign_in(client, stage.organiser)
    assert "Ms Li" in (await client.get(HERE)).text


async def test_others_see_nothing(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    stop, other = await add_stop(stage), await add_stop(stage, 1, employer="", unit="410200")
    await hosting.ask_all("tour", by=stage.organiser)
    await sign_in(client, stage.bureau)
    assert (await client.get(f"/hosting/{stop}")).status_code == 200, "the bureau of the city answers for its employers"
    li = await fair.employer("li@example.org", "Li Na")
    for actor, number in ((li.actor, stop), (li.actor, other), (stage.wang.actor, other), (stage.bureau, other)):
        await sign_in(client, actor)
        here = f"/hosting/{number}"
        assert (await client.get(here)).status_code == 404
        for act, data in (("", {"host_name": "x"}), ("/confirm", {}), ("/decline", {"reason": "x"})):
            assert (await post(client, here + act, data)).status_code == 404
    await sign_in(client, await make_actor("candidate", email="c@example.org"))
    assert (await client.get("/hosting")).status_code == 403
    assert await db.fetchval("SELECT count(*) FROM tour_stop WHERE state <> 'asked'") == 0


async def test_who_has_no_account_leaves_it_to_the_bureau_and_a_change_asks_again(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    lonely = await fair.employer("gone@example.org", "Gone", name_zh="无人", name_en="Nobody")
    await db.execute("UPDATE account SET active = false WHERE id = $1", lonely.actor.account_id)
    await db.execute("UPDATE listing SET organisation = $1", lonely.organisation)
    first = await add_stop(stage, employer=str(lonely.organisation))
    await hosting.ask_host("tour", first, by=stage.organiser)
    assert await mailed("tour_stop_asked") == ["bureau@example.org"]
    second = await add_stop(stage, 3, employer="", unit="410200")
    await sign_in(client, stage.organiser)
    await post(client, f"{HERE}/stops/{second}/confirmed")
    assert await db.fetchval("SELECT state FROM tour_stop WHERE id = $1", second) == "confirmed", (
        "said on the telephone"
    )
    await services.cancel_stop("tour", second, OFF, by=stage.organiser)
    [line] = await waiting.stops(stage.bureau)
    assert line.number == 1
    assert await waiting.stops(stage.organiser) == []
    await hosting.confirm(first, by=stage.bureau)
    moved = stop_form(stage, 2, employer=str(lonely.organisation))
    await services.save_stop("tour", first, moved, seen="", by=stage.organiser)
    assert await db.fetchval("SELECT state FROM tour_stop WHERE id = $1", first) == "asked", (
        "another day: the host answers again"
    )
    renamed = stop_form(stage, 2, title_en="Workshop", employer=str(lonely.organisation))
    await hosting.confirm(first, by=stage.bureau)
    await services.save_stop("tour", first, renamed, seen="", by=stage.organiser)
    assert await db.fetchval("SELECT state FROM tour_stop WHERE id = $1", first) == "confirmed"
    await services.cancel_stop("tour", first, OFF, by=stage.organiser)
    assert await mailed("tour_stop_asked") == ["bureau@example.org"] * 3, "asked, asked again, and that nobody comes"
    with pytest.raises(Conflict) as refused:
        await hosting.confirm(first, by=stage.bureau)
    assert refused.value.code == "cancelled"
