"""The desk: find, print, replace, a badge for a day, hand out; by the staff of the event only."""

from datetime import timedelta
from typing import Any

import httpx

from fairs.accounts.actor import SYSTEM
from fairs.badges import queries as badges
from fairs.badges import tokens
from fairs.badges.desk import queries, services
from fairs.core import clock
from fairs.core import db as database
from fairs.registrations import services as registrations
from fairs.registrations.applying import Registered
from tests import factories
from tests.badges.pictures import read_squares
from tests.cast import make_actor, post, sign_in
from tests.fair import person

ROOT = "/organise/editions/fair/desk"


async def _open(client: httpx.AsyncClient, **given: Any) -> tuple[int, Registered]:
    """Staff at the desk of a fair that goes on, and a person."""
    now = clock.now()
    event = await factories.event(slug="fair", starts_at=now, ends_at=now + timedelta(days=2))
    made = await registrations.register(event, person(1, name_native="欧阳娜", phone="13800001234", **given), by=SYSTEM)
    await sign_in(client, await make_actor("staff", email="staff@example.org", event_id=event))
    return event, made


async def _valid(made: Registered) -> list[str]:
    rows = await database.fetch(
        "SELECT code FROM badge WHERE registration = $1 AND revoked_at IS NULL ORDER BY until IS NULL", made.id
    )
    return [row["code"] for row in rows]


