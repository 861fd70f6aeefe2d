import asyncio
import json
import re

import httpx
import pytest

from fairs.core import db, jobs, sheets
from fairs.meetings.scheduling import pages, queries, runs
from fairs.web import live_numbers
from tests.cast import make_actor, post, sign_in
from tests.meetings.crowd import Crowd, all_want, make_crowd, schedule, want
from tests.meetings.stage import booked, make_stage

HALL = "/organise/editions/spring/hall"


async def crowd_of(employers: int = 2, people: int = 2) -> Crowd:
    crowd = await make_crowd(employers, people)
    await db.execute("UPDATE event SET slug = 'spring' WHERE id = $1", crowd.event)
    return crowd


async def page(client: httpx.AsyncClient, lang: str = "en") -> str:
    answer = await client.get(f"{HALL}?lang={lang}")
    assert answer.status_code == 200
    return answer.text


async def test_organiser_begins_looks_on_and_reads_what_came_of_it(client: httpx.AsyncClient, dsn: str) -> None:
    crowd = await crowd_of()
    await sign_in(client, crowd.organiser)
    assert "No pair wants to meet yet." in await page(client)
    await all_want(crowd)
    before = await page(client)
    assert "4 pairs want to meet and have no meeting yet." in before
    assert "Schedule up to 4 meetings?" in before  # no mail leaves: none is promised
    answer = await post(client, f"{HALL}/schedule")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HALL}#timetable")
    waiting = await page(client)
    assert "Waiting for a worker to begin" in waiting
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in waiting
    assert "Schedule the meetings" not in waiting
    again = await post(client, f"{HALL}/schedule")
    assert again.status_code == 303
    assert runs.ALREADY.message in await page(client)
    await jobs.drain(dsn)
    after = await page(client)
    assert "4 meetings were booked" in after
    assert "Proved best: no other timetable serves these wishes better." in after
    assert "Olga Organiser" in after
    assert "Nobody waits for a meeting" in after
    assert "已预约 4 场洽谈" in await page(client, "zh")


async def test_stopped_run_books_nothing_and_says_so(client: httpx.AsyncClient, dsn: str) -> None:
    crowd = await crowd_of()
    await all_want(crowd)
    await sign_in(client, crowd.organiser)
    await post(client, f"{HALL}/schedule")
    stopped = await post(client, f"{HALL}/schedule/cancel")
    assert (stopped.status_code, stopped.headers["location"]) == (303, f"{HALL}#timetable")
    await jobs.drain(dsn)
    assert "The scheduling was stopped" in await page(client)
    assert await db.fetchval("SELECT count(*) FROM meeting") == 0
    late = await post(client, f"{HALL}/schedule/cancel")
    assert late.status_code == 303
    assert runs.NOT_RUNNING.message in await page(client)


async def test_wishes_without_a_place_are_told_with_names_and_reasons_in_both_languages(
    client: httpx.AsyncClient,
) -> None:
    crowd = await crowd_of(employers=1, people=3)
    await db.execute("UPDATE talent SET name_passport = 'Person ' || id, name_native = '人才' || id")
    for talent in crowd.people:
        await want(crowd, crowd.stage.listing, talent, "must", "meet")
    await schedule(crowd)
    await sign_in(client, crowd.organiser)
    english, chinese = await page(client), await page(client, "zh")
    rows = re.findall(r"<tr data-row>(.*?)</tr>", english, re.S)
    assert len(rows) == 2  # a must, and the minimum of one meeting
    assert all("Person " in row for row in rows)
    assert "Must meet, not possible" in english
    assert "must be held" in english
    assert "必见但无法安排" in chinese
    assert all("人才" in row for row in re.findall(r"<tr data-row>(.*?)</tr>", chinese, re.S))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("state = 'failed', error = 'solver'", "The computation was interrupted."),
        ("state = 'failed', error = 'unexpected'", "Something went wrong on our side."),
        ("state = 'running', seen_at = now() - interval '5 minutes'", "ended from outside"),
        ("state = 'running', phase = 'timetable', share = 0.4, objective = 1234, bound = 2000, gap = 0.383", "Finding slots"),
        ("state = 'running', phase = 'a phase of tomorrow'", "Computing"),
        ("state = 'done', made = 3, left_out = 2, gap = 0.01", "2 planned meetings were left out"),
    ],
)  # fmt: skip
async def test_every_state_has_its_words(client: httpx.AsyncClient, change: str, words: str) -> None:
    crowd = await crowd_of()
    await runs.enqueue_run(crowd.event, by=crowd.organiser)
    await db.execute(f"UPDATE schedule_run SET {change}")
    await sign_in(client, crowd.organiser)
    assert words in await page(client)
    assert words not in await page(client, "zh")


async def test_hall_without_slots_leads_to_making_them(client: httpx.AsyncClient) -> None:
    crowd = await crowd_of()
    await db.execute("DELETE FROM meeting_slot")
    await sign_in(client, crowd.organiser)
    assert "Add slots and tables first" in await page(client)
    await post(client, f"{HALL}/schedule")
    assert runs.NO_SLOTS.message in await page(client)
    assert await db.fetchval("SELECT count(*) FROM schedule_run") == 0


@pytest.mark.usefixtures("db")
async def test_live_line_tells_the_progress_and_that_it_is_over() -> None:
    crowd = await crowd_of()
    await all_want(crowd)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)

    async def read() -> dict[str, object]:
        return pages.numbers(await queries.latest_run(crowd.event))

    async def alive() -> bool:
        return True

    stream = live_numbers.stream(runs.topic(crowd.event), read, alive, pause=0.01, keep_alive=20)
    told = [await anext(stream)]
    work = asyncio.ensure_future(runs.schedule({"run": run_id}))
    while b'"over": true' not in told[-1]:
        told.append(await anext(stream))
    await stream.aclose()
    await work
    first = json.loads(told[0].decode().partition("data: ")[2])
    assert first == {
        "phase": "Waiting for a worker to begin",
        "share": 0,
        "objective": 0,
        "bound": "–",
        "gap": "–",
    }


async def test_strangers_and_other_roles_find_nothing(client: httpx.AsyncClient) -> None:
    crowd = await crowd_of()
    for actor in (crowd.stage.employer, crowd.stage.candidate):
        await sign_in(client, actor)
        found = [(await post(client, f"{HALL}/{verb}")).status_code for verb in ("schedule", "schedule/cancel")]
        found += [(await client.get(f"{HALL}/{name}")).status_code for name in ("schedule/stream", "timetable.xlsx")]
        assert found == [403] * 4
    await sign_in(client, crowd.organiser)
    for verb in ("schedule", "schedule/cancel"):
        assert (await post(client, f"/organise/editions/nowhere/hall/{verb}")).status_code == 404
    assert await db.fetchval("SELECT count(*) FROM schedule_run") == 0


async def test_timetable_is_taken_away_as_a_spreadsheet(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await booked(stage)
    await db.execute("UPDATE event SET slug = 'spring' WHERE id = $1", stage.event)
    await sign_in(client, await make_actor("organiser", email="organiser@example.org"))
    answer = await client.get(f"{HALL}/timetable.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="spring-timetable.xlsx"'
    sheet = await sheets.read_sheet(answer.content, "timetable.xlsx")
    assert sheet.heads == ["Begins", "Ends", "Table", "Employer", "Candidate", "Listing", "State"]
    [row] = sheet.rows
    assert {key: row.values[key] for key in ("Table", "Candidate", "State")} == {
        "Table": "1",
        "Candidate": "Maria Fernandez",
        "State": "Scheduled",
    }
    assert row.values["Begins"].endswith("09:00:00")
