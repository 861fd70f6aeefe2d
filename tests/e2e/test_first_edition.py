"""The first edition of an installation that has never met us: from an empty database to a signed intent, by people on pages.

No step calls Python, SQL or the API. The one command is `fairs create-admin`; there is no mail server.
"""

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect

from fairs.core import i18n
from tests import factories
from tests.cast import PASSWORD
from tests.e2e import next_edition
from tests.e2e.first import (
    SLUG,
    accept,
    confirm_address,
    empty_installation,
    fill,
    invite,
    local,
    next_minute,
    open_tab,
    submit,
)
from tests.e2e.first_entries import (
    administrator_gets_a_passkey,
    bureau_draws_up_its_own,
    bureau_runs_its_own,
    employer_registers_its_people,
    gates_are_watched,
    registration_is_set,
    somebody_walks_in,
)
from tests.e2e.looking import OWN_NAMES, Visit
from tests.e2e.play import Play, choose, send
from tests.e2e.serving import launch

pytestmark = pytest.mark.e2e
HUB = f"/organise/editions/{SLUG}"


SHOTS = os.environ.get("FAIRS_SCREENSHOTS")


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    with tempfile.TemporaryDirectory(prefix="fairs-first-") as folder:
        Path(folder).chmod(0o711)  # the database's own user passes through
        with empty_installation(Path(folder) / "data") as base:
            async with launch() as browser:
                made = Play(
                    base.replace("127.0.0.1", "localhost"), "", browser, tmp_path
                )  # a name, which passkeys need
                async with made.stack:
                    yield made
                    for name, page in made.pages.items() if SHOTS else ():
                        await page.screenshot(path=Path(SHOTS or "") / f"last-{name}.png", full_page=True)


async def _people_are_invited(play: Play) -> None:
    """The administrator invites an organiser and a bureau; both accept by the links that the page showed."""
    page = play.pages["admin"]
    to_organiser = await invite(play, "admin", "organiser", "organiser@example.org", "省大会办公室")
    to_bureau = await invite(play, "admin", "bureau", "bureau@example.org", "洛阳市人社局", unit="410300", lang="en")
    await accept(play, "organiser", to_organiser, locale="zh-CN")
    await accept(play, "bureau", to_bureau, locale="en-GB")
    await play.go(page, "/organise/people")
    for name in ("省大会办公室", "洛阳市人社局"):
        await expect(page.get_by_role("link", name=name)).to_be_visible()


async def _edition_is_made(play: Play) -> None:
    page, now = play.pages["organiser"], next_minute()
    await play.go(page, "/organise/editions")
    await page.locator("main a[href$='/organise/editions/new']").first.click()
    await fill(
        page,
        title_zh="首届招才引智大会",
        title_en="First Talent Fair",
        kind="conference",
        slug=SLUG,
        unit="410000",
        starts_at=local(now - timedelta(hours=1)),
        ends_at=local(now + timedelta(hours=30)),
        place_zh="国际会展中心",
        place_en="International Convention Centre",
        capacity="100",
        contact_phone="+86 371 6590 0000",
    )
    await submit(page)


async def _places_and_programme_are_made(play: Play) -> None:
    page, now = play.pages["organiser"], next_minute()
    await play.go(page, HUB)
    await open_tab(page, "场地与核验点")
    await page.locator("main a[href$='/places/rooms/new']").first.click()
    await fill(page, code="hall-a", name_zh="甲厅", name_en="Hall A", capacity="50")
    await submit(page)
    await open_tab(page, "议程安排")
    await page.locator("main a[href$='/sessions/new']").first.click()
    await fill(
        page, code="forum", kind="forum", title_zh="新材料论坛", title_en="Forum on new materials", room="hall-a"
    )
    await fill(page, starts_at=local(now + timedelta(hours=2)), ends_at=local(now + timedelta(hours=3)), capacity="50")
    await page.locator("input[name=sign_up]").check()
    await submit(page)
    await play.go(page, f"{HUB}/programme")
    await page.locator("main a[href$='/programme/release']").first.click()
    await submit(page, "/programme/release")
    await open_tab(page, "场地与核验点")
    await page.locator("main a[href$='/places/gates/new']").first.click()
    await fill(page, code="main-in", kind="entry", name_zh="主入口", name_en="Main entrance")
    await submit(page)


