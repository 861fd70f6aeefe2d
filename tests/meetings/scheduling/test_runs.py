import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict, NotFound
from fairs.core.wishes import Side
from fairs.meetings import services
from fairs.meetings.scheduling import queries, runs, slots_and_tables, solver_process, weights
from fairs.meetings.solver.problem import Plan
from tests import factories
from tests.cast import make_actor
from tests.meetings.crowd import Crowd, all_want, ended, make_crowd, met, schedule, want
from tests.meetings.stage import booked, make_stage

pytestmark = pytest.mark.usefixtures("db")


async def test_everybody_who_wants_to_meets_once_and_is_invited() -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    run = await schedule(crowd)
    assert {key: run[key] for key in ("state", "pairs", "made", "left_out", "gap", "unmet", "error", "attempt")} == {
        "state": "done",
        "pairs": 4,
        "made": 4,
        "left_out": 0,
        "gap": 0.0,
        "unmet": "[]",
        "error": "",
        "attempt": 1,
    }
    assert run["objective"] == run["bound"]
    assert 4 * weights.DEFAULT.score(0, 0) < int(str(run["objective"])) <= 4 * weights.DEFAULT.score(100, 0)
    assert {(talent, listing) for talent, listing, _ in await met()} == {
        (talent, listing) for talent in crowd.people for listing in crowd.listings
    }
    mails = await db.fetch("SELECT kind, to_email, state FROM outgoing_mail ORDER BY kind, to_email, id")
    bob = await db.fetchval("SELECT email FROM talent WHERE id = $1", crowd.people[1])
    invited = [*[("maria@example.org", "kept")] * 2, *[(bob, "held")] * 2, *[("wang@example.org", "kept")] * 2]
    assert [tuple(row) for row in mails] == [  # one employer has nobody to write to; nobody has proved Bob's address
        ("confirm_address", bob, "kept"),
        *(("meeting_scheduled", *to) for to in sorted(invited)),
    ]
    logged = await db.fetch("SELECT action, actor_label FROM audit_entry WHERE action ~ '^(schedule|meeting.book)'")
    assert sorted(row["action"] for row in logged) == ["meeting.book"] * 4 + ["schedule.ask", "schedule.done"]
    assert {row["actor_label"] for row in logged} == {"Olga Organiser <organiser@example.org>"}


async def test_only_mutual_open_wishes_are_scheduled() -> None:
    crowd = await make_crowd(employers=4, people=2)
    first, second = crowd.people
    await want(crowd, crowd.listings[0], first, "meet", "no")
    await want(crowd, crowd.listings[1], first)
    await db.execute("UPDATE listing SET state = 'closed' WHERE id = $1", crowd.listings[1])
    await want(crowd, crowd.listings[2], second)
    await db.execute("UPDATE talent SET visibility = 'private' WHERE id = $1", second)
    run = await schedule(crowd)
    assert (run["state"], run["pairs"], run["made"]) == ("done", 0, 0)


async def test_several_listings_of_one_employer_are_one_meeting_about_the_one_that_must_be() -> None:
    crowd = await make_crowd(employers=1, people=1)
    other = await factories.listing(crowd.stage.organisation, crowd.event)
    await want(crowd, crowd.stage.listing, crowd.stage.talent)
    await want(crowd, other, crowd.stage.talent, "must", "meet")
    await schedule(crowd)
    assert [(talent, listing) for talent, listing, _ in await met()] == [(crowd.stage.talent, other)]
    assert (await schedule(crowd))["made"] == 0


async def test_what_stands_stays_and_the_gaps_are_filled_around_it() -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    before = await db.fetchrow("SELECT * FROM meeting WHERE id = $1", meeting)
    organiser = await make_actor("organiser", email="organiser@example.org")
    crowd = Crowd(stage, organiser, [stage.listing], [await factories.talent(), await factories.talent()])
    for talent in crowd.people:
        await want(crowd, stage.listing, talent)
    run = await schedule(crowd)
    assert await db.fetchrow("SELECT * FROM meeting WHERE id = $1", meeting) == before
    assert (run["pairs"], run["made"]) == (2, 1)
    assert sorted(slot for *_, slot in await met()) == [0, 1]
    [row] = json.loads(str(run["unmet"]))
    assert row["kind"] == "min_candidate"


