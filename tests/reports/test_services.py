import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from fairs.accounts import services as accounts
from fairs.accounts.queries import session_lives
from fairs.agreements import services as agreements
from fairs.core import clock, pubsub
from fairs.core import db as database
from fairs.core.db import execute
from fairs.core.errors import NotFound
from fairs.events.queries import event_by_id
from fairs.reports import queries
from fairs.reports.measures import MEASURES, UNIT_COLUMNS
from fairs.web import live_numbers, sse
from tests import factories
from tests.agreements.scene import drawn_up, paper, signed
from tests.reports.scene import World, world


async def _full() -> World:
    made = await world()
    number = await signed(made.luoyang, amount_cny=1_000_000, engagement="flexible")
    await agreements.verify(number, by=made.luoyang.bureau)
    await agreements.transition(number, "contract", by=made.luoyang.employer, fact=paper("contract 7"))
    await agreements.transition(number, "arrived", by=made.luoyang.employer, fact=paper("arrived today"))
    await agreements.transition(number, "funded", by=made.organiser, fact=paper("decree 9"))
    ended = await signed(made.nanyang, amount_cny=5)
    await agreements.transition(ended, "terminated", by=made.nanyang.employer, reason="terms")
    await drawn_up(made.elsewhere)
    return made


async def _all(scope: queries.Scope, key: str) -> list[int]:
    return [row.value for row in await queries.all_rows(scope, MEASURES[key])]


async def test_every_number_equals_its_rows_in_every_scope(db: None) -> None:
    made = await _full()
    event, other = await event_by_id(made.event), await event_by_id(made.other_event)
    for actor, fair, unit in (
        (made.organiser, event, ""),
        (made.organiser, event, "410300"),
        (made.organiser, other, ""),
        (made.luoyang.bureau, event, ""),
        (made.nanyang.bureau, event, ""),
    ):
        scope = await queries.scope_for(actor, fair, unit)
        numbers = await queries.numbers(scope)
        assert set(numbers) == set(MEASURES)
        for key, measure in MEASURES.items():
            values = await _all(scope, key)
            assert numbers[key] == sum(values) == await queries.number(scope, measure), (key, unit)
            assert measure.sums or numbers[key] == len(values) == (await queries.rows(scope, measure)).total, key


async def test_numbers_of_the_whole_fair(db: None) -> None:
    made = await _full()
    numbers = await queries.numbers(await queries.scope_for(made.organiser, await event_by_id(made.event)))
    expected = {
        "registered": 9,  # (1 + 3) + (1 + 2) and two of no unit
        "waitlisted": 2,
        "present": 4,
        "entries": 6,
        "present_today": 0,
        "countries": 3,
        "employers_registered": 6,
        "employers_approved": 6,
        "employers_listing": 2,
        "employers_on_site": 2,
        "listings_people": 2,
        "listings_projects": 2,
        "headcount": 4,
        "mutual_interests": 2,
        "meetings_scheduled": 2,
        "meetings_held": 2,
        "intents": 2,
        "signed_intents": 2,
        "verified": 1,
        "amount": 1_000_000,
        "contracts": 1,
        "arrived": 1,
        "landed": 0,
        "state_funded": 1,
        "state_terminated": 1,
        "state_intent": 0,
    }
    assert {key: numbers[key] for key in expected} == expected


async def test_bureau_sees_its_own_unit_only(db: None) -> None:
    made = await _full()
    event = await event_by_id(made.event)
    whole = await queries.scope_for(made.organiser, event)
    own = await queries.scope_for(made.luoyang.bureau, event)
    assert await queries.numbers(own) == await queries.numbers(await queries.scope_for(made.organiser, event, "410300"))
    numbers = await queries.numbers(own)
    assert (numbers["registered"], numbers["signed_intents"], numbers["employers_registered"]) == (4, 1, 2)
    for key, measure in MEASURES.items():
        units = {row.unit_code for row in await queries.all_rows(own, measure)}
        assert units <= {"410300"}, key
        assert len(await queries.all_rows(own, measure)) <= len(await queries.all_rows(whole, measure))
    with pytest.raises(NotFound):
        await queries.scope_for(made.luoyang.bureau, event, "411300")
    with pytest.raises(NotFound):
        await queries.scope_for(made.organiser, event, "nowhere")


async def test_by_unit_adds_up_to_the_whole(db: None) -> None:
    made = await _full()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    numbers, units = await queries.numbers(scope), await queries.by_unit(scope)
    for key in UNIT_COLUMNS:
        assert sum(values.get(key, 0) for values in units.values()) == numbers[key], key


async def test_registered_is_not_present(db: None) -> None:
    made = await world()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    numbers = await queries.numbers(scope)
    assert numbers["registered"] > numbers["present"]
    await execute("UPDATE admission SET day = $1 WHERE day = '2018-10-27'", scope.today)
    assert (await queries.numbers(scope))["present_today"] == 4


