import asyncio

import pytest

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import db as database
from fairs.core import jobs
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound
from fairs.registrations import queries, rules, services
from fairs.registrations.forms import RegistrationForm
from tests import factories
from tests.cast import make_actor
from tests.fair import person


async def states(event_id: int) -> list[tuple[str, str, int | None]]:
    page = await queries.search(event=event_id, order="r.id", window=(1, 200, 0))
    return [(row.email, row.state, row.position) for row in page.rows]


async def test_first_comes_first_and_the_rest_wait(db: None) -> None:
    event = await factories.event(slug="hnzcyz-2018", capacity=2)
    year = factories.STARTS.year % 100
    made = [await services.register(event, person(number), by=SYSTEM) for number in range(4)]
    assert [(item.state, item.position) for item in made] == [
        ("confirmed", None),
        ("confirmed", None),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]
    assert made[0].number == f"HN{year}-{made[0].id:06d}"


async def test_capacity_is_exact_when_300_come_at_once(db: None) -> None:
    event = await factories.event(capacity=100)
    made = await asyncio.gather(*(services.register(event, person(number), by=SYSTEM) for number in range(300)))
    assert sum(item.state == "confirmed" for item in made) == 100
    assert sorted(item.position for item in made if item.position) == list(range(1, 201))
    waiting = await database.fetch("SELECT id FROM registration WHERE state = 'waitlisted' ORDER BY queue")
    by_id = {item.id: item.position for item in made}
    assert [by_id[row["id"]] for row in waiting] == list(range(1, 201))
    confirmed = [item.id for item in made if item.state == "confirmed"][:10]
    promoted = await asyncio.gather(*(services.cancel(number, by=SYSTEM) for number in confirmed))
    assert sorted(number for group in promoted for number in group) == sorted(row["id"] for row in waiting[:10])
    assert await queries.counts_by_state(event) == dict.fromkeys(rules.STATES, 0) | {
        "confirmed": 100,
        "waitlisted": 190,
        "cancelled": 10,
    }
    assert await database.fetchval("SELECT count(*) FROM badge WHERE revoked_at IS NULL") == 100


