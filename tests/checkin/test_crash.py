"""Power goes: server and database are killed while scans pour in. What was acknowledged is there afterwards."""

import asyncio
import os
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from fairs.core import migrations, services
from fairs.core.db import DB, Server
from fairs.core.embedded import EmbeddedPostgres
from fairs.units.services import sync_units
from tests.checkin.hall import Hall, open_hall, scan
from tests.e2e.serving import serving


@asynccontextmanager
async def _elsewhere(dsn: str) -> AsyncIterator[None]:
    """The product on another, migrated database for a while."""
    with services.current().restored():
        DB.server.set(Server())
        await migrations.migrate(dsn)
        DB.configure(dsn)
        await DB.start_connection_pool(min_size=1, max_size=2)
        try:
            yield
        finally:
            await DB.close_connection_pool()


async def _prepare(dsn: str) -> tuple[Hall, list[str]]:
    async with _elsewhere(dsn):
        await sync_units()
        hall = await open_hall()
        return hall, [await hall.badge() for _ in range(50)]


async def _pour(base_url: str, hall: Hall, codes: list[str], acknowledged: set[str]) -> None:
    """Sixteen devices send until the server is gone."""
    headers = {"authorization": f"Bearer {hall.token}"}

    async def device(client: httpx.AsyncClient, number: int) -> None:
        while True:
            sent = [scan(codes[(number + step) % len(codes)]) for step in range(3)]
            answer = await client.post("/api/v1/checkin/scans", json={"scans": sent}, headers=headers)
            if answer.status_code == 200:
                acknowledged.update(result["id"] for result in answer.json()["results"])

    async with httpx.AsyncClient(base_url=base_url, timeout=5) as client:
        await asyncio.gather(*(device(client, number) for number in range(16)), return_exceptions=True)


def _kill(data: Path, server: int) -> None:
    """The database first, then the server: nobody gets to finish anything."""
    (found,) = data.rglob("postmaster.pid")
    os.kill(int(found.read_text().split()[0]), signal.SIGKILL)
    os.kill(server, signal.SIGKILL)


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder that the database's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="fairs-crash-") as folder:
        os.chmod(folder, 0o711)
        yield Path(folder) / "data"


async def test_acknowledged_scans_survive_the_kill_of_everything(data: Path) -> None:
    acknowledged: set[str] = set()
    postgres = EmbeddedPostgres(data)
    postgres.start()
    hall, codes = await _prepare(postgres.dsn())
    postgres.stop()
    with serving("", data) as (base_url, process):
        pouring = asyncio.create_task(_pour(base_url, hall, codes, acknowledged))
        while len(acknowledged) < 300:
            await asyncio.sleep(0.01)
        _kill(data, process.pid)
        await asyncio.wait_for(pouring, 30)
    postgres = EmbeddedPostgres(data)
    postgres.start()
    try:
        connection = await asyncpg.connect(postgres.dsn())
        stored = {str(row["uuid"]) for row in await connection.fetch("SELECT uuid FROM scan")}
        admitted = await connection.fetchval("SELECT count(*) FROM scan WHERE outcome = 'admitted'")
        admissions = await connection.fetchval("SELECT count(*) FROM admission")
        await connection.close()
    finally:
        postgres.stop()
    assert {uuid.UUID(one) for one in acknowledged} <= {uuid.UUID(one) for one in stored}
    assert admitted == admissions > 0
