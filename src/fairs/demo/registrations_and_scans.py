"""Registrations and attendance: candidates, employers' people, guests and visitors, and two days of scans."""

import asyncio
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fairs.accounts import tokens
from fairs.accounts.actor import Actor
from fairs.badges import codes
from fairs.checkin import queries as scanners
from fairs.checkin import services as checkin
from fairs.checkin.rules import Scan
from fairs.checkin.tables import Direction
from fairs.core.rows import fetch_as, fetch_value
from fairs.demo.content import Employer
from fairs.demo.content.names import NameBook
from fairs.demo.context import DemoContext
from fairs.demo.employers_and_candidates import WAITING
from fairs.demo.forms import answers_of
from fairs.demo.rows import WornBadge
from fairs.registrations import services as registrations
from fairs.registrations.asking.reading import Answers
from fairs.registrations.entering.forms import RepresentativeForm
from fairs.registrations.entering.services import enter_representatives
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.tables import Category

REGISTERED = 2_500  # at scale 1
TOGETHER = 50  # registrations that share a moment, so that they share a transaction
ZONE = ZoneInfo("Asia/Shanghai")
EXPERT, MEDIA = "expert", "media"  # of the catalogue: those whose origin and employer differ from the others'
CROWD = {"visitor": 0.70, "guest": 0.12, EXPERT: 0.10, MEDIA: 0.05, "staff": 0.03}
BODIES = (
    "河南大学", "郑州大学", "河南科技大学", "河南理工大学", "河南师范大学", "河南农业大学", "省科学院", "郑州市科技局",
    "洛阳市人才集团", "新乡市开发区", "留学人员联谊会", "河南省博士后联谊会",
)  # fmt: skip
PRESS = ("河南日报", "大河网", "郑州晚报", "河南广播电视台", "人才周刊")
SHOW_UP = {
    Category.CANDIDATE: 0.86,
    Category.EMPLOYER: 0.95,
    "visitor": 0.78,
    "guest": 0.82,
    EXPERT: 0.9,
    MEDIA: 0.92,
    "staff": 1.0,
}


@dataclass(frozen=True)
class Entry:
    """A registration to create, at a moment of the call."""

    at: datetime
    form: RegistrationForm
    talent: str | None = None


@dataclass(frozen=True)
class Team:
    """The representatives that an employer registers, at a moment of the call."""

    at: datetime
    employer: str
    forms: list[RepresentativeForm]


async def create_registrations(stage: DemoContext) -> None:
    """The conference's registrations in order of time, and those of the tour, which is over-subscribed."""
    conference = stage.events[stage.content.conference.slug]
    entries = sorted(_entries(stage), key=lambda entry: entry.at)
    asked = [entry for entry in entries if isinstance(entry, Entry) and entry.talent]
    rng = random.Random(stage.content.seed + 11)
    stage.answers = {entry.talent: await answers_of(stage, entry.talent, rng) for entry in asked if entry.talent}
    for first in range(0, len(entries), TOGETHER):
        stage.progress("registrations", first, len(entries))
        await _register(stage, conference, entries[first : first + TOGETHER])
    tour = stage.events[stage.content.tour.slug]
    wanting = stage.rng.sample(sorted(stage.talents), min(len(stage.talents), 74 * stage.content.scale))
    for key in wanting:
        await _register(stage, tour, [_candidate(stage, key, sessions=False)])
    stage.progress("registrations", len(entries), len(entries))


async def _register(stage: DemoContext, event_id: int, entries: Sequence[Entry | Team]) -> None:
    """Register them at once, in this order, at the moment of the last."""

    def by(entry: Entry) -> Actor:
        return stage.candidates[entry.talent] if entry.talent else stage.organiser

    def talent(entry: Entry) -> int | None:
        return stage.talents[entry.talent] if entry.talent else None

    def answers(entry: Entry) -> Answers | None:
        return (
            stage.answers.get(entry.talent or "") if event_id == stage.events[stage.content.conference.slug] else None
        )

    people = [entry for entry in entries if isinstance(entry, Entry)]
    with stage.at(entries[-1].at):
        await asyncio.gather(
            *(
                registrations.register(
                    event_id, entry.form, by=by(entry), talent_id=talent(entry), demo=True, answers=answers(entry)
                )
                for entry in people
            )
        )
        for team in entries:
            if isinstance(team, Team):
                organisation, employer = stage.organisations[team.employer], stage.employers[team.employer]
                await enter_representatives(event_id, organisation, team.forms, by=employer, demo=True)


def _call_moment(stage: DemoContext) -> datetime:
    """A moment between July and the eve of the conference; most people register late."""
    starts = stage.moment(stage.content.conference.starts_at)
    days = min(110.0, stage.rng.expovariate(1 / 24)) + 1
    return starts - timedelta(days=days, minutes=stage.rng.randrange(600))


def _candidate(stage: DemoContext, key: str, *, sessions: bool = True) -> Entry:
    person = next(item for item in stage.content.candidates if item.key == key)
    chosen = _sessions(stage) if sessions else []
    form = RegistrationForm(
        email=person.email,
        name_passport=person.name_passport,
        name_native=person.name_native,
        nationality=person.citizenship,
        organisation=person.organisation,
        phone=person.phone or "",
        category=Category.CANDIDATE,
        sessions=chosen,
        lang=person.text_locale,
    )
    return Entry(_call_moment(stage), form, talent=key)


def _sessions(stage: DemoContext) -> list[str]:
    """Up to two sessions, on different days."""
    open_ones = [item for item in stage.content.sessions if item.sign_up]
    chosen = stage.rng.sample(open_ones, k=min(len(open_ones), stage.rng.choice((0, 1, 1, 2))))
    return [item.code for item in chosen]