async def test_cancelled_after_entering_was_still_present(db: None) -> None:
    made = await world()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    before = (await queries.numbers(scope))["present"]
    await execute("UPDATE registration SET state = 'cancelled' WHERE id IN (SELECT registration FROM admission)")
    assert (await queries.numbers(scope))["present"] == before


async def test_rows_are_found_by_pinyin_and_sorted(db: None) -> None:
    made = await world()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    await execute("UPDATE organisation SET search_key = 'onlyhere' WHERE unit = $1", await factories.unit_id("410300"))
    page = await queries.rows(scope, MEASURES["employers_listing"], q="OnlyHere", sort="label")
    assert [row.unit_code for row in page.rows] == ["410300"]
    assert (await queries.rows(scope, MEASURES["employers_listing"], q="%")).total == 0
    assert (await queries.rows(scope, MEASURES["employers_listing"], sort="nonsense; DROP TABLE unit")).total == 2


async def test_entries_by_time_fill_the_gaps(db: None) -> None:
    made = await world()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    await execute(
        "UPDATE admission SET first_scanned_at = '2018-10-27 00:59:00+00' WHERE id ="
        " (SELECT min(d.id) FROM admission d JOIN gate g ON g.id = d.gate WHERE g.event = $1)",
        made.event,
    )
    await execute(
        "UPDATE admission SET first_scanned_at = '2018-10-27 01:25:00+00' WHERE first_scanned_at = '2018-10-27 01:00:00+00'"
    )
    days = await queries.entry_days(scope)
    assert [day.isoformat() for day in days] == ["2018-10-28", "2018-10-27"]
    bars = await queries.entries_by_time(scope, days[1])
    assert [(slot.strftime("%H:%M"), value) for slot, value in bars if value] == [("08:50", 1), ("09:20", 3)]
    assert [bars[at][0].strftime("%H:%M") for at in (0, -1)] == ["08:00", "09:50"]
    assert len(bars) == 12


async def test_targets_beside_what_was_reached(db: None) -> None:
    made = await _full()
    for code, value in (("410000", 3300), ("410300", 300), ("411300", 90)):
        await execute(
            "INSERT INTO target (unit, year, measure, value, counted_in, source) VALUES ($1, $3, 'overseas_talents', $2, '人', '')",
            await factories.unit_id(code),
            value,
            factories.STARTS.year,
        )
    event = await event_by_id(made.event)
    for actor, value in ((made.organiser, 3300), (made.luoyang.bureau, 300), (made.nanyang.bureau, 90)):
        scope = await queries.scope_for(actor, event)
        assert [row.value for row in await queries.targets(actor, scope)] == [value]


async def _next(stream: AsyncIterator[bytes]) -> dict[str, int]:
    async with asyncio.timeout(5):
        message = await anext(stream)
    head, _, data = message.decode().partition("\ndata: ")
    assert head == "event: numbers", message
    found: dict[str, int] = json.loads(data)
    return found


async def _always() -> bool:
    return True


async def test_stream_sends_all_numbers_then_those_that_change(db: None) -> None:
    made = await world()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    stream = live_numbers.stream(f"event:{made.event}", lambda: queries.numbers(scope), _always, pause=0.05)
    assert set(await _next(stream)) == set(MEASURES)
    number = await drawn_up(made.luoyang)
    assert await _next(stream) == {"intents": 1, "state_intent": 1}
    await agreements.transition(number, "terminated", by=made.luoyang.employer, reason="terms")
    assert await _next(stream) == {"state_intent": 0, "state_terminated": 1}
    await stream.aclose()


async def test_stream_counts_a_burst_once(db: None) -> None:
    made = await world()
    counts = 0

    async def read() -> dict[str, int]:
        nonlocal counts
        counts += 1
        return {"count": counts}

    stream = live_numbers.stream(f"event:{made.event}", read, _always, pause=0.2)
    assert await _next(stream) == {"count": 1}
    for _ in range(50):
        await pubsub.publish(f"event:{made.event}", {"what": "scan"})
    assert await _next(stream) == {"count": 2}
    assert counts == 2
    await stream.aclose()


async def test_stream_of_another_event_stays_still_and_comments(db: None) -> None:
    made = await world()
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    stream = live_numbers.stream(
        f"event:{made.event}", lambda: queries.numbers(scope), _always, pause=0.01, keep_alive=0.4
    )
    await _next(stream)
    await pubsub.publish(f"event:{made.other_event}", {"what": "scan"})
    assert await anext(stream) == sse.COMMENT
    await stream.aclose()


