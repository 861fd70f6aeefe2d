"""A route proposed from people, employers and drives, computed apart, and taken over into the itinerary."""

from datetime import timedelta

import httpx
import pytest

from fairs.core import db, jobs
from fairs.core.errors import Conflict, Invalid
from fairs.settings import Settings
from fairs.tours import route_accepting, route_runs, services
from fairs.tours.distances import drive_hours
from fairs.tours.forms import PlanForm, RouteForm
from fairs.tours.planner.plan import plan
from fairs.tours.route_problem import Candidate, Frame, Traveller, _Item, lay_out, problem, proposal
from tests import factories, fair
from tests.cast import post, sign_in
from tests.pages import main_of
from tests.tours.stage import HERE, add_stop, open_tour, people

ASK = RouteForm(cities=["410300", "410200"], hours=1.5)
HOURS = (9.0, 18.0)


def item(key: str, city: str = "410300", hours: float = 1.5, fixed: float | None = None) -> _Item:
    return _Item(key, city, hours, fixed)


def test_a_kept_stop_stays_and_the_others_go_around_it() -> None:
    visits, dropped = lay_out([item("a"), item("b"), item("k", fixed=11)], "410300", "410300", HOURS, drive_hours)
    hours = {one.key: (one.begins, one.ends) for one in visits}
    assert dropped == []
    assert hours["k"] == (11.0, 12.5)
    assert sorted([hours["a"], hours["b"]]) == [(9.0, 10.5), (12.5, 14.0)]


def test_what_does_not_fit_beside_a_kept_stop_is_left_out() -> None:
    far = [item("far", "411500", 3), item("k", fixed=10, hours=6)]
    visits, dropped = lay_out(far, "410300", "410300", HOURS, drive_hours)
    assert [one.key for one in visits] == ["k"]
    assert dropped == ["far"]
    clash = [item("k1", fixed=10), item("k2", fixed=10.5)]
    assert [one.key for one in lay_out(clash, "410300", "410300", HOURS, drive_hours)[0]] == ["k1", "k2"]


def test_a_match_decides_between_two_employers() -> None:
    frame = Frame(1, 9, 11, 1, 10, 1, "410300", "410300")
    both = [Candidate(f"e{at}", "410300", 1.5, "", f"E{at}", None, at) for at in (1, 2)]
    who = [Traveller(1, "Maria")]
    found = proposal(frame, who, both, plan(problem(frame, who, both, {(1, 2): 80.0})))
    assert [visit.key for group in found.groups for day in group.days for visit in day.visits] == ["e2"]
    assert found.gap == 0
    assert [(one.reason, one.key) for one in found.left] == [("less_worth", "e1")]


