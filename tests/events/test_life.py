"""The life of an event: taken back, wound up, archived, cancelled, deleted."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, jobs
from fairs.core.db import fetch, fetchval
from fairs.core.errors import Conflict, Invalid
from fairs.core.rows import fetch_values
from fairs.events import life, places, programme, queries, services
from fairs.events.forms import SpeakerForm
from fairs.events.place_forms import GateForm, RoomForm
from fairs.events.planning.speakers import add_speaker
from fairs.events.rules import Act
from fairs.listings.forms import PeopleForm
from fairs.listings.services import NOT_OPEN, create_listing
from fairs.registrations.services import cancel, register
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import person
from tests.mails import text_of


async def state_of(slug: str) -> str:
    return str(await fetchval("SELECT state FROM event WHERE slug = $1", slug))


async def refused(act: Any) -> str:
    with pytest.raises(Conflict) as caught:
        await act
    return str(caught.value.code)


async def test_it_can_be_taken_back_until_somebody_registers(db: None) -> None:
    event = await factories.event(slug="fair")
    await life.unpublish_event("fair", by=SYSTEM)
    assert await state_of("fair") == "draft"
    await services.publish_event("fair", by=SYSTEM)
    made = await register(event, person(1), by=SYSTEM)
    await cancel(made.id, by=SYSTEM)
    assert await refused(life.unpublish_event("fair", by=SYSTEM)) == "has_people"
    assert await state_of("fair") == "published"


async def test_it_is_wound_up_after_its_end_and_archived_with_its_parts(db: None) -> None:
    past = {"starts_at": factories.PAST, "ends_at": factories.PAST + timedelta(hours=8)}
    whole = await factories.event(slug="whole", state="closed", **past)
    await factories.event(slug="part", kind="tour", state="closed", parent=whole, **past)
    assert await refused(life.wind_up_event("whole", by=SYSTEM)) == "parts"
    await life.wind_up_event("part", by=SYSTEM)
    await life.wind_up_event("whole", by=SYSTEM)
    assert await refused(life.archive_event("whole", by=SYSTEM)) == "parts"
    await life.archive_event("part", by=SYSTEM)
    await life.archive_event("whole", by=SYSTEM)
    await life.wind_up_event("whole", by=SYSTEM)  # the follow-up is taken up again
    await life.resume_event("whole", by=SYSTEM)
    assert (await state_of("whole"), await state_of("part")) == ("closed", "archived")


async def test_it_is_not_wound_up_before_its_end(db: None) -> None:
    await factories.event(slug="fair", state="closed")
    assert await refused(life.wind_up_event("fair", by=SYSTEM)) == "not_over"


async def test_cancelling_ends_registrations_once_and_tells_each_person_the_reason(db: None, dsn: str) -> None:
    event = await factories.event(slug="fair", capacity=2)
    for number in range(3):
        await register(event, person(number), by=SYSTEM)
    held = await life.holdings(event)
    assert (held.registrations, held.registered, held.waiting) == (3, 2, 1)
    with pytest.raises(Invalid):
        await life.cancel_event("fair", reason=" ", confirmed=held.digest, by=SYSTEM)
    await register(event, person(3), by=SYSTEM)
    stale = life.cancel_event("fair", reason="Flood", confirmed=held.digest, by=SYSTEM)
    assert await refused(stale) == "unconfirmed"
    digest = (await life.holdings(event)).digest
    await life.cancel_event("fair", reason="Flood", confirmed=digest, by=SYSTEM)
    await jobs.drain(dsn)
    await jobs.drain(dsn)
    mails = "SELECT to_email FROM outgoing_mail WHERE kind = 'event_cancelled' ORDER BY 1"
    assert await fetch_values(str, mails) == [f"p{number}@example.org" for number in range(4)]
    assert "Flood" in await text_of(kind="event_cancelled")
    assert await fetch_values(str, "SELECT DISTINCT state FROM registration") == ["cancelled"]
    assert await fetch_values(int, "SELECT count(*) FROM badge WHERE revoked_at IS NULL") == [0]
    assert [one["reason"] for one in await _audited()] == ["Flood"] * 4
    promoted = "SELECT count(*) FROM outgoing_mail WHERE kind = 'registration_promoted'"
    assert await fetch_values(int, promoted) == [0]


async def _audited() -> list[dict[str, Any]]:
    rows = await fetch("SELECT after FROM audit_entry WHERE action = 'registration.cancel'")
    return [json.loads(row["after"]) for row in rows]


async def test_only_an_unused_draft_is_deleted(db: None) -> None:
    used = await factories.event(slug="used", state="draft")
    await factories.listing(await factories.organisation(), used)
    await factories.event(slug="unused", state="draft")
    await factories.event(slug="public")
    assert await refused(life.delete_draft("used", by=SYSTEM)) == "in_use"
    assert await refused(life.delete_draft("public", by=SYSTEM)) == "in_use"
    await life.delete_draft("unused", by=SYSTEM)
    assert [row["slug"] for row in await fetch("SELECT slug FROM event ORDER BY slug")] == ["public", "used"]


async def test_registering_and_taking_back_at_once_leave_no_registration_in_a_draft(db: None) -> None:
    for number in range(8):
        event = await factories.event(slug=f"fair-{number}")
        await asyncio.gather(
            register(event, person(number), by=SYSTEM),
            life.unpublish_event(f"fair-{number}", by=SYSTEM),
            return_exceptions=True,
        )
    sql = "SELECT count(*) FROM registration r JOIN event e ON e.id = r.event WHERE e.state = 'draft'"
    assert await fetchval(sql) == 0


async def test_closing_registration_leaves_employers_at_work_and_winding_up_ends_it(db: None) -> None:
    closed = await factories.event(slug="fair", state="closed")
    over = await factories.event(slug="over", state="follow_up")
    organisation = await factories.organisation()
    employer = await make_actor("employer", organisation_id=organisation)
    form = PeopleForm(
        title_zh="算法工程师",
        description_zh="研究",
        discipline="0812",
        degree="master",
        headcount=1,
        city="410100",
        engagement=["full_time"],
    )
    await create_listing(form, organisation_id=organisation, event_id=closed, by=employer)
    with pytest.raises(Conflict) as caught:
        await create_listing(form, organisation_id=organisation, event_id=over, by=employer)
    assert caught.value.message == NOT_OPEN
    with pytest.raises(Conflict):
        services.require(await queries.event_by_id(over), Act.PREPARE)


async def test_organiser_cancels_on_a_page_that_counts_first(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await register(event, person(1), by=SYSTEM)
    await sign_in(client, await make_actor("organiser"), proved=True)
    page = (await client.get("/organise/editions/fair/cancel")).text
    assert "1 person with a place loses it" in page
    digest = (await life.holdings(event)).digest
    empty = await post(client, "/organise/editions/fair/cancel", {"reason": "", "confirm": digest})
    assert (empty.status_code, errors_in(empty.text)) == (
        422,
        ["Give the reason: it is in the mail to everybody concerned"],
    )
    stale = await post(client, "/organise/editions/fair/cancel", {"reason": "A flood", "confirm": "old"})
    assert (stale.status_code, "A flood</textarea>" in stale.text) == (409, True)
    done = await post(client, "/organise/editions/fair/cancel", {"reason": "A flood", "confirm": digest})
    assert (done.status_code, await state_of("fair")) == (303, "cancelled")
    public = (await client.get("/e/fair")).text
    assert "This fair does not take place." in public
    assert "A flood" in public
    assert "does not take place" in (await client.get("/organise/editions/fair")).text


async def test_each_step_has_its_button_and_a_refusal_is_a_sentence(client: httpx.AsyncClient) -> None:
    past = {"starts_at": clock.now() - timedelta(days=3), "ends_at": clock.now() - timedelta(days=2)}
    await factories.event(slug="fair", **past)
    await sign_in(client, await make_actor("organiser"), proved=True)
    for step, state in (
        ("unpublish", "draft"),
        ("publish", "published"),
        ("close", "closed"),
        ("wind-up", "follow_up"),
        ("archive", "archived"),
        ("wind-up", "follow_up"),
        ("resume", "closed"),
    ):
        page = (await client.get("/organise/editions/fair")).text
        assert f'action="/organise/editions/fair/{step}"' in page, step
        assert (await post(client, f"/organise/editions/fair/{step}")).status_code == 303
        assert await state_of("fair") == state
    await post(client, "/organise/editions/fair/unpublish")
    page = (await client.get("/organise/editions/fair")).text
    assert "The event is in the state “Registration closed”: that step is not possible" in page
    assert await state_of("fair") == "closed"


@pytest.mark.parametrize("state", ["follow_up", "archived", "cancelled"])
async def test_nothing_of_an_event_changes_once_it_is_over(db: None, state: str) -> None:
    event = await factories.event(slug="fair", state=state)
    await factories.gate(event)
    room = RoomForm(code="hall", name_zh="厅", name_en="Hall")
    gate = GateForm(code="side", kind="entry", name_zh="侧门", name_en="Side")
    speaker = SpeakerForm(code="li", name_zh="李明", name_en="Li Ming")
    for act in (
        services.add_room(event, room, by=SYSTEM),
        services.add_gate(event, gate, by=SYSTEM),
        places.add_rooms("fair", [room], by=SYSTEM),
        places.update_gate("fair", "main-in", gate, by=SYSTEM),
        places.switch_gate("fair", "main-in", on=False, by=SYSTEM),
        places.delete_gate("fair", "main-in", by=SYSTEM),
        add_speaker("fair", speaker, by=SYSTEM),
        programme.restore_all("fair", by=SYSTEM),
    ):
        assert await refused(act) == "state"
