"""Periodic jobs: once for each moment, once after many missed ones, again after an error or a death, never beside themselves."""

import asyncio
import time as real_time
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import asyncpg
import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, jobs, schedule
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict
from fairs.core.job_watch import Watch
from fairs.core.schedule import Daily, Every, Monthly, periodic
from fairs.upkeep import queries, services, timekeeper
from tests.cast import make_actor, sign_in

ran: list[datetime] = []
wrong: list[Exception] = []
go_on = asyncio.Event()


@periodic("test.daily", Daily(time(8, 30)), title="Daily", does="Tests.", counts="Things")
async def daily() -> int:
    ran.append(clock.now())
    await go_on.wait()
    if wrong:
        raise wrong[0]
    return 7


@pytest.fixture(autouse=True)
def only_this_job(db: None) -> None:
    """The application's own jobs are set aside."""
    schedule._known.set({})
    schedule.install([daily])
    ran.clear()
    wrong.clear()
    go_on.set()


def at(day: int, hour: int, minute: int = 0) -> None:
    """Set the clock: Beijing time in January 2027."""
    moment = datetime(2027, 1, day, hour, minute, tzinfo=schedule.zone())
    clock.start_from(moment.astimezone(UTC).isoformat())


async def states() -> list[tuple[str, str]]:
    rows = await fetch("SELECT due_at, state FROM periodic_run ORDER BY id")
    return [(f"{row['due_at'].astimezone(schedule.zone()):%d %H:%M}", row["state"]) for row in rows]


async def until(true: Callable[[], bool]) -> None:
    deadline = real_time.monotonic() + 30
    while not true():
        assert real_time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("when", "now", "due", "coming"),
    [
        (Daily(time(8, 30)), "2027-01-05T08:29:59", "2027-01-04T08:30", "2027-01-05T08:30"),
        (Daily(time(8, 30)), "2027-01-05T08:30:00", "2027-01-05T08:30", "2027-01-06T08:30"),
        (Monthly(1, time(2)), "2027-03-05T10:00", "2027-03-01T02:00", "2027-04-01T02:00"),
        (Every(15), "2027-01-05T10:44:59", "2027-01-05T10:30", "2027-01-05T10:45"),
    ],
)
def test_moments_are_those_of_the_installations_zone(when: schedule.When, now: str, due: str, coming: str) -> None:
    one = schedule.Periodic("x", when, "", "", "", daily)

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=schedule.zone())

    assert (one.due(moment(now)), one.next(moment(now))) == (moment(due), moment(coming))


async def test_new_job_waits_for_its_first_moment_and_is_run_once_for_it(dsn: str) -> None:
    at(4, 10)
    assert await services.begin_due() == []
    at(5, 8, 31)
    assert await services.begin_due() == ["test.daily"]
    assert await services.begin_due() == []
    await jobs.drain(dsn)
    assert await services.begin_due() == []
    assert await states() == [("05 08:30", "done")]
    assert len(ran) == 1
    assert await fetchval("SELECT done FROM periodic_run") == 7


async def test_three_missed_days_are_made_up_for_once(dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(8, 12)
    await services.begin_due()
    await jobs.drain(dsn)
    await services.begin_due()
    await jobs.drain(dsn)
    assert await states() == [("08 08:30", "done")]
    assert len(ran) == 1


async def test_two_workers_at_once_run_it_once(dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(5, 9)
    stop = asyncio.Event()
    go_on.clear()
    workers = [
        asyncio.create_task(work)
        for _ in range(2)
        for work in (jobs.work(dsn, stop, finish=5, life=Watch()), timekeeper.keep_time(stop))
    ]
    begun = await asyncio.gather(*[services.begin_due() for _ in range(8)])
    await until(lambda: bool(ran))
    await asyncio.sleep(0.5)
    go_on.set()
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*workers), 20)
    assert len(ran) == 1
    assert sum(map(len, begun)) <= 1
    assert await states() == [("05 08:30", "done")]