async def test_from_the_question_to_the_itinerary(client: httpx.AsyncClient, test_settings: Settings) -> None:
    stage = await open_tour()
    kaifeng = await factories.unit_id("410200")
    li = await fair.employer("li@example.org", "Li Na", name_zh="开封重工", name_en="Kaifeng Works", unit=kaifeng)
    await factories.listing(li.organisation, stage.conference)
    await sign_in(client, stage.organiser)
    here = f"{HERE}/route"
    assert (await post(client, here, {"cities": ["410300"], "hours": "1.5"})).status_code == 409, "nobody travels"
    await people(stage, 3)
    assert (await post(client, here, {"cities": ["411500"], "hours": "1.5"})).status_code == 422, "no employer there"
    assert (await post(client, here, {"cities": ["410300"], "hours": "30"})).status_code == 422
    kept = await add_stop(stage, 1, 2, title_en="Policy day", employer="", kind="briefing", pinned=True)
    lost = await add_stop(stage, 0, 0, title_en="Far away", employer="", unit="411525", kind="park")
    await services.save_plan("tour", PlanForm(start="410100", finish="410100", per_day=1), seen="", by=stage.organiser)
    await post(client, here, {"cities": ["410300", "410200"], "hours": "1.5"})
    assert (await post(client, here, {"cities": ["410300"], "hours": "1.5"})).status_code == 409, "one at a time"
    assert "Waits for a worker" in (await client.get(here)).text
    await jobs.drain(test_settings.session_url)
    page = main_of((await client.get(here)).text)
    for words in ("Luoyang Bearing", "Kaifeng Works", "Policy day", "stays", "3 people", "Proved"):
        assert words in page, words
    before = await db.fetchval("SELECT starts_at FROM tour_stop WHERE id = $1", kept)
    route = await db.fetchval("SELECT id FROM tour_route")
    assert (await post(client, f"{here}/{route}/accept")).headers["location"] == HERE
    rows = {
        row["title_en"]: row for row in await db.fetch("SELECT id, title_en, starts_at, state, kind FROM tour_stop")
    }
    assert rows["Policy day"]["starts_at"] == before
    assert {"Luoyang Bearing", "Kaifeng Works"} <= rows.keys()
    assert rows["Kaifeng Works"]["kind"] == "visit"
    hours = sorted(row["starts_at"] for row in rows.values() if row["state"] != "cancelled")
    assert len({(hour + timedelta(hours=8)).date() for hour in hours}) == len(hours), "one a day"
    assert rows["Far away"]["id"] == lost
    shown = main_of((await client.get(HERE)).text)
    assert "at the same time" not in shown
    assert "the coach needs" not in shown
    with pytest.raises(Conflict):
        await route_accepting.accept_route("tour", route, by=stage.organiser)


async def test_groups_get_their_people_and_stops(client: httpx.AsyncClient, test_settings: Settings) -> None:
    stage = await open_tour(ends_at=fair.tomorrow() + timedelta(hours=8))
    await people(stage, 4)
    plan_form = PlanForm(start="410300", finish="410300", per_day=2, seats=2, most_groups=2)
    await services.save_plan("tour", plan_form, seen="", by=stage.organiser)
    await route_runs.enqueue_route("tour", ASK, by=stage.organiser)
    await jobs.drain(test_settings.session_url)
    route = await db.fetchval("SELECT id FROM tour_route")
    await route_accepting.accept_route("tour", route, by=stage.organiser)
    sizes = await db.fetch(
        "SELECT g.name, count(m.id) AS people FROM tour_group g JOIN tour_member m ON m.grp = g.id GROUP BY g.name"
    )
    assert sorted((row["name"], row["people"]) for row in sizes) == [("1", 2), ("2", 2)]


async def test_a_proposal_that_is_overtaken_is_refused(client: httpx.AsyncClient, test_settings: Settings) -> None:
    stage = await open_tour()
    await people(stage, 1)
    stop = await add_stop(stage)
    await route_runs.enqueue_route("tour", ASK, by=stage.organiser)
    await jobs.drain(test_settings.session_url)
    route = await db.fetchval("SELECT id FROM tour_route")
    await services.copy_stop("tour", stop, by=stage.organiser)
    await db.execute("UPDATE tour_stop SET updated_at = updated_at + interval '1 hour'")
    with pytest.raises(Conflict) as refused:
        await route_accepting.accept_route("tour", route, by=stage.organiser)
    assert refused.value.code == "changed"


async def test_a_stopped_run_changes_nothing(client: httpx.AsyncClient, test_settings: Settings) -> None:
    stage = await open_tour()
    await people(stage, 1)
    with pytest.raises(Invalid):
        await route_runs.enqueue_route("tour", RouteForm(cities=["411500"]), by=stage.organiser)
    await route_runs.enqueue_route("tour", ASK, by=stage.organiser)
    await sign_in(client, stage.organiser)
    await post(client, f"{HERE}/route/stop")
    await jobs.drain(test_settings.session_url)
    assert await db.fetchval("SELECT state FROM tour_route") == "cancelled"
    await post(client, f"{HERE}/route/stop")
    assert (await client.get(f"{HERE}/route")).status_code == 200
