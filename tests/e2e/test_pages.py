"""Every page as its people see it: both languages, a phone and a desk; legible, light, ours alone, nothing broken."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page, Request, Response, ViewportSize

from fairs.accounts.actor import Actor
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.people import roles_of
from fairs.accounts.services import open_session
from fairs.agreements.queries import current_hash
from fairs.core import db as database
from fairs.core import i18n
from fairs.core.search_keys import person_key
from tests import factories
from tests.cast import make_actor
from tests.small_fair import CITY, Fair, invitation, small_fair
from tests.web.crawling import filled, may_enter, page_routes

pytestmark = pytest.mark.e2e
AXE = (Path(__file__).parent.parent / "vendor/axe-core-4.14.1/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
PHONE, TABLET, DESK = (ViewportSize(width=width, height=900) for width in (390, 1024, 1440))
OWN_NAMES = frozenset({"English"})  # of languages: the same on every page
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
OFFICE = ViewportSize(
    width=1366, height=700
)  # the desk of those who work here: how dense their lists are is measured at it
DENSE = frozenset({"organiser", "bureau", "staff"})
EVERYTHING, OF_EACH = ("candidate", "organiser"), ("/home", "/account", "/me/fairs")
AT_ONCE = 3
PEOPLE = ("organiser", "candidate", "employer", "bureau", "stranger", "staff", "reviewer", "interpreter")
LOOKING = (*PEOPLE, "new candidate", "new employer")
LETTER = bytes(range(32))  # the digest of an issued letter
REPRESENTATIVE = "FA26-000777"  # the number of somebody whom an employer has registered
FILE = re.compile(r"\.\w+$|/html$|/files/|^/e/.*/picture$|^/calendar/|/registrations/mailed/")
HEAVIEST, LIMITS = 250_000, {"/e/fair": 100_000, "/": 100_000}  # bytes of a first load
RUN, OWN_PART = "/organise/editions/{slug:str}", "own-part"
WITH_DECODER = "/scan/"  # the scanner brings its own reader of codes, to be kept for the time without a network
NAMES = (
    "María del Carmen Fernández-Villaverde y Sánchez de la Torre",
    "欧阳䶮",
    "Aleksandra Wiśniewska-Brzęczyszczykiewicz",
    "阿卜杜热合曼·买买提明",
    "Nguyễn Thị Hồng Nhung",
    "Βασίλειος Παπαδόπουλος",
)
TEXTS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.data.replace(/\\s+/g, " ").trim();
    if (text && !node.parentElement.closest("[lang=en], script, code, option[lang]")) found.push(text);
  }
  for (const node of document.querySelectorAll("[aria-label], [placeholder], [alt], [title]")) {
    if (node.closest("[lang=en]")) continue;
    for (const name of ["aria-label", "placeholder", "alt", "title"]) found.push(node.getAttribute(name) || "");
  }
  return found;
}"""
IS_DENSE = """() => {
  const wrong = [], within = (node) => node.scrollWidth <= node.clientWidth + 1 || getComputedStyle(node).overflowX !== "visible";
  for (const node of document.querySelectorAll("main :is(.stat, .number, .tile, .card, .notice, .list-head, .filters, .page-head)")) {
    if (!within(node)) wrong.push(`wider than its frame: ${node.outerHTML.slice(0, 80)}`);
  }
  for (const name of document.querySelectorAll(".tile__name")) {
    if (name.getClientRects().length > 1 && !/\\s/.test(name.textContent.trim())) wrong.push(`broken name: ${name.textContent}`);
  }
  const row = document.querySelector("main .table tr[data-row]");
  if (!row) return wrong;
  const box = row.closest(".table-box");
  const before = [...document.querySelectorAll("main :is(h2, .stats, .split, form:not(.filters), .facts, .board)")]
    .filter((node) => node.offsetHeight && !node.contains(box) && node.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (row.closest(".split") || before.some((node) => node.matches(":not(h2)")) || before.length > 1) return wrong;
  const rows = [...box.querySelectorAll("tr[data-row]")].map((one) => one.getBoundingClientRect());
  if (rows[0].top + scrollY > 240) wrong.push(`the first row at ${Math.round(rows[0].top + scrollY)} px`);
  const seen = rows.filter((one) => one.bottom <= innerHeight).length;
  if (seen < Math.min(11, rows.length)) wrong.push(`${seen} of ${rows.length} rows in sight`);
  const height = Math.max(...rows.map((one) => one.height));
  if (height > 41) wrong.push(`a row of ${Math.round(height)} px`);
  if (box.scrollWidth > box.clientWidth + 1) wrong.push(`a list ${box.scrollWidth - box.clientWidth} px wider than its frame`);
  if (getComputedStyle(box).overflowX !== "visible") wrong.push("a head that does not stay");
  return wrong;
}"""
FITS = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const found = wide > 0 ? [`${wide} px too wide`] : [];
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    const { open } = menu, panel = menu.querySelector(":scope > :not(summary)");
    menu.open = true;
    const { left, right, width } = panel.getBoundingClientRect();
    menu.open = open;
    if (width && (left < 0 || right > innerWidth + 1)) found.push(`a menu from ${Math.round(left)} to ${Math.round(right)} px`);
  }
  return found;
}"""
RUN_AXE = """rules => {
  const repeated = ":is(tbody > tr, ul > li, ol > li, select > option, datalist > option):nth-child(n + 13)";
  document.querySelectorAll(repeated).forEach((node) => node.remove()); // the first dozen stand for all
  return axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
}"""
LEADS_NOWHERE = """() => [...document.querySelectorAll("[href], [action]")]
  .map((node) => node.getAttribute("href") ?? node.getAttribute("action"))
  .filter((to) => to.includes("/missing/") || /^https?:/.test(to) && ![location.host, `localhost:${location.port}`].includes(new URL(to).host))"""


@dataclass
class Visit:
    """One tab of one person. `sizes`: bytes of everything fetched so far; `wrong`: what the tests complain about; `names`: of people, whatever the language."""

    page: Page
    base: str
    lang: str
    wrong: list[str]
    sizes: dict[str, int]
    names: frozenset[str]
    dense: bool = False  # of those whose lists are
    fetched: set[str] = field(default_factory=set)

    async def look(self, path: str, *, axe: bool = True) -> None:
        """Load the page on a phone, widen it to a desk, and write down everything that is wrong with it."""
        await self.page.goto("about:blank")  # what the page before still fetches is not counted here
        self.fetched.clear()
        await self.page.set_viewport_size(PHONE)
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        if answer.status != 200:
            self._complain(path, f"status {answer.status}")
            return
        if await self.page.evaluate("document.documentElement.lang") != HTML_LANG[self.lang]:
            self._complain(path, "wrong lang")
        for to in await self.page.evaluate(LEADS_NOWHERE):
            self._complain(path, f"leads to {to}")
        for size in (PHONE, TABLET, OFFICE if self.dense else DESK):
            await self._fits(path, size)
        if self.dense:
            for what in await self.page.evaluate(IS_DENSE):
                self._complain(path, what)
        if self.lang == "zh":
            await self._is_chinese(path)
        self._is_light(path)
        if axe:
            await self._is_accessible(path)

    async def _fits(self, path: str, size: ViewportSize) -> None:
        await self.page.set_viewport_size(size)
        for what in await self.page.evaluate(FITS):
            self._complain(path, f"{what} at {size['width']}")

    async def _is_accessible(self, path: str) -> None:
        await self.page.evaluate(AXE)
        found = await self.page.evaluate(RUN_AXE, RULES)
        for item in found["violations"]:
            self._complain(path, f"{item['id']}: {[node['html'][:100] for node in item['nodes'][:3]]}")

    async def _is_chinese(self, path: str) -> None:
        for text in set(await self.page.evaluate(TEXTS)) & (_english() - self.names):
            self._complain(path, f"not translated: {text}")

    def _is_light(self, path: str) -> None:
        weight = sum(self.sizes.get(url, 0) for url in self.fetched)
        if weight > LIMITS.get(path, HEAVIEST) and not path.startswith(WITH_DECODER):
            self._complain(path, f"{weight} bytes")

    def _complain(self, path: str, what: str) -> None:
        self.wrong.append(f"{path} ({self.lang}): {what}")

    def listen(self) -> None:
        """Notice errors (what the policy refuses is one), requests to others, and sizes."""
        self.page.on("console", lambda said: self._complain(self.page.url, said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._complain(self.page.url, str(error)))
        self.page.on("request", self._requested)
        self.page.on("response", self._answered)

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).scheme in {"http", "https"}:
            self.fetched.add(request.url)
            if not request.url.startswith(self.base):
                self._complain(self.page.url, f"asks {request.url}")

    async def _answered(self, response: Response) -> None:
        if "event-stream" not in response.headers.get("content-type", "") and response.status == 200:
            size = (await response.request.sizes())["responseBodySize"]
            self.sizes[response.url] = max(size, self.sizes.get(response.url, 0))


@cache
def _english() -> frozenset[str]:
    """The messages whose Chinese is another text: none of them may stand on a Chinese page."""
    catalogue: dict[Any, str] = dict(i18n.catalogue("zh")._catalog)
    return frozenset(
        key for key, text in catalogue.items() if isinstance(key, str) and text != key and re.search(r"[a-z]{2}", key)
    )


@dataclass(frozen=True)
class Cast:
    """A fair with many people in it, and what fills the addresses of its pages."""

    fair: Fair
    values: dict[str, Any]
    people: dict[str, Actor | None]
    held: dict[str, dict[str, Any]]  # who looks at people → an account and a role within reach

    def paths(self, app: Litestar, who: str) -> dict[str, str]:
        """The pages that are this person's in particular, each with what it is a page of; the open ones are the stranger's."""
        actor = self.people[who]
        roles = actor.roles if actor else frozenset()
        found = {}
        for template, rule in page_routes(app):
            own = rule.anyone if actor is None else may_enter(rule, roles) and not rule.anyone
            newcomer = who.startswith("new ") and "{" in template
            stranger_to_it = template.startswith("/me/fairs/{") and who not in {"candidate", "organiser"}
            of_candidate = ("/me/fairs/{number:str}/employers", "/me/tours/{member_id:int}")
            stranger_to_it = stranger_to_it or (template.startswith(of_candidate) and who != "candidate")
            stranger_to_it = stranger_to_it or (template.startswith("/exhibits/{") and who != "employer")
            others = "/login/link/" in template and template.endswith(
                "/address"
            )  # a link that another account asked for
            no_staff = template.endswith("/gates") and "{membership_id" in template and who != "organiser"
            entered = template.startswith("/registrations/{") and who not in {"employer", "organiser"}
            # a bureau runs its own released part; sessions, rooms and gates are looked at with the organiser
            entered = entered or (template.startswith(RUN) and who == "bureau" and template.count("{") > 1)
            others = others or no_staff or entered or (template.endswith("/badge/pass") and who == "organiser")
            # pages of an account are the same for all: two people look at them, everybody at the desk and the account
            others = others or not (rule.anyone or rule.roles or who in EVERYTHING or template in OF_EACH)
            if own and not newcomer and not stranger_to_it and not others and not FILE.search(template):
                found[filled(template, self._values_of(template, who))] = template
        more = []
        if who in {"organiser", "bureau", "employer"}:
            more += [f"{self.lists[who]}?show=invitations", f"{self.lists[who]}?q=nobody", "/people/paste?role=staff"]
        if who == "employer":
            more.append(f"/employer/leads/{self.values['asked']}")
        if who in {"organiser", "bureau"}:
            more += ["/e/fair", "/e/fair/listings"]
        return found | {path: path for path in more}

    def seen_before(self, app: Litestar, who: str) -> frozenset[str]:
        """What those before this person look at in both languages: one more look is enough."""
        before = LOOKING[: LOOKING.index(who)]
        return frozenset(template for other in before for template in self.paths(app, other).values())

    @property
    def lists(self) -> dict[str, str]:
        """The list of people of each desk."""
        return {"organiser": "/organise/people", "bureau": "/bureau/people", "employer": "/employer/people"}

    def _values_of(self, template: str, who: str) -> dict[str, Any]:
        if template.startswith("/people/{"):
            return self.values | self.held.get(who, {})
        if template.startswith("/registrations/{"):
            return self.values | {"number": REPRESENTATIVE}
        if template.startswith("/agreements/"):
            return self.values | {"number": self.fair.agreement}
        if template.endswith("/agreement"):
            return self.values | {"meeting_id": self.values["talked"]}
        if template.startswith("/employer/listings/") and template.endswith("/edit"):
            return self.values | {"listing_id": self.fair.draft_listing}
        if template.startswith("/bureau/parts/"):
            return self.values | {"slug": CITY}
        if template.startswith(RUN) and who == "bureau":
            return self.values | {"slug": OWN_PART}
        if template.startswith("/letters/{"):
            return self.values | {"digest": LETTER.hex()}
        if "/sessions/{" in template or "/speakers/{" in template:
            return self.values | {"code": "opening"}
        return self.values


async def _crowd(event: int, organisation: int) -> None:
    """More people and listings than a page holds, with names as they are."""
    for n in range(60):
        name = NAMES[n % len(NAMES)]
        values = {
            "name_passport": name,
            "name_native": NAMES[1] if n % 3 == 0 else "",
            "search_key": person_key("", name),
        }
        await factories.registration(event, organisation=organisation, category=("employer", "guest")[n % 2], **values)
    await factories.registration(event, organisation=organisation, category="employer", number=REPRESENTATIVE)
    title = "Head of Department for nerve-sparing urological surgery with robots and telemedicine in rural counties"
    for n in range(30):
        await factories.listing(organisation, event, title_en=title if n % 2 else "")


async def _visitors(fair: Fair) -> int:
    """Visitors of the employer's booth, with tags and notes as people write them; the id of one who was not asked yet."""
    for n in range(60):
        registration = await factories.registration(
            fair.event, name_passport=NAMES[n % len(NAMES)], organisation_name="ETH"
        )
        notes: dict[str, Any] = {
            "stars": n % 6,
            "tags": ["photonics", "博士"],
            "note": "Knows our institute well. " * 4,
            "follow_up": "open",
        }
        await factories.lead(fair.event, fair.of.organisation, registration, **notes)
    await factories.gate(
        fair.event, code="booth-1", kind="booth", name_zh="河南大学展位", name_en="Booth of the university"
    )
    registration = await factories.registration(fair.event)
    return await factories.lead(fair.event, fair.of.organisation, registration, answer="")


