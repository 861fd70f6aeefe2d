"""Setting the second step up, signing in with it and confirming a dangerous act, in a real browser: by app and by passkey."""

import os
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from fairs.accounts import second, second_demands, services
from fairs.accounts.actor import SYSTEM, Grant
from fairs.accounts.forms import DemandsForm
from fairs.core import clock
from fairs.core.db import fetchval
from fairs.core.roles import Role
from tests.cast import PASSWORD, make_actor

pytestmark = pytest.mark.e2e
AXE = (Path(__file__).parent.parent / "vendor/axe-core-4.14.1/axe.min.js").read_text(encoding="utf-8")
EMAIL = "alice@example.org"


async def look(page: Page, name: str) -> None:
    """Fits its width, axe finds nothing; a picture for the eye, where a folder is named."""
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [item["id"] for item in found["violations"]] == [], name
    folder = os.environ.get("FAIRS_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def first_step(page: Page, base: str, lang: str) -> None:
    await page.goto(f"{base}/login?lang={lang}&next=/account/two-factor")
    form = page.locator('form[action="/login"]')
    await form.locator("[name=email]").fill(EMAIL)
    await form.locator("[name=password]").fill(PASSWORD)
    await form.locator("[name=password]").press("Enter")


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), ("zh", 390)])
async def test_set_up_sign_in_and_confirm(db: None, browser: Browser, live_server: str, lang: str, width: int) -> None:
    alice = await services.create_account(email=EMAIL, name="Alice", lang=lang, password=PASSWORD, proved=True)
    await services.grant(alice, Grant(Role.ADMIN), by=SYSTEM)
    bob = await make_actor("organiser", email="bob@example.org", name="Bob")
    await second_demands.store(DemandsForm(organiser=second.today() + timedelta(days=9)), by=SYSTEM)
    context = await browser.new_context(viewport={"width": width, "height": 900})
    page = await context.new_page()
    await first_step(page, live_server, lang)
    await look(page, f"off-{lang}")
    await page.locator('form[action$="/two-factor/begin"] button').click()
    app = pyotp.TOTP("".join((await page.locator(".secret__text").inner_text()).split()))
    await look(page, f"set-up-{lang}")
    await page.locator("[name=code]").fill(app.at(clock.now() - timedelta(seconds=second.STEP)))
    await page.locator("[name=code]").press("Enter")
    await expect(page.locator(".secret__list li")).to_have_count(second.CODES)
    await look(page, f"codes-{lang}")
    await context.clear_cookies()
    await first_step(page, live_server, lang)
    await expect(page).to_have_url(f"{live_server}/login/second")
    await page.locator("[name=code]").fill("000 000")
    await page.locator("[name=code]").press("Enter")
    await look(page, f"step-{lang}")
    await page.locator("[name=code]").fill(app.at(clock.now()))
    await page.locator("[name=code]").press("Enter")
    await expect(page).to_have_url(f"{live_server}/account/two-factor")
    await look(page, f"on-{lang}")
    await page.evaluate("document.querySelector('form[action$=\"/off\"]').submit()")
    await expect(page.locator("[name=confirm_password]")).to_be_visible()
    await look(page, f"presence-{lang}")
    assert await fetchval("SELECT count(*) FROM two_factor WHERE confirmed_at IS NOT NULL") == 1
    await page.locator("[name=confirm_password]").fill(PASSWORD)
    await page.locator("[name=confirm_password]").press("Enter")
    await expect(page).to_have_url(f"{live_server}/account/two-factor")
    assert await fetchval("SELECT count(*) FROM two_factor") == 0
    for path, name in (
        ("/organise/people/two-factor", "demands"),
        ("/organise/people", "people"),
        (f"/people/{bob.account_id}", "person"),
        (f"/people/{bob.account_id}/two-factor/reset", "reset"),
        ("/account", "account"),
    ):
        await page.goto(live_server + path)
        await look(page, f"{name}-{lang}")


async def test_passkey_is_made_shown_and_removed(db: None, browser: Browser, live_server: str) -> None:
    """Chromium's own authenticator answers, by fingerprint; at another address than its own no passkey is offered."""
    alice = await services.create_account(email=EMAIL, name="Alice", lang="zh", password=PASSWORD, proved=True)
    await services.grant(alice, Grant(Role.ORGANISER), by=SYSTEM)
    base = live_server.replace("127.0.0.1", "localhost")
    context = await browser.new_context(viewport={"width": 390, "height": 900})
    page = await context.new_page()
    devices = await context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    key |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    await first_step(page, base, "zh")
    await page.locator('form[action="/account/passkeys/begin"] button').click()
    await expect(page.locator("[name=name]")).to_be_visible()
    await look(page, "passkey-new")
    await page.locator("[name=name]").fill("工作笔记本电脑")
    await page.locator("[name=name]").press("Enter")
    await expect(page.locator(".secret__list li")).to_have_count(second.CODES)
    await page.goto(f"{base}/account/two-factor")
    await look(page, "passkeys")
    await context.clear_cookies()
    await first_step(page, base, "zh")
    await look(page, "passkey-step")
    await page.get_by_role("button", name="使用通行密钥").click()
    await expect(page).to_have_url(f"{base}/account/two-factor")
    await context.clear_cookies()
    await page.goto(f"{base}/login?lang=zh&next=/account/two-factor")
    await look(page, "passkey-sign-in")
    await page.get_by_role("button", name="使用通行密钥登录").click()
    await expect(page).to_have_url(f"{base}/account/two-factor")
    assert await fetchval("SELECT sign_count > 1 AND last_used_at IS NOT NULL FROM passkey")
    await page.locator('form[action$="/remove"] button').click()
    await page.locator("#confirm button[value=yes]").click()
    await expect(page.locator("[name=confirm_password]")).to_be_visible()
    await look(page, "passkey-presence")
    await page.get_by_role("button", name="使用通行密钥").click()
    await expect(page.locator('form[action$="/passkeys/begin"]')).to_be_visible()
    assert await fetchval("SELECT count(*) FROM passkey") == 0
    await page.goto(f"{live_server}/login?lang=zh")
    await expect(page.get_by_role("button", name="使用通行密钥登录")).to_be_hidden()