async def test_stream_ends_with_the_session_and_leaves_no_listener(db: None) -> None:
    made = await world()
    topic = f"event:{made.event}"
    account = made.organiser.account_id
    assert account
    await accounts.open_session(account, ip="", user_agent="")
    session = await database.fetchval("SELECT id FROM sign_in_session")

    async def alive() -> bool:
        return await session_lives(session, account)

    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    stream = live_numbers.stream(topic, lambda: queries.numbers(scope), alive, pause=0.01)
    await _next(stream)
    assert len(pubsub.HUB()._queues[topic]) == 1
    await accounts.close_all_sessions(by=made.organiser)
    await pubsub.publish(topic, {})
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    assert len(pubsub.HUB()._queues[topic]) == 0


async def test_stream_cancelled_leaves_no_listener(db: None) -> None:
    made = await world()
    topic = f"event:{made.event}"

    async def read() -> dict[str, int]:
        return {"one": 1}

    async def consume() -> None:
        async for _ in live_numbers.stream(topic, read, _always):
            pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(0.1)
    assert len(pubsub.HUB()._queues[topic]) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0.05)
    assert len(pubsub.HUB()._queues[topic]) == 0


async def test_signing_contract_and_arrival_count_on_the_day_of_the_fact(db: None) -> None:
    made = await world()
    await execute("UPDATE meeting SET starts_at = '2018-10-27T02:00Z', ends_at = '2018-10-27T02:20Z'")
    number = await drawn_up(made.luoyang, engagement="flexible")
    days = {"signed_intent": date(2018, 10, 27), "contract": date(2018, 11, 2), "arrived": date(2018, 12, 31)}
    for to, day in days.items():
        await agreements.transition(number, to, by=made.organiser, fact=paper(f"paper of {to}", on=day))
    await execute(
        "UPDATE talent SET nationality = 'HK', abroad_country = 'DE', abroad_degree = 'doctor' WHERE id = $1",
        made.luoyang.talent_id,
    )
    event = await event_by_id(made.event)
    scope = await queries.scope_for(made.organiser, event)
    for key, to in (("signed_intents", "signed_intent"), ("contracts", "contract"), ("arrived", "arrived")):
        measure = MEASURES[key]
        assert measure.by_day
        assert [row.at.date() for row in await queries.all_rows(scope, measure)] == [days[to]], key
    for year, reached in ((2017, 0), (2018, 1), (2019, 0), (clock.now().year, 0)):
        numbers = await queries.numbers(replace(scope, year=year))
        assert numbers["year_overseas_talents"] == reached, year


@pytest.mark.parametrize(
    ("citizen", "studies", "reached"),
    [
        ("CN", ("DE", "doctor", None, None), 1),
        ("TW", ("US", "", date(2016, 1, 1), date(2017, 1, 1)), 1),
        ("CN", ("US", "", date(2016, 1, 1), date(2016, 12, 31)), 0),
        ("CN", ("US", "none", None, None), 0),
        ("CN", ("HK", "doctor", None, None), 0),
        ("CN", ("", "", None, None), 0),
        ("DE", ("US", "doctor", None, None), 0),
    ],
)
async def test_returnee_is_a_citizen_with_a_degree_or_twelve_months_abroad(
    db: None, citizen: str, studies: tuple[str, str, date | None, date | None], reached: int
) -> None:
    made = await world()
    number = await signed(made.luoyang, engagement="flexible")
    await agreements.transition(number, "contract", by=made.organiser, fact=paper("the contract"))
    await execute(
        "UPDATE talent SET nationality = $2, abroad_country = $3, abroad_degree = $4, abroad_from = $5, abroad_to = $6"
        " WHERE id = $1",
        made.luoyang.talent_id,
        citizen,
        *studies,
    )
    await execute("UPDATE agreement SET state = 'permit'")
    await agreements.transition(number, "arrived", by=made.organiser, fact=paper("social insurance"))
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    numbers = await queries.numbers(replace(scope, year=clock.now().year))
    assert numbers["year_overseas_talents"] == reached
    assert numbers["arrived"] == 1


async def test_foreign_expert_counts_in_the_year_in_which_the_funded_period_begins(db: None) -> None:
    made = await world()
    number = await signed(made.luoyang, engagement="flexible")
    for to in ("contract", "arrived"):
        await agreements.transition(number, to, by=made.organiser, fact=paper(f"paper of {to}"))
    funded = replace(paper("decree 9"), period=(date(2031, 3, 1), date(2032, 2, 29)))
    await agreements.transition(number, "funded", by=made.organiser, fact=funded)
    scope = await queries.scope_for(made.organiser, await event_by_id(made.event))
    for year, reached in ((2030, 0), (2031, 1), (2032, 0), (clock.now().year, 0)):
        assert (await queries.numbers(replace(scope, year=year)))["year_experts_funded"] == reached, year