async def _edition_is_published(play: Play) -> None:
    page = play.pages["organiser"]
    await open_tab(page, "发布")
    await expect(page.locator("main tr[data-row]").filter(has_text="议程")).to_contain_text("已就绪")
    await expect(page.get_by_text("必须修改")).to_have_count(0)
    await send(page, page.get_by_role("button", name="发布", exact=True))
    await expect(page.get_by_text("已发布").first).to_be_visible()


async def _employer_joins(play: Play) -> None:
    page = await play.person("employer", locale="zh-CN", phone=True)
    await play.go(page, "/employers/join")
    await fill(
        page,
        uscc=factories.uscc(770001),
        name_zh="洛阳新材料研究院",
        name_en="Luoyang Institute of New Materials",
        kind="institute",
        unit="410300",
        contact_name="李院长",
        account_name="李院长",
        email="li@example.org",
        password=PASSWORD,
    )
    await page.locator("main form input[type=file]").first.set_input_files(
        {"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": _licence()}
    )
    await submit(page, "/employers/join")
    await page.wait_for_url("**/employer/organisation")
    bureau = play.pages["bureau"]
    await play.go(bureau, "/home")
    await bureau.get_by_role("link", name=re.compile("employers? to approve", re.IGNORECASE)).click()
    await bureau.get_by_role("link", name=re.compile("洛阳新材料研究院")).first.click()
    await expect(bureau.get_by_role("link", name=re.compile("营业执照")).first).to_be_visible()
    await send(bureau, bureau.locator("button[name=decision][value=approve]"))


def _licence() -> bytes:
    from fpdf import FPDF

    paper = FPDF()
    paper.add_page()
    return bytes(paper.output())


async def _listing_is_published(play: Play) -> None:
    page = play.pages["employer"]
    await play.go(page, "/employer/listings/new?kind=people")
    await fill(
        page,
        title_zh="新型电池材料研究员",
        description_zh="研究锂离子电池正极材料与固态电解质，负责材料合成与电化学测试。",
        discipline="0805",
        degree="doctor",
        engagement="full_time",
        city="410300",
        headcount="2",
    )
    await send(page, page.locator("button[name=then][value=publish]"))
    await play.go(page, f"/e/{SLUG}/listings")
    await expect(page.get_by_role("link", name="新型电池材料研究员")).to_be_visible()


async def _candidate_registers(play: Play) -> None:
    page = await play.person("candidate", locale="en-GB", phone=True, zone="Europe/Madrid")
    await play.go(page, "/signup")
    await fill(page, name="Maria Fernandez", email="maria@example.org", password=PASSWORD)
    await submit(page, "/signup")
    await page.wait_for_url("**/me/profile")
    await fill(page, nationality="ES", degree="doctor", discipline="0805", headline="Battery cathode materials")
    await fill(page, summary="I develop cathode materials and solid electrolytes for lithium-ion batteries.")
    await choose(page, "engagement", "full_time")
    await choose(page, "cities", "410300")
    await choose(page, "visibility", "employers")
    await page.locator("input[name=consent]").check()
    await submit(page, "/me/profile")
    await play.go(page, "/")
    await page.get_by_role("link", name="See the fair").first.click()
    await page.locator(f"main a[href$='/e/{SLUG}/register']").first.click()
    await page.locator("input[name=sessions]").first.check()
    await submit(page, f"/e/{SLUG}/register")


async def _address_is_confirmed(play: Play) -> None:
    """No mail leaves: the administrator hands the link out, the candidate opens it and sees the badge."""
    await confirm_address(play, "candidate", "maria@example.org")
    page = play.pages["candidate"]
    await play.go(page, "/me/fairs")
    await page.get_by_role("link", name="Open my badge").click()
    await expect(page.get_by_text("Maria Fernandez").first).to_be_visible()


