"""The day of a programme by rooms, with keys and with the mouse, as an organiser moves sessions."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from fairs.accounts.actor import SYSTEM
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.events import programme
from fairs.events.forms import SessionForm
from fairs.events.place_forms import RoomForm
from fairs.events.planning import queries as planning
from fairs.events.planning.rows import Plan
from fairs.events.services import add_room
from tests import factories
from tests.cast import make_actor, session_of

pytestmark = pytest.mark.e2e
HOUR = timedelta(hours=1)
BEGINS = factories.STARTS


async def fair() -> int:
    """Two rooms and two drafted sessions, both in the first, one after the other."""
    event = await factories.event(slug="fair")
    for code, zh, en in (("hall", "大会议厅", "Great hall"), ("small", "小厅", "Small room")):
        await add_room(event, RoomForm(code=code, name_zh=zh, name_en=en, capacity=50), by=SYSTEM)
    for at, code in enumerate("ab"):
        times: dict[str, Any] = {"starts_at": BEGINS + at * 2 * HOUR, "ends_at": BEGINS + (at * 2 + 1) * HOUR}
        form = SessionForm(
            code=code, kind="forum", title_zh=f"论坛{code}", title_en=f"Forum {code}", room="hall", **times
        )
        await programme.add_session(event, form, by=SYSTEM)
    return event


async def stored(event: int, code: str, room: str) -> Plan:
    """The drafted session, once it is in this room."""
    for _ in range(100):
        plan = (await planning.item_of(event, code)).plan
        if plan.room_code == room:
            return plan
        await asyncio.sleep(0.1)
    raise AssertionError(f"{code} did not arrive in {room}")


async def test_session_moves_by_keys_and_by_dragging(live_server: str, browser: Browser, db: None) -> None:
    event = await fair()
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    await context.add_cookies(
        [{"name": SESSION_COOKIE, "value": await session_of(await make_actor("organiser")), "url": live_server}]
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    await page.goto(f"{live_server}/organise/editions/fair/programme")
    said = page.locator("[data-board-said]")
    await page.get_by_role("link", name="Forum a").last.focus()
    for key in ("ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        await page.keyboard.press(key)
    await expect(said).to_contain_text("Small room")
    plan = await stored(event, "a", "small")
    assert (plan.starts_at, plan.ends_at) == (BEGINS + HOUR / 3, BEGINS + 4 * HOUR / 3)
    card = page.locator("#session-b")
    await card.scroll_into_view_if_needed()
    box = await card.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 60, box["y"] + 40)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 60 + box["width"], box["y"] + 40 - box["height"], steps=6)
    await page.mouse.up()
    plan = await stored(event, "b", "small")
    assert plan.starts_at == BEGINS + HOUR
    await expect(page.locator("[data-board-doubts]")).to_contain_text("Small room is used by")
    assert "/programme" in page.url, "dropping does not open the session"
    assert wrong == []
    await context.close()
