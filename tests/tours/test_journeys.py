"""Arrivals, pick-ups, vehicles, rooms and interpreters on their pages: for the person, and for who runs the tour."""

import asyncio
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from fairs.core import db
from fairs.core.errors import Conflict
from fairs.tours.forms import GroupForm
from fairs.tours.logistics import hotels, pickups, queries, trips
from fairs.tours.logistics.forms import HotelForm, RoomsForm, TripForm
from fairs.tours.logistics.tables import Direction
from fairs.tours.services import add_group
from tests.cast import make_actor, post, sign_in
from tests.pages import main_of
from tests.tours.stage import HERE, HOUR, add_stop, open_tour, people


async def _told(client: httpx.AsyncClient, mine: str, morning: datetime) -> None:
    """A person tells the arrival and what is needed; what is for an emergency is sealed and masked."""
    assert "Not known yet" in main_of((await client.get(mine)).text)
    late = f"{(morning + HOUR).astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}"
    typed = {"mode": "flight", "number": "", "at": late, "timezone": "Asia/Shanghai", "place": "CGO", "fetched": "true"}
    answer = await post(client, f"{mine}/arrival", typed)
    assert answer.status_code == 422
    assert "Give the number of the flight or train" in answer.text
    assert 'value="CGO"' in answer.text, "what was typed is kept"
    assert (await post(client, f"{mine}/arrival", typed | {"number": "CZ 123"})).status_code == 303
    assert "CZ 123" in (await client.get(mine)).text
    need = {"sex": "f", "room": "shared", "mate": "Member 001", "food": "No peanuts", "emergency": "Eva +49 30"}
    assert (await post(client, f"{mine}/needs", need)).status_code == 303
    stored = await db.fetchval("SELECT emergency FROM tour_need")
    assert "Eva" not in stored
    assert "Eva" not in (await client.get(mine)).text, "masked"


