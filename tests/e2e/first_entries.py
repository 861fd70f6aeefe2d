"""Further steps of the first edition: a passkey, who registers others, and the bureau's own event; in the order of the journey."""

from datetime import timedelta

from playwright.async_api import expect

from tests.e2e.first import SLUG, confirm_address, fill, invite, local, next_minute, open_tab, submit
from tests.e2e.play import Play, send, sign_in

PART = "luoyang-session"
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


async def administrator_gets_a_passkey(play: Play) -> None:
    """The first administrator signs in with the password, makes a passkey, and comes in with nothing else."""
    page = await play.person("admin", locale="en-GB")
    device = await page.context.new_cdp_session(page)
    await device.send("WebAuthn.enable")
    options = KEY | {"isUserVerified": True, "automaticPresenceSimulation": True}
    await device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    await sign_in(play, page, "admin@example.org")
    await page.get_by_role("link", name="English").first.click()
    await play.go(page, "/account/two-factor")
    await send(page, page.get_by_role("button", name="Add a passkey"))
    await page.locator("[name=name]").fill("Office computer")
    await page.get_by_role("button", name="Make the passkey").click()
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    await page.context.clear_cookies()
    await play.go(page, "/login")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", name="Your desk")).to_be_visible()


async def registration_is_set(play: Play) -> None:
    page = play.pages["organiser"]
    await open_tab(page, "报名设置")
    await fill(page, contact_email="fair@example.org")
    await page.locator("input[name=waiting_list]").check()
    await submit(page, "/registration")
    await expect(page.locator("input[name=waiting_list]")).to_be_checked()


async def bureau_draws_up_its_own(play: Play) -> None:
    """A bureau draws up its own event and asks for it, the province releases it."""
    bureau, organiser, now = play.pages["bureau"], play.pages["organiser"], next_minute()
    await play.go(bureau, "/bureau/parts")
    await bureau.locator("main a[href$='/bureau/parts/new']").first.click()
    await fill(
        bureau,
        title_zh="洛阳专场",
        title_en="Luoyang session",
        slug=PART,
        starts_at=local(now),
        ends_at=local(now + timedelta(hours=8)),
    )
    await submit(bureau, "/bureau/parts/new")
    await send(bureau, bureau.get_by_role("button", name="Ask for release"))
    await play.go(organiser, "/home")
    await organiser.get_by_role("link", name="待放行的专场").first.click()
    await send(organiser, organiser.get_by_role("button", name="放行"))


async def bureau_runs_its_own(play: Play) -> None:
    """What it runs itself: a session, the settings of registration, somebody who walks in, and gate staff."""
    page, now = play.pages["bureau"], next_minute()
    await play.go(page, "/bureau/parts")
    await page.get_by_role("link", name="Run it").first.click()
    await open_tab(page, "Programme")
    await page.locator("main a[href$='/sessions/new']").first.click()
    await fill(page, code="talk", kind="forum", title_zh="洛阳推介会", title_en="Luoyang presents itself")
    await fill(page, starts_at=local(now + timedelta(hours=1)), ends_at=local(now + timedelta(hours=2)))
    await submit(page)
    await open_tab(page, "Programme")
    await page.locator("main a[href$='/programme/release']").first.click()
    await submit(page, "/programme/release")
    await open_tab(page, "Registration settings")
    await fill(page, capacity="60")
    await submit(page, "/registration")
    await enter(play, "bureau", "Register somebody", name_native="王五", category="candidate")
    await open_tab(page, "Registrations")
    await expect(page.locator("main tr[data-row]").filter(has_text="王五")).to_have_count(1)
    await invite(play, "bureau", "staff", "luoyang-gate@example.org", "Volunteer", event=PART)


async def enter(play: Play, who: str, tab: str, **values: str) -> None:
    """Register somebody who has no account, at the desk."""
    page = play.pages[who]
    await open_tab(page, tab)
    await fill(page, **values)
    await submit(page, "/walk-ins")
    await expect(page.locator("main tr[data-row]").filter(has_text=values["name_native"])).to_have_count(1)


async def employer_registers_its_people(play: Play) -> None:
    page = play.pages["employer"]
    await play.go(page, "/employer/representatives")
    await page.locator("main a[href$='/representatives/new']").first.click()
    for at, (name, phone) in enumerate((("李代表", "13800000001"), ("周代表", "13800000002")), start=1):
        await page.locator(f"input[name='{at}-name_native']").fill(name)
        await page.locator(f"input[name='{at}-phone']").fill(phone)
    await send(page, page.locator("main form button[type=submit]:not([name=more])").last)
    await expect(page.locator("main tr[data-row]")).to_have_count(2)
    await confirm_address(play, "employer", "li@example.org")
    await play.go(page, "/employer/representatives")
    await page.get_by_role("link", name="李代表").first.click()
    await expect(page.get_by_text("洛阳新材料研究院").first).to_be_visible()


async def somebody_walks_in(play: Play) -> None:
    page = play.pages["organiser"]
    await play.go(page, f"/organise/editions/{SLUG}")
    await enter(play, "organiser", "代为报名", name_native="赵来宾", category="guest", organisation="省科学院")


async def gates_are_watched(play: Play) -> None:
    """The organiser sees what the scanner has just let in."""
    page = play.pages["organiser"]
    await play.go(page, f"/organise/editions/{SLUG}")
    await open_tab(page, "核验点实时情况")
    row = page.locator("#gates-live tr[data-row]").filter(has_text="主入口")
    await expect(row.locator("td.num").nth(1)).to_have_text("1")