async def _slots_and_tables_are_made(play: Play) -> None:
    page = play.pages["organiser"]
    await play.go(page, HUB)
    await open_tab(page, "时段与洽谈台")
    await fill(page, starts_at=local(next_minute() + timedelta(minutes=10)), count="2")
    await page.locator("main form[action$='/hall/slots'] button[type=submit]").click()
    at_night = page.locator("input[name=at_any_hour]")  # asked when it is night at the fair
    if await at_night.count():
        await at_night.check()
        await submit(page, "/hall/slots")
    await fill(page, shared="2")
    await submit(page, "/hall/tables")


async def _meeting_is_booked(play: Play) -> None:
    page, employer = play.pages["candidate"], play.pages["employer"]
    await play.go(page, "/me/suggestions")
    card = page.locator("main article, main li, main .card").filter(has_text="新型电池材料研究员").first
    await send(page, card.get_by_role("button", name=re.compile("^Want to meet")))
    await play.go(employer, "/employer/listings")
    await employer.get_by_role("link", name=re.compile("推荐人才")).first.click()
    person = employer.locator("main article, main li, main .card").filter(has_text="Maria Fernandez").first
    await send(employer, person.get_by_role("button", name=re.compile("^愿见")))
    await play.go(employer, "/employer/meetings")
    booking = employer.locator("form", has=employer.locator("select[name=slot]"))
    await send(employer, booking.locator("button[type=submit]").first)
    await play.go(page, "/me/meetings")
    await expect(page.get_by_text("Luoyang Institute of New Materials").first).to_be_visible()


async def _badge_is_scanned(play: Play) -> None:
    """Gate staff come by an invitation, make their phone a scanner, and read the badge with a hand scanner."""
    link = await invite(play, "admin", "staff", "gate@example.org", "志愿者", event=SLUG)
    page = await accept(play, "gate", link, locale="zh-CN", phone=True)
    await page.locator(f"main form[action$='/scan/{SLUG}'] button").click()
    await page.locator("main a[href*='main-in']").click()
    await page.wait_for_selector("#scanner[data-state='ready']")
    await page.keyboard.type(await _code_on_badge(play))
    await page.keyboard.press("Enter")
    await expect(page.locator("#answer-ok .answer__headline")).to_have_text("Maria Fernandez")


async def _code_on_badge(play: Play) -> str:
    """What a reader of codes sees on the badge that the candidate shows."""
    page = play.pages["candidate"]
    await play.go(page, "/me/fairs")
    await page.get_by_role("link", name="Open my badge").click()
    picture = Image.open(BytesIO(await page.locator("img.pass__code").screenshot()))
    found = zxingcpp.read_barcode(picture)
    assert found is not None
    return str(found.text)


async def _agreement_is_signed(play: Play) -> None:
    employer, candidate, bureau = (play.pages[name] for name in ("employer", "candidate", "bureau"))
    await play.go(employer, "/employer/meetings")
    await employer.locator("main a[href$='/outcome']").first.click()
    await choose(employer, "state", "held")
    await choose(employer, "outcome", "intent")
    await submit(employer, "/outcome")
    if "/agreement" not in employer.url:
        await play.go(employer, "/employer/meetings")
        await employer.locator("main a[href$='/agreement']").first.click()
    await fill(
        employer,
        title_zh="关于电池材料研究的合作意向书",
        title_en="Letter of intent on battery materials research",
        content_zh="乙方负责正极材料研究，甲方提供实验室与团队。",
        content_en="The talent leads cathode research; the employer provides laboratory and team.",
        engagement="full_time",
    )
    await submit(employer, "/agreement")
    number = employer.url.rsplit("/", 1)[1].split("?")[0]
    await employer.get_by_role("link", name="填写签字人").click()
    await fill(employer, signatory="李院长")
    await submit(employer, "/signatory")
    await _sign(play, "employer", "/employer/agreements", "李院长")
    await _sign(play, "candidate", "/me/agreements", "Maria Fernandez")
    await play.go(bureau, "/bureau/agreements")
    await bureau.locator(f"main a[href$='{number}']").first.click()
    await send(bureau, bureau.locator("form[action$='/verify'] button"))
    await expect(candidate.get_by_text(number).first).to_be_visible()


