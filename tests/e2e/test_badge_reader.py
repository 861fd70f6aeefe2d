"""The camera in pages of the signed-in: an employer scans a visitor, the signing desk two badges."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from fairs.accounts.actor import Actor
from fairs.accounts.middleware import SESSION_COOKIE
from tests.agreements import scene
from tests.cast import session_of
from tests.checkin.hall import open_hall
from tests.e2e import camera
from tests.e2e.serving import launch

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("db")]
PHONE = ViewportSize(width=390, height=844)


async def _phone(browser: Browser, base: str, actor: Actor) -> Page:
    context = await browser.new_context(viewport=PHONE, locale="en-GB", permissions=["camera"])
    await context.add_cookies(
        [
            {"name": "lang", "value": "en", "url": base},
            {"name": SESSION_COOKIE, "value": await session_of(actor), "url": base},
        ]
    )
    return await context.new_page()


async def test_badges_before_the_camera_fill_and_send_the_form(live_server: str, tmp_path: Path) -> None:
    hall = await open_hall(slug="fair")
    of = await scene.scene(event=hall.event)
    candidate = await hall.badge(talent=of.talent_id, name_passport="Maria Fernandez")
    employer = await hall.badge(organisation=of.organisation, category="employer")
    number = await scene.drawn_up(of)
    film = camera.film(tmp_path / "badges.y4m", (candidate, 2), ("", 1), (employer, 2), ("", 1))
    async with launch(*camera.arguments(film)) as browser:
        page = await _phone(browser, live_server, of.organiser)
        await page.goto(f"{live_server}/organise/editions/fair/signing-desk")
        await expect(page.get_by_text(f"/agreements/{number}")).to_be_visible(timeout=60000)
        await page.wait_for_selector("[data-badge-reader][data-state='on']")
        await page.wait_for_timeout(2000)
        for field in ("first", "second"):
            await expect(page.locator(f"[name={field}]")).to_have_value("")  # the two are still held before the camera
        visitor = await _phone(browser, live_server, of.employer)
        await visitor.goto(f"{live_server}/employer/events/fair/leads/scan")
        await visitor.wait_for_url("**/employer/leads/*", timeout=60000)
        await expect(visitor.locator("h1")).to_contain_text("keep your details?")
        await visitor.get_by_role("button", name="Yes, it may").click()
        await expect(visitor.locator("h1")).to_contain_text("Maria Fernandez")