def _entries(stage: DemoContext) -> Iterator[Entry | Team]:
    for key in stage.talents:
        yield _candidate(stage, key)
    names = NameBook(random.Random(stage.content.seed + 7))
    known = len(stage.talents)
    for employer in stage.content.employers[: len(stage.content.employers) - WAITING]:
        team = _team(stage, employer, names)
        known += len(team.forms)
        yield team
    for _ in range(max(0, REGISTERED * stage.content.scale - known)):
        yield _bystander(stage, names)


def _team(stage: DemoContext, employer: Employer, names: NameBook) -> Team:
    """The contact, and up to two colleagues."""
    forms = [_representative(stage, employer.contact_name_zh, employer.contact_name_en, employer.contact_email)]
    for _ in range(stage.rng.choice((0, 1, 1, 2))):
        person = names.person("zh_cn", "CN")
        address = names.address(person).replace("@", ".rep@")
        forms.append(_representative(stage, person.native, person.passport, address))
    return Team(_call_moment(stage), employer.key, forms)


def _representative(stage: DemoContext, native: str, passport: str, email: str) -> RepresentativeForm:
    phone = f"+86 139 0000 {stage.rng.randrange(10_000):04}"
    return RepresentativeForm(name_native=native, name_passport=passport, email=email, phone=phone)


def _bystander(stage: DemoContext, names: NameBook) -> Entry:
    category = stage.rng.choices(list(CROWD), weights=list(CROWD.values()))[0]
    abroad = category == EXPERT and stage.rng.random() < 0.6
    person = names.anyone() if abroad else names.person("zh_cn", "CN")
    form = RegistrationForm(
        email=names.address(person).replace("@", ".guest@"),
        name_passport=person.passport,
        name_native=person.native,
        nationality=person.country,
        organisation="" if abroad else stage.rng.choice(PRESS if category == MEDIA else BODIES),
        category=category,
        sessions=_sessions(stage) if stage.rng.random() < 0.25 else [],
        lang="en" if abroad else "zh",
    )
    return Entry(_call_moment(stage), form)


async def create_scans(stage: DemoContext) -> None:
    """Two days at the gates, up to now: the morning's entries, the halls, and refused scans."""
    conference = stage.events[stage.content.conference.slug]
    device = await _device(stage, conference)
    badges = await fetch_as(
        WornBadge,
        "SELECT b.code, r.category FROM badge b JOIN registration r ON r.id = b.registration"
        " WHERE r.event = :event AND b.revoked_at IS NULL AND r.state = 'confirmed' ORDER BY r.id",
        event=conference,
    )
    for day in (0, 1):
        expected = sorted(_day_of_scans(stage, badges, day, device), key=lambda item: item.scanned_at)
        scans = [item for item in expected if stage.past(item.scanned_at)]
        for first in range(0, len(scans), 200):
            stage.progress(f"scans, day {day + 1}", first, len(scans))
            batch = scans[first : first + 200]
            with stage.at(batch[-1].scanned_at + timedelta(seconds=1)):
                await checkin.record_batch(conference, batch)
        stage.progress(f"scans, day {day + 1}", len(scans), len(scans))


async def add_scanner(event_id: int, name: str, *, by: Actor) -> str:
    """A phone becomes a scanner by the link of a new one; returns its token."""
    link = await checkin.add_device(await scanners.event_by_id(event_id), name, by=by)
    return await tokens.use_device_link(link)


async def _device(stage: DemoContext, event_id: int) -> int:
    await add_scanner(event_id, "主入口 1 号机", by=stage.organiser)
    return await fetch_value(int, "SELECT max(id) FROM access_token WHERE kind = 'device'")


def _day_of_scans(stage: DemoContext, badges: list[WornBadge], day: int, device: int) -> Iterator[Scan]:
    opening = stage.moment(stage.content.conference.starts_at) + timedelta(days=day)
    for badge in badges:
        chance = SHOW_UP[badge.category] * (1.0 if day == 0 else 0.55)
        if stage.rng.random() > chance:
            continue
        arrival = opening - timedelta(minutes=25) + timedelta(minutes=min(400.0, stage.rng.gammavariate(2.2, 28)))
        gate = stage.rng.choices(("main-in", "east-in"), weights=(7, 3))[0]
        yield _scan(stage, badge.code, gate, arrival, device)
        if stage.rng.random() < 0.02:  # the same person a minute later: a duplicate
            yield _scan(stage, badge.code, gate, arrival + timedelta(seconds=50), device)
        for hall in ("hall-b", "expo-c"):
            if stage.rng.random() < (0.45 if hall == "hall-b" else 0.35):
                later = arrival + timedelta(minutes=stage.rng.randrange(8, 200))
                yield _scan(stage, badge.code, hall, later, device)
    for _ in range(6 * stage.content.scale):
        yield _scan(
            stage, "HTTPS://EXAMPLE.ORG/TICKET", "main-in", opening + timedelta(minutes=stage.rng.randrange(90)), device
        )


def _scan(stage: DemoContext, code: str, gate: str, moment: datetime, device: int) -> Scan:
    uid, token = codes.claim(code) or (None, "")
    return Scan(
        text_id=None,
        uuid=uuid.UUID(int=stage.rng.getrandbits(128), version=4),
        gate=gate,
        code=code,
        scanned_at=moment.astimezone(ZONE),
        direction=Direction.IN,
        offline=False,
        device_id=device,
        uid=uid,
        token=token,
    )
