"""Every page as its people see it: both languages, a phone and a desk; legible, light, ours alone, nothing broken."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext

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
from tests.e2e.looking import OWN_NAMES, PHONE, Visit
from tests.small_fair import CITY, Fair, invitation, small_fair
from tests.web.crawling import filled, may_enter, page_routes

pytestmark = pytest.mark.e2e
DENSE = frozenset({"organiser", "bureau", "staff"})
EVERYTHING, OF_EACH = ("candidate", "organiser"), ("/home", "/account", "/me/fairs")
AT_ONCE = 3
PEOPLE = ("organiser", "candidate", "employer", "bureau", "stranger", "staff", "reviewer", "interpreter")
LOOKING = (*PEOPLE, "new candidate", "new employer")
LETTER = bytes(range(32))  # the digest of an issued letter
REPRESENTATIVE = "FA26-000777"  # the number of somebody whom an employer has registered
FILE = re.compile(r"\.\w+$|/html$|/files/|^/e/.*/picture$|^/calendar/|/registrations/mailed/")
RUN, OWN_PART = "/organise/editions/{slug:str}", "own-part"
NAMES = (
    "María del Carmen Fernández-Villaverde y Sánchez de la Torre",
    "欧阳䶮",
    "Aleksandra Wiśniewska-Brzęczyszczykiewicz",
    "阿卜杜热合曼·买买提明",
    "Nguyễn Thị Hồng Nhung",
    "Βασίλειος Παπαδόπουλος",
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
