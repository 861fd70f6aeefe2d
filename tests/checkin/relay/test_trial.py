"""A relay that dies and is cut off: the trial of benchmarks/trials with small numbers."""

import asyncio
import random
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.trials import offline_devices
from benchmarks.trials import relay as trial

from fairs.core import db as database
from fairs.core.embedded import EmbeddedPostgres
from tests.checkin.relay.place import open_now, relay_database, relay_token
from tests.conftest import create_database
from tests.e2e.serving import free_port
from tests.fair import scanner


async def test_a_relay_that_dies_agrees_with_one_ordered_log(
    db: None, dsn: str, live_server: str, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    hall = await open_now()
    codes = [await hall.badge() for _ in range(16)]
    await offline_devices.furnish(hall.event, 9)
    others = [(await scanner(hall.event, f"door {number}"))[0] for number in range(3)]
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", hall.event)
    fair = offline_devices.Fair(slug, [hall.token, *others], codes, 9)
    revoked = set(codes[::8])
    name = f"{relay_database()}_dies"
    await create_database(server, name)

    async def meanwhile() -> None:
        await database.execute("UPDATE badge SET revoked_at = now() WHERE code = ANY($1)", list(revoked))

    async with offline_devices.Wire(urlsplit(live_server).port or 0, random.Random(1)).open() as wire:
        address = f"http://127.0.0.1:{wire.port}"
        process = trial.RelayProcess(
            address, await relay_token(hall.event), tmp_path / "relay", free_port(), server.dsn(name)
        )
        try:
            played = await trial.play(fair, live_server, wire, process, each=25, kills=1, meanwhile=meanwhile)
            await trial.settled(dsn, played)
            at_relay = await trial.rows_of(server.dsn(name))
            await database.execute("UPDATE access_token SET revoked_at = now() WHERE name = 'hall'")
            ended = await asyncio.to_thread(process.wait)
        finally:
            process.end()
    stored = await database.fetch(trial.STORED)
    admissions = {tuple(row) for row in await database.fetch(trial.ADMISSIONS)}
    found = trial.compare(fair, played, stored, at_relay, admissions, revoked)
    assert found.wrong == []
    assert len(stored) - found.beside == 100
    assert sum(row["conflict"] for row in stored) == found.conflicts > 0
    assert ended == 1  # a relay whose token is revoked stops by itself, at its next contact
    assert await trial.rows_of(server.dsn(name)) == []