async def test_people_are_not_asked_where_they_sit_at_another_event_and_slots_that_are_over_are_gone() -> None:
    crowd = await make_crowd(employers=1, people=1)
    slots = await queries.slots(crowd.event, clock.now())
    elsewhere = await make_crowd_elsewhere(crowd, slots[0].starts_at + timedelta(minutes=5))
    await want(crowd, crowd.stage.listing, crowd.stage.talent)
    run = await schedule(crowd)
    assert (run["made"], (await met())[-1][2]) == (1, 1)
    assert await db.fetchval("SELECT count(*) FROM meeting WHERE event = $1", elsewhere) == 1
    await db.execute(
        "UPDATE meeting_slot SET starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days'"
    )
    with pytest.raises(Conflict) as refused:
        await runs.enqueue_run(crowd.event, by=crowd.organiser)
    assert refused.value.message == runs.NO_SLOTS


async def test_a_slot_that_has_begun_is_not_scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = await make_crowd(employers=1, people=2)
    await all_want(crowd)
    first, second = await queries.slots(crowd.event, clock.now())
    monkeypatch.setattr(clock, "now", lambda: first.starts_at)
    run = await schedule(crowd)
    assert (run["pairs"], run["made"]) == (2, 1)
    assert [slot for *_, slot in await met()] == [1]
    monkeypatch.setattr(clock, "now", lambda: second.starts_at)
    with pytest.raises(Conflict) as refused:
        await runs.enqueue_run(crowd.event, by=crowd.organiser)
    assert refused.value.message == runs.NO_SLOTS


async def test_a_slot_that_begins_while_it_is_computed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = await make_crowd(employers=1, people=2)
    await all_want(crowd)
    first, _ = await queries.slots(crowd.event, clock.now())
    apart = solver_process.solve_apart

    async def meanwhile(*args: Any) -> object:
        solved = await apart(*args)
        monkeypatch.setattr(clock, "now", lambda: first.starts_at)
        return solved

    monkeypatch.setattr(runs, "solve_apart", meanwhile)
    run = await schedule(crowd)
    assert (run["pairs"], run["made"], run["left_out"]) == (2, 1, 1)
    assert [slot for *_, slot in await met()] == [1]


async def make_crowd_elsewhere(crowd: Crowd, starts_at: object) -> int:
    """Another event where this crowd's first person sits in a meeting."""
    event = await factories.event()
    organisation = await factories.organisation()
    listing = await factories.listing(organisation, event)
    planned = {"starts_at": starts_at, "state": "scheduled", "outcome": ""}
    await factories.meeting(event, listing, organisation, crowd.stage.talent, **planned)
    return event


async def test_employers_without_a_table_share_and_nobody_sits_twice() -> None:
    crowd = await make_crowd(employers=3, people=3, tables=0, shared=2)
    await all_want(crowd)
    run = await schedule(crowd)
    assert run["made"] == 4  # two common tables in two slots
    rows = await db.fetch("SELECT organisation, starts_at, hall_table FROM meeting")
    assert len({(row["organisation"], row["starts_at"]) for row in rows}) == 4
    assert len({(row["hall_table"], row["starts_at"]) for row in rows}) == 4
    assert {row["organisation"] for row in rows} == {
        row["organisation"] for row in await db.fetch("SELECT organisation FROM listing WHERE id = ANY($1::bigint[])", crowd.listings)
    }  # fmt: skip


async def test_musts_come_first_and_one_that_does_not_fit_is_explained() -> None:
    crowd = await make_crowd(employers=1, people=3)
    for talent in crowd.people:
        await want(crowd, crowd.stage.listing, talent, "must", "must" if talent != crowd.people[0] else "meet")
    run = await schedule(crowd)
    assert {talent for talent, *_ in await met()} == set(crowd.people[1:])
    rows = json.loads(str(run["unmet"]))
    [told] = [row for row in rows if row["kind"] == "must"]
    assert (told["candidate"], told["employer"]) == (f"t{crowd.people[0]}", f"o{crowd.stage.organisation}")
    assert told["reason"] in {"must_employer_seats", "must_employer_limit"}
    assert (told["facts"]["room"], told["facts"]["musts"]) == (2, 3)