async def _talked(fair: Fair) -> int:
    """A meeting that led to an intent and has no agreement yet."""
    listing = await factories.listing(fair.of.organisation, fair.event)
    return int(
        await database.fetchval(
            "INSERT INTO meeting (event, listing, organisation, talent, hall_table, starts_at, ends_at, state, outcome,"
            " note, created_at, updated_at) SELECT event, $2, organisation, talent, hall_table,"
            " starts_at - interval '2 hours', ends_at - interval '2 hours', 'held', 'intent', '', now(), now()"
            " FROM meeting WHERE id = $1 RETURNING id",
            fair.meeting,
            listing,
        )
    )


async def _scheduled(event: int, talent: int, organisation: int) -> None:
    """A scheduling that could not serve everybody."""
    ends = {"candidate": f"t{talent}", "employer": f"o{organisation}"}
    facts = {**ends, "room": 2, "musts": 9, "names": [f"t{talent}"] * 6, "more": 3}
    unmet = [
        {"kind": "must", "reason": "must_employer_seats", "facts": facts, **ends},
        {"kind": "min_candidate", "reason": "min_slots", "facts": {"least": 1, "room": 0}, "candidate": f"t{talent}"},
    ]
    await database.execute(
        "INSERT INTO schedule_run (event, state, ended_at, pairs, objective, bound, gap, made, left_out, unmet)"
        " VALUES ($1, 'done', now(), 90, 81234, 82000, 0.0094, 78, 3, $2)",
        event,
        json.dumps(unmet),
    )


