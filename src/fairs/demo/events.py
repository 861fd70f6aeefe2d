"""The edition itself: organiser, bureaus, the conference and the tour with programme and gates, the other
parts of the conference, the targets."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Grant
from fairs.accounts.invitations import Offer
from fairs.core.roles import Role
from fairs.core.rows import fetch_as
from fairs.demo import people, targets
from fairs.demo.content import EventFacts
from fairs.demo.context import DemoContext
from fairs.demo.rows import NamedGate
from fairs.events import parts, programme
from fairs.events import services as events
from fairs.events.forms import EventForm, PartForm, SessionForm
from fairs.events.place_forms import GateForm, RoomForm
from fairs.events.tables import GateKind
from fairs.units import catalogues
from fairs.units.queries import unit_id

OPENED = datetime(2018, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
GATES = (
    ("main-in", GateKind.ENTRY, "轩辕门主入口", "Xuanyuan Gate, main entrance"),
    ("east-in", GateKind.ENTRY, "东入口", "East entrance"),
    ("hall-b", GateKind.ZONE, "B区洽谈大厅", "Negotiation Hall B"),
    ("expo-c", GateKind.ZONE, "C区展厅", "Exhibition Hall C"),
    ("tables", GateKind.TABLE, "洽谈台", "Meeting tables"),
    ("signing", GateKind.SIGNING, "签约台", "Signing desk"),
    ("bags", GateKind.PICKUP, "资料领取处", "Pick-up of bags"),
)


async def create_events(stage: DemoContext) -> None:
    """Create everything that exists before registrations."""
    with stage.at(stage.moment(OPENED)):
        await _staff(stage)
        await _event(stage, stage.content.conference)
        await _event(stage, stage.content.tour, parent=stage.content.conference.slug)
        await _programme(stage)
        await _tour(stage)
        for facts in (stage.content.conference, stage.content.tour):
            await events.publish_event(facts.slug, by=stage.organiser)
        for facts in stage.content.parts:
            await _part(stage, facts)
        await targets.set_targets(stage)
    rows = await fetch_as(
        NamedGate, "SELECT e.slug || '/' || g.code AS name, g.id FROM gate g JOIN event e ON e.id = g.event"
    )
    stage.gates = {row.name: row.id for row in rows}


async def _staff(stage: DemoContext) -> None:
    """The administrator, who invites the organiser, who invites the bureaus."""
    stage.admin = await people.first_admin("admin@example.org", "系统管理员")
    office = Offer("organiser@example.org", Grant(Role.ORGANISER), "河南省人社厅 大会办公室")
    [stage.organiser] = await people.join([office], by=stage.admin)
    units = catalogues.delegations()
    offers = [
        Offer(
            f"bureau.{unit.code}@example.org",
            Grant(Role.BUREAU, unit_id=await unit_id(unit.code)),
            f"{unit.name_zh}人社局",
        )
        for unit in units
    ]
    for unit, actor in zip(units, await people.join(offers, by=stage.organiser), strict=True):
        stage.bureaus[unit.code] = actor


async def _event(stage: DemoContext, facts: EventFacts, parent: str = "") -> None:
    form = EventForm(
        slug=facts.slug,
        kind=facts.kind,
        title_zh=facts.title_zh,
        title_en=facts.title_en,
        summary_zh=facts.intro_zh,
        summary_en=facts.intro_en,
        place_zh=facts.place_zh,
        place_en=facts.place_en,
        unit=facts.unit,
        starts_at=stage.moment(facts.starts_at),
        ends_at=stage.moment(facts.ends_at),
        timezone=facts.timezone,
        capacity=facts.capacity * stage.content.scale,
        parent=parent,
        family=facts.family,
    )
    stage.events[facts.slug] = await events.create_event(form, by=stage.organiser, demo=True)


async def _part(stage: DemoContext, facts: EventFacts) -> None:
    """A part that a bureau proposes and the organiser releases, or that the organiser makes."""
    edition = stage.content.conference.slug
    bureau = stage.bureaus.get(facts.unit)
    if bureau is None:
        await _event(stage, facts, parent=edition)
        await events.publish_event(facts.slug, by=stage.organiser)
        return
    form = PartForm(
        edition=edition,
        slug=facts.slug,
        family=facts.family,
        title_zh=facts.title_zh,
        title_en=facts.title_en,
        summary_zh=facts.intro_zh,
        summary_en=facts.intro_en,
        place_zh=facts.place_zh,
        place_en=facts.place_en,
        starts_at=stage.moment(facts.starts_at),
        ends_at=stage.moment(facts.ends_at),
        capacity=facts.capacity * stage.content.scale,
    )
    await parts.propose(form, by=bureau)
    await parts.ask_release(facts.slug, by=bureau)
    await parts.release_part(facts.slug, by=stage.organiser)


async def _programme(stage: DemoContext) -> None:
    conference = stage.events[stage.content.conference.slug]
    for room in stage.content.rooms:
        form = RoomForm(code=room.code, name_zh=room.name_zh, name_en=room.name_en, capacity=room.capacity)
        await events.add_room(conference, form, by=stage.organiser)
    for item in stage.content.sessions:
        session = SessionForm(
            code=item.code,
            kind=item.kind,
            title_zh=item.title_zh,
            title_en=item.title_en,
            starts_at=stage.moment(item.starts_at),
            ends_at=stage.moment(item.ends_at),
            room=item.room,
            unit=item.unit or "",
            capacity=item.capacity,
            sign_up=item.sign_up,
        )
        await programme.add_session(conference, session, by=stage.organiser)
    for code, kind, zh, en in GATES:
        gate = GateForm(code=code, kind=kind, name_zh=zh, name_en=en)
        await events.add_gate(conference, gate, by=stage.organiser)


async def _tour(stage: DemoContext) -> None:
    tour = stage.events[stage.content.tour.slug]
    zone = ZoneInfo(stage.content.tour.timezone)
    for stop in stage.content.stops:
        day = stage.day(stop.day)
        session = SessionForm(
            code=f"day-{stop.position}",
            kind="tour_stop",
            title_zh=stop.title_zh,
            title_en=stop.title_en,
            starts_at=datetime(day.year, day.month, day.day, 9, tzinfo=zone),
            ends_at=datetime(day.year, day.month, day.day, 17, tzinfo=zone),
            unit=stop.unit,
        )
        await programme.add_session(tour, session, by=stage.organiser)
    gate = GateForm(code="bus", kind=GateKind.ENTRY, name_zh="考察专车", name_en="Tour coach")
    await events.add_gate(tour, gate, by=stage.organiser)