async def test_person_is_found_by_name_pinyin_phone_number_and_badge(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    [code] = await _valid(made)
    for typed in ("欧阳", "ouyang", "1234", made.number, code, code.lower()):
        page = (await client.get(ROOT, params={"q": typed})).text
        assert f'action="{ROOT}/{made.number}/print"' in page, typed
    assert "Nobody is found" in (await client.get(ROOT, params={"q": "nobody at all"})).text
    assert "Nobody is found" in (await client.get(ROOT, params={"q": code[:60] + code[60:][::-1]})).text


async def test_several_people_are_listed_and_one_who_lost_the_place_is_found(client: httpx.AsyncClient) -> None:
    event, made = await _open(client)
    other = await registrations.register(event, person(2, name_native="欧阳明"), by=SYSTEM)
    page = (await client.get(ROOT, params={"q": "欧阳"})).text
    assert made.number in page
    assert other.number in page
    assert '/print"' not in page
    await registrations.cancel(other.id, by=SYSTEM)
    gone = (await client.get(ROOT, params={"q": "欧阳明"})).text
    assert "Without a place there is no badge" in gone


async def test_print_is_logged_and_the_page_has_the_size_of_the_badge(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    answer = await post(client, f"{ROOT}/{made.number}/print")
    assert answer.headers["location"] == f"{ROOT}/{made.number}/paper"
    page = (await client.get(answer.headers["location"])).text
    assert "<svg" in page
    assert "/badge-paper/105/148/page.css" in page
    assert "size: 105mm 148mm" in (await client.get("/badge-paper/105/148/page.css")).text
    assert (await client.get("/badge-paper/0/148/page.css")).status_code == 404
    [row] = await queries.badges_of(made.id)
    assert row.prints == 1
    assert "Print the same badge again" in (await client.get(f"{ROOT}?number={made.number}")).text


async def test_replaced_badge_stops_at_once(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    [old] = await _valid(made)
    assert (await post(client, f"{ROOT}/{made.number}/replace")).status_code == 303
    [new] = await _valid(made)
    assert new != old
    assert "withdrawn or replaced" in (await client.get(ROOT, params={"q": old})).text


async def test_badge_for_today_ends_with_the_day_or_with_the_original(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    [original] = await _valid(made)
    assert (await post(client, f"{ROOT}/{made.number}/temporary")).status_code == 303
    temporary, kept = await _valid(made)
    assert kept == original == await badges.badge_code_of(made.id)
    token = tokens.verify(temporary, await badges.public_keys())
    assert timedelta(0) < token.expires_at - clock.now() <= timedelta(hours=25)
    again = await post(client, f"{ROOT}/{made.number}/temporary")
    assert again.status_code == 303
    assert len(await _valid(made)) == 2
    pdf = await client.get(f"/me/fairs/{made.number}/badge.pdf")
    assert read_squares(pdf.content) == [original]
    assert "This is the original" in (await client.get(ROOT, params={"q": original})).text
    assert (await post(client, f"{ROOT}/{made.number}/original")).status_code == 303
    assert await _valid(made) == [original]
    await post(client, f"{ROOT}/{made.number}/temporary")
    badge = await database.fetchval("SELECT id FROM badge WHERE revoked_at IS NULL AND until IS NOT NULL")
    due = await database.fetchval(
        "SELECT max(execute_after) - now() FROM pgqueuer WHERE entrypoint = $1", services.EXPIRE
    )
    assert timedelta(0) < due <= timedelta(hours=24)
    await services.expire({"badge": badge})
    await services.expire({"badge": badge})
    assert await _valid(made) == [original]
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'badge.original'") == 2


async def test_replacing_ends_the_temporary_badge_too(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    await post(client, f"{ROOT}/{made.number}/temporary")
    await post(client, f"{ROOT}/{made.number}/replace")
    assert len(await _valid(made)) == 1


async def test_hand_out_says_who_and_when_and_is_undone(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    for _ in range(2):
        assert (await post(client, f"{ROOT}/{made.number}/hand-out")).status_code == 303
    [row] = await queries.badges_of(made.id)
    assert row.handed_name == "Alice Wanderer"
    assert "Undo the hand-out" in (await client.get(f"{ROOT}?number={made.number}")).text
    assert (await post(client, f"{ROOT}/{made.number}/hand-back")).status_code == 303
    [row] = await queries.badges_of(made.id)
    assert row.handed_at is None
    acts = await database.fetch("SELECT action FROM audit_entry WHERE action LIKE 'badge.hand%' ORDER BY id")
    assert [item["action"] for item in acts] == ["badge.hand_out", "badge.hand_back"]


async def test_staff_finds_the_desk_from_every_page(client: httpx.AsyncClient) -> None:
    await _open(client)
    page = await client.get(ROOT)
    assert 'href="/badge-desk" aria-current="page"' in page.text
    assert (await client.get("/badge-desk")).headers["location"] == ROOT
    await database.execute("UPDATE event SET state = 'archived'")
    assert (await client.get("/badge-desk")).headers["location"] == "/"


async def test_strangers_find_nobody(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    other = await factories.event(slug="other")
    stranger = await registrations.register(other, person(9), by=SYSTEM)
    assert (await client.get("/organise/editions/other/desk")).status_code == 404
    for act in ("print", "replace", "temporary", "original", "hand-out", "hand-back"):
        assert (await post(client, f"{ROOT}/{stranger.number}/{act}")).status_code == 404
        assert (await post(client, f"/organise/editions/other/desk/{stranger.number}/{act}")).status_code == 404
    assert (await client.get(f"{ROOT}/{stranger.number}/paper")).status_code == 404
    assert '/print"' not in (await client.get(f"{ROOT}?number={stranger.number}")).text
    assert await database.fetchval("SELECT count(*) FROM badge_print") == 0
    assert made.number in (await client.get(f"{ROOT}?number={made.number}")).text


async def test_name_is_corrected_for_whoever_registered_alone(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    [code] = await _valid(made)
    path = f"{ROOT}/{made.number}/name"
    page = (await client.get(path)).text
    assert 'value="欧阳娜"' in page
    version = page.split('name="_version" value="')[1].split('"')[0]
    form = {"name_native": "欧阳娜娜", "name_passport": "Ouyang Nana", "badge_name": "", "_version": version}
    answer = await post(client, path, form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}?number={made.number}")
    assert "欧阳娜娜" in (await client.get(ROOT, params={"q": "ouyangnana"})).text
    assert await _valid(made) == [code], "the badge in hand stays valid"
    late = await post(client, path, form | {"name_native": "另一个"})
    assert (late.status_code, "另一个" in late.text, "欧阳娜娜" in late.text) == (409, True, True)
    empty = await post(client, path, {"name_native": "", "name_passport": ""})
    assert empty.status_code == 422
    told = await database.fetchval("SELECT after FROM audit_entry WHERE action = 'registration.change'")
    assert "欧阳娜娜" in told
    await registrations.cancel(made.id, by=SYSTEM)
    assert (await post(client, path, {"name_native": "晚了"})).status_code == 409
    await sign_in(client, await make_actor("candidate", email="c@example.org"))
    assert (await post(client, path, {"name_native": "陌生人"})).status_code == 403
