"""The pages of a programme's draft: a session's way from the form or a spreadsheet to the public."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.core.sheets import Column, write_xlsx
from fairs.events import programme
from fairs.events import queries as events
from fairs.events.place_forms import RoomForm
from fairs.events.planning import importing
from fairs.events.planning import queries as planning
from fairs.events.services import add_room
from tests import factories
from tests.cast import csrf, make_actor, post, sign_in
from tests.fair import session
from tests.pages import main_of

BASE = "/organise/editions/fair"
HOUR = timedelta(hours=1)
LOCAL = factories.STARTS + 8 * HOUR


def at(hours: float) -> str:
    """So many hours after the fair begins, as its form shows it."""
    return (LOCAL + hours * HOUR).strftime("%Y-%m-%dT%H:%M")


def typed(code: str, **given: str) -> dict[str, str]:
    values = {"code": code, "kind": "forum", "title_zh": f"论坛{code}", "title_en": f"Forum {code}"}
    return values | {"starts_at": at(0), "ends_at": at(1)} | given


@pytest.fixture
async def event(db: None, client: httpx.AsyncClient) -> int:
    """A published fair with two rooms, a released session in the first, and its organiser at work."""
    event = await factories.event(slug="fair")
    for code, zh, en in (("hall", "大厅", "Hall"), ("small", "小厅", "Small room")):
        await add_room(event, RoomForm(code=code, name_zh=zh, name_en=en, capacity=50), by=SYSTEM)
    await session(event, "a", factories.STARTS, room="hall")
    await sign_in(client, await make_actor("organiser"))
    return event


async def version_in(client: httpx.AsyncClient, path: str) -> str:
    return (await client.get(path)).text.split('name="_version" value="')[1].split('"')[0]


async def test_session_goes_from_the_draft_to_the_public(client: httpx.AsyncClient, event: int) -> None:
    speaker = {"code": "li", "name_zh": "李明", "name_en": "Li Ming", "bio_en": "A chemist from Xi'an."}
    assert (await post(client, f"{BASE}/speakers/new", speaker)).status_code == 303
    made = await post(client, f"{BASE}/sessions/new", typed("b", room="hall", speakers="李明", capacity="80"))
    assert made.status_code == 303
    assert made.headers["location"].startswith(f"{BASE}/programme?day=")
    draft = main_of((await client.get(f"{BASE}/programme")).text)
    assert "Hall is used by “Forum a” at the same time" in draft
    assert "80 seats, but Hall has room for 50" in draft
    assert "Release 1 change" in draft
    assert "Forum b" not in (await client.get("/e/fair/programme")).text
    page = (await client.get(f"{BASE}/programme/release")).text
    digest = page.split('name="confirm" value="')[1].split('"')[0]
    assert (await post(client, f"{BASE}/programme/release", {"confirm": "old"})).status_code == 409
    assert (await post(client, f"{BASE}/programme/release", {"confirm": digest})).status_code == 303
    public = (await client.get("/e/fair/programme")).text
    for shown in ("Forum b", "Li Ming", "A chemist from Xi&#39;an."):
        assert shown in public
    versions = main_of((await client.get(f"{BASE}/programme/versions")).text)
    assert "Version 2" in versions
    assert "Alice Wanderer" in versions
    empty = (await client.get(f"{BASE}/programme/release")).text
    assert "Nothing differs from the released programme" in empty


async def test_cancelled_session_is_told_with_its_reason(client: httpx.AsyncClient, event: int) -> None:
    path = f"{BASE}/sessions/a/cancel"
    assert (await client.get(path)).status_code == 200
    assert (await post(client, path, {"reason": ""})).status_code == 422
    assert (await post(client, path, {"reason": "The speaker is ill"})).status_code == 303
    assert "The next release cancels this session" in (await client.get(f"{BASE}/sessions/a/edit")).text
    assert (await post(client, f"{BASE}/sessions/a/restore")).status_code == 303
    assert await planning.drafts_of(event) == []
    await post(client, path, {"reason": "The speaker is ill"})
    await programme.release("fair", by=SYSTEM, confirmed="yes")
    public = (await client.get("/e/fair/programme")).text
    assert "Cancelled sessions" in public
    assert "The speaker is ill" in public
    assert "Forum a" not in (await client.get("/e/fair/programme.ics")).text
    assert [one["code"] for one in (await client.get("/api/v1/events/fair")).json()["sessions"]] == []


async def test_two_organisers_edit_at_once_and_nothing_is_lost(client: httpx.AsyncClient, event: int) -> None:
    path = f"{BASE}/sessions/a/edit"
    seen = await version_in(client, path)
    first = typed("a", room="hall", title_en="First") | {"_version": seen}
    second = typed("a", room="small", title_en="Second") | {"_version": seen}
    assert (await post(client, path, first)).status_code == 303
    late = await post(client, path, second)
    assert late.status_code == 409
    assert "First" in late.text
    assert "Second" in late.text
    assert (await planning.item_of(event, "a")).plan.title_en == "First"


async def test_move_in_the_grid_says_where_the_session_is(client: httpx.AsyncClient, event: int) -> None:
    await post(client, f"{BASE}/sessions/new", typed("b", room="small"))
    page = (await client.get(f"{BASE}/programme?day={LOCAL.date()}")).text
    card = page.split('id="session-b"')[1]
    seen = card.split('data-version="')[1].split('"')[0]
    moved = {"starts_at": at(0.5), "room": "hall", "_version": seen}
    answer = await post(client, f"{BASE}/sessions/b/move", moved)
    assert answer.status_code == 200
    told = answer.json()
    assert told["room"] == "hall"
    assert told["doubts"] == ["Hall is used by “Forum a” at the same time"]
    assert "Forum b" in told["said"]
    again = await post(client, f"{BASE}/sessions/b/move", {**moved, "starts_at": at(3)})
    assert again.status_code == 409
    assert again.json()["start"] == told["start"], "where it is, not where the second wanted it"
    for wrong in ({"starts_at": "tomorrow"}, {"starts_at": at(1), "room": "cellar"}):
        refused = await post(client, f"{BASE}/sessions/b/move", {"room": "hall", **wrong})
        assert refused.status_code == 422
    plan = (await planning.item_of(event, "b")).plan
    assert (plan.starts_at, plan.ends_at) == (factories.STARTS + HOUR / 2, factories.STARTS + 1.5 * HOUR)


async def test_filters_and_days(client: httpx.AsyncClient, event: int) -> None:
    await post(client, f"{BASE}/sessions/new", typed("b", starts_at=at(24), ends_at=at(25)))
    for query, shown in (
        ("q=forum+B", ["b"]),
        ("room=hall", ["a"]),
        ("room=-", ["b"]),
        ("show=changed", ["b"]),
        ("show=doubtful", []),
        (f"day={(LOCAL + 24 * HOUR).date()}", ["b"]),
        ("day=nonsense", ["a"]),
    ):
        text = (await client.get(f"{BASE}/programme?{query}")).text
        assert [code for code in "ab" if f'id="session-{code}"' in text] == shown, query


TABLE = [
    ["code", "kind", "title_zh", "title_en", "starts_at", "ends_at", "room", "sign_up", "speakers"],
    ["a", "forum", "论坛a", "Forum a renamed", at(0).replace("T", " "), at(1).replace("T", " "), "大厅", "是", ""],
    ["n", "Forum", "论坛n", "Forum n", at(2).replace("T", " "), at(3).replace("T", " "), "small", "no", ""],
]


def pasted(rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


async def test_pasted_programme_is_looked_at_first(client: httpx.AsyncClient, event: int) -> None:
    path = f"{BASE}/programme/import"
    asked = await post(client, path, {"text": pasted(TABLE)})
    assert asked.status_code == 200
    assert "1 new, 1 changed, 0 as they are" in asked.text
    assert await planning.drafts_of(event) == []
    text = asked.text.split('<textarea name="text" hidden>\n')[1].split("</textarea>")[0]
    assert (await post(client, path, {"text": text, "confirm": "1"})).status_code == 303
    found = {plan.code: plan for plan in await planning.drafts_of(event)}
    assert (found["a"].title_en, found["a"].room_code, found["a"].sign_up) == ("Forum a renamed", "hall", True)
    assert (found["n"].kind, found["n"].session) == ("forum", None)


async def test_wrong_rows_are_named_and_nothing_is_stored(client: httpx.AsyncClient, event: int) -> None:
    wrong: list[Any] = [*TABLE, ["x", "dance", "", "X", "soon", at(1), "cellar", "no", ""], TABLE[2]]
    answer = await post(client, f"{BASE}/programme/import", {"text": pasted(wrong), "confirm": "1"})
    assert answer.status_code == 422
    for said in ("Row 4", "Kind of session", "The code n is also in row 3"):
        assert said in answer.text
    unknown = [TABLE[0], [*TABLE[2][:6], "cellar", "no", "nobody"]]
    answer = await post(client, f"{BASE}/programme/import", {"text": pasted(unknown), "confirm": "1"})
    assert "The event has no speaker nobody" in answer.text
    assert (await post(client, f"{BASE}/programme/import", {"text": " "})).status_code == 422
    assert await planning.drafts_of(event) == []


async def test_workbook_comes_back_as_it_went(client: httpx.AsyncClient, event: int) -> None:
    book = await client.get(f"{BASE}/programme/import.xlsx")
    assert book.status_code == 200
    files = {"file": ("programme.xlsx", book.content)}
    data = {"_csrf_token": await csrf(client), "text": ""}
    asked = await client.post(f"{BASE}/programme/import", data=data, files=files)
    assert "0 new, 0 changed, 1 as they are" in asked.text
    broken = await client.post(f"{BASE}/programme/import", data=data, files={"file": ("x.xlsx", b"PK nothing")})
    assert broken.status_code == 422
    columns = [Column(head, width) for head, width, _ in importing.COLUMNS.values()]
    first = importing.template(await events.event_by_id(event), [])
    assert first[:2] == write_xlsx(columns, [])[:2] == b"PK"


async def test_speaker_is_edited_by_two_and_removed(client: httpx.AsyncClient, event: int) -> None:
    await post(client, f"{BASE}/speakers/new", {"code": "li", "name_en": "Li Ming"})
    assert (await post(client, f"{BASE}/speakers/new", {"code": "li", "name_en": "Li"})).status_code == 409
    assert (await post(client, f"{BASE}/speakers/new", {"code": "wu"})).status_code == 422
    path = f"{BASE}/speakers/li/edit"
    seen = {"code": "li", "_version": await version_in(client, path)}
    assert (await post(client, path, {**seen, "name_en": "Li Ming", "bio_en": "One"})).status_code == 303
    late = await post(client, path, {**seen, "name_en": "Li Ming", "bio_en": "Two"})
    assert late.status_code == 409
    assert "Li Ming" in (await client.get(f"{BASE}/speakers?q=ming")).text
    assert "Nobody matches" in (await client.get(f"{BASE}/speakers?q=nobody")).text
    assert (await post(client, f"{BASE}/speakers/li/remove")).status_code == 303
    assert await database.fetchval("SELECT count(*) FROM speaker") == 0


async def test_draft_is_for_those_who_run_the_event(client: httpx.AsyncClient, event: int) -> None:
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id()))
    for path in ("programme", "programme/release", "programme/versions", "programme/import", "speakers"):
        assert (await client.get(f"{BASE}/{path}")).status_code == 404
    assert (await post(client, f"{BASE}/programme/release", {"confirm": "yes"})).status_code == 404