async def test_slow_run_does_not_meet_the_next_one_which_follows_it(dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(5, 9)
    await services.begin_due()
    go_on.clear()
    stop = asyncio.Event()
    worker = asyncio.create_task(jobs.work(dsn, stop, life=Watch()))
    await until(lambda: len(ran) == 1)
    at(6, 9)
    assert await services.begin_due() == []
    with pytest.raises(Conflict):
        await services.ask("test.daily", by=SYSTEM)
    go_on.set()
    deadline = real_time.monotonic() + 20
    while await states() != [("05 08:30", "done")]:
        assert real_time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert await services.begin_due() == ["test.daily"]
    await until(lambda: len(ran) == 2)
    stop.set()
    await asyncio.wait_for(worker, 20)
    assert [due for due, _ in await states()] == ["05 08:30", "06 08:30"]


async def test_error_is_said_and_tried_again_until_it_counts_as_failed(client: httpx.AsyncClient, dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(5, 8, 30)
    await services.begin_due()
    wrong.append(RuntimeError("the printer is on fire"))
    for attempt in range(1, services.MAX_ATTEMPTS + 1):
        await jobs.drain(dsn)
        row = (await fetch("SELECT state, attempts, error FROM periodic_run"))[0]
        last = attempt == services.MAX_ATTEMPTS
        assert tuple(row) == ("failed" if last else "retrying", attempt, "RuntimeError: the printer is on fire")
        assert await fetchval("SELECT count(*) FROM pgqueuer WHERE execute_after > now()") == int(not last)
        await execute("UPDATE pgqueuer SET execute_after = now()")
    assert (await client.get("/readyz")).json()["periodic"] == {"overdue": [], "failed": ["test.daily"]}
    assert 'fairs_periodic_failed{job="test.daily"} 1.0' in (await client.get("/metrics")).text
    wrong.clear()
    at(6, 9)
    await services.begin_due()
    await jobs.drain(dsn)
    assert await states() == [("05 08:30", "failed"), ("06 08:30", "done")]
    assert (await client.get("/readyz")).json()["periodic"] == {"overdue": [], "failed": []}


async def test_run_of_a_worker_that_died_is_taken_over(dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(5, 9)
    await services.begin_due()
    # What a killed worker leaves: the row runs, the queue's job is taken, nobody gives a sign of life.
    await execute("UPDATE periodic_run SET state = 'running', attempts = 1, started_at = now()")
    await execute("UPDATE pgqueuer SET status = 'picked', heartbeat = now()")
    stop = asyncio.Event()
    worker = asyncio.create_task(jobs.work(dsn, stop, life=Watch(), heartbeat=timedelta(seconds=1)))
    await until(lambda: bool(ran))
    stop.set()
    await asyncio.wait_for(worker, 20)
    assert await states() == [("05 08:30", "done")]
    assert await fetchval("SELECT attempts FROM periodic_run") == 2


async def test_open_run_whose_job_is_gone_gets_another(dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(5, 9)
    await services.begin_due()
    await execute("DELETE FROM pgqueuer")
    await services.begin_due()
    await jobs.drain(dsn)
    assert await states() == [("05 08:30", "done")]


async def test_database_refuses_a_second_run_of_a_moment_and_a_second_open_one() -> None:
    add = "INSERT INTO periodic_run (name, due_at, state, finished_at) VALUES ('x', $1, $2, $3)"
    one, other = datetime(2027, 1, 5, tzinfo=UTC), datetime(2027, 1, 6, tzinfo=UTC)
    await execute(add, one, "done", one)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_periodic_run_due"):
        await execute(add, one, "waiting", None)
    await execute(add, other, "waiting", None)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_periodic_run_open"):
        await execute(add, other + timedelta(days=1), "running", None)


async def test_overdue_job_is_said(client: httpx.AsyncClient, dsn: str) -> None:
    at(4, 10)
    await services.begin_due()
    at(5, 8, 40)
    assert [one.overdue for one in await queries.standings()] == [False]
    at(5, 8, 46)
    assert (await client.get("/readyz")).json()["periodic"]["overdue"] == ["test.daily"]
    assert 'fairs_periodic_overdue{job="test.daily"} 1.0' in (await client.get("/metrics")).text
    await services.begin_due()
    await jobs.drain(dsn)
    assert [one.overdue for one in await queries.standings()] == [False]


async def test_timekeeper_sleeps_until_the_next_moment_and_wakes_when_the_clock_moves(dsn: str) -> None:
    at(5, 8, 29)
    assert 59 < timekeeper.seconds_to_next() <= 60
    clock.move_by(timedelta(seconds=50))
    assert 9 < timekeeper.seconds_to_next() <= 10
    stop = asyncio.Event()
    keeper = asyncio.create_task(timekeeper.keep_time(stop))
    await asyncio.sleep(0.3)
    clock.move_by(timedelta(hours=2))
    timekeeper.WAKE()({})
    deadline = real_time.monotonic() + 5
    while await states() != [("05 08:30", "waiting")]:
        assert real_time.monotonic() < deadline, await states()
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(keeper, 5)


async def test_page_shows_the_jobs_and_runs_one_by_hand(client: httpx.AsyncClient, dsn: str) -> None:
    from tests.cast import post

    at(5, 9)
    await sign_in(client, await make_actor("organiser", name="Li Na"))
    page = (await client.get("/organise/clock")).text
    assert "Every day at 08:30" in page
    assert "Not yet" in page
    assert "It has not run yet" in (await client.get("/organise/clock/test.daily")).text
    assert (await post(client, "/organise/clock/test.daily/run")).status_code == 303
    assert (await post(client, "/organise/clock/test.daily/run")).status_code == 409
    await jobs.drain(dsn)
    page = (await client.get("/organise/clock/test.daily")).text
    assert "1 run" in page
    assert "Li Na" in page
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'periodic.ask'") == 1
    assert (await client.get("/organise/clock/nothing")).status_code == 404
    assert (await post(client, "/organise/clock/nothing/run")).status_code == 404


async def test_runs_are_paged(client: httpx.AsyncClient) -> None:
    await execute(
        "INSERT INTO periodic_run (name, due_at, state, started_at, finished_at, done) SELECT 'test.daily',"
        " now() - n * interval '1 day', 'done', now(), now(), n FROM generate_series(1, 60) n"
    )
    await sign_in(client, await make_actor("admin"))
    page = (await client.get("/organise/clock/test.daily?page=3")).text
    assert "60 runs" in page
    assert page.count("<tr data-row") == 10
    assert "No run with this result" in (await client.get("/organise/clock/test.daily?state=failed")).text