async def test_a_person_tells_the_journey_and_staff_bundle_and_drive_it(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    first, second, third = await people(stage, 3)
    await add_group("tour", GroupForm(name="A"), by=stage.organiser)
    stop = await add_stop(stage)
    await sign_in(client, await make_actor(email=first.email, name="Member"))
    mine = f"/me/tours/{first.id}/journey"
    await _told(client, mine, stage.morning)
    for path in (f"/me/tours/{second.id}/journey", f"/me/tours/{second.id}/journey/arrival", f"{mine}/nothing"):
        assert (await client.get(path)).status_code == 404
    await sign_in(client, stage.organiser)
    table = "who\tmode\tnumber\tat\tplace\tfetched\n"
    hour = f"{stage.morning:%Y-%m-%d} 08:00"
    table += f"{second.email}\ttrain\tG79\t{hour}\tStation\tyes\n"
    wrong = await post(
        client, f"{HERE}/arrivals/import", {"text": table + f"nobody@example.org\t火车\tG1\t{hour}\tX\t否\n"}
    )
    assert "Nobody with a place on this tour" in wrong.text
    assert (await db.fetchval("SELECT count(*) FROM tour_trip")) == 1
    looked = await post(client, f"{HERE}/arrivals/import", {"text": table})
    assert "1 journey. Nothing is stored yet." in looked.text
    stored_all = await post(client, f"{HERE}/arrivals/import", {"text": table, "confirm": "1"})
    assert stored_all.status_code == 303
    car = {"name": "Minibus", "seats": "1", "plate": "豫A", "driver_name": "Wang", "driver_phone": "+86 371"}
    assert (await post(client, f"{HERE}/vehicles/new", car | {"stops": str(stop)})).status_code == 303
    assert "+86" not in await db.fetchval("SELECT driver_phone FROM tour_vehicle")
    assert (await post(client, f"{HERE}/arrivals/propose")).status_code == 303
    page = main_of((await client.get(f"{HERE}/arrivals")).text)
    assert "known of 2 of 3 people" in page
    assert "Minibus" in page
    rides = await queries.pickups_of(stage.event)
    assert [one.people for one in rides] == [1, 1]
    to = str(rides[0].id)
    moved = {"direction": "arrival", "to": to, "member": [str(first.id), str(second.id), str(third.id)]}
    assert (await post(client, f"{HERE}/arrivals/act", moved)).status_code == 303
    page = main_of((await client.get(HERE)).text)
    assert "Minibus: too few seats (1) for the people (2): Arriving" in page
    assert "Minibus: too few seats (1) for the people (3) at Visit" in page
    assert "Member 000 arrives after" in page
    assert f"{HERE}/vehicles" in page
    assert "1001" not in page
    found = await client.get(f"{HERE}/arrivals.xlsx?q=CZ")
    assert found.status_code == 200
    opened = await post(client, f"{HERE}/people/{first.id}/emergency", {"reason": "She fainted"})
    assert "Eva +49 30" in opened.text
    assert await db.fetchval("SELECT after::text FROM audit_entry WHERE action = 'tour_need.open'") == (
        '{"reason": "She fainted"}'
    )
    assert (await post(client, f"{HERE}/people/{first.id}/emergency", {"reason": ""})).status_code == 422


async def test_rooms_are_given_moved_by_hand_and_never_doubled(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    rows = await people(stage, 4)
    await sign_in(client, stage.organiser)
    day = stage.morning.date()
    made = await post(client, f"{HERE}/hotels/new", {"name_en": "Inn", "first_night": f"{day}", "last_night": f"{day}"})
    here = made.headers["location"]
    assert (await post(client, f"{here}/rooms", {"names": "801-802", "beds": "2"})).status_code == 303
    assert (await post(client, f"{here}/rooms", {"names": ",", "beds": "2"})).status_code == 422
    assert (await post(client, f"{here}/propose")).status_code == 303
    page = main_of((await client.get(here)).text)
    assert "2 people without a room" in page, "nobody's sex is told: no pairs by rule"
    room = (await queries.rooms_of(stage.event))[0]
    there = [one.member for one in await queries.sleepers_of(stage.event) if one.room == room.id]
    others = [str(row.id) for row in rows if row.id not in there]
    full = await post(client, f"{here}/put", {"room": str(room.id), "member": others})
    assert "/hotels/" in full.headers["location"]
    assert "This room has no free bed" in (await client.get(here)).text
    assert (await post(client, f"{here}/put", {"room": str(room.id), "member": others[:1]})).status_code == 303
    assert (await post(client, f"{here}/propose")).status_code == 303
    kept = [one for one in await queries.sleepers_of(stage.event) if one.kept]
    assert [one.member for one in kept] == [int(others[0])]
    other = await hotels.save_hotel(
        "tour", None, HotelForm(name_en="Other", first_night=day, last_night=day), by=stage.organiser
    )
    await hotels.add_rooms("tour", other, RoomsForm(names="1"), by=stage.organiser)
    [again] = [one for one in await queries.rooms_of(stage.event) if one.hotel == other]
    await hotels.put_into_room("tour", other, [int(others[0])], again.id, by=stage.organiser)
    assert "has two rooms in the same night" in (await client.get(HERE)).text
    both = await asyncio.gather(
        *(
            hotels.put_into_room("tour", other, [int(one)], again.id, by=stage.organiser)
            for one in (*others[1:], *map(str, there))
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in both) == len(both) - 1, "one bed was left"
    sheet = await client.get(f"{HERE}/sheets{re.sub('.*/tour/tour', '', here)}")
    assert "801" in main_of(sheet.text)
    assert (await client.get(f"{HERE}/hotels")).status_code == 200


@pytest.mark.usefixtures("db")
async def test_a_changed_journey_leaves_its_pickup_and_one_by_hand_stays() -> None:
    stage = await open_tour()
    [row] = await people(stage, 1)

    async def arrives(hours: float) -> None:
        form = TripForm(
            number="G1", mode="train", at=stage.morning - timedelta(hours=hours), place="Station", fetched=True
        )
        await trips.save_trip("tour", row.id, Direction.ARRIVAL, form, by=stage.organiser)

    with pytest.raises(Conflict):
        await pickups.propose("tour", by=stage.organiser)
    await arrives(5)
    assert await pickups.propose("tour", by=stage.organiser) == 1
    await pickups.move_people("tour", [row.id], Direction.ARRIVAL, "new", by=stage.organiser)
    with pytest.raises(Conflict):
        await pickups.propose("tour", by=stage.organiser)
    await arrives(5)
    assert (await queries.trips_in(stage.event))[0].pickup is not None, "nothing has changed"
    await arrives(3)
    assert (await queries.trips_in(stage.event))[0].pickup is None
