"""What was typed survives the end of a session, and too many attempts cost a browser a moment, in a real browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from fairs.accounts import services
from fairs.accounts.actor import SYSTEM, Grant
from fairs.core.db import execute, fetchval
from fairs.core.roles import Role
from tests import factories
from tests.cast import PASSWORD

EMAIL = "alice@example.org"


async def account(*grants: Grant) -> int:
    made = await services.create_account(email=EMAIL, name="Alice", lang="en", password=PASSWORD)
    for held in grants:
        await services.grant(made, held, by=SYSTEM)
    return made


async def sign_in(page: Page, password: str = PASSWORD) -> None:
    form = page.locator('form[action="/login"]')
    await form.locator("[name=email]").fill(EMAIL)
    await form.locator("[name=password]").fill(password)
    await form.locator("button[type=submit]").click()


async def picture(page: Page, name: str) -> None:
    """For the eye, where a folder is named."""
    folder = os.environ.get("FAIRS_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), ("zh", 390)])
async def test_profile_comes_back_filled(db: None, browser: Browser, live_server: str, lang: str, width: int) -> None:
    await account(Grant(Role.CANDIDATE))
    context = await browser.new_context(viewport={"width": width, "height": 900})
    page = await context.new_page()
    await page.goto(f"{live_server}/me/profile?lang={lang}")
    await sign_in(page)
    await expect(page).to_have_url(f"{live_server}/me/profile?lang={lang}")
    await page.locator('form[action="/me/profile"] [name=name_passport]').fill("Alice <Liddell> 爱丽丝")
    await execute("DELETE FROM sign_in_session")
    await page.locator('form[action="/me/profile"] button[type=submit]').first.click()
    await expect(page.locator('form[action="/login"]')).to_be_visible()
    await picture(page, f"login-{lang}")
    await sign_in(page, "wrong wrong")
    await sign_in(page)
    field = page.locator('form[action="/me/profile"] [name=name_passport]')
    await expect(field).to_have_value("Alice <Liddell> 爱丽丝")
    await picture(page, f"profile-{lang}")
    assert await fetchval("SELECT count(*) FROM talent") == 0
    await page.locator('form[action="/me/profile"] button[type=submit]').first.click()
    await expect(page).to_have_url(re.compile(r"/me/profile#"))
    assert await fetchval("SELECT name_passport FROM talent") == "Alice <Liddell> 爱丽丝"
    await context.close()


async def test_listing_comes_back_filled_after_signing_in_in_another_tab(
    db: None, browser: Browser, live_server: str
) -> None:
    organisation = await factories.organisation()
    await factories.event(slug="fair")
    await account(Grant(Role.EMPLOYER, organisation_id=organisation))
    context = await browser.new_context()
    page, other = await context.new_page(), await context.new_page()
    await page.goto(f"{live_server}/login?lang=en")
    await sign_in(page)
    await page.goto(f"{live_server}/employer/listings/new")
    await page.locator("[name=title_en]").fill("Surgeon & friend")
    await other.goto(f"{live_server}/account")
    await other.locator("summary.user-menu__button").click()
    await other.locator('form[action="/logout"] button').click()
    await other.goto(f"{live_server}/login")
    await sign_in(other)
    await expect(other.locator(".user-menu__button")).to_be_visible()
    await page.locator("[name=title_en]").press("Enter")
    await expect(page.locator("#flash")).to_contain_text("It has not been sent yet")
    await expect(page.locator("[name=title_en]")).to_have_value("Surgeon & friend")
    await picture(page, "listing")
    assert await fetchval("SELECT count(*) FROM listing") == 0
    await context.close()


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), ("zh", 390)])
async def test_browser_works_and_the_owner_is_in(
    db: None, browser: Browser, live_server: str, lang: str, width: int
) -> None:
    """A stranger in the same network has used up what is free; the owner has never been here before."""
    await account(Grant(Role.CANDIDATE))
    context = await browser.new_context(viewport={"width": width, "height": 900})
    page = await context.new_page()
    await page.goto(f"{live_server}/login?lang={lang}&next=/me/fairs%3Fx%3D1")
    await sign_in(page, "wrong wrong")
    await execute("UPDATE rate_limit SET hits = 40 WHERE key LIKE 'password-network:%'")
    await sign_in(page)
    proof = page.locator("[data-proof]")
    await expect(proof).to_be_visible()
    await picture(page, f"proof-{lang}")
    await sign_in(page)
    await expect(page).to_have_url(f"{live_server}/me/fairs?x=1", timeout=60_000)
    await context.close()


async def test_without_script_the_wait_is_said_and_a_link_still_goes(
    db: None, browser: Browser, live_server: str
) -> None:
    await account(Grant(Role.CANDIDATE))
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{live_server}/login?lang=en")
    await sign_in(page, "wrong wrong")
    await execute("UPDATE rate_limit SET hits = 40 WHERE key LIKE 'password-network:%'")
    await sign_in(page)
    await expect(page.locator("[data-proof]")).to_contain_text("Wait for the time shown above")
    await expect(page.locator(".error-summary")).to_contain_text("Please wait")
    await picture(page, "proof-noscript")
    await page.locator('form[action="/login/link"] [name=email]').fill(EMAIL)
    await page.locator('form[action="/login/link"] button').click()
    await expect(page.locator("#flash")).to_contain_text("sign-in link is kept on the server")
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 1
    await execute("UPDATE rate_limit SET next_at = now()")
    await sign_in(page)
    await expect(page).to_have_url(f"{live_server}/me/suggestions")
    await context.close()
