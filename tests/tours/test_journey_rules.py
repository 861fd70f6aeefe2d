"""Pick-ups bundled by time, rooms by wishes, and conflicts of journeys, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fairs.core.errors import Invalid
from fairs.tours.logistics.hotels import room_names
from fairs.tours.logistics.rules import Beds, Case, Comer, Guest, Sleeping, Speaker, bundles, conflicts, rooms_for
from fairs.tours.logistics.tables import Direction
from fairs.tours.papers.forms import filled
from fairs.tours.papers.letters import initials_of
from fairs.tours.rules import Facts, Warned
from fairs.tours.tables import StopKind, StopState

NOON = datetime(2027, 10, 22, 4, tzinfo=UTC)


def minutes(number: int) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def come(*at: int, place: str = "CGO") -> list[Comer]:
    """People who arrive so many minutes after noon."""
    return [Comer(number, NOON + minutes(late), place) for number, late in enumerate(at)]


def test_nobody_waits_longer_than_said_and_no_ride_is_too_full() -> None:
    made = bundles(come(0, 50, 60, 61, 130), Direction.ARRIVAL, wait=minutes(60), ahead=minutes(0), seats=45)
    assert [one.members for one in made] == [(0, 1, 2), (3,), (4,)]
    assert [one.leaves_at for one in made] == [NOON + minutes(60), NOON + minutes(61), NOON + minutes(130)]
    made = bundles(come(0, 1, 2, 3, 4), Direction.ARRIVAL, wait=minutes(60), ahead=minutes(0), seats=2)
    assert [len(one.members) for one in made] == [2, 2, 1]
    [away] = bundles(come(30, 10), Direction.DEPARTURE, wait=minutes(60), ahead=minutes(150), seats=9)
    assert away.leaves_at == NOON + minutes(10 - 150), "in time for the first"
    apart = bundles(
        [*come(0), Comer(7, NOON, "Station")], Direction.ARRIVAL, wait=minutes(60), ahead=minutes(0), seats=9
    )
    assert len(apart) == 2, "two places are two rides"
    assert bundles([], Direction.ARRIVAL, wait=minutes(0), ahead=minutes(0), seats=1) == []


def test_rooms_keep_wishes_and_pairs_of_the_same_sex_unless_they_ask_for_each_other() -> None:
    ann = Guest(1, "f", "any", "bob", frozenset({"ann"}))
    bob = Guest(2, "m", "any", "ann", frozenset({"bob"}))
    wants = Guest(3, "f", "any", "ann", frozenset({"cleo"}))
    alone, dave, ed = Guest(4, "m", "single"), Guest(5, "m"), Guest(6, "m")
    unknown = Guest(7)
    rooms = [Beds(10, 2), Beds(11, 2), Beds(12, 2), Beds(20, 1), Beds(21, 1)]
    found, left = rooms_for([ann, bob, wants, alone, dave, ed, unknown], rooms)
    assert left == []
    assert found[1] == found[2], "they ask for each other"
    assert found[4] == 20
    assert found[5] == found[6]
    together = {room: sorted(member for member, other in found.items() if other == room) for room in found.values()}
    assert [3] in together.values(), "was asked for by nobody"
    assert [7] in together.values(), "shares with nobody whom the person has not asked for"


def test_rooms_that_are_short_leave_the_rest_and_those_by_hand_stay() -> None:
    found, left = rooms_for(
        [Guest(1, "m"), Guest(2, "m"), Guest(3, "m"), Guest(4, "f")], [Beds(10, 2, (4,)), Beds(11, 2)]
    )
    assert found == {1: 11, 2: 11}
    assert left == [3], "not into the room of a woman"
    found, _ = rooms_for([Guest(1, "f"), Guest(4, "f")], [Beds(10, 2, (4,))])
    assert found == {1: 10}, "the free bed beside somebody of the same sex"
    found, left = rooms_for([Guest(1, "f"), Guest(4, "f", "single")], [Beds(10, 2, (4,))])
    assert (found, left) == ({}, [1]), "who wants to be alone stays alone"


def _stop(number: int, begins: int, *groups: int) -> Facts:
    start = NOON + minutes(begins)
    return Facts(
        number,
        StopKind.VISIT,
        StopState.CONFIRMED,
        start,
        start + minutes(60),
        "",
        hosted=True,
        groups=frozenset(groups),
    )


def test_conflicts_of_vehicles_rooms_arrivals_and_interpreters() -> None:
    case = Case(
        stops=[_stop(1, 0, 7), _stop(2, 30, 8), _stop(3, 300)],
        sizes={7: 14, 8: 50},
        vehicles={1: ("Coach", 45), 2: ("Bus", 19)},
        at_stops={1: [1], 2: [1], 3: [1, 2]},
        pickups=[(2, 20, NOON - minutes(300), "CGO"), (None, 3, NOON, "Station"), (2, 0, NOON, "empty")],
        rooms=[
            Sleeping("801", 1, date(2027, 10, 22), date(2027, 10, 23), (1, 2)),
            Sleeping("802", 2, date(2027, 10, 23), date(2027, 10, 24), (2,)),
        ],
        names={1: "Ann", 2: "Bob"},
        arrivals=[(1, 7, NOON + minutes(1)), (2, 8, NOON + minutes(1))],
        interpreters=[Speaker(1, "Li", 7, frozenset({2}))],
        letters=[2, 99],
    )
    found = conflicts(case)
    assert [one.kind for one in found] == [
        Warned.VEHICLE_FULL,
        Warned.PICKUP_FULL,
        Warned.NO_VEHICLE,
        Warned.VEHICLE_TWICE,
        Warned.ROOM,
        Warned.TWO_ROOMS,
        Warned.LATE,
        Warned.INTERPRETER,
        Warned.LETTER,
        Warned.NIGHT,
    ]
    assert next(one for one in found if one.kind == Warned.LATE).numbers == {"person": "Ann"}
    assert conflicts(Case([], {}, {}, {}, [])) == []


def test_numbers_of_rooms() -> None:
    assert room_names("801, 803-805；A07 - A09") == ["801", "803", "804", "805", "A07", "A08", "A09"]
    assert room_names("801，801") == ["801"]
    for wrong in ("", " , ", "x" * 21, "1-501,1000-1400"):
        with pytest.raises(Invalid):
            room_names(wrong)


def test_a_letter_is_filled_in_and_shows_initials_only() -> None:
    assert filled("{name} {other} {", {"name": "{born}", "born": "1"}) == "{born} {other} {"
    assert initials_of("Maria García-López de la Cruz") == "M. G. L."
    assert initials_of("李 3") == "李."


def test_everybody_has_a_bed_in_the_nights_between_coming_and_going() -> None:
    first, second, third = (date(2027, 10, day) for day in (22, 23, 24))
    case = Case(
        (),
        {},
        {},
        {},
        (),
        rooms=(Sleeping("801", 2, first, second, (1, 2)), Sleeping("1", 1, third, third, (1,))),
        names={1: "All nights", 2: "No third night", 3: "Comes on the last", 4: "Goes before it", 5: "Was never here"},
        stays={3: (third, None), 4: (first, third), 5: (None, first)},
    )
    found = {one.numbers["person"]: (one.numbers["nights"], one.numbers["day"]) for one in conflicts(case)}
    assert found == {
        "No third night": (1, "2027-10-24"),
        "Comes on the last": (1, "2027-10-24"),
        "Goes before it": (2, "2027-10-22"),
    }
