"""What is read of a scan: everything that a decision may need, each by an index however small the tables were."""

from datetime import timedelta

import asyncpg
import pytest

from fairs.checkin import queries
from fairs.checkin.forms import read_scans
from fairs.checkin.rules import ScanContext
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, scan
from tests.checkin.test_turns import _read, _settle_all
from tests.fair import scanner

READ_WHOLE = """
SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0 AND relname = ANY(ARRAY['scan', 'admission', 'badge',
    'registration', 'registration_session', 'organisation', 'gate', 'event_session', 'event', 'scan_turn'])
"""


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


async def _signed_up(hall: Hall) -> str:
    """A person of an organisation of ours who signed up for the session behind the gate s1, was let in and left."""
    session = await database.fetchval(
        "INSERT INTO event_session (event, code, kind, title_zh, title_en, starts_at, ends_at, sign_up, capacity)"
        " VALUES ($1, 's1', 'forum', '论坛', 'Forum', $2, $3, true, 3) RETURNING id",
        hall.event,
        NINE,
        NINE + timedelta(hours=2),
    )
    await factories.gate(hall.event, code="s1", kind="session", session=session)
    organisation = await factories.organisation(name_zh="郑州大学")
    code = await hall.badge(organisation=organisation, organisation_name="")
    await database.execute(
        "INSERT INTO registration_session (registration, session) VALUES ($1, $2)", hall.people[code], session
    )
    left = scan(code, gate="s1", at=NINE + timedelta(minutes=5), direction="out")
    await _settle_all(hall, [[scan(code, gate="s1"), left]])
    return code


async def _state(hall: Hall, code: str, **given: object) -> ScanContext:
    _, (found,) = await queries.state_of(hall.event, _read(hall, scan(code, gate="s1", **given)))
    return found


async def test_all_that_a_decision_needs_is_read(hall: Hall) -> None:
    code = await _signed_up(hall)
    found = await _state(hall, code, offline=True, at=NINE + timedelta(minutes=9))
    assert found.gate is not None
    assert found.gate.capacity == 3
    assert (found.genuine, found.barred, found.known) == (True, None, False)
    assert found.person is not None
    assert found.person.organisation == "郑州大学"
    assert (found.first_at, found.first_device) == (NINE, hall.device.token_id)
    assert found.last is not None
    assert (found.last.at, found.last.direction) == (NINE + timedelta(minutes=5), "out")


async def test_what_only_some_need_is_read_for_them_only(hall: Hall) -> None:
    code = await _signed_up(hall)
    assert (await _state(hall, code)).first_device is None, "the device is asked for offline scans only"
    early = await _state(hall, code, at=NINE + timedelta(minutes=1))
    assert early.last is not None
    assert early.last.direction == "in", "the latest before the scan"
    stranger = await _state(hall, await hall.badge())
    assert stranger.barred == "not_signed_up"
    assert (stranger.first_at, stranger.last) == (None, None)


async def test_the_same_scan_is_known(hall: Hall) -> None:
    sent = scan(await hall.badge())
    await _settle_all(hall, [[sent]])
    _, device = await scanner(hall.event, "west gate")
    again = read_scans(
        f'{{"scans": [{{"id": "{sent["id"]}", "gate": "x", "code": "y", "scanned_at": "{sent["scanned_at"]}"}}]}}'.encode(),
        device_id=device.token_id,
        now=clock.now(),
    )
    _, (found,) = await queries.state_of(hall.event, again)
    assert found.known


async def test_no_table_is_read_whole(hall: Hall, dsn: str) -> None:
    """The plan is made once in a connection, here before anything is known of the tables, and kept."""
    code = await _signed_up(hall)
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            before = {row["relname"] for row in await connection.fetch(READ_WHOLE)}
            sent = _read(hall, scan(code, gate="s1", offline=True, at=NINE + timedelta(minutes=9)))
            rows = await connection.fetch(
                queries._STATE,
                hall.event,
                *([getattr(item, name) for item in sent] for name in ("uuid", "gate", "uid", "token", "scanned_at")),
                [item.offline for item in sent],
            )
            assert rows[0]["first_device"] == hall.device.token_id, "every look-up was made"
            assert {row["relname"] for row in await connection.fetch(READ_WHOLE)} == before == set()
    finally:
        await connection.close()
