"""The demo's clock is moved on its page, for every process, and the jobs follow. Elsewhere nobody moves it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fairs import settings
from fairs.core import clock, jobs, schedule
from fairs.core.db import fetchval
from fairs.core.services import SETTINGS, Services
from fairs.upkeep import moving, services, timekeeper
from fairs.upkeep.purge import purge_nightly
from tests.cast import make_actor, post, sign_in


@pytest.fixture
def demo(test_settings: settings.Settings) -> Iterator[None]:
    SETTINGS.set(replace(test_settings, demo=True))
    schedule._known.set({})
    schedule.install([purge_nightly])
    yield
    clock.move_by(timedelta(0))


def shown(moment: datetime) -> str:
    """As the page's form sends it."""
    return f"{moment.astimezone(schedule.zone()):%Y-%m-%dT%H:%M}"


async def test_clock_moved_on_the_page_takes_the_jobs_with_it(client: httpx.AsyncClient, demo: None, dsn: str) -> None:
    await sign_in(client, await make_actor("organiser"))
    await services.begin_due()
    await jobs.enqueue(services.RUN, {"run": 0}, after=timedelta(days=2))
    to = datetime.now(UTC) + timedelta(days=3)
    assert (await post(client, "/organise/time", {"moment": shown(to)})).status_code == 303
    assert abs((clock.now() - to).total_seconds()) < 90
    assert await fetchval("SELECT count(*) FROM pgqueuer WHERE execute_after > now()") == 0
    assert await services.begin_due() == ["upkeep-purge"]
    await jobs.drain(dsn)
    assert await fetchval("SELECT count(*) FROM periodic_run WHERE state = 'done'") == 1
    page = (await client.get("/organise/clock")).text
    assert "Back to the real time" in page
    assert (await post(client, "/organise/time", {"real": "1"})).status_code == 303
    assert clock.moved() == timedelta(0)
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'clock.move'") == 2


async def test_another_process_takes_the_move_over(
    client: httpx.AsyncClient, demo: None, test_settings: settings.Settings
) -> None:
    await sign_in(client, await make_actor("admin"))
    await timekeeper.follow_clock()
    to = datetime.now(UTC) + timedelta(days=40)
    await moving.move_to(to, by=await make_actor("organiser", email="o@example.org"))
    seconds = await fetchval("SELECT seconds FROM moved_clock")
    with Services().entered():  # one that listens
        SETTINGS.set(replace(test_settings, demo=True))
        moving.follow({"seconds": seconds})
        assert abs((clock.now() - to).total_seconds()) < 5
    clock.move_by(timedelta(0))
    await moving.load()  # one that starts
    assert abs((clock.now() - to).total_seconds()) < 5
    clock.move_by(timedelta(0))
    await moving.move_to(to, by=await make_actor("organiser", email="p@example.org"))
    clock.move_by(timedelta(0))
    await moving.move_to(to, by=await make_actor("organiser", email="q@example.org"))
    await asyncio.sleep(0.3)  # this process hears of it by the database's notification too
    assert abs((clock.now() - to).total_seconds()) < 5


async def test_what_is_not_a_moment_is_said(client: httpx.AsyncClient, demo: None) -> None:
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, "/organise/time", {"moment": "tomorrow"})
    assert answer.status_code == 422
    assert 'value="tomorrow"' in answer.text
    assert clock.moved() == timedelta(0)


async def test_outside_the_demo_the_clock_stays(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("admin"))
    assert "demo" not in (await client.get("/organise/clock")).text.split("<main")[1]
    assert (await post(client, "/organise/time", {"moment": "2030-01-01T10:00"})).status_code == 404
    moving.follow({"seconds": 86400})
    await moving.load()
    assert clock.moved() == timedelta(0)