@pytest.fixture
async def cast(db: None) -> Cast:
    fair = await small_fair()
    of = fair.of
    await _crowd(fair.event, of.organisation)
    talked = await _talked(fair)
    await _scheduled(fair.event, of.talent_id, of.organisation)
    badge = await database.fetchval("SELECT code FROM badge LIMIT 1")
    city = {"kind": "session", "parent": fair.event, "unit": await factories.unit_id("410300"), "release": "released"}
    own_part = await factories.event(slug=OWN_PART, **city)
    for _ in range(60):
        await factories.registration(own_part)
    await database.execute(
        "UPDATE event SET companions = 2, groups_from = ARRAY['employer', 'bureau'] WHERE id = $1", fair.event
    )
    await database.execute(
        "INSERT INTO tour_letter (event, member, kind, state, number, digest, initials, valid_until)"
        " SELECT event, member, kind, 'issued', 'YQ-1', $1, 'M. F.', current_date + 30 FROM tour_letter",
        LETTER,
    )
    values = fair.values | {
        "number": fair.number,
        "measure": "registered",
        "code": badge,
        "digest": await current_hash(fair.signed),
        "token": await invitation(fair),
        "talked": talked,
        "asked": await _visitors(fair),
    }
    people: dict[str, Actor | None] = {
        "stranger": None,
        "candidate": of.talent,
        "employer": of.employer,
        "bureau": of.bureau,
        "organiser": of.organiser,
        "staff": fair.staff,
        "reviewer": await make_actor("reviewer", email="reviewer@example.org", name="Reviewer", event_id=fair.event),
        "interpreter": await make_actor("interpreter", email="words@example.org", name="Words", event_id=fair.event),
        "new candidate": of.other_talent,
        "new employer": of.other_employer,
    }
    looked_at = {"organiser": fair.staff, "bureau": of.bureau, "employer": of.employer}
    held = {}
    for who, actor in looked_at.items():
        (role, *_) = await roles_of(actor.account_id or 0)
        held[who] = {"account_id": actor.account_id, "membership_id": role.id}
    return Cast(fair, values, people, held)