async def _sign(play: Play, who: str, listed: str, name: str) -> None:
    page = play.pages[who]
    await play.go(page, listed)
    await page.locator("main tr[data-row] a[href*='/agreements/']").first.click()
    await fill(page, name_signed=name, password=PASSWORD)
    await page.locator("input[name=consent]").check()
    await send(
        page, page.locator("form", has=page.locator("input[name=name_signed]")).locator("button[type=submit]").first
    )


async def _registration_is_closed(play: Play) -> None:
    page = play.pages["organiser"]
    await play.go(page, HUB)
    await send(page, page.get_by_role("button", name="截止报名"))
    await open_tab(page, "数据看板")
    for key, number in (("registered", "4"), ("present", "1"), ("signed_intents", "1")):
        await expect(page.locator(f"[data-live-key='{key}']").first).to_have_text(number)


async def _month_is_frozen(play: Play) -> None:
    page = play.pages["organiser"]
    await open_tab(page, "已冻结月份")
    month = await page.locator("select[name=month] option:not([value=''])").first.get_attribute("value")
    await choose(page, "month", str(month))
    await submit(page, "/months")
    await expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith(f"/e/{SLUG}/months/{month}")
    await play.go(page, f"/e/{SLUG}/months")
    await expect(page.locator("main tr[data-row]").filter(has_text=str(month))).to_have_count(1)


LOOKED_AT = {
    "candidate": ("/me/fairs", "/me/agreements"),
    "gate": ("/scan",),
    "employer": ("/employer/organisation", "/employer/meetings"),
    "bureau": ("/home",),
    "organiser": (HUB, f"{HUB}/publishing", f"/e/{SLUG}/dashboard", f"/e/{SLUG}/months"),
}


async def _pages_are_in_order(play: Play) -> None:
    """Where each person stands at the end: both languages, phone and desk, nothing that axe or the width complains about."""
    wrong: list[str] = []
    for lang in i18n.LANGUAGES:
        await asyncio.gather(*(_look(play, who, lang, wrong) for who in LOOKED_AT))
    assert not wrong, "\n".join(sorted(wrong))


async def _look(play: Play, who: str, lang: str, wrong: list[str]) -> None:
    context = await play.browser.new_context(
        storage_state=await play.pages[who].context.storage_state(), locale="zh-CN" if lang == "zh" else "en-GB"
    )
    await context.add_cookies([{"name": "lang", "value": lang, "url": play.base}])
    visit = Visit(await context.new_page(), play.base, lang, wrong, {}, OWN_NAMES | {"Maria Fernandez"})
    visit.listen()
    for path in LOOKED_AT[who]:
        await visit.look(path, axe=True)
    await context.close()


async def test_the_first_edition(play: Play) -> None:
    await administrator_gets_a_passkey(play)
    await _people_are_invited(play)
    await _edition_is_made(play)
    await _places_and_programme_are_made(play)
    await _edition_is_published(play)
    await registration_is_set(play)
    await bureau_draws_up_its_own(play)
    await bureau_runs_its_own(play)
    await _employer_joins(play)
    await _listing_is_published(play)
    await employer_registers_its_people(play)
    await _candidate_registers(play)
    await _address_is_confirmed(play)
    await _slots_and_tables_are_made(play)
    await _meeting_is_booked(play)
    await _badge_is_scanned(play)
    await gates_are_watched(play)
    await somebody_walks_in(play)
    await _agreement_is_signed(play)
    await _registration_is_closed(play)
    await _month_is_frozen(play)
    await _pages_are_in_order(play)
    cookies = await play.pages["admin"].context.cookies()
    await next_edition.walk(play.base, {one["name"]: one["value"] for one in cookies})
