"""The scanner without a network: it opens, it decides like the server, and it says how old its data are."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from fairs.core import db as database
from fairs.registrations import phones
from tests.checkin.hall import Hall, open_hall
from tests.e2e.serving import launch
from tests.fair import scanner

pytestmark = pytest.mark.e2e
SHOTS = os.environ.get("FAIRS_SCREENSHOTS")
PHONE = ViewportSize(width=390, height=844)
LI: dict[str, Any] = {"name_native": "李伟", "name_passport": "Li Wei", "organisation_name": "郑州大学"}


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with launch() as browser:
        context = await browser.new_context(viewport=PHONE, locale="en-GB")
        yield await context.new_page()


async def _ready(page: Page, base_url: str, hall: Hall, token: str = "") -> None:
    """A scanner that has fetched all that it needs."""
    await page.goto(f"{base_url}/scan#token={token or hall.token}")
    await page.get_by_role("link", name="Main entrance").click()
    await page.wait_for_selector("#scanner[data-ready='yes']")
    await page.wait_for_selector("#scanner[data-state='ready']")


async def _cached(page: Page, *paths: str) -> None:
    """The service worker has kept these pages."""
    for path in paths:
        script = "async path => { while (!(await caches.match(path))) await new Promise(go => setTimeout(go, 50)); }"
        await page.evaluate(script, path)


async def _wedge(page: Page, code: str) -> None:
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"offline-{name}.png")


async def test_a_phone_without_network_decides_like_the_server(page: Page, hall: Hall, live_server: str) -> None:
    good, revoked = await hall.badge(**LI), await hall.badge(revoked=True)
    other, inside = await (await open_hall()).badge(), await hall.badge(name_native="王芳", name_passport="Wang Fang")
    await _ready(page, live_server, hall)
    await expect(page.locator("#check-data span")).to_contain_text("3, as of")
    await _shoot(page, "check-en")
    await _wedge(page, inside)
    await expect(page.locator("#answer-ok .answer__headline")).to_have_text("王芳")
    await expect(page.locator("#scanner")).to_have_attribute("data-by", "server")
    await page.context.set_offline(True)
    await _wedge(page, good)
    await expect(page.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await expect(page.locator("#answer-ok .answer__action")).to_contain_text("Without network, data of")
    await _shoot(page, "ok-en")
    for code, kind, headline in (
        (revoked, "refused", "Revoked badge"),
        (other, "refused", "Other fair"),
        (good[:-4] + ("AAAA" if good[-4] != "A" else "BBBB"), "refused", "Forged"),
        ("hello of another system", "refused", "Not a badge"),
    ):
        await _wedge(page, code)
        await expect(page.locator(f"#answer-{kind} .answer__headline")).to_have_text(headline)
    await page.wait_for_timeout(2100)
    for code in (good, inside):
        await _wedge(page, code)
        await expect(page.locator("#answer-already .answer__headline")).to_contain_text("Already in")
        await page.wait_for_timeout(700)
    await _shoot(page, "last-en")
    await expect(page.locator("#net-text")).to_contain_text("Offline · 7 waiting · data of")
    await page.context.set_offline(False)
    await expect(page.locator("#net-text")).to_contain_text("7 sent later, 4 of them refused", timeout=15000)
    rows = await database.fetch("SELECT coalesce(reason, outcome) AS said, offline, conflict FROM scan ORDER BY id")
    told = ["admitted", "admitted", "revoked", "wrong_event", "forged", "malformed", "already", "already"]
    assert [row["said"] for row in rows] == told
    assert [row["offline"] for row in rows] == [False, *[True] * 7]
    assert not any(row["conflict"] for row in rows)


async def test_the_page_opens_from_cold_without_network(page: Page, hall: Hall, live_server: str) -> None:
    first, second = await hall.badge(**LI), await hall.badge(name_native="王芳", name_passport="Wang Fang")
    await _ready(page, live_server, hall)
    gate = page.url.removeprefix(live_server)
    await _cached(page, "/scan", gate)
    await page.context.set_offline(True)
    await _wedge(page, first)
    await expect(page.locator("#scanner")).to_have_attribute("data-waiting", "1")
    context = page.context
    await page.close()
    page = await context.new_page()  # the phone was restarted
    await page.goto(f"{live_server}/scan")
    await expect(page.locator("#gates-kept")).to_be_visible()
    await _shoot(page, "gates-en")
    await page.get_by_role("link", name="Main entrance").click()
    await page.wait_for_selector("#scanner[data-state='ready']")
    await expect(page.locator("#gate-name")).to_have_text("Main entrance")
    await expect(page.locator("#net-text")).to_contain_text("Offline · 1 waiting · data of")
    await expect(page.locator("#check-data span")).to_contain_text("2, as of")
    await _shoot(page, "cold-en")
    await _wedge(page, first)
    await expect(page.locator("#answer-already .answer__headline")).to_contain_text("Already in")
    await _wedge(page, second)
    await expect(page.locator("#answer-ok .answer__headline")).to_have_text("王芳")
    await context.set_offline(False)
    await expect(page.locator("#net-text")).to_contain_text("3 sent later, 0 of them refused", timeout=15000)
    rows = await database.fetch("SELECT outcome FROM scan ORDER BY id")
    assert [row["outcome"] for row in rows] == ["admitted", "already", "admitted"]


async def test_a_person_is_found_by_name_without_network_where_the_gate_says_so(
    page: Page, hall: Hall, live_server: str
) -> None:
    for given in (LI, {"name_native": "王芳", "name_passport": "Wang Fang", "category": "expert"}):
        key = phones.search_text(given["name_native"], given["name_passport"], "郑州大学", "", "")
        await hall.badge(**given, search_key=key)
    await database.execute("UPDATE gate SET offline_names = true, categories = '{candidate}'")
    await _ready(page, live_server, hall)
    await page.wait_for_selector("#scanner[data-names='yes']")
    await expect(page.locator("#check-data span")).to_contain_text("names for looking up: 1")
    await _shoot(page, "names-check-en")
    await _cached(page, page.url.removeprefix(live_server))
    await page.context.set_offline(True)
    await page.reload()
    await page.wait_for_selector("#scanner[data-names='yes']")
    await page.get_by_role("button", name="By name").click()
    await page.locator("#hand-text").fill("wang")
    await page.keyboard.press("Enter")
    await expect(page.locator("#people")).to_contain_text("Nobody of this gate is found on this phone")
    await page.locator("#hand-text").fill("wei l")
    await page.keyboard.press("Enter")
    await _shoot(page, "names-found-en")
    await page.locator("#people button").click()
    await expect(page.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await expect(page.locator("#answer-ok .answer__action")).to_contain_text("by name · Without network")
    await _shoot(page, "names-ok-en")
    await page.context.set_offline(False)
    await expect(page.locator("#net-text")).to_contain_text("1 sent later, 0 of them refused", timeout=15000)
    assert await database.fetchval("SELECT outcome FROM scan WHERE offline") == "admitted"
    await database.execute("UPDATE gate SET offline_names = false")
    await page.reload()
    await page.wait_for_selector("#scanner[data-names='no']")
    kept = "async () => (await (await import(document.querySelector('#scanner').dataset.store)).knownKeys('fair')).filter(key => key.includes('/names/')).length"
    await expect(page.locator("#check-data span")).not_to_contain_text("looking up")
    assert await page.evaluate(kept.replace("'fair'", "''")) == 0


async def test_what_a_phone_cannot_know_is_a_conflict_and_no_refusal(page: Page, hall: Hall, live_server: str) -> None:
    shared = await hall.badge(**LI)
    await _ready(page, live_server, hall)
    await page.context.set_offline(True)
    other, _ = await scanner(hall.event, "west gate")
    browser = page.context.browser
    assert browser is not None
    context = await browser.new_context(viewport=PHONE, locale="en-GB")
    west = await context.new_page()
    await _ready(west, live_server, hall, other)
    await _wedge(west, shared)
    await expect(west.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await _wedge(page, shared)
    await expect(page.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await page.context.set_offline(False)
    await expect(page.locator("#net-text")).to_contain_text("1 sent later, 1 of them refused", timeout=15000)
    rows = await database.fetch("SELECT outcome, conflict FROM scan ORDER BY id")
    assert [tuple(row) for row in rows] == [("admitted", False), ("already", True)]
