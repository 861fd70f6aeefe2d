"""Two applications in one process: each has its database, clock, keys, mail and live pages, and nothing of the other's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from fairs.accounts.middleware import SESSION_COOKIE
from fairs.app import create_app
from fairs.core import clock, crypto, db, pubsub
from fairs.core import services as core_services
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.services import Services
from fairs.notifications import services as mail
from fairs.settings import Settings
from tests import factories
from tests.alive import alive
from tests.cast import make_actor, sign_in
from tests.conftest import create_database


@dataclass
class Place:
    """A running application and a browser in front of it."""

    app: Litestar
    client: httpx.AsyncClient

    @property
    def services(self) -> Services:
        found: Services = self.app.state.services
        return found


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Place]:
    """An application with services of its own, alive."""
    async with alive(create_app(settings)) as app:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # httpx types ASGI with bare mappings
        async with httpx.AsyncClient(transport=transport, base_url="http://fairs.test") as client:
            yield Place(app, client)


@pytest.fixture
async def pair(server: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[tuple[Place, Place]]:
    """Named north and south."""
    made = []
    for name, day, smtp in (
        ("north", "2030-04-01T09:00:00", "smtp://127.0.0.1:1"),
        ("south", "2027-11-01T09:00:00", ""),
    ):
        await create_database(server, f"apart_{name}_{tmp_path.name.replace('-', '_')[-20:]}")
        made.append(
            Settings(
                data_dir=tmp_path / name,
                database_url=server.dsn(f"apart_{name}_{tmp_path.name.replace('-', '_')[-20:]}"),
                secret_key=f"a key of the {name} that is long enough to be one",
                base_url=f"http://{name}.test",
                smtp_url=smtp,
                now=day,
                pool_size=4,
                inline_worker=True,
            )
        )
    async with opened(made[0]) as north, opened(made[1]) as south:
        yield north, south


async def test_each_answers_from_its_own_database_at_once(pair: tuple[Place, Place]) -> None:
    for place, name in zip(pair, ("North", "South"), strict=True):
        with place.services.entered():
            await factories.event(title_en=f"The fair of the {name}", title_zh=f"{name}会")

    async def ask(place: Place, own: str, other: str) -> None:
        answer = await place.client.get("/api/v1/events")
        assert own in answer.text
        assert other not in answer.text
        page = (await place.client.get("/", headers={"accept-language": "en"})).text
        assert own in page
        assert other not in page

    north, south = pair
    asked = [ask(north, "North", "South"), ask(south, "South", "North")]
    await asyncio.gather(
        *asked, *(ask(north, "North", "South") for _ in range(10)), *(ask(south, "South", "North") for _ in range(10))
    )


async def test_clock_key_mail_and_sessions_are_apart(pair: tuple[Place, Place]) -> None:
    north, south = pair
    seen = {}
    for name, place in (("north", north), ("south", south)):
        with place.services.entered():
            seen[name] = (clock.now().year, mail.base_url(), mail.sends(), crypto.current_id())
            sealed = crypto.seal_text("138 0000 0000", "phone")
    assert (seen["north"][:3], seen["south"][:3]) == (
        (2030, "http://north.test", True),
        (2027, "http://south.test", False),
    )
    assert seen["north"][3] != seen["south"][3]
    with north.services.entered(), pytest.raises(ValueError, match="not known here"):
        crypto.open_text(sealed, "phone")
    with north.services.entered():
        await sign_in(north.client, await make_actor("organiser"))
    assert (await north.client.get("/account")).status_code == 200
    cookie = north.client.cookies.get(SESSION_COOKIE)
    south.client.cookies.set(SESSION_COOKIE, str(cookie), domain="fairs.test")
    assert (await south.client.get("/account")).status_code == 303


async def test_background_tasks_and_live_messages_stay_with_their_application(pair: tuple[Place, Place]) -> None:
    north, south = pair
    heard: dict[str, list[object]] = {"north": [], "south": []}

    async def listen(name: str, place: Place) -> None:
        with place.services.entered():
            async for message in pubsub.HUB().subscribe("news"):
                heard[name].append(message)

    tasks = [asyncio.create_task(listen("north", north)), asyncio.create_task(listen("south", south))]
    for place in pair:
        with place.services.entered():
            while not pubsub.HUB().listening:
                await asyncio.sleep(0.01)
    with south.services.entered():
        await pubsub.publish("news", {"of": "south"})
        message = mail.Message(
            kind="confirm_address", lang="en", to_email="maria@example.org", variables={"link": "x", "days": 7}
        )
        await mail.queue_mail(message)
        while await db.fetchval("SELECT state FROM outgoing_mail") == "queued":
            await asyncio.sleep(0.02)
        assert await db.fetchval("SELECT state FROM outgoing_mail") == "kept", "the worker of the south has no server"
    with north.services.entered():
        assert await db.fetchval("SELECT count(*) FROM outgoing_mail") == 0
        await pubsub.publish("news", {"of": "north"})
    async with asyncio.timeout(10):
        while {"of": "north"} not in heard["north"]:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert {"of": "south"} not in heard["north"]
    assert {"of": "south"} in heard["south"]
    assert {"of": "north"} not in heard["south"]


async def test_what_is_set_inside_is_gone_afterwards() -> None:
    services = Services()
    with services.entered():
        clock.start_from("2030-01-01")
        with services.restored():
            clock.start_from("2040-01-01")
            assert clock.now().year == 2040
        assert clock.now().year == 2030
    assert clock.now().year == datetime.now().astimezone().year


async def test_a_task_keeps_the_application_that_started_it() -> None:
    from fairs.core.tasks import spawn

    async def year() -> int:
        await asyncio.sleep(0)
        return clock.now().year

    with Services().entered():
        clock.start_from("2030-01-01")
        task = spawn(year(), name="tried")
        in_thread = asyncio.create_task(asyncio.to_thread(lambda: clock.now().year))
    assert core_services.current() is not None
    with suppress(LookupError):
        assert clock.now().year != 2030
    assert (await task, await in_thread) == (2030, 2030)
