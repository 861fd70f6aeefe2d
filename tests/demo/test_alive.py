"""The demo as it is built without a switch: its fair begins today, and nothing has happened that is still to come."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from fairs.commands.demo import dates_gone
from fairs.core.embedded import EmbeddedPostgres
from tests.commands.running import environment, serving, sign_in

ZONE = ZoneInfo("Asia/Shanghai")
PLANNED = {  # what may lie ahead: plans and terms
    "event.starts_at", "event.ends_at", "event_session.starts_at", "event_session.ends_at", "meeting_slot.starts_at",
    "meeting_slot.ends_at", "meeting.starts_at", "meeting.ends_at", "listing.valid_to", "talent.available_from",
    "agreement.next_step_by", "agreement_transition.period_to", "sign_in_link.expires_at", "pgqueuer.execute_after",
}  # fmt: skip
COLUMNS = (
    "SELECT table_name || '.' || column_name AS name, table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND data_type IN ('timestamp with time zone', 'date')"
)
AHEAD_OF_THE_FAIR = {"contract", "arrived", "lapsed", "terminated"}  # what the talks of spring and summer have come to


@pytest.fixture(scope="module")
def alive() -> Iterator[tuple[Path, datetime]]:
    """The data folder of a demo, and the moment before it was built."""
    folder = Path(tempfile.mkdtemp(prefix="fairs-test-"))
    folder.chmod(0o711)
    began = datetime.now(UTC)
    command = [sys.executable, "-m", "fairs.cli", "demo", "--no-serve", "--data", str(folder / "data")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield folder / "data", began
    shutil.rmtree(folder)


async def test_nothing_has_happened_that_is_still_to_come(alive: tuple[Path, datetime]) -> None:
    data, began = alive
    ended = datetime.now(UTC)
    with EmbeddedPostgres(data) as server:
        connection = await asyncpg.connect(server.dsn())
        await _check_dates(connection, began, ended)
        await _check_past(connection, ended)
        await connection.close()


async def _check_dates(connection: asyncpg.Connection, began: datetime, ended: datetime) -> None:
    starts = await connection.fetchval("SELECT starts_at FROM event WHERE slug = 'hnzcyz-2018'")
    assert began.astimezone(ZONE).date() <= starts.astimezone(ZONE).date() <= ended.astimezone(ZONE).date()
    late = []
    for column in await connection.fetch(COLUMNS):
        sql = f'SELECT max("{column["column_name"]}")::timestamptz FROM "{column["table_name"]}"'
        latest = await connection.fetchval(sql)
        if column["name"] not in PLANNED and latest is not None and latest > ended:
            late.append((column["name"], latest))
    assert late == []


async def _check_past(connection: asyncpg.Connection, ended: datetime) -> None:
    reported = "SELECT max(ends_at) FROM meeting WHERE state IN ('held', 'no_show')"
    assert await connection.fetchval(reported) <= ended
    assert await connection.fetchval("SELECT count(*) FROM meeting WHERE state = 'held'") >= 60
    states = {row["state"] for row in await connection.fetch("SELECT DISTINCT state FROM agreement")}
    assert states >= AHEAD_OF_THE_FAIR
    assert await connection.fetchval("SELECT count(*) FROM meeting_slot WHERE ends_at > now()") >= 6


def test_shown_employers_book_at_once_and_the_shown_candidates_have_meetings(alive: tuple[Path, datetime]) -> None:
    data, _ = alive
    access = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    shown = [(row["role"], row["email"], row["password"]) for row in access["accounts"]]
    with serving(data, command="demo") as server:
        for role, email, password in shown:
            with server.browser() as browser:
                if role not in ("employer", "candidate"):
                    continue
                assert sign_in(browser, email, password).status_code == 303
                if role == "employer":
                    _book(browser)
                else:
                    page = browser.get("/me/meetings?lang=en").text
                    assert "My meetings" in page
                    assert "No meetings yet" not in page


def _book(browser: httpx.Client) -> None:
    """The first pair that waits, in the slot that suits best, as the page's form sends it."""
    page = browser.get("/employer/meetings").text
    form = re.search(r'<form[^>]* action="/meetings"[^>]*>(.*?)</form>', page, re.S)
    assert form, "no pair waits to be booked"
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group(1)))
    assert set(given) == {"_csrf_token", "listing", "talent"}
    answer = browser.post("/meetings", data={**given, "slot": ""})
    assert answer.status_code == 303, answer.text
    booked = answer.headers["location"].split("#")[-1]
    assert f'id="{booked}"' in browser.get("/employer/meetings").text


def test_dates_stay_and_a_later_start_says_so() -> None:
    first = date(2026, 12, 30)
    access = {"first_day": first.isoformat()}
    assert [dates_gone(access, first + timedelta(days=days)) for days in (-1, 0, 1)] == ["", "", ""]
    assert "began on 2026-12-30 and is over" in dates_gone(access, first + timedelta(days=2))
    assert dates_gone({"first_day": "2018-10-27"}, first) == dates_gone({}, first) == ""