async def _enter(browser: Browser, base: str, actor: Actor | None, lang: str) -> BrowserContext:
    locale, zone = ("zh-CN", "Asia/Shanghai") if lang == "zh" else ("en-GB", "America/Los_Angeles")
    context = await browser.new_context(viewport=PHONE, locale=locale, timezone_id=zone, reduced_motion="reduce")
    await context.add_cookies([{"name": "lang", "value": lang, "url": base}])
    if actor is not None and actor.account_id is not None:
        session = await open_session(actor.account_id, ip="127.0.0.1", user_agent="test")
        await context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": base}])
    return context


@pytest.mark.parametrize("who", LOOKING)
async def test_pages_of(who: str, app: Litestar, cast: Cast, browser: Browser, live_server: str) -> None:
    paths, known = cast.paths(app, who), cast.seen_before(app, who)
    assert paths
    wrong: list[str] = []
    names = OWN_NAMES | {actor.name for actor in cast.people.values() if actor}
    for turn, lang in enumerate(i18n.LANGUAGES):
        context = await _enter(browser, live_server, cast.people[who], lang)
        turns = {path: place % 2 for place, path in enumerate(paths)}
        waiting = [path for path, template in paths.items() if template not in known or turns[path] == turn]
        # costs more than all else together: a page's marks are the same in both languages
        by_axe = {path for path in paths if turns[path] == turn}
        sizes: dict[str, int] = {}

        async def tab() -> None:
            visit = Visit(await context.new_page(), live_server, lang, wrong, sizes, names, who in DENSE)  # noqa: B023
            visit.listen()
            while waiting:  # noqa: B023
                path = waiting.pop(0)  # noqa: B023
                await visit.look(path, axe=path in by_axe)  # noqa: B023

        await asyncio.gather(*(tab() for _ in range(AT_ONCE)))
        await context.close()
    assert not wrong, "\n".join(sorted(wrong))
