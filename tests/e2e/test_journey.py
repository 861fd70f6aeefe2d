"""The whole path, once, by people in browsers: organiser, employer, bureau, candidate abroad, staff at the gate."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from fairs.accounts.actor import Grant
from fairs.core import db as database
from fairs.core import jobs
from fairs.core.embedded import EmbeddedPostgres  # noqa: F401  the server fixture's type
from fairs.core.roles import Role
from fairs.events import services as events
from tests import factories, mails
from tests.cast import PASSWORD
from tests.e2e import camera
from tests.e2e.play import PHONE, SLUG, Play, account, choose, lay_edition, send, sign_in
from tests.e2e.serving import launch

pytestmark = pytest.mark.e2e


@pytest.fixture
async def play(db: None, dsn: str, live_server: str, tmp_path: Path) -> AsyncIterator[Play]:
    async with launch() as browser:
        made = Play(live_server, dsn, browser, tmp_path)
        async with made.stack:
            yield made


async def _publish_edition(play: Play) -> None:
    page = await play.person("organiser", locale="zh-CN")
    await sign_in(play, page, "organiser@example.org")
    await expect(page.locator("h1")).to_have_text("工作台")
    await play.go(page, "/organise/editions")
    await page.get_by_role("link", name=re.compile("郑州招才引智大会")).first.click()
    await expect(page.get_by_text("新材料论坛")).to_be_visible()
    await expect(page.get_by_role("heading", name=re.compile("代表团|报送单位"))).to_be_visible()
    await send(page, page.get_by_role("button", name="发布", exact=True))
    await expect(page.get_by_text("已发布").first).to_be_visible()


async def _join_and_approve(play: Play) -> None:
    page = await play.person("employer", locale="zh-CN")
    await play.go(page, "/employers/join")
    code = factories.uscc(770001)
    await page.fill("input[name=uscc]", code[:-1] + ("0" if code[-1] != "0" else "1"))
    await page.fill("input[name=name_zh]", "洛阳新材料研究院")
    await page.fill("input[name=name_en]", "Luoyang Institute of New Materials")
    await choose(page, "kind", "institute")
    await choose(page, "unit", "410300")
    await page.fill("input[name=contact_name]", "李院长")
    await page.fill("input[name=account_name]", "李院长")
    await page.fill("input[name=email]", "li@example.org")
    await page.fill("input[name=password]", PASSWORD)
    await page.locator("main button[type=submit]").last.click()
    await expect(page.locator("#f-uscc-error")).to_be_visible()
    assert await page.input_value("input[name=name_zh]") == "洛阳新材料研究院"
    await page.fill("input[name=uscc]", code)
    await page.fill("input[name=password]", PASSWORD)
    await page.locator("main button[type=submit]").last.click()
    await page.wait_for_url("**/employer/organisation")

    bureau = await play.person("bureau", locale="zh-CN")
    await sign_in(play, bureau, "bureau@example.org")
    await play.go(bureau, "/bureau/approvals")
    await bureau.get_by_role("link", name=re.compile("洛阳新材料研究院")).first.click()
    await send(bureau, bureau.locator("button[name=decision][value=approve]"))
    assert await database.fetchval("SELECT state FROM organisation") == "approved"


async def _publish_listings(play: Play) -> None:
    page = play.pages["employer"]
    for kind, title, text in (
        ("people", "新型电池材料研究员", "研究锂离子电池正极材料与固态电解质，负责材料合成与电化学测试。"),
        ("project", "高镍正极材料循环寿命攻关", "解决高镍三元正极材料在高电压下的循环衰减问题。"),
    ):
        await play.go(page, f"/employer/listings/new?kind={kind}")
        await page.fill("input[name=title_zh]", title)
        await page.fill("textarea[name=description_zh]", text)
        await choose(page, "discipline", "0805")
        await choose(page, "degree", "doctor" if kind == "people" else "none")
        await choose(page, "engagement", "full_time" if kind == "people" else "project")
        await choose(page, "city", "410300")
        if kind == "people":
            await page.fill("input[name=headcount]", "2")
        await send(page, page.locator("button[name=then][value=publish]"))
    states = await database.fetch("SELECT kind, state FROM listing ORDER BY kind")
    assert [tuple(row) for row in states] == [("people", "published"), ("project", "published")]


async def _candidate_joins(play: Play) -> None:
    page = await play.person("candidate", locale="en-GB", zone="Europe/Madrid")
    await play.go(page, "/")
    await expect(page.get_by_role("heading", name="Zhengzhou Talent Fair").first).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await _sign_up(play, page)
    await _fill_in_profile(page)
    await _register(play, page)


async def _sign_up(play: Play, page: Page) -> None:
    await play.go(page, "/signup")
    await page.fill("input[name=name]", "Maria Fernandez")
    await page.fill("input[name=email]", "maria@example.org")
    await page.fill("input[name=password]", PASSWORD)
    await page.locator("main button[type=submit]").click()
    await page.wait_for_url("**/me/profile")


async def _fill_in_profile(page: Page) -> None:
    await choose(page, "nationality", "ES")
    await choose(page, "degree", "doctor")
    await choose(page, "discipline", "0805")
    await page.fill("input[name=headline]", "Battery cathode materials")
    await page.fill(
        "textarea[name=summary]",
        "I develop cathode materials and solid electrolytes for lithium-ion batteries, from synthesis to electrochemical testing.",
    )
    await choose(page, "engagement", "full_time", "project")
    await choose(page, "cities", "410300")
    await choose(page, "visibility", "employers")
    await page.locator("input[name=consent]").check()
    await send(page, page.locator("main form:not(details *) button[type=submit]:not([formaction])").last)
    assert await database.fetchval("SELECT visibility FROM talent") == "employers"


async def _register(play: Play, page: Page) -> None:
    await play.go(page, f"/e/{SLUG}/register")
    await page.locator("input[name=sessions]").first.check()
    await send(page, page.locator("main form:not(details *) button[type=submit]:not([formaction])").last)
    assert await database.fetchval("SELECT state FROM registration") == "confirmed"


async def _address_confirmed(play: Play, name: str, email: str) -> None:
    """The person opens the link in the mail, in the browser that signed up: what waited goes out, the password stays."""
    await jobs.drain(play.dsn)
    text = await mails.text_of(email, kind="confirm_address")
    page = play.pages[name]
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE to_email = $1 AND state = 'held'", email)
    await play.go(page, "/login/link/" + text.split("/login/link/")[1].split()[0])
    await send(page, page.locator("main form button[type=submit]"))
    assert (
        await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE state = 'held' AND to_email = $1", email) == 0
    )
    assert await database.fetchval("SELECT password_hash IS NOT NULL FROM account WHERE email = $1", email)


async def _mail_arrived(play: Play) -> None:
    """The organiser sees the mail with badge and calendar in the outbox."""
    await jobs.drain(play.dsn)
    page = play.pages["organiser"]
    await play.go(page, "/organise/outbox?q=maria")
    row = await database.fetchrow("SELECT id FROM outgoing_mail WHERE kind = 'registration_confirmed'")
    assert row is not None
    await play.go(page, f"/organise/outbox/{row['id']}")
    for name in (".pdf", ".png", ".ics"):
        await expect(page.get_by_role("link", name=re.compile(re.escape(name))).first).to_be_visible()


async def _both_want_to_meet(play: Play) -> None:
    page = play.pages["candidate"]
    await play.go(page, "/me/suggestions")
    card = page.locator("main article, main li, main .card").filter(has_text="新型电池材料研究员").first
    await expect(card).to_contain_text("Materials Science and Engineering")
    await send(page, card.get_by_role("button", name=re.compile("^Want to meet")))

    employer = play.pages["employer"]
    listing = await database.fetchval("SELECT id FROM listing WHERE kind = 'people'")
    await play.go(employer, f"/employer/listings/{listing}/suggestions")
    person = employer.locator("main article, main li, main .card").filter(has_text="Maria Fernandez").first
    await send(employer, person.get_by_role("button", name=re.compile("^愿见")))
    levels = await database.fetch("SELECT side, level FROM preference ORDER BY side")
    assert [tuple(row) for row in levels] == [("employer", "meet"), ("talent", "meet")]

    await play.go(employer, "/employer/meetings")
    await send(
        employer,
        employer.locator("form", has=employer.locator("select[name=slot]")).locator("button[type=submit]").first,
    )
    assert await database.fetchval("SELECT state FROM meeting") == "scheduled"
    await play.go(page, "/me/meetings")
    await expect(page.get_by_text("Luoyang Institute of New Materials").first).to_be_visible()


async def _scan_at_the_gate(play: Play) -> None:
    """Staff scan the badge with a camera: green, then already; a forged one is refused."""
    code = await database.fetchval("SELECT code FROM badge")
    forged = code[:-6] + ("AAAAAA" if not code.endswith("AAAAAA") else "BBBBBB")
    film = camera.film(play.tmp / "badge.y4m", ("", 1), (code, 1), ("", 4), (forged, 1), ("", 3))
    async with launch(*camera.arguments(film)) as phones:
        context = await phones.new_context(viewport=PHONE, locale="en-GB", permissions=["camera"])
        page = await context.new_page()
        await sign_in(play, page, "staff@example.org")
        await play.go(page, "/scan")
        await page.locator("main form button").click()
        await page.locator("main a[href*='main-in']").click()
        await page.wait_for_selector("#scanner[data-state='ok']", timeout=20000)
        await expect(page.locator("#answer-ok .answer__headline")).to_have_text("Maria Fernandez")
        await page.wait_for_selector("#scanner[data-state='refused']", timeout=20000)
        await page.wait_for_selector("#scanner[data-state='already']", timeout=20000)
    outcomes = await database.fetch("SELECT DISTINCT outcome, reason FROM scan ORDER BY outcome")
    assert [tuple(row) for row in outcomes] == [("admitted", None), ("already", None), ("refused", "forged")]


async def _sign_an_intent(play: Play) -> None:
    meeting = await database.fetchval(
        "UPDATE meeting SET starts_at = now() - interval '30 minutes', ends_at = now() - interval '10 minutes' RETURNING id"
    )
    employer, candidate, bureau = (play.pages[name] for name in ("employer", "candidate", "bureau"))
    await play.go(employer, f"/meetings/{meeting}/outcome")
    await choose(employer, "state", "held")
    await choose(employer, "outcome", "intent")
    await send(employer, employer.locator("main form:not(details *) button[type=submit]:not([formaction])").last)
    await play.go(employer, f"/meetings/{meeting}/agreement")
    await employer.fill("input[name=title_zh]", "关于电池材料研究的合作意向书")
    await employer.fill("input[name=title_en]", "Letter of intent on battery materials research")
    await employer.fill("textarea[name=content_zh]", "乙方负责正极材料研究，甲方提供实验室与团队。")
    await employer.fill(
        "textarea[name=content_en]", "The talent leads cathode research; the employer provides laboratory and team."
    )
    await choose(employer, "engagement", "full_time")
    await employer.locator("main form button[type=submit]").last.click()
    await employer.wait_for_url("**/agreements/*")
    number = employer.url.rsplit("/", 1)[1].split("?")[0]
    await play.go(employer, "/employer/organisation")
    await employer.fill("input[name=signatory]", "李院长")
    await send(
        employer, employer.locator("form", has=employer.locator("input[name=signatory]")).locator("button[type=submit]")
    )
    for page, name in ((employer, "李院长"), (candidate, "Maria Fernandez")):
        await play.go(page, f"/agreements/{number}")
        await page.fill("input[name=name_signed]", name)
        await page.locator("input[name=consent]").check()
        await page.fill("input[name=password]", PASSWORD)
        await send(
            page, page.locator("form", has=page.locator("input[name=name_signed]")).locator("button[type=submit]").first
        )
    assert await database.fetchval("SELECT state FROM agreement") == "signed_intent"
    await play.go(bureau, f"/agreements/{number}")
    await send(bureau, bureau.get_by_role("button", name=re.compile("核实|审核|核验")).first)
    assert await database.fetchval("SELECT verified_at IS NOT NULL FROM agreement")
    cookies = {item["name"]: item["value"] for item in await candidate.context.cookies()}
    async with httpx.AsyncClient(base_url=play.base, cookies=cookies) as client:
        paper = await client.get(f"/agreements/{number}/agreement.pdf")
        if paper.status_code != 200:
            href = await candidate.locator("a[href$='.pdf']").first.get_attribute("href")
            paper = await client.get(str(href))
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


async def test_the_whole_path(play: Play) -> None:
    organiser = await account("organiser@example.org", "省大会办公室", Grant(Role.ORGANISER))
    event = await lay_edition(organiser)
    await account("bureau@example.org", "洛阳市人社局", Grant(Role.BUREAU, unit_id=await factories.unit_id("410300")))
    await account("staff@example.org", "志愿者", Grant(Role.STAFF, event_id=event))
    await _publish_edition(play)
    await _join_and_approve(play)
    await _publish_listings(play)
    await _candidate_joins(play)
    await _address_confirmed(play, "employer", "li@example.org")
    await _address_confirmed(play, "candidate", "maria@example.org")
    await _mail_arrived(play)
    await _both_want_to_meet(play)

    dashboard = play.pages["organiser"]
    await play.go(dashboard, f"/e/{SLUG}/dashboard")
    present = dashboard.locator("[data-live-key='present']").first
    await expect(present).to_have_text("0")
    signed = dashboard.locator("[data-live-key='signed_intents'], [data-live-key='signed']").first
    await expect(signed).to_have_text("0")
    await _scan_at_the_gate(play)
    await expect(present).to_have_text("1", timeout=10000)  # live: nobody has reloaded the page
    await _sign_an_intent(play)
    await expect(signed).to_have_text("1", timeout=10000)
    links = await dashboard.locator(f"main a[href^='/e/{SLUG}/dashboard/']").evaluate_all(
        "all => all.map(a => a.pathname)"
    )
    assert len(set(links)) >= 10
    for path in sorted(set(links)):
        await play.go(dashboard, path)


async def test_registration_first_and_profile_later_is_one_person(play: Play) -> None:
    """The other order: what is known of the person is the same as on the whole path."""
    organiser = await account("organiser@example.org", "省大会办公室", Grant(Role.ORGANISER))
    await lay_edition(organiser)
    await events.publish_event(SLUG, by=organiser)
    page = await play.person("candidate", locale="en-GB", zone="Europe/Madrid")
    await _sign_up(play, page)
    await play.go(page, f"/e/{SLUG}/register")
    await page.fill("input[name=name_passport]", "Maria Fernandez")
    await page.fill("input[name=phone]", "+34 600 123 987")
    await page.locator("input[name=sessions]").first.check()
    await send(page, page.locator("main form:not(details *) button[type=submit]:not([formaction])").last)
    assert await database.fetchval("SELECT talent FROM registration") is None
    await play.go(page, "/me/profile")
    await _fill_in_profile(page)
    assert await database.fetchval("SELECT r.talent = t.id AND t.account = r.registrant FROM registration r, talent t")
    assert "600 123" not in await database.fetchval("SELECT r::text FROM registration r")
    cookies = {item["name"]: item["value"] for item in await page.context.cookies()}
    async with httpx.AsyncClient(base_url=play.base, cookies=cookies) as client:
        exported = (await client.get("/me/profile/export.json")).json()
    assert [row["phone"] for row in exported["registrations"]] == ["+34 600 123 987"]
    assert exported["profile"][0]["headline"] == "Battery cathode materials"
