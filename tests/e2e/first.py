"""An installation of its own for the journey of the first edition: a server on an empty folder, one command, and people."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.cast import PASSWORD
from tests.e2e.play import Play, choose, send
from tests.e2e.serving import SECRET, serving

SLUG = "first-fair"
FAIR_ZONE = ZoneInfo("Asia/Shanghai")


@contextmanager
def empty_installation(folder: Path) -> Iterator[str]:
    """The base URL of `fairs serve` on a folder with nothing in it but an administrator, who was made by command."""
    with serving("", folder, worker=True) as (base, _):
        command = [sys.executable, "-m", "fairs.cli", "create-admin", "--data", str(folder)]
        who = ["--email", "admin@example.org", "--name", "系统管理员", "--password", PASSWORD]
        environment = {"FAIRS_SECRET_KEY": SECRET, "FAIRS_DATABASE_URL": "", "PATH": "/usr/bin:/bin"}
        subprocess.run([*command, *who], env=environment, check=True, stdout=subprocess.DEVNULL)
        yield base


def local(moment: datetime) -> str:
    """A moment as a field for day and time takes it, in the zone of the fair."""
    return moment.astimezone(FAIR_ZONE).strftime("%Y-%m-%dT%H:%M")


def next_minute() -> datetime:
    """The whole minute after the next one."""
    return datetime.now(FAIR_ZONE).replace(second=0, microsecond=0) + timedelta(minutes=2)


async def fill(page: Page, **values: str) -> None:
    """Type into fields and choose in lists, by the names of the fields."""
    for name, value in values.items():
        if await page.locator(
            f"select[name={name}], input[type=radio][name={name}], input[type=checkbox][name={name}]"
        ).count():
            await choose(page, name, value)
        else:
            await page.locator(f"main [name={name}]").fill(value)


async def open_tab(page: Page, words: str) -> None:
    """Open a page of the event by the row of its pages, or by the menu at its end."""
    link = page.locator(".hub").get_by_role("link", name=words, exact=True)
    if not await link.count():
        await page.locator(".hub summary").click()
    await link.click()
    await expect(page.locator(".hub [aria-current=page]").first).to_have_text(words)


async def submit(page: Page, action: str = "") -> None:
    """Send the form with this action, or the last one of the page; complain with what the page says."""
    forms = page.locator(f"main form[action*='{action}']") if action else page.locator("main form:not(details *)")
    await send(page, forms.last.locator("button[type=submit]:not([formaction])").last)


async def invite(play: Play, inviter: str, role: str, email: str, name: str, **scope: str) -> str:
    """Invite somebody on the page, and read the link that it shows once."""
    page = play.pages[inviter]
    await play.go(page, f"/people/invite?role={role}")
    await fill(page, email=email, name=name, **scope)
    await submit(page, "/people/invite")
    link = await page.locator("code.link-text").inner_text()
    assert re.fullmatch(r"http://localhost:\d+/invitation/\S+", link), link
    return link


async def accept(play: Play, name: str, link: str, *, locale: str, phone: bool = False) -> Page:
    """Open an invitation's link in a browser of one's own, choose a password, and be in."""
    page = await play.person(name, locale=locale, phone=phone)
    await page.goto(play.base + link[link.index("/invitation/") :])
    await page.fill("input[name=password]", PASSWORD)
    await submit(page, "/invitation/")
    await expect(page.locator("h1")).to_be_visible()
    return page


async def confirm_address(play: Play, who: str, email: str) -> None:
    """The administrator hands out the link that no mail brought, its person opens it."""
    admin, page = play.pages["admin"], play.pages[who]
    await play.go(admin, f"/organise/outbox?q={email}&kind=confirm_address")
    await admin.locator("main tr[data-row] a").first.click()
    await send(admin, admin.get_by_role("button", name="Show the link"))
    link = await admin.locator("code.link-text").inner_text()
    await play.go(page, link[link.index("/login/link/") :])
    await submit(page)
