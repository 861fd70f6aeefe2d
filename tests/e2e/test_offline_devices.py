"""Three devices without a network, one of them killed, their lines cut: the trial of benchmarks/trials with small numbers."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from benchmarks.trials import offline_devices as trial

from fairs.core import clock
from fairs.core import db as database
from tests.browsers import chromium
from tests.checkin.hall import open_hall
from tests.fair import scanner

pytestmark = pytest.mark.e2e


async def test_three_devices_that_were_away_agree_with_one_ordered_log(
    db: None, live_server: str, tmp_path: Path
) -> None:
    now = clock.now()
    hall = await open_hall(starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=2))
    codes = [await hall.badge() for _ in range(24)]
    await trial.furnish(hall.event, 14)
    others = [await scanner(hall.event, f"door {number}") for number in range(2)]
    slug = await database.fetchval("SELECT slug FROM event WHERE id = $1", hall.event)
    fair = trial.Fair(slug, [hall.token, *(token for token, _ in others)], codes, 14)
    revoked = set(codes[::8])

    async def meanwhile() -> None:
        await database.execute("UPDATE badge SET revoked_at = now() WHERE code = ANY($1)", list(revoked))

    port = urlsplit(live_server).port or 0
    outcome = await trial.play(fair, port, chromium(), each=70, meanwhile=meanwhile, folder=tmp_path)
    stored = await database.fetch(trial.STORED)
    ids = [hall.device.token_id, *(device.token_id for _, device in others)]
    assert trial.compare(outcome, fair, stored, revoked, dict(enumerate(ids))) == []
    assert len(stored) == 210
    assert outcome.cuts > 0
    assert sum(row["conflict"] for row in stored) > 10
    assert any(row["reason"] == "revoked" and row["conflict"] for row in stored)