async def test_one_person_at_once_is_registered_once(db: None) -> None:
    event = await factories.event()
    form = person(email="Alice@Example.org")
    answers = await asyncio.gather(
        *(services.register(event, form, by=SYSTEM) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(item, services.Registered) for item in answers) == 1
    assert {item.code for item in answers if isinstance(item, Conflict)} == {"already_registered"}


async def test_database_refuses_a_second_live_registration(db: None) -> None:
    import asyncpg

    event = await factories.event()
    await factories.registration(event, email="a@example.org", number="T1")
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_registration_of_address"):
        await factories.registration(event, email="a@example.org", number="T2")


async def test_cancelled_person_may_register_again_behind_those_who_wait(db: None) -> None:
    event = await factories.event(capacity=1)
    first = await services.register(event, person(1), by=SYSTEM)
    second = await services.register(event, person(2), by=SYSTEM)
    assert await services.cancel(first.id, by=SYSTEM) == [second.id]
    again = await services.register(event, person(1), by=SYSTEM)
    assert (again.state, again.position) == ("waitlisted", 1)
    assert await states(event) == [
        ("p1@example.org", "cancelled", None),
        ("p2@example.org", "confirmed", None),
        ("p1@example.org", "waitlisted", 1),
    ]


async def test_position_moves_up_when_somebody_before_leaves(db: None) -> None:
    event = await factories.event(capacity=0)
    made = [await services.register(event, person(number), by=SYSTEM) for number in range(3)]
    await services.cancel(made[0].id, by=SYSTEM)
    assert [item[2] for item in await states(event)] == [None, 1, 2]
    late = await services.register(event, person(9), by=SYSTEM)
    assert late.position == 3


async def test_raised_capacity_goes_to_those_who_wait_before_a_newcomer(db: None) -> None:
    event = await factories.event(capacity=1)
    for number in range(3):
        await services.register(event, person(number), by=SYSTEM)
    await database.execute("UPDATE event SET capacity = 2 WHERE id = $1", event)
    late = await services.register(event, person(9), by=SYSTEM)
    assert (late.state, late.position) == ("waitlisted", 2)
    await database.execute("UPDATE event SET capacity = NULL WHERE id = $1", event)
    await services.fill_places({"event": event})
    await services.fill_places({"event": event})
    assert {item[1] for item in await states(event)} == {"confirmed"}


@pytest.mark.parametrize("state", ["draft", "closed"])
async def test_event_that_is_not_open_takes_nobody(db: None, state: str) -> None:
    event = await factories.event(state=state)
    with pytest.raises(Conflict) as refused:
        await services.register(event, person(), by=SYSTEM)
    assert refused.value.code == "not_open"
    with pytest.raises(NotFound):
        await services.register(event + 1, person(), by=SYSTEM)


async def test_cancelling_twice_is_a_conflict_and_strangers_find_nothing(db: None) -> None:
    event = await factories.event()
    alice, bob = await make_actor("candidate"), await make_actor("candidate", email="bob@example.org", name="Bob")
    made = await services.register(event, person(), by=alice)
    for stranger in (bob, Actor(None, "", "nobody")):
        with pytest.raises(NotFound):
            await services.cancel(made.id, by=stranger)
    assert await services.cancel(made.id, by=alice) == []
    with pytest.raises(Conflict):
        await services.cancel(made.id, by=alice)


async def test_people_register_themselves_whatever_address_they_send(db: None) -> None:
    event = await factories.event()
    alice = await make_actor("candidate")
    await services.register(event, person(email="victim@example.org"), by=alice)
    assert [item[0] for item in await states(event)] == ["alice@example.org"]


async def test_session_places_are_exact_and_a_full_one_refuses_the_whole_registration(db: None) -> None:
    event = await factories.event()
    await factories.session(event, "forum", capacity=5)
    await factories.session(event, "open")
    forms = [person(number, sessions=["forum", "open"]) for number in range(20)]
    answers = await asyncio.gather(
        *(services.register(event, form, by=SYSTEM) for form in forms), return_exceptions=True
    )
    assert sum(isinstance(item, services.Registered) for item in answers) == 5
    assert {item.code for item in answers if isinstance(item, Conflict)} == {"session_full"}
    counts = await database.fetch("SELECT count(*) AS n FROM registration_session GROUP BY session")
    assert [row["n"] for row in counts] == [5, 5]
    assert len(await states(event)) == 5


async def test_cancelled_registration_gives_its_session_places_back(db: None) -> None:
    event = await factories.event()
    await factories.session(event, capacity=1)
    first = await services.register(event, person(1, sessions=["forum"]), by=SYSTEM)
    await services.cancel(first.id, by=SYSTEM)
    second = await services.register(event, person(2, sessions=["forum", "forum"]), by=SYSTEM)
    assert [row.code for row in await queries.sessions_signed_up(second.id)] == ["forum"]


async def test_unknown_session_and_one_without_sign_up_are_refused(db: None) -> None:
    event = await factories.event()
    await factories.session(event, "talk", sign_up=False)
    for code in ("talk", "nothing"):
        with pytest.raises(Invalid) as refused:
            await services.register(event, person(sessions=[code]), by=SYSTEM)
        assert list(refused.value.fields) == ["sessions"]


async def test_talent_of_the_same_address_is_linked(db: None) -> None:
    event = await factories.event()
    talent = await factories.talent(email="p1@example.org")
    made = await services.register(event, person(1), by=SYSTEM)
    assert (await queries.registration_by_id(made.id)).talent == talent


@pytest.mark.parametrize(
    "q",
    [
        "张晓",
        "zhang",
        "zhangxiaoming",
        "zxm",
        "xiaoming zhang",
        "émile",
        "EMILE",
        "p1@exam",
        "5678",
        "1234-5678",
        "工业大学",
    ],
)
async def test_person_is_found_by_every_key(db: None, q: str) -> None:
    event = await factories.event()
    await services.register(
        event,
        person(
            1,
            name_native="张晓明",
            name_passport="Emile ZHANG",
            organisation="河南工业大学 École Émile",
            phone="+86 138-1234-5678",
        ),
        by=SYSTEM,
    )
    await services.register(event, person(2, name_native="李娜", name_passport="Li Na"), by=SYSTEM)
    page = await queries.search(event=event, q=q)
    assert [row.email for row in page.rows] == ["p1@example.org"]


@pytest.mark.parametrize("q", ["%", "_", "\0", "zhang li", "\\"])
async def test_wildcards_find_nobody(db: None, q: str) -> None:
    event = await factories.event()
    await services.register(event, person(1, name_native="张晓明"), by=SYSTEM)
    assert (await queries.search(event=event, q=q)).total == (1 if q == "\0" else 0)


async def test_audit_log_knows_who_registered_and_promoted(db: None) -> None:
    event = await factories.event(capacity=1)
    made = [await services.register(event, person(number), by=SYSTEM) for number in range(2)]
    await services.cancel(made[0].id, by=SYSTEM, reason="ill")
    rows = await database.fetch(
        "SELECT action, object_id FROM audit_entry WHERE object_kind = 'registration' ORDER BY id"
    )
    first, second = (str(item.id) for item in made)
    assert [tuple(row) for row in rows] == [
        ("registration.create", first),
        ("registration.create", second),
        ("registration.cancel", first),
        ("registration.promote", second),
    ]


async def test_raised_capacity_promotes_those_who_wait(db: None, dsn: str) -> None:
    from fairs.events import services as events
    from fairs.events.forms import EventForm

    event = await factories.event(slug="small-fair", capacity=1)
    for number in range(3):
        form = RegistrationForm(email=f"p{number}@example.org", name_passport=f"Person {number}")
        await services.register(event, form, by=SYSTEM)
    stored = await database.fetchrow("SELECT * FROM event WHERE id = $1", event)
    assert stored is not None
    edited = EventForm(
        slug="small-fair",
        kind="conference",
        title_zh=stored["title_zh"],
        title_en=stored["title_en"],
        unit="410000",
        starts_at=stored["starts_at"],
        ends_at=stored["ends_at"],
        capacity=2,
    )
    await events.update_event("small-fair", edited, by=SYSTEM, confirmed="yes")
    await jobs.drain(dsn)
    rows = await database.fetch("SELECT state, count(*) FROM registration GROUP BY state ORDER BY state")
    assert [tuple(row) for row in rows] == [("confirmed", 2), ("waitlisted", 1)]


async def test_representative_is_counted_for_the_employer(db: None) -> None:
    event, organisation = await factories.event(), await factories.organisation()
    await make_actor("employer", email="rep@example.org", organisation_id=organisation)
    form = RegistrationForm(email="rep@example.org", name_passport="Li Wei", category="employer")
    made = await services.register(event, form, by=SYSTEM)
    assert await database.fetchval("SELECT organisation FROM registration WHERE id = $1", made.id) == organisation


async def test_one_that_is_refused_costs_those_of_its_batch_nothing(db: None) -> None:
    event = await factories.event(capacity=3)
    await factories.session(event, "forum", capacity=1)
    forms = [
        person(1, sessions=["forum"]),
        person(2, sessions=["nowhere"]),
        person(3, sessions=["forum"]),
        person(1),
        person(4, name_passport="No\0body"),
        person(5),
        person(6),
        person(7),
    ]
    made = await asyncio.gather(*(services.register(event, form, by=SYSTEM) for form in forms), return_exceptions=True)
    assert isinstance(made[0], services.Registered)
    assert isinstance(made[1], Invalid)
    refusals = [(item.code, item.extra.get("number")) for item in made if isinstance(item, Conflict)]
    assert refusals == [("session_full", None), ("already_registered", made[0].number)]
    assert isinstance(made[4], Exception)
    assert await states(event) == [
        ("p1@example.org", "confirmed", None),
        ("p5@example.org", "confirmed", None),
        ("p6@example.org", "confirmed", None),
        ("p7@example.org", "waitlisted", 1),
    ]


async def test_a_batch_keeps_who_did_it_and_where_the_request_came_from(db: None) -> None:
    from fairs.audit.services import set_origin

    event = await factories.event()
    organisers = [await make_actor("organiser", email=f"o{n}@example.org", name=f"Olga {n}") for n in range(3)]

    async def ask(number: int) -> None:
        set_origin(f"request-{number}", f"192.0.2.{number}")
        await services.register(event, person(number), by=organisers[number])

    await asyncio.gather(*(asyncio.create_task(ask(number)) for number in range(3)))
    rows = await database.fetch(
        "SELECT r.email, a.actor_account_id, a.request_id, a.ip FROM audit_entry a JOIN registration r"
        " ON r.id::text = a.object_id WHERE a.action = 'registration.create' ORDER BY r.email"
    )
    assert [tuple(row) for row in rows] == [
        (f"p{n}@example.org", organisers[n].account_id, f"request-{n}", f"192.0.2.{n}") for n in range(3)
    ]
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'registration_confirmed'") == 3


async def test_cancellation_is_undone_only_while_the_place_is_free(db: None) -> None:
    event = await factories.event(capacity=1)
    alice = await make_actor("candidate")
    made = await services.register(event, person(), by=alice)
    waiting = await services.register(event, person(2), by=SYSTEM)
    assert await services.cancel(made.id, by=alice) == [waiting.id]
    with pytest.raises(Conflict) as refused:
        await services.restore(made.id, reason="by mistake", by=alice)
    assert refused.value.code == "place_given"
    await services.cancel(waiting.id, by=SYSTEM)
    assert await services.restore(made.id, reason="by mistake", by=alice) == "confirmed"
    assert [item[1] for item in await states(event)].count("confirmed") == 1


async def test_undoing_ends_after_ten_minutes_and_belongs_to_who_did_it(db: None) -> None:
    event = await factories.event()
    alice = await make_actor("candidate")
    organiser = await make_actor("organiser", email="organiser@example.org")
    made = await services.register(event, person(), by=alice)
    await services.cancel(made.id, by=organiser, reason="Registered twice")
    with pytest.raises(Forbidden):
        await services.restore(made.id, reason="mine again", by=alice)
    with pytest.raises(Invalid):
        await services.restore(made.id, reason=" ", by=organiser)
    await database.execute("UPDATE registration SET cancelled_at = now() - interval '11 minutes'")
    with pytest.raises(Conflict) as refused:
        await services.restore(made.id, reason="by mistake", by=organiser)
    assert refused.value.code == "too_late"


async def test_two_cancelled_ones_never_come_back_to_one_place(db: None) -> None:
    event = await factories.event(capacity=1)
    organiser = await make_actor("organiser", email="organiser@example.org")
    made = []
    for n in range(2):
        made.append((await services.register(event, person(n), by=SYSTEM)).id)
        await services.cancel(made[-1], by=organiser, reason="by mistake")
    done = await asyncio.gather(
        *(services.restore(one, reason="undo it", by=organiser) for one in made), return_exceptions=True
    )
    assert sorted(isinstance(one, Conflict) for one in done) == [False, True]
