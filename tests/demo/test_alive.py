"""The demo as it is built without a switch, by the very command that serves it: its fair begins today, nothing has
happened that is still to come, and its background work is done by processes that were forked after the build."""

import json
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from fairs.commands.demo import ACCESS, dates_gone
from fairs.core.embedded import EmbeddedPostgres
from tests.commands import running
from tests.commands.running import Server, serving, sign_in

ZONE = ZoneInfo("Asia/Shanghai")
BUILD = 900.0  # seconds; alone it takes less than one minute
TEXT = "I grow diamond films by plasma deposition and measure how well they carry heat away from power electronics."
PLANNED = {  # what may lie ahead: plans and terms
    "event.starts_at", "event.ends_at", "event_session.starts_at", "event_session.ends_at", "meeting_slot.starts_at",
    "meeting_slot.ends_at", "meeting.starts_at", "meeting.ends_at", "listing.valid_to", "talent.available_from",
    "agreement.next_step_by", "agreement_transition.period_to", "sign_in_link.expires_at", "pgqueuer.execute_after",
    "invitation_link.expires_at", "device_link.expires_at", "rate_limit.ends_at", "tour_stop.starts_at", "tour_stop.ends_at",
    "tour_trip.at", "tour_pickup.leaves_at", "tour_hotel.first_night", "tour_hotel.last_night", "tour_sheet_link.expires_at",
    "tour_letter.valid_until",
    "service_request.from_day", "service_request.to_day", "service_day.day",
}  # fmt: skip
COLUMNS = (
    "SELECT table_name || '.' || column_name AS name, table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND data_type IN ('timestamp with time zone', 'date')"
)
AHEAD_OF_THE_FAIR = {"contract", "arrived", "lapsed", "terminated"}  # what the talks of spring and summer have come to


@dataclass(frozen=True)
class Alive:
    """A demo that was built a moment ago and still runs. `began`: before it was built; `built`: afterwards."""

    server: Server
    began: datetime
    built: datetime

    @property
    def access(self) -> dict[str, Any]:
        """What demo.json says."""
        found: dict[str, Any] = json.loads((self.server.data / ACCESS).read_text(encoding="utf-8"))
        return found


@pytest.fixture(scope="module")
def alive() -> Iterator[Alive]:
    """One for all tests of this file: building takes the better part of a minute."""
    folder = Path(tempfile.mkdtemp(prefix="fairs-test-"))
    folder.chmod(0o711)
    began = datetime.now(UTC)
    with pytest.MonkeyPatch.context() as patient:
        patient.setattr(running, "PATIENCE", BUILD)
        with serving(folder / "data", command="demo") as server:
            yield Alive(server, began, datetime.now(UTC))
    shutil.rmtree(folder)


class _Form(HTMLParser):
    """The fields of a page's form as a browser would send them."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action = action
        self.sent: dict[str, list[str]] = {}
        self.inside = False
        self.area = self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self.inside = given.get("method", "").lower() == "post" and given.get("action", "").endswith(self.action)
        elif not self.inside:
            return
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio", "file") or "checked" in given):
            self.sent.setdefault(name, []).append(value)
        elif tag == "textarea":
            self.area, self.sent[name] = name, [""]
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given and self.select:
            self.sent.setdefault(self.select, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        self.area = "" if tag == "textarea" else self.area
        self.select = "" if tag == "select" else self.select
        self.inside = self.inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area][0] += data


def _until_read(browser: httpx.Client) -> str:
    deadline = time.monotonic() + 120
    while 'id="reading"' in (page := browser.get("/me/suggestions").text):
        assert time.monotonic() < deadline, "the profile is never read"
        time.sleep(0.5)
    return page


async def test_nothing_has_happened_that_is_still_to_come(alive: Alive) -> None:
    with EmbeddedPostgres(alive.server.data) as server:
        connection = await asyncpg.connect(server.dsn())
        await _check_dates(connection, alive)
        await _check_past(connection, datetime.now(UTC))
        await connection.close()


async def _check_dates(connection: asyncpg.Connection, alive: Alive) -> None:
    starts = await connection.fetchval("SELECT starts_at FROM event WHERE slug = 'hnzcyz-2018'")
    assert alive.began.astimezone(ZONE).date() <= starts.astimezone(ZONE).date() <= alive.built.astimezone(ZONE).date()
    late = []
    for column in await connection.fetch(COLUMNS):
        sql = f'SELECT max("{column["column_name"]}")::timestamptz FROM "{column["table_name"]}"'
        latest = await connection.fetchval(sql)
        if (
            column["name"] not in PLANNED and latest is not None and latest > datetime.now(UTC)
        ):  # it is served meanwhile
            late.append((column["name"], latest))
    assert late == []


async def _check_past(connection: asyncpg.Connection, ended: datetime) -> None:
    reported = "SELECT max(ends_at) FROM meeting WHERE state IN ('held', 'no_show')"
    assert await connection.fetchval(reported) <= ended
    assert await connection.fetchval("SELECT count(*) FROM meeting WHERE state = 'held'") >= 60
    states = {row["state"] for row in await connection.fetch("SELECT DISTINCT state FROM agreement")}
    assert states >= AHEAD_OF_THE_FAIR
    assert await connection.fetchval("SELECT count(*) FROM meeting_slot WHERE ends_at > now()") >= 6


def test_shown_employers_book_at_once_and_the_shown_candidates_have_meetings(alive: Alive) -> None:
    for row in alive.access["accounts"]:
        if row["role"] not in ("employer", "candidate"):
            continue
        with alive.server.browser() as browser:
            assert sign_in(browser, row["email"], row["password"]).status_code == 303
            if row["role"] == "employer":
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


def test_files_that_the_build_stored_are_served_by_the_processes_after_it(alive: Alive) -> None:
    """The store's threads would not survive a fork of a process that has used it: its requests would wait for ever."""
    with alive.server.browser() as browser:
        gallery = browser.get("/e/hnzcyz-2018/exhibits?lang=en").text
        pictures = sorted(set(re.findall(r'<img src="([^"]+/files/[^"]+)"', gallery)))
        assert len(pictures) == 6, "one of each exhibit that was released"
        for picture in pictures:
            answer = browser.get(picture, timeout=30)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


def test_it_reads_a_new_profile_and_stops_in_time(alive: Alive) -> None:
    candidate = next(one for one in alive.access["accounts"] if one["role"] == "candidate")
    with alive.server.browser() as browser:
        assert sign_in(browser, candidate["email"], candidate["password"]).status_code == 303
        form = _Form(browser.get("/me/profile").text, "/me/profile").sent
        assert "name_passport" in form
        answer = browser.post("/me/profile", data={**form, "summary": TEXT})
        assert answer.status_code == 303, answer.text[-3000:]
        assert "match-list" in _until_read(browser)
        told = browser.get("/readyz").json()
        assert (told["worker"], told["jobs_stuck"], told["status"]) == ("working", 0, "ready")
        assert browser.get("/styleguide").status_code == 200
    begun = time.monotonic()
    done = alive.server.end(signal.SIGTERM)
    assert (done.status, alive.server.left()) == (0, [])
    assert time.monotonic() - begun < 15, "its processes had to be killed"


def test_dates_stay_and_a_later_start_says_so() -> None:
    first = date(2026, 12, 30)
    access = {"first_day": first.isoformat()}
    assert [dates_gone(access, first + timedelta(days=days)) for days in (-1, 0, 1)] == ["", "", ""]
    assert "began on 2026-12-30 and is over" in dates_gone(access, first + timedelta(days=2))
    assert dates_gone({"first_day": "2018-10-27"}, first) == dates_gone({}, first) == ""
