"""The next edition, in the installation of the first one, by people with browsers without script.

Each capability is used on its person's own pages: a copy of an edition, forms, pools, access codes, the waiting list with its
offers, the working list, mailings, printers, duplicates, privacy, calendars. Nothing is opened that no page leads to.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from tests.cast import PASSWORD
from tests.e2e import next_tour
from tests.e2e.first import local, next_minute
from tests.walking import Walker

SLUG = "second-fair"
QUESTION = "Which language do you speak best?"


@dataclass
class Stage:
    """The installation and the people who have signed in."""

    base: str
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def browser(self, cookies: Mapping[str, str] | None = None) -> Walker:
        walker = Walker(self.base, {"lang": "en", **(cookies or {})})
        self.stack.push_async_callback(walker.close)
        return walker

    async def sign_in(self, name: str) -> Walker:
        walker = await self.browser().go("/login")
        return await walker.send("/login", email=f"{name}@example.org", password=PASSWORD)

    async def sign_up(self, name: str, email: str, admin: Walker) -> Walker:
        """A new account; the administrator hands out the link that no mail brings, and the address is proved."""
        walker = await self.browser().go("/signup")
        await walker.send("/signup", name=name, email=email, password=PASSWORD)
        await admin.go("/home")
        await admin.follow("/organise/outbox")
        await admin.send("/organise/outbox", q=email)
        await admin.follow("Please confirm your address")
        await admin.send("/link")
        await walker.go(admin.find("/login/link/"))
        return await walker.send("/confirm")


async def until(walker: Walker, words: str, seconds: float = 20) -> None:
    """Open the page again until it says so: a job beside it is at work."""
    ends = asyncio.get_running_loop().time() + seconds
    while words not in walker.words and asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(0.2)
        await walker.go(walker.path)
    walker.sees(words)


async def edition_is_copied(organiser: Walker) -> None:
    """The first edition is the template of the next, which is published, for candidates alone."""
    await organiser.go("/organise/editions/first-fair")
    await organiser.follow("/clone")
    await organiser.send("/clone", title_zh="第二届招才引智大会", title_en="Second Talent Fair", slug=SLUG)
    await organiser.send("/clone")
    await organiser.follow("/publishing")
    await organiser.send("/publish")
    await organiser.follow("/registration")
    await organiser.send("/registration", offer_hours="24", own_categories="candidate")


async def a_form_asks(organiser: Walker) -> None:
    """Candidates are asked a question of the organiser's own."""
    await organiser.follow("/forms")
    await organiser.follow("/forms/new")
    await organiser.send("/forms/new", category="candidate")
    await organiser.follow("/sections/new")
    await organiser.send("/sections/new", zh="语言", en="Languages")
    await organiser.follow("/questions/new")
    await organiser.send(
        "/questions/new", "save", zh="您最擅长哪种语言？", en=QUESTION, kind="text", key="speaks", required="true"
    )
    await organiser.follow("/questions/new")
    first, last = (local(next_minute() + timedelta(days=days))[:10] for days in (200, 204))
    texts = {"zh": "住宿", "en": "Hotel", "key": "stay"}
    asked = {"kind": "nights", "first": first, "last": last, "most": "3", "on_badge": "true"}
    await organiser.press(organiser.form("/questions/new"), "save", texts | asked)
    await organiser.send("/publish")


async def places_are_shared_out(organiser: Walker) -> str:
    """One place for candidates, and a code that opens a place for an expert; returns the code."""
    await organiser.follow("/registration")
    await organiser.follow("/pools")
    await organiser.follow("/pools/new")
    await organiser.send("/pools/new", name_zh="应聘人才", name_en="Candidates", capacity="1", categories="candidate")
    await organiser.follow("/registration")
    await organiser.follow("/codes")
    await organiser.follow("/codes/new")
    await organiser.send("/codes/new", name="Embassy", category="expert", reserves="true", prefix="EMB")
    return organiser.find("EMB")


async def register(walker: Walker, code: str = "", **answers: str | list[str]) -> None:
    """From the front page to the end of the registration."""
    await walker.go("/")
    await walker.follow(f"/e/{SLUG}")
    await walker.follow("/register")
    if code:
        await walker.send("/register", "questions", code=code)
        await walker.send("/register", "Show the questions of this category", category="expert")
    await walker.press(walker.form("/register"), "Register", answers)


async def three_people_register(stage: Stage, admin: Walker, maria: Walker, code: str) -> tuple[Walker, Walker]:
    """Maria gets the place of candidates, Chen waits for it, Ana comes by her code; all see it."""
    nights = [local(next_minute() + timedelta(days=days))[:10] for days in (201, 203)]
    await register(maria, q_speaks="Spanish", q_stay=nights)
    await maria.follow("My answers")
    assert maria.form("/answers").values["q_speaks"] == ["Spanish"]
    await maria.go("/me/fairs")
    await maria.follow("/badge")
    maria.sees("2 nights")
    chen = await stage.sign_up("Chen Wei", "chen@example.org", admin)
    await register(chen, q_speaks="Chinese", name_passport="Chen Wei", nationality="CN")
    chen.sees("waiting list")
    ana = await stage.sign_up("Ana Lopez", "ana@example.org", admin)
    await register(ana, code, name_passport="Ana Lopez", nationality="ES", phone="+34 600 100 200")
    ana.sees("Confirmed", "Expert")
    return chen, ana


