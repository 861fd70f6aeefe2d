"""The badge on a phone: opened once, it opens without a network; signing out drops it."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from fairs.accounts.middleware import SESSION_COOKIE
from fairs.badges.queries import badge_code_of
from fairs.core import qr
from fairs.registrations import services as registrations
from tests import factories
from tests.cast import make_actor, session_of
from tests.fair import person

pytestmark = pytest.mark.e2e
SHOTS = os.environ.get("FAIRS_SCREENSHOTS")


async def test_badge_opens_without_a_network_until_its_person_signs_out(
    db: None, browser: Browser, live_server: str
) -> None:
    alice = await make_actor("candidate")
    event = await factories.event(slug="fair")
    made = await registrations.register(event, person(1, name_native="爱丽丝"), by=alice)
    code = await badge_code_of(made.id)
    assert code is not None
    badge = f"{live_server}/me/fairs/{made.number}/badge"
    context = await browser.new_context(viewport=ViewportSize(width=390, height=844), locale="en-GB")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": await session_of(alice), "url": live_server}])
    page = await context.new_page()
    await page.goto(badge)
    await page.wait_for_selector("html[data-kept]", state="attached")
    await context.set_offline(True)
    for address in (f"{badge}/pass", badge):  # the page itself, and what stands for the badge's
        await page.goto(address)
        await expect(page.get_by_role("heading")).to_contain_text("爱丽丝")
        assert qr.svg(code).rpartition(' d="')[2].partition('"')[0] in await page.content()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        box = await page.locator(".pass-screen__code").bounding_box()
        assert box is not None
        assert box["width"] > 340
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / "pass.png")
    await context.set_offline(False)
    await page.goto(badge)
    await page.locator("details.user-menu summary").last.click()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_selector("body[data-stranger]", state="attached")
    gone = "async () => { while ((await caches.keys()).some(name => name.startsWith('fairs-pass-'))) await new Promise(go => setTimeout(go, 50)); }"
    await page.evaluate(gone)
    await context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        await page.goto(f"{badge}/pass")
    await context.close()
