"""A demo that was built a moment ago, by the very command that serves it, does its background work."""

import json
import signal
import time
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from fairs.commands.demo import ACCESS
from tests.commands import running
from tests.commands.conftest import empty, shelf  # noqa: F401 - fixtures
from tests.commands.running import serving, sign_in

BUILD = 900.0  # seconds; alone it takes less than one minute
TEXT = "I grow diamond films by plasma deposition and measure how well they carry heat away from power electronics."


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


def test_freshly_built_demo_reads_a_new_profile_and_stops_in_time(
    empty: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "PATIENCE", BUILD)
    with serving(empty, command="demo") as server:
        accounts = json.loads((empty / ACCESS).read_text())["accounts"]
        candidate = next(one for one in accounts if one["role"] == "candidate")
        with server.browser() as browser:
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
        done = server.end(signal.SIGTERM)
        assert (done.status, server.left()) == (0, [])
        assert time.monotonic() - begun < 15, "its processes had to be killed"