async def the_list_is_worked_on(organiser: Walker) -> None:
    """Who waits is found, noted, tagged; a view is kept; the answers are a column; the list is exported."""
    await organiser.follow("/registrations")
    await organiser.go(organiser.path + "?state=waitlisted")
    await organiser.send("/registrations/views", name="Waiting")
    await organiser.follow("Chen Wei")
    organiser.sees("Chinese")
    await organiser.send("/tags", tag="Speaker")
    await organiser.send("/notes", note="Knows the minister")
    await organiser.follow("/registrations")
    every = sorted(organiser.form("/chosen").choices("ids"))
    assert len(every) == 3
    await organiser.send("/chosen", "tag", ids=every)
    await organiser.press(organiser.form(organiser.path), values={"tag": "Early"})
    await until(organiser, "Done 3")
    await organiser.follow("/registrations")
    await organiser.follow("Export")
    await organiser.send("/registrations.xlsx", "CSV")
    assert "Chen Wei" in organiser.answer.text


async def people_are_written_to(organiser: Walker) -> None:
    """A mailing to those who are confirmed; each of its mails lies in the outbox."""
    await organiser.follow("/mailings")
    await organiser.follow("/mailings/new")
    await organiser.send(
        "/mailings/new",
        "save",
        state="confirmed",
        subject_zh="班车时间",
        text_zh="班车八点出发。",
        subject_en="The coach",
        text_en="The coach leaves at eight.",
    )
    await organiser.send("/start", count="2")
    await until(organiser, "Kept here 2")


async def a_place_is_offered(maria: Walker, chen: Walker, organiser: Walker) -> None:
    """Maria gives her place up, Chen is offered it and takes it."""
    await maria.go("/me/fairs")
    await maria.follow("Cancel my registration")
    await maria.send("/cancel")
    await organiser.follow("/registration")
    await organiser.follow("/offers")
    organiser.sees("Chen Wei")
    await chen.go("/me/fairs")
    await chen.follow("/offer")
    await chen.send("/accept")
    chen.sees("Confirmed")


async def a_badge_is_printed(organiser: Walker) -> None:
    """A printer gets its token, the desk finds Chen and hands the badge out."""
    await organiser.follow("/printers")
    await organiser.send("/printers", name="Hall A")
    organiser.sees("fairs print-agent")
    await organiser.follow("/desk")
    await organiser.send("/desk", q="chen wei")
    organiser.sees("Chen Wei", "Confirmed")
    await organiser.send("/desk/printer", printer=max(organiser.form("/desk/printer").choices("printer")))
    await organiser.send("/print")
    organiser.sees("Hall A")


async def a_double_is_merged(organiser: Walker) -> None:
    """The staff registered somebody who is registered already: the search finds the two, they become one."""
    await organiser.follow("/walk-ins")
    await organiser.send(
        "/walk-ins", name_passport="Lopez, Ana", category="expert", phone="+34 600 100 200", refused=409
    )
    organiser.sees("This person may be registered already")
    await organiser.send("/walk-ins", "Register anyway")
    await organiser.follow("/registrations")
    await organiser.follow("Registered twice")
    await organiser.send("/find")
    await until(organiser, "1 pair")
    await organiser.follow("Compare")
    await organiser.send("/merge")
    organiser.sees("Undo")


async def a_calendar_is_made(chen: Walker) -> None:
    await chen.go("/account")
    await chen.follow("/account/calendar")
    await chen.send("/account/calendar", name="Phone")
    await chen.go(chen.find("/calendar/"))
    assert "Second Talent Fair" in chen.answer.text


async def people_decide_over_their_data(chen: Walker, ana: Walker) -> None:
    """Chen reads and takes along what is held, and withdraws a consent; Ana is forgotten."""
    await chen.go("/account")
    await chen.follow("/account/data")
    await chen.send("/account/data/export")
    await until(chen, "until")
    await chen.follow("/account/consents")
    await chen.send("/account/consents/privacy", "Withdraw")
    await ana.go("/account")
    await ana.follow("/account/delete")
    await ana.send("/account/delete")
    await until(ana, "deleted")  # the receipt


async def walk(base: str, cookies: Mapping[str, str]) -> None:
    """All of it, in an installation that has had its first edition. `cookies`: of an administrator's browser."""
    stage = Stage(base)
    async with stage.stack:
        admin = stage.browser(cookies)
        organiser, maria = await stage.sign_in("organiser"), await stage.sign_in("maria")
        await edition_is_copied(organiser)
        await a_form_asks(organiser)
        code = await places_are_shared_out(organiser)
        chen, ana = await three_people_register(stage, admin, maria, code)
        await the_list_is_worked_on(organiser)
        await people_are_written_to(organiser)
        await a_place_is_offered(maria, chen, organiser)
        await a_badge_is_printed(organiser)
        await a_double_is_merged(organiser)
        await a_calendar_is_made(chen)
        bureau = await stage.sign_in("bureau")
        await next_tour.tour_is_drawn_up(organiser, next_minute() + timedelta(days=300))
        await next_tour.host_agrees(organiser, bureau)
        await next_tour.guest_comes_along(organiser, chen)
        await next_tour.cost_is_noted(organiser, bureau)
        await people_decide_over_their_data(chen, ana)
