import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core.db import fetch, fetchrow, fetchval
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.events import moving, programme, queries, services
from fairs.events.forms import EventForm, SessionForm, read_event
from fairs.events.place_forms import GateForm, RoomForm
from tests import factories
from tests.cast import make_actor

STARTS = datetime(2027, 10, 23, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def form(**given: Any) -> EventForm:
    values: dict[str, Any] = {
        "slug": "hnzcyz-2027",
        "kind": "conference",
        "title_zh": "招才引智大会",
        "title_en": "Talent conference",
        "unit": "410000",
        "starts_at": STARTS,
        "ends_at": STARTS + 32 * HOUR,
    }
    return EventForm(**(values | given))


def session(code: str = "opening", **given: Any) -> SessionForm:
    values: dict[str, Any] = {
        "code": code,
        "kind": "opening",
        "title_zh": "开幕式",
        "title_en": "Opening ceremony",
        "starts_at": STARTS,
        "ends_at": STARTS + HOUR,
    }
    return SessionForm(**(values | given))


async def test_event_created_is_a_draft_for_organisers_only(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    organiser = await make_actor("organiser")
    event = await queries.event_by_slug("hnzcyz-2027", viewer=organiser)
    assert (event.state, event.unit_code, event.timezone) == ("draft", "410000", "Asia/Shanghai")
    with pytest.raises(NotFound):
        await queries.event_by_slug("hnzcyz-2027", viewer=None)
    assert await fetchval("SELECT action FROM audit_entry WHERE object_kind = 'event'") == "event.create"


async def test_slug_taken_is_a_conflict(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    with pytest.raises(Conflict) as refused:
        await services.create_event(form(), by=SYSTEM)
    assert refused.value.code == "slug_taken"


async def test_event_published_gets_one_entry_gate(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    assert await services.publish_event("hnzcyz-2027", by=SYSTEM)
    assert not await services.publish_event("hnzcyz-2027", by=SYSTEM)
    gates = await fetch("SELECT code, kind FROM gate")
    assert [tuple(gate) for gate in gates] == [("main-in", "entry")]


async def test_event_with_an_entry_of_its_own_keeps_it(db: None) -> None:
    event_id = await services.create_event(form(), by=SYSTEM)
    gate = GateForm(code="east", kind="entry", name_zh="东门", name_en="East gate")
    await services.add_gate(event_id, gate, by=SYSTEM)
    await services.publish_event("hnzcyz-2027", by=SYSTEM)
    assert [row.code for row in await queries.gates_of(event_id)] == ["east"]


async def test_draft_cannot_be_closed(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    with pytest.raises(Conflict):
        await services.close_event("hnzcyz-2027", by=SYSTEM)


async def test_event_is_changed_by_organisers_only(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    bureau = await make_actor("bureau", unit_id=await factories.unit_id())
    with pytest.raises(NotFound):
        await services.publish_event("hnzcyz-2027", by=bureau)
    with pytest.raises(NotFound):
        await services.update_event("hnzcyz-2027", form(title_en="Mine"), by=bureau)


async def test_event_updated_writes_what_changed_to_the_log(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    await services.update_event("hnzcyz-2027", form(capacity=500), by=SYSTEM)
    entry = await fetchrow("SELECT before, after FROM audit_entry WHERE action = 'event.update'")
    assert entry is not None
    assert (entry["before"], entry["after"]) == ('{"capacity": null}', '{"capacity": 500}')


async def test_slug_stays_once_published(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    await services.update_event("hnzcyz-2027", form(slug="other-2027"), by=SYSTEM)
    await services.publish_event("other-2027", by=SYSTEM)
    with pytest.raises(Invalid) as refused:
        await services.update_event("other-2027", form(), by=SYSTEM)
    assert list(refused.value.fields) == ["slug"]


async def test_only_a_part_has_a_family(db: None) -> None:
    given = {name: getattr(form(), name) for name in ("slug", "kind", "title_zh", "title_en", "unit")}
    moments = {"starts_at": "2027-10-27T09:00", "ends_at": "2027-10-28T17:00"}
    assert set(read_event({**given, **moments, "family": "city"}).errors) == {"family"}
    assert read_event({**given, **moments, "family": "city", "parent": "hnzcyz-2027"}).ok


async def test_tree_has_no_circle(db: None) -> None:
    await services.create_event(form(), by=SYSTEM)
    await services.create_event(form(slug="tour-2027", parent="hnzcyz-2027"), by=SYSTEM)
    for slug in ("hnzcyz-2027", "tour-2027"):
        with pytest.raises(Invalid) as refused:
            await services.update_event("hnzcyz-2027", form(parent=slug), by=SYSTEM)
        assert list(refused.value.fields) == ["parent"]
    with pytest.raises(Invalid):
        await services.create_event(form(slug="lost", parent="nowhere"), by=SYSTEM)


async def test_draft_takes_what_is_doubtful_and_refuses_what_cannot_be(db: None) -> None:
    event_id = await services.create_event(form(), by=SYSTEM)
    await services.add_room(event_id, RoomForm(code="hall", name_zh="大厅", name_en="Hall"), by=SYSTEM)
    await programme.add_session(event_id, session(room="hall"), by=SYSTEM)
    await programme.add_session(event_id, session("forum", room="hall", unit="410300"), by=SYSTEM)
    with pytest.raises(Conflict) as refused:
        await programme.add_session(event_id, session("opening"), by=SYSTEM)
    assert refused.value.code == "code_taken"
    for wrong in ({"room": "cellar"}, {"speakers": "nobody"}):
        with pytest.raises(Invalid) as unknown:
            await programme.add_session(event_id, session("late", **wrong), by=SYSTEM)
        assert list(unknown.value.fields) == list(wrong)
    assert await queries.sessions_of(event_id) == []
    assert await services.publish_event("hnzcyz-2027", by=SYSTEM)
    assert [(row.code, row.room_code, row.unit_code) for row in await queries.sessions_of(event_id)] == [
        ("forum", "hall", "410300"),
        ("opening", "hall", None),
    ]


async def test_code_is_given_once_when_several_ask_at_once(db: None) -> None:
    event_id = await services.create_event(form(), by=SYSTEM)
    tries = [programme.add_session(event_id, session(), by=SYSTEM) for _ in range(5)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(answer is None for answer in found) == 1
    assert sum(isinstance(answer, Conflict) for answer in found) == 4


async def test_gate_of_a_session_needs_the_session(db: None) -> None:
    event_id = await services.create_event(form(), by=SYSTEM)
    gate = GateForm(code="g1", kind="session", name_zh="门", name_en="Door", session="opening")
    with pytest.raises(Invalid) as refused:
        await services.add_gate(event_id, gate, by=SYSTEM)
    assert list(refused.value.fields) == ["session"]
    await programme.add_session(event_id, session(), by=SYSTEM)
    with pytest.raises(Invalid):
        await services.add_gate(event_id, gate, by=SYSTEM)
    await programme.release("hnzcyz-2027", by=SYSTEM, confirmed=moving.CONFIRMED)
    await services.add_gate(event_id, gate, by=SYSTEM)
    assert [row.session_code for row in await queries.gates_of(event_id)] == ["opening"]
