"""An organiser has a hall scheduled in a browser: the question first, the live line, the result without a key pressed."""

import pytest
from playwright.async_api import Browser, Page, expect

from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.services import open_session
from fairs.core import db as database
from fairs.core import jobs
from fairs.meetings.scheduling import runs
from fairs.meetings.solver.problem import Progress
from tests.meetings.crowd import Crowd, all_want, make_crowd

pytestmark = pytest.mark.e2e


async def _hall(browser: Browser, base: str, crowd: Crowd) -> Page:
    await database.execute("UPDATE event SET slug = 'spring' WHERE id = $1", crowd.event)
    context = await browser.new_context(locale="en-GB", timezone_id="Asia/Shanghai")
    context.set_default_timeout(20_000)
    assert crowd.organiser.account_id is not None
    session = await open_session(crowd.organiser.account_id, ip="127.0.0.1", user_agent="test")
    await context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": base}])
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto(f"{base}/organise/editions/spring/hall?lang=en")
    return page


async def test_result_comes_to_the_open_page(db: None, browser: Browser, live_server: str, dsn: str) -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    page = await _hall(browser, live_server, crowd)
    await page.get_by_role("button", name="Schedule the meetings").click()
    question = page.get_by_role("dialog")
    await expect(question).to_contain_text("Schedule up to 4 meetings?")
    await question.locator("button[value=yes]").click()
    await expect(page.get_by_role("status").filter(has_text="Waiting for a worker to begin")).to_be_visible()
    await jobs.drain(dsn)
    await expect(page.get_by_text("4 meetings were booked")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("Proved best")).to_be_visible()


async def test_live_line_moves_and_stopping_comes_to_the_open_page(
    db: None, browser: Browser, live_server: str
) -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    page = await _hall(browser, live_server, crowd)
    work = await runs._claim(run_id)
    assert work is not None
    await work.beat(Progress("timetable", 0.62, 1234, 2000, 0.383))
    line = page.locator(".progress-line")
    await expect(line).to_contain_text("Finding slots 62 %")
    await expect(line.locator("progress")).to_have_js_property("value", 62)
    await expect(page.get_by_text("1,234")).to_be_visible()
    await runs.cancel(crowd.event, by=crowd.organiser)
    await expect(page.get_by_text("The scheduling was stopped")).to_be_visible(timeout=20_000)
