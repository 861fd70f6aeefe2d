"""The stage of the whole path: a server, an edition, people with a browser each, and what they do on any page."""

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize

from fairs.accounts import services as accounts
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.queries import actor_by_id
from fairs.core import clock
from fairs.core.embedded import EmbeddedPostgres  # noqa: F401  the server fixture's type
from fairs.events import services as events
from fairs.events.forms import EventForm
from fairs.events.place_forms import GateForm
from tests import fair
from tests.cast import PASSWORD

SLUG = "zhengzhou-fair"
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


@dataclass
class Play:
    """The stage: a server, a database, and people each with a browser of their own."""

    base: str
    dsn: str
    browser: Browser
    tmp: Path
    pages: dict[str, Page] = field(default_factory=dict)
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def person(self, name: str, *, locale: str, phone: bool = False, zone: str = "Asia/Shanghai") -> Page:
        context: BrowserContext = await self.browser.new_context(
            viewport=PHONE if phone else DESK, locale=locale, timezone_id=zone, accept_downloads=True
        )
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(20000)
        page = await context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"{name}: {error}"))
        page.on("dialog", lambda dialog: dialog.accept())
        self.pages[name] = page
        return page

    async def go(self, page: Page, path: str) -> None:
        answer = await page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)


async def account(email: str, name: str, grant: Grant) -> Actor:
    account = await accounts.create_account(email=email, name=name, lang="zh", password=PASSWORD, proved=True)
    await accounts.grant(account, grant, by=SYSTEM)
    found = await actor_by_id(account)
    assert found is not None
    return found


async def lay_edition(organiser: Actor) -> int:
    """A draft conference that begins today: programme, gate, slots and tables."""
    now = clock.now()
    event = await events.create_event(
        EventForm(
            slug=SLUG,
            kind="conference",
            title_zh="郑州招才引智大会",
            title_en="Zhengzhou Talent Fair",
            unit="410000",
            place_zh="郑州国际会展中心",
            place_en="Zhengzhou International Convention Centre",
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=30),
            capacity=100,
        ),
        by=organiser,
    )
    titles = {"title_zh": "新材料论坛", "title_en": "Forum on new materials"}
    await fair.session(event, "forum", now + timedelta(hours=1), capacity=50, sign_up=True, **titles)
    await events.add_gate(
        event, GateForm(code="main-in", kind="entry", name_zh="主入口", name_en="Main entrance"), by=organiser
    )
    await fair.hall(event, now + timedelta(minutes=5), slots=3, tables=0, shared=2, by=organiser)
    return event


async def sign_in(play: Play, page: Page, email: str) -> None:
    await play.go(page, "/login")
    form = page.locator("form", has=page.locator("input[name=password]"))
    await form.locator("input[name=email]").fill(email)
    await form.locator("input[name=password]").fill(PASSWORD)
    await form.locator("button[type=submit]").click()
    await page.wait_for_url(lambda url: "/login" not in url)


async def send(page: Page, button: Locator) -> None:
    """Press a button that leads to a page, answering a question if one is asked; complain with what the page says."""
    asks = await button.evaluate("b => Boolean(b.dataset.confirm || (b.form && b.form.dataset.confirm))")
    async with page.expect_navigation():
        await button.click()
        if asks:
            await page.locator("#confirm [data-confirm-yes]").click()
    summary = page.locator("[data-error-summary]")
    assert await summary.count() == 0, await summary.inner_text()


async def choose(page: Page, name: str, *values: str) -> None:
    """Choose in a field, however it is drawn: a select (enhanced or not), boxes or radio buttons."""
    select = page.locator(f"select[name={name}]")
    if await select.count():
        await select.evaluate(
            "(node, values) => { for (const o of node.options) o.selected = values.includes(o.value);"
            " node.dispatchEvent(new Event('change', {bubbles: true})); }",
            list(values),
        )
        return
    for value in values:
        await page.locator(f"input[name={name}][value='{value}']").check(force=True)
