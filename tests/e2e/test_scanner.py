"""The scanner as staff use it: a camera, a hand scanner, a network that goes away."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from fairs.core import db as database
from fairs.core.search_keys import person_key
from tests.checkin.hall import Hall, open_hall
from tests.e2e import camera
from tests.e2e.serving import launch

pytestmark = pytest.mark.e2e
SHOTS = os.environ.get("FAIRS_SCREENSHOTS")
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


async def _open(page: Page, base_url: str, hall: Hall) -> None:
    """A phone whose link was opened: choose the gate."""
    await page.goto(f"{base_url}/scan#token={hall.token}")
    await page.get_by_role("link", name="Main entrance").click()
    assert hall.token not in page.url
    await page.wait_for_selector("#scanner[data-state='ready']")


async def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"scanner-{name}.png")


@pytest.fixture
async def phone(hall: Hall, live_server: str, browser: Browser) -> Page:
    """A scanner without a camera."""
    context = await browser.new_context(viewport=PHONE, locale="en-GB")
    page = await context.new_page()
    await _open(page, live_server, hall)
    return page


async def _wedge(page: Page, code: str) -> None:
    """A hand scanner types the code and Enter."""
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def test_camera_admits_then_says_already(hall: Hall, live_server: str, tmp_path: Path) -> None:
    code = await hall.badge(name_passport="Aleksandra Wiśniewska", name_native="", organisation_name="ETH Zürich")
    film = camera.film(tmp_path / "badge.y4m", ("", 1), (code, 1), ("", 3))
    async with launch(*camera.arguments(film)) as browser:
        context = await browser.new_context(viewport=PHONE, locale="en-GB", permissions=["camera"])
        page = await context.new_page()
        elsewhere: list[str] = []
        page.on(
            "request", lambda sent: None if sent.url.startswith((live_server, "blob:")) else elsewhere.append(sent.url)
        )
        await _open(page, live_server, hall)
        name = page.locator(
            "#answer-ok .answer__headline"
        )  # on a busy machine the answer has gone before it is waited for
        await expect(name).to_have_text("Aleksandra Wiśniewska", timeout=60000)
        await _shoot(page, "ok-en")
        await page.wait_for_selector("#scanner[data-state='ready']")
        await page.wait_for_selector("#scanner[data-state='already']", timeout=60000)
        await expect(page.locator("#answer-already .answer__headline")).to_contain_text("Already in")
        await _shoot(page, "already-en")
        await page.wait_for_selector("#scanner[data-state='ready']")
        await _shoot(page, "camera-en")
        times = await page.evaluate("document.getElementById('scanner').camera.times")
        assert times
        assert elsewhere == []
    assert await database.fetchval("SELECT count(*) FROM scan WHERE outcome = 'admitted'") == 1


async def test_hand_scanner_needs_no_tap_between_people(phone: Page, hall: Hall) -> None:
    good, revoked = await hall.badge(name_native="李伟", name_passport="Li Wei"), await hall.badge(revoked=True)
    # a slow machine types for longer than the two seconds in which a code counts as the same scan
    await phone.evaluate("() => { const at = performance.now(); performance.now = () => at; }")
    await _wedge(phone, good)
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await _wedge(phone, good)  # the engine repeats itself: not a second person
    await _wedge(phone, revoked)
    await expect(phone.locator("#answer-refused .answer__headline")).to_have_text("Revoked badge")
    await _shoot(phone, "refused-en")
    spoiled = good[:-2] + ("AA" if good[-2:] != "AA" else "BB")
    await _wedge(phone, spoiled)
    await expect(phone.locator("#answer-refused .answer__headline")).to_have_text("Forged")
    outcomes = await database.fetch("SELECT coalesce(reason, outcome) AS said FROM scan ORDER BY id")
    assert [row["said"] for row in outcomes] == ["admitted", "revoked", "forged"]


async def test_scans_of_a_phone_that_knows_nothing_yet_survive_a_reload_and_are_sent(
    hall: Hall, live_server: str
) -> None:
    first, second = await hall.badge(), await hall.badge()
    async with launch() as browser:
        context = await browser.new_context(viewport=PHONE, locale="en-GB")
        phone = await context.new_page()
        await phone.route("**/checkin/snapshot**", lambda route: route.abort())
        await _open(phone, live_server, hall)
        await expect(phone.locator("#check-data")).to_contain_text("None yet")
        await context.set_offline(True)
        await _wedge(phone, first)
        await expect(phone.locator("#answer-wait .answer__headline")).to_have_text("Kept")
        await _shoot(phone, "kept-en")
        await _wedge(phone, second)
        await expect(phone.locator("#net-text")).to_have_text("Offline · 2 waiting")
        assert await database.fetchval("SELECT count(*) FROM scan") == 0
        await phone.route("**/checkin/scans", lambda route: route.abort())  # or they are sent before the page is gone
        await context.set_offline(False)
        await phone.reload()
        await expect(phone.locator("#net-text")).to_contain_text("2 waiting")
        await phone.unroute("**/checkin/scans")
        told = "Online · 2 sent later, 0 of them refused"
        await expect(phone.locator("#net-text")).to_have_text(told, timeout=15000)
    rows = await database.fetch("SELECT outcome, offline FROM scan ORDER BY id")
    assert [tuple(row) for row in rows] == [("admitted", True), ("admitted", True)]


async def test_person_without_a_badge_is_found_by_pinyin(phone: Page, hall: Hall) -> None:
    await hall.badge(
        name_passport="Wang Xiaoming",
        name_native="王晓明",
        phone="+86 13812345678",
        search_key=person_key("王晓明", "Wang Xiaoming"),
    )
    await phone.get_by_role("button", name="By name").click()
    await phone.get_by_label("Name, pinyin").fill("wxm")
    await phone.get_by_role("button", name="Look up").click()
    await _shoot(phone, "by-name-en")
    await phone.get_by_role("button", name="Wang Xiaoming").click()
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("王晓明")


async def test_scanner_switched_off_says_so_and_keeps_the_scan(phone: Page, hall: Hall) -> None:
    await database.execute("UPDATE access_token SET revoked_at = now() WHERE id = $1", hall.device.token_id)
    await database.notify("fairs", '{"topic": "tokens", "data": {}}')
    await _wedge(phone, await hall.badge())
    await expect(phone.locator("#answer-refused .answer__action")).to_contain_text("switched off")
    await expect(phone.locator("#scanner")).to_have_attribute("data-waiting", "1")
    await expect(phone.locator("#scanner")).to_have_attribute("data-ready", "no")
    assert await phone.evaluate("localStorage.getItem('fairs.scanner.token')") is None
    assert await phone.evaluate(STORED) == {"scans": 1, "badges": 0, "known": 0, "passages": 0}
    await phone.locator("#net").click()
    async with phone.expect_download() as saving:
        await phone.get_by_role("button", name="Save to a file").click()
    saved = json.loads(Path(await (await saving.value).path()).read_text())
    assert (saved["event"], len(saved["scans"])) == (phone.url.split("/")[-2], 1)


STORED = """() => new Promise(done => {
  const opening = indexedDB.open("fairs-scanner");
  opening.onsuccess = () => {
    const names = ["scans", "badges", "known", "passages"];
    const reading = opening.result.transaction(names);
    const counts = names.map(name => [name, reading.objectStore(name).count()]);
    reading.oncomplete = () => done(Object.fromEntries(counts.map(([name, count]) => [name, count.result])));
  };
})"""


async def test_chinese_scanner(hall: Hall, live_server: str) -> None:
    code = await hall.badge(name_native="欧阳娜娜", name_passport="Ouyang Nana", organisation_name="郑州大学")
    async with launch() as browser:
        context = await browser.new_context(viewport=PHONE, locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"{live_server}/scan?lang=zh#token={hall.token}")
        await _shoot(page, "gates-zh")
        await page.get_by_role("link", name="主入口").click()
        await page.wait_for_selector("#scanner[data-state='ready']")
        await _shoot(page, "ready-zh")
        await _wedge(page, code)
        await expect(page.locator("#answer-ok .answer__headline")).to_have_text("欧阳娜娜")
        await _shoot(page, "ok-zh")
        await page.wait_for_timeout(2200)
        await _wedge(page, code)
        await expect(page.locator("#answer-already .answer__headline")).to_contain_text("已入场")
        await _shoot(page, "already-zh")


@pytest.mark.parametrize("end", ["Tab", "Control+KeyJ", "NumpadEnter", ""])
async def test_a_hand_scanner_may_end_a_code_in_any_way(phone: Page, hall: Hall, end: str) -> None:
    await phone.keyboard.type(await hall.badge(name_native="李伟", name_passport="Li Wei"))
    if end:
        await phone.keyboard.press(end)
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("李伟")


@pytest.mark.parametrize("cuts", [(40,), (3, 127), (30, 60, 90)])
@pytest.mark.parametrize("end", ["Enter", ""])
async def test_a_code_that_comes_with_pauses_is_one_code(
    phone: Page, hall: Hall, cuts: tuple[int, ...], end: str
) -> None:
    """A radio that drops, a phone that is busy."""
    code = await hall.badge(name_native="李伟", name_passport="Li Wei")
    for begin, stop in pairwise((0, *cuts, len(code))):
        await phone.keyboard.type(code[begin:stop])
        await phone.wait_for_timeout(700)
    if end:
        await phone.keyboard.press(end)
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    assert [row["outcome"] for row in await database.fetch("SELECT outcome FROM scan")] == ["admitted"]


async def _now(page: Page) -> datetime:
    return datetime.fromtimestamp(await page.evaluate("Date.now() / 1000"), UTC)


@asynccontextmanager
async def _without_time(page: Page) -> AsyncIterator[None]:
    """What is typed meanwhile is a burst to the page, however busy the machine is."""
    await page.clock.pause_at(await _now(page) + timedelta(seconds=1))
    yield
    await page.clock.resume()


async def test_a_scan_while_somebody_is_looked_up_is_still_a_scan(phone: Page, hall: Hall) -> None:
    await phone.clock.install(time=await _now(phone))
    code = await hall.badge(name_native="李伟", name_passport="Li Wei")
    await phone.get_by_role("button", name="By name").click()
    await phone.locator("#hand-text").press_sequentially("wang", delay=90)
    await phone.wait_for_timeout(200)
    async with _without_time(phone):
        await _wedge(phone, code)
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await expect(phone.locator("#hand-text")).to_have_value("wang")
    assert await database.fetchval("SELECT count(*) FROM scan WHERE outcome = 'admitted'") == 1


@pytest.mark.parametrize("after", [40, 128])
async def test_a_pause_in_a_code_while_somebody_is_looked_up_tears_nothing(phone: Page, hall: Hall, after: int) -> None:
    await phone.clock.install(time=await _now(phone))
    code = await hall.badge(name_native="李伟", name_passport="Li Wei")
    await phone.get_by_role("button", name="By name").click()
    await phone.locator("#hand-text").press_sequentially("wang", delay=90)
    await phone.wait_for_timeout(200)
    async with _without_time(phone):
        await phone.keyboard.type(code[:after])
        await phone.clock.run_for(300)
        await _wedge(phone, code[after:])
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("李伟")
    await expect(phone.locator("#hand-text")).to_have_value("wang")


TYPED_BY_PLACE = """code => {
  for (const letter of code + "\\n") {
    const place = letter === "\\n" ? "Enter" : /[0-9]/.test(letter) ? `Digit${letter}` : `Key${letter.toUpperCase()}`;
    const key = letter === "\\n" ? "Enter" : "Process";
    window.dispatchEvent(new KeyboardEvent("keydown", { key, code: place, isComposing: key === "Process", bubbles: true }));
  }
}"""


async def test_an_input_method_does_not_swallow_a_code(phone: Page, hall: Hall) -> None:
    code = await hall.badge(name_native="李伟", name_passport="Li Wei")
    await phone.evaluate(TYPED_BY_PLACE, code.rpartition("/")[2])
    await expect(phone.locator("#answer-ok .answer__headline")).to_have_text("李伟")


async def test_a_device_that_keeps_nothing_says_so_and_never_shows_the_person_before(
    hall: Hall, live_server: str
) -> None:
    first, second = await hall.badge(name_native="李伟", name_passport="Li Wei"), await hall.badge()
    async with launch() as browser:
        context = await browser.new_context(viewport=PHONE, locale="en-GB")
        page = await context.new_page()
        broken = "{ open() { throw new DOMException('full', 'QuotaExceededError'); } }"
        await page.add_init_script(f"Object.defineProperty(window, 'indexedDB', {{ value: {broken} }})")
        await _open(page, live_server, hall)
        await expect(page.locator("#hint")).to_contain_text("cannot keep scans")
        await _wedge(page, first)
        await expect(page.locator("#answer-ok .answer__headline")).to_have_text("李伟")
        await page.context.set_offline(True)
        await _wedge(page, second)
        await expect(page.locator("#answer-refused .answer__headline")).to_have_text("Not kept")
        await expect(page.locator("#last")).not_to_contain_text("李伟")
        await _shoot(page, "not-kept-en")


async def _until_live(page: Page) -> None:
    """The page's own policy forbids the browser's way to wait for an expression."""
    async with asyncio.timeout(60):
        while not await page.evaluate("document.getElementById('scanner').camera.isLive"):
            await asyncio.sleep(0.1)


async def test_the_camera_comes_back_after_the_phone_was_locked(hall: Hall, live_server: str, tmp_path: Path) -> None:
    code = await hall.badge(name_native="李伟", name_passport="Li Wei")
    film = camera.film(tmp_path / "badge.y4m", ("", 2), (code, 1), ("", 3))
    async with launch(*camera.arguments(film)) as browser:
        context = await browser.new_context(viewport=PHONE, locale="en-GB", permissions=["camera"])
        page = await context.new_page()
        await _open(page, live_server, hall)
        await _until_live(page)
        await page.evaluate("document.getElementById('scanner').camera.track.stop()")
        assert not await page.evaluate("document.getElementById('scanner').camera.isLive")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await _until_live(page)
        await page.wait_for_selector("#scanner[data-state='ok']", timeout=60000)


async def test_whom_the_gate_refuses_is_let_in_with_a_reason_and_an_own_scan_undone(phone: Page, hall: Hall) -> None:
    await database.execute("UPDATE gate SET may_force = true, categories = '{guest}' WHERE id = $1", hall.gate)
    await phone.reload()
    await phone.wait_for_selector("#scanner[data-state='ready'][data-force='yes']")
    speaker, guest = await hall.badge(name_native="李娜", category="speaker"), await hall.badge(category="guest")
    await _wedge(phone, speaker)
    button = phone.get_by_role("button", name="Let in", exact=True)
    await button.first.click()
    dialog = phone.get_by_role("dialog", name="Let this person in")
    await expect(dialog).to_contain_text("李娜")
    await dialog.get_by_label("Why is the person let in?").select_option("other")
    await dialog.get_by_role("button", name="Let in").click()
    await expect(dialog).to_contain_text("Say what happened")
    await dialog.get_by_label("Note").fill("Opens the forum")
    await _shoot(phone, "let-in-en")
    await dialog.get_by_role("button", name="Let in").click()
    await expect(phone.locator("#last")).to_have_text("Let in by hand: 李娜")
    await expect(button).to_be_hidden()
    await _wedge(phone, guest)
    await phone.get_by_role("button", name="Undo").click()
    undo = phone.get_by_role("dialog", name="Undo the last scan")
    await undo.get_by_role("button", name="Undo").click()
    await expect(undo).to_be_hidden()
    made = await database.fetch("SELECT kind FROM scan_correction ORDER BY id")
    assert [row["kind"] for row in made] == ["by_hand", "undone"]
