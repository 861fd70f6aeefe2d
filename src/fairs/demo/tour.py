"""The tour through five cities: who travels, stops with their hosts, what was told, and the heads counted at the coach."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fairs.badges import codes
from fairs.checkin import services as checkin
from fairs.checkin.rules import Scan
from fairs.checkin.tables import Direction
from fairs.core.rows import fetch_as, fetch_value
from fairs.demo.content import Employer, Stop
from fairs.demo.context import DemoContext
from fairs.demo.registrations_and_scans import add_scanner
from fairs.demo.rows import WornBadge
from fairs.demo.tour_journeys import create_journeys
from fairs.demo.tour_results import create_results
from fairs.tours import hosting, member_queries, members, queries, services
from fairs.tours.forms import GroupForm, HostForm, MoveForm, PersonForm, PlanForm, QuotaForm, StopForm
from fairs.tours.rows import MemberRow, StopRow
from fairs.tours.tables import MemberState, Origin, StopKind, StopState

ZONE = ZoneInfo("Asia/Shanghai")
GROUPS = ("1", "2")
SPLIT = 2  # the day on which the tour is split in the afternoon
INVITED = 4  # who have not answered yet
UNANSWERED = 1  # hosts who have not answered yet


async def create_tour(stage: DemoContext) -> None:
    """Everything of the tour, up to now."""
    starts = stage.moment(stage.content.tour.starts_at)
    with stage.at(starts - timedelta(days=21)):
        await _people(stage)
    with stage.at(starts - timedelta(days=18)):
        await _stops(stage)
        await hosting.ask_all(stage.content.tour.slug, by=stage.organiser)
    with stage.at(starts - timedelta(days=14)):
        await _answers(stage)
    with stage.at(starts - timedelta(days=9)):
        await services.release(stage.content.tour.slug, by=stage.organiser)
    with stage.at(starts - timedelta(days=6)):
        await _replies(stage)
        await _change(stage)
    await create_journeys(stage)
    await _heads(stage)
    await create_results(stage)


async def _people(stage: DemoContext) -> None:
    slug = stage.content.tour.slug
    starts = stage.moment(stage.content.tour.starts_at)
    plan = PlanForm(start="410100", finish="410100", per_day=3, seats=45 * stage.content.scale, most_groups=2)
    plan.reply_by = (starts - timedelta(days=8)).date()
    await services.save_plan(slug, plan, seen="", by=stage.organiser)
    await members.take_over(slug, by=stage.organiser)
    rows = [row for row in await _members(stage) if row.state == MemberState.APPROVED]
    cities = [stop.unit for stop in stage.content.stops]
    for at, city in enumerate(cities):
        quota = QuotaForm(unit=city, places=len(rows) // len(cities))
        await services.set_quota(slug, quota, by=stage.organiser)
        await members.set_city(slug, [row.id for row in rows[at :: len(cities)]], city, by=stage.organiser)
    for at, name in enumerate(GROUPS):
        group = await services.add_group(slug, GroupForm(name=name), by=stage.organiser)
        await members.set_group(slug, [row.id for row in rows[at :: len(GROUPS)]], group, by=stage.organiser)
    await members.add_people(slug, list(_invited(stage)), substitute=False, origin=Origin.HAND, by=stage.organiser)


def _invited(stage: DemoContext) -> Iterator[PersonForm]:
    """Candidates of the edition who are not on the tour; who is, is left as they are."""
    for person in stage.content.candidates[-INVITED:]:
        yield PersonForm(
            email=person.email,
            name_passport=person.name_passport,
            name_native=person.name_native,
            lang=person.text_locale,
        )


async def _members(stage: DemoContext) -> list[MemberRow]:
    return await member_queries.members_of(stage.events[stage.content.tour.slug])


async def _stops(stage: DemoContext) -> None:
    slug = stage.content.tour.slug
    known = {row.id for row in await queries.employers_for(stage.events[slug])}
    by_key = {item.key: item for item in stage.content.employers}
    last = stage.content.stops[-1]
    for stop in stage.content.stops:
        hosts = [by_key[key] for key in stop.employers if stage.organisations.get(key) in known]
        for form in _day(stage, stop, hosts):
            await services.add_stop(slug, form, by=stage.organiser)
        if stop is not last:
            onward = stage.content.stops[stop.position]
            await services.add_stop(slug, _transfer(stage, stop, onward), by=stage.organiser)


def _form(stage: DemoContext, stop: Stop, hours: tuple[float, float], **given: object) -> StopForm:
    day = stage.day(stop.day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    values = {"starts_at": midnight + timedelta(hours=hours[0]), "ends_at": midnight + timedelta(hours=hours[1])}
    return StopForm(**{"unit": stop.unit, **values, **given})  # type: ignore[arg-type] # fields of the form


def _day(stage: DemoContext, stop: Stop, hosts: list[Employer]) -> Iterator[StopForm]:
    """Two visits before noon, a meal, a policy briefing of the city, and on one day talks in two groups."""
    for number, host in enumerate(hosts[:2]):
        given = {"employer": str(stage.organisations[host.key]), "title_zh": f"走访{host.name_zh}"}
        given |= {"title_en": f"Visit to {host.name_en}", "kind": "visit"}
        if not number:
            given |= {"note_zh": stop.notes_zh, "note_en": stop.notes_en}
        yield _form(stage, stop, (9 + 1.75 * number, 10.5 + 1.75 * number), **given)
    yield _form(stage, stop, (12.5, 13.5), kind="meal", title_zh="午餐", title_en="Lunch")
    briefing = {"kind": "briefing", "title_zh": "人才政策宣讲", "title_en": "Briefing on talent policies"}
    if stop.position == SPLIT and len(hosts) > 2:
        yield _form(stage, stop, (14, 15.5), groups=[GROUPS[0]], **briefing)
        talk = {"kind": "talk", "title_zh": f"{hosts[2].name_zh}项目洽谈", "title_en": f"Talks with {hosts[2].name_en}"}
        yield _form(
            stage, stop, (14, 15.5), groups=[GROUPS[1]], employer=str(stage.organisations[hosts[2].key]), **talk
        )
    else:
        yield _form(stage, stop, (14, 15.5), **briefing)


def _transfer(stage: DemoContext, stop: Stop, onward: Stop) -> StopForm:
    hotel = {"note_zh": f"住宿：{onward.hotel_zh}", "note_en": f"Hotel: {onward.hotel_en}"}
    note = hotel if onward.hotel_zh else {}  # people go back to where the conference was
    titles = {"title_zh": "乘车前往下一城市", "title_en": "Coach to the next city"}
    return _form(stage, stop, (16, 19), kind="transfer", **titles, **note)


async def _answers(stage: DemoContext) -> None:
    """The hosts confirm and write what people need to know, but for the last."""
    asked = [
        stop for stop in await queries.stops_of(stage.events[stage.content.tour.slug]) if stop.state == StopState.ASKED
    ]
    keys = {number: key for key, number in stage.organisations.items()}
    by_key = {item.key: item for item in stage.content.employers}
    for stop in asked[: len(asked) - UNANSWERED]:
        if stop.organisation is None:
            await hosting.confirm(stop.id, by=stage.bureaus[stop.unit])
            continue
        host = by_key[keys[stop.organisation]]
        actor = stage.employers[host.key]
        await hosting.save_hosted(stop.id, _told(stage, host, stop), seen="", by=actor)
        await hosting.confirm(stop.id, by=actor)


def _told(stage: DemoContext, host: Employer, stop: StopRow) -> HostForm:
    return HostForm(
        place_zh=f"{stop.unit_zh}{host.name_zh}正门",
        place_en=f"Main gate of {host.name_en}, {stop.unit_en}",
        host_name=host.contact_name_zh,
        host_phone=f"+86 371 6590 {stage.rng.randrange(10_000):04}",
        host_email=host.contact_email,
        interpreters=["en"],
        places=80 * stage.content.scale,
        bring_zh="证件、身份证明",
        bring_en="Your badge and passport",
        note_zh=stop.note_zh,
        note_en=stop.note_en,
    )


async def _replies(stage: DemoContext) -> None:
    """Most people say that they will come, and that they have read the itinerary."""
    actors = {stage.talents[key]: actor for key, actor in stage.candidates.items() if key in stage.talents}
    for row in await _members(stage):
        actor = actors.get(row.talent or 0)
        if row.state == MemberState.APPROVED and actor is not None and stage.rng.random() < 0.9:
            await members.answer(row.id, MemberState.CONFIRMED, by=actor)
            if stage.rng.random() < 0.85:
                await members.acknowledge(row.id, by=actor)


async def _change(stage: DemoContext) -> None:
    """A briefing begins half an hour later; its people are told."""
    slug = stage.content.tour.slug
    stops = [stop for stop in await queries.stops_of(stage.events[slug]) if stop.kind == StopKind.BRIEFING]
    if stops:
        form = MoveForm(starts_at=stops[0].starts_at + timedelta(minutes=30))
        await services.move_stop(slug, stops[0].id, form, by=stage.organiser)
        await hosting.confirm(stops[0].id, by=stage.bureaus[stops[0].unit])


async def _heads(stage: DemoContext) -> None:
    """Each morning at the coach, as far as the tour has come."""
    tour = stage.events[stage.content.tour.slug]
    await add_scanner(tour, "考察专车 1 号机", by=stage.organiser)
    device = await fetch_value(int, "SELECT max(id) FROM access_token WHERE kind = 'device'")
    badges = await fetch_as(
        WornBadge,
        "SELECT b.code, r.category FROM badge b JOIN registration r ON r.id = b.registration"
        " WHERE r.event = :event AND b.revoked_at IS NULL AND r.state = 'confirmed' ORDER BY r.id",
        event=tour,
    )
    for stop in stage.content.stops:
        day = stage.day(stop.day)
        leaves = datetime(day.year, day.month, day.day, 8, 40, tzinfo=ZONE)
        scans = [_scan(stage, badge, leaves, device) for badge in badges if stage.rng.random() < 0.96]
        if scans and stage.past(leaves):
            with stage.at(leaves + timedelta(minutes=1)):
                await checkin.record_batch(tour, sorted(scans, key=lambda scan: scan.scanned_at))
                await members.bring_up(tour)


def _scan(stage: DemoContext, badge: WornBadge, leaves: datetime, device: int) -> Scan:
    uid, token = codes.claim(badge.code) or (None, "")
    return Scan(
        text_id=None,
        uuid=uuid.UUID(int=stage.rng.getrandbits(128), version=4),
        gate="bus",
        code=badge.code,
        scanned_at=leaves - timedelta(minutes=stage.rng.random() * 25),
        direction=Direction.IN,
        offline=False,
        device_id=device,
        uid=uid,
        token=token,
    )