async def test_pair_that_called_off_waits_for_a_new_word() -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    await services.cancel(meeting, by=stage.candidate)
    organiser = await make_actor("organiser", email="organiser@example.org")
    crowd = Crowd(stage, organiser, [stage.listing], [stage.talent])
    counts = await queries.waiting_counts(stage.event)
    assert (counts.pairs, counts.called_off) == (0, 1)
    assert (await schedule(crowd))["made"] == 0
    await services.express(stage.listing, stage.talent, "must", side=Side.TALENT, by=stage.candidate)
    assert (await schedule(crowd))["made"] == 1


async def test_what_changed_while_it_was_computed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One takes the wish back, one is booked by hand, one sits down elsewhere: three of four planned are not booked."""
    crowd = await make_crowd(employers=1, people=4)
    await slots_and_tables.create_slots(crowd.event, clock.now() + timedelta(days=2), 20, 4, by=SYSTEM)
    for talent in crowd.people:
        await want(crowd, crowd.stage.listing, talent)
    apart = solver_process.solve_apart

    async def meanwhile(*args: Any) -> Plan:
        solved = await apart(*args)
        own = crowd.stage
        places = {made.candidate: made.slot for made in solved.meetings}
        slots = await queries.slots(crowd.event, clock.now())
        await services.express(own.listing, crowd.people[0], "no", side=Side.EMPLOYER, by=own.employer)
        await services.book(own.listing, crowd.people[1], slots[places[f"t{crowd.people[2]}"]].id, by=own.employer)
        return solved

    monkeypatch.setattr(runs, "solve_apart", meanwhile)
    run = await schedule(crowd)
    assert (run["state"], run["made"], run["left_out"]) == ("done", 1, 3)
    assert {talent for talent, *_ in await met()} == {crowd.people[1], crowd.people[3]}
    monkeypatch.setattr(runs, "solve_apart", apart)
    assert (await schedule(crowd))["made"] == 1


async def test_second_ask_is_refused_also_at_the_same_moment() -> None:
    crowd = await make_crowd()
    other = await make_actor("organiser", email="second@example.org")
    answers = await asyncio.gather(
        *(runs.enqueue_run(crowd.event, by=actor) for actor in (crowd.organiser, other, crowd.organiser)),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert [answer.message for answer in refused] == [runs.ALREADY] * 2
    assert await db.fetchval("SELECT count(*) FROM schedule_run") == 1


async def test_two_workers_with_one_run_book_once() -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    await asyncio.gather(*(runs.schedule({"run": run_id}) for _ in range(3)))
    run = await ended(run_id)
    assert (run["state"], run["made"], run["attempt"]) == ("done", 4, 1)
    assert len(await met()) == 4


async def test_job_of_the_queue_does_it(dsn: str) -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    await jobs.drain(dsn)
    assert (await ended(run_id))["state"] == "done"


async def test_strangers_neither_begin_nor_stop() -> None:
    crowd = await make_crowd()
    await runs.enqueue_run(crowd.event, by=crowd.organiser)
    for actor in (
        crowd.stage.employer,
        crowd.stage.candidate,
        await make_actor("staff", email="s@example.org", event_id=crowd.event),
    ):
        with pytest.raises(NotFound):
            await runs.enqueue_run(crowd.event, by=actor)
        with pytest.raises(NotFound):
            await runs.cancel(crowd.event, by=actor)


async def test_hundreds_of_meetings_are_booked_in_one_go() -> None:
    crowd = await make_crowd(employers=20, people=60, tables=2)
    await slots_and_tables.create_slots(crowd.event, clock.now() + timedelta(days=2), 20, 20, by=SYSTEM)
    for at, talent in enumerate(crowd.people):
        for step in range(7):
            await want(crowd, crowd.listings[(at + step) % 20], talent)
    run = await schedule(crowd)
    assert (run["made"], run["gap"]) == (420, 0.0)
    mails = await db.fetch("SELECT kind, state, count(*) FROM outgoing_mail GROUP BY kind, state ORDER BY kind, state")
    assert [tuple(row) for row in mails] == [
        ("confirm_address", "kept", 59),  # nobody but Maria has proved the address
        ("meeting_scheduled", "held", 59 * 7),
        ("meeting_scheduled", "kept", 7 + 21),  # hers, and those of the one employer that has somebody to write to
    ]
