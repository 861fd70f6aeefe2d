"""A fair with a server that answers over HTTP, and a relay of it in this process, with a database of its own."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar

from fairs.accounts.tokens import issue_token
from fairs.app import create_app
from fairs.checkin.relay import keeping, syncing
from fairs.core import clock, services
from fairs.core import db as database
from fairs.core.db import DB
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.scopes import Scope
from fairs.settings import Settings
from tests.cast import make_actor
from tests.checkin.hall import Hall, open_hall
from tests.conftest import SECRET, create_database


async def relay_token(event: int | None, *scopes: Scope, email: str = "relay@example.org") -> str:
    """A token as the page of tokens makes it."""
    organiser = await make_actor("organiser", email=email)
    account = organiser.account_id
    held = scopes or (Scope.RELAY,)
    return await issue_token("api", "hall", by=organiser, account_id=account, event_id=event, scopes=held)


async def open_now(**given: Any) -> Hall:
    """A hall whose event is on."""
    now = clock.now()
    return await open_hall(starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), **given)


@dataclass
class Venue:
    """The relay with its scanners' client; `entered()` makes its database the current one."""

    hall: Hall
    token: str
    relay: syncing.Relay
    services: services.Services
    client: httpx.AsyncClient

    async def pull(self) -> None:
        """Fetch what has changed."""
        with self.services.entered():
            await self.relay.pull()

    async def push(self) -> int:
        """Send what waits."""
        with self.services.entered():
            return await self.relay.push()

    async def fetch(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the relay's database."""
        with self.services.entered():
            return [tuple(row) for row in await database.fetch(sql, *values)]

    async def state(self) -> keeping.State:
        """How far it is."""
        with self.services.entered():
            return await keeping.state()


def relay_database() -> str:
    """The name of this worker's database for relays."""
    return f"fairs_relay_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@dataclass
class Laptop:
    """The application of a relay, for all tests: making its database takes seconds."""

    url: str
    services: services.Services
    app: Litestar


@asynccontextmanager
async def laptop(url: str, server: EmbeddedPostgres, folder: Path) -> AsyncIterator[Laptop]:
    """A relay of this server that has copied nothing yet."""
    name = relay_database()
    await create_database(server, name)
    settings = Settings(
        data_dir=folder,
        database_url=server.dsn(name),
        secret_key=SECRET,
        base_url="http://relay.test",
        relay_url=url,
        relay_token="fapi_of-each-test",
    )
    own = services.Services()
    app = create_app(settings, own)
    with own.entered():
        await DB.start_connection_pool(min_size=1, max_size=4)
    yield Laptop(url, own, app)
    with own.entered():
        await DB.close_connection_pool()


@asynccontextmanager
async def venue(hall: Hall, laptop: Laptop, folder: Path) -> AsyncIterator[Venue]:
    """A relay that has copied the hall's event; wiped afterwards."""
    token = await relay_token(hall.event)
    relay = syncing.Relay(laptop.url, token, folder, "http://relay.test")
    with laptop.services.entered():
        clock.move_by(timedelta(0))
        syncing.RELAY.set(relay)
        await relay.pull()
    transport = httpx.ASGITransport(app=laptop.app)  # type: ignore[arg-type]  # as in conftest
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://relay.test", headers={"accept-language": "en"}
        ) as client:
            yield Venue(hall, token, relay, laptop.services, client)
    finally:
        with laptop.services.entered():
            await relay.server.close()
            await keeping.wipe(lambda: asyncio.sleep(0))
