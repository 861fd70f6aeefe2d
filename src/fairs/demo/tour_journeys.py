"""How the people of the tour travel, sleep and are understood; their letters, and the sheets of drivers and interpreters."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fairs.demo.content import Candidate
from fairs.demo.context import DemoContext
from fairs.tours import member_queries, queries
from fairs.tours.logistics import hotels, pickups, trips, vehicles
from fairs.tours.logistics import queries as logistics
from fairs.tours.logistics.forms import HotelForm, InterpreterForm, NeedForm, RoomsForm, TripForm, VehicleForm
from fairs.tours.logistics.tables import Direction, Mode, RoomWish
from fairs.tours.papers import letters, links
from fairs.tours.papers import queries as papers
from fairs.tours.papers.forms import PassportForm, RequestForm
from fairs.tours.rows import MemberRow
from fairs.tours.rules import COMING

ZONE = ZoneInfo("Asia/Shanghai")
AIRPORT, STATION = "郑州新郑国际机场 CGO", "郑州东站 Zhengzhoudong"
ROOMS_FREE = 4
FOOD = ("素食 Vegetarian", "清真 Halal", "花生过敏 No peanuts")
EMERGENCY = "{name}, +49 30 9018 {number:04}"
UNDECIDED = 2  # letters that nobody has decided on


async def create_journeys(stage: DemoContext) -> None:
    """Everything of the people's journeys, six days ahead of the tour and later."""
    rng = random.Random(stage.content.tour.slug)
    people = [
        row for row in await member_queries.members_of(stage.events[stage.content.tour.slug]) if row.state in COMING
    ]
    starts = stage.moment(stage.content.tour.starts_at)
    with stage.at(starts - timedelta(days=13)):
        await _letters(stage, people, rng)
    with stage.at(starts - timedelta(days=8)):
        await _vehicles(stage)
        await _hotels(stage, people)
    with stage.at(starts - timedelta(days=5)):
        for row in people:
            await _person(stage, row, rng)
        await pickups.propose(stage.content.tour.slug, by=stage.organiser)
        await pickups.spread_vehicles(stage.content.tour.slug, by=stage.organiser)
        await _rooms(stage)


def _candidates(stage: DemoContext) -> dict[int, Candidate]:
    by_key = {one.key: one for one in stage.content.candidates}
    return {talent: by_key[key] for key, talent in stage.talents.items() if key in by_key}


async def _letters(stage: DemoContext, people: list[MemberRow], rng: random.Random) -> None:
    """Foreigners ask for a letter; most are issued, one is revoked, some wait."""
    slug, known = stage.content.tour.slug, _candidates(stage)
    for row in people:
        person = known.get(row.talent or 0)
        if person is None or person.id_type != "passport" or rng.random() < 0.3:
            continue
        expires = date(stage.day(stage.content.stops[-1].day).year + 3 + rng.randrange(5), 1 + rng.randrange(12), 12)
        form = PassportForm(
            number=f"E{rng.randrange(10**7, 10**8)}", nationality=person.citizenship, born=person.birth, expires=expires
        )
        await letters.save_passport(slug, row.id, form, by=stage.organiser)
        await letters.request_for(slug, row.id, RequestForm(kind=rng.choice("FFFR")), by=stage.organiser)
    asked = [one.id for one in await papers.letters_in(stage.events[slug], {})]
    await letters.issue(slug, asked[: max(len(asked) - UNDECIDED, 0)], by=stage.organiser)
    if len(asked) > UNDECIDED + 1:
        await letters.revoke(slug, asked[0], "护照已更换 The passport was replaced", by=stage.organiser)
        again = next(one.member for one in await papers.letters_in(stage.events[slug], {}) if one.id == asked[0])
        await letters.request_for(slug, again, RequestForm(kind="F"), by=stage.organiser)
        last = [one.id for one in await papers.letters_in(stage.events[slug], {}) if one.member == again]
        await letters.issue(slug, last, by=stage.organiser)


