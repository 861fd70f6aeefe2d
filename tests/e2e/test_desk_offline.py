"""The desk without a network: entries stay on this computer, and are registered once when the network is back."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from fairs.accounts.middleware import SESSION_COOKIE
from fairs.core.db import fetch, fetchval
from fairs.registrations.entering import services
from tests import factories
from tests.cast import make_actor, session_of
from tests.registrations.test_entering import somebody

pytestmark = pytest.mark.e2e
SHOTS = os.environ.get("FAIRS_SCREENSHOTS")
IS_KEPT = "async () => { while (!(await caches.match('/organise/editions/fair/walk-ins/kept'))) await new Promise(go => setTimeout(go, 50)); }"
HAVE_FIELDS = """async () => new Promise(done => { const base = indexedDB.open("fairs-desk"); base.onsuccess = () => {
    base.result.transaction("entries").objectStore("entries").getAll().onsuccess = ({ target }) =>
        done(target.result.map(entry => Object.keys(entry).includes("fields")));
}; })"""


async def test_people_are_entered_without_a_network_and_registered_once(
    db: None, browser: Browser, live_server: str
) -> None:
    event = await factories.event(slug="fair", title_zh="大会", title_en="The fair")
    staff = await make_actor("staff", email="gate@example.org", name="Gate", event_id=event)
    context = await browser.new_context(viewport=ViewportSize(width=390, height=844), locale="en-GB")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": await session_of(staff), "url": live_server}])
    page = await context.new_page()

    async def enter(name: str) -> None:
        await page.locator("[name=name_native]").fill(name)
        await page.get_by_role("button", name="Register", exact=True).click()

    async def shoot(name: str) -> None:
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / f"desk-{name}.png", full_page=True)

    here = f"{live_server}/organise/editions/fair/walk-ins"
    await page.goto(here)
    await page.wait_for_selector("#kept[data-ready]", state="attached")
    await enter("王小明")  # with a network the page answers as it does without script
    await expect(page.get_by_role("button", name="Print the badge")).to_be_focused()
    await page.evaluate(IS_KEPT)
    await context.set_offline(True)
    await page.goto(f"{live_server}/organise/editions/fair/desk")
    await expect(page.get_by_role("heading", name="Desk without a network")).to_be_visible()
    await page.wait_for_selector("#kept[data-ready]", state="attached")
    await enter("李雷")
    await expect(page.locator("#kept-state")).to_contain_text("Write this code on a paper badge")
    await enter("韩梅梅")
    await expect(page.locator("#kept")).to_have_attribute("data-waiting", "2")
    await shoot("offline-en")
    assert await page.evaluate(HAVE_FIELDS) == [False, False]
    slip = await page.locator("#kept-list .kept__code").first.inner_text()
    await page.locator("#kept-list").get_by_role("button", name="Slip").first.click()
    await expect(page.locator("#slip-code")).to_have_text(slip)
    await shoot("slip-en")
    await page.emulate_media(media="print")
    await expect(page.locator("#slip-code")).to_be_visible()
    await expect(page.locator("#enter")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.locator("#slip").get_by_role("button", name="Close").click()
    await services.enter_person("fair", somebody(name_native="韩梅梅"), by=staff)
    await page.reload()  # also the browser was closed meanwhile
    await page.wait_for_selector("#kept[data-ready]", state="attached")
    await expect(page.locator("#kept")).to_have_attribute("data-waiting", "2")
    await context.set_offline(False)
    await expect(page.locator("#kept-list > li").first).to_contain_text("Registered: ")
    second = page.locator("#kept-list > li").nth(1)
    await expect(second).to_contain_text("Somebody like this was registered meanwhile. Who is it?")
    await shoot("settle-en")
    await second.get_by_role("button", name="It is").click()
    await expect(page.locator("#kept-state")).to_contain_text("Everything is sent.")
    assert await fetchval("SELECT count(*) FROM registration") == 3
    assert [row["slip"] for row in await fetch("SELECT slip FROM desk_entry ORDER BY id")][1] == slip
    await context.close()