async def _vehicles(stage: DemoContext) -> None:
    """A coach and an interpreter for each group, and a small bus for pick-ups; links to the sheets of the first."""
    slug = stage.content.tour.slug
    event = stage.events[slug]
    groups = [row.name for row in await queries.groups_of(event)]
    stops = await queries.stops_of(event)
    for at, (name, driver) in enumerate((("1 号车 Coach 1", "张建军"), ("2 号车 Coach 2", "李保国"))):
        own = [str(stop.id) for stop in stops if not stop.groups or groups[at : at + 1] == stop.group_names]
        form = VehicleForm(name=name, plate=f"豫A·{8810 + at}K", seats=45 * stage.content.scale, stops=own)
        form.driver_name, form.driver_phone = driver, f"+86 371 6590 33{at:02}"
        vehicle = await vehicles.save_vehicle(slug, None, form, by=stage.organiser)
        if not at:
            await links.make(slug, vehicle=vehicle, by=stage.organiser)
    small = VehicleForm(name="中巴 Minibus", plate="豫A·3320M", seats=19, driver_name="王新民")
    await vehicles.save_vehicle(slug, None, small, by=stage.organiser)
    for group, name, language in zip(groups, ("陈晓雯", "赵一鸣"), ("en", "de"), strict=False):
        speaker = InterpreterForm(name=name, languages=["en", language] if language != "en" else ["en"], group=group)
        interpreter = await vehicles.save_interpreter(slug, None, speaker, by=stage.organiser)
        await links.make(slug, interpreter=interpreter, by=stage.organiser)


async def _hotels(stage: DemoContext, people: list[MemberRow]) -> None:
    """The hotel of each city for the night before its day; where the last one has none, the first hotel has these two nights."""
    rooms = len(people) // 2 + ROOMS_FREE
    first = stage.content.stops[0]
    for day in stage.content.stops:
        night = stage.day(day.day) - timedelta(days=1)
        last = night + timedelta(days=1) if day is stage.content.stops[-1] else night
        stop = day if day.hotel_zh else first
        form = HotelForm(
            name_zh=stop.hotel_zh, name_en=stop.hotel_en, unit=stop.unit, first_night=night, last_night=last
        )
        hotel = await hotels.save_hotel(stage.content.tour.slug, None, form, by=stage.organiser)
        doubles = RoomsForm(names=f"801-{800 + rooms * 2 // 3}", beds=2)
        await hotels.add_rooms(stage.content.tour.slug, hotel, doubles, by=stage.organiser)
        singles = RoomsForm(names=f"1001-{1000 + rooms // 2}", beds=1)
        await hotels.add_rooms(stage.content.tour.slug, hotel, singles, by=stage.organiser)


async def _rooms(stage: DemoContext) -> None:
    slug = stage.content.tour.slug
    for hotel in await logistics.hotels_of(stage.events[slug]):
        await hotels.propose(slug, hotel.id, by=stage.organiser)


async def _person(stage: DemoContext, row: MemberRow, rng: random.Random) -> None:
    """Most have said how they arrive and leave, and what they need."""
    slug, by = stage.content.tour.slug, stage.organiser
    eve = stage.day(stage.content.stops[0].day) - timedelta(days=1)
    after = stage.day(stage.content.stops[-1].day) + timedelta(days=1)
    for direction, day, first in ((Direction.ARRIVAL, eve, 13), (Direction.DEPARTURE, after, 9)):
        if rng.random() < 0.1:
            continue
        flies = rng.random() < 0.6
        at = datetime.combine(day, time(first + rng.randrange(8), 5 * rng.randrange(12)), tzinfo=ZONE).astimezone(UTC)
        form = TripForm(at=at, place=AIRPORT if flies else STATION, fetched=rng.random() < 0.9)
        form.mode = Mode.FLIGHT.value if flies else Mode.TRAIN.value
        form.number = (
            f"{rng.choice(('CZ', 'CA', 'MU'))}{rng.randrange(1000, 9999)}" if flies else f"G{rng.randrange(100, 999)}"
        )
        form.terminal = "T2" if flies else "西出站口 West"
        await trips.save_trip(slug, row.id, direction, form, by=by)
    if rng.random() < 0.75:
        need = NeedForm(sex=rng.choice("fmm"), room=rng.choice((RoomWish.ANY, RoomWish.SHARED, RoomWish.SINGLE)).value)
        need.food = rng.choice(FOOD) if rng.random() < 0.2 else ""
        need.access = "轮椅 Wheelchair" if rng.random() < 0.02 else ""
        need.emergency = EMERGENCY.format(name=row.name_passport.split()[0], number=rng.randrange(10_000))
        await trips.save_need(slug, row.id, need, by=by)
