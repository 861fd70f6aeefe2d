"""The rules against a plain model: a person walks in and out, scans arrive in any order of devices."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from fairs.checkin.rules import BatchState, GateRules, Scan, ScanContext, decide

NINE = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)


def _scan(minute: int, direction: str, device: int = 1) -> Scan:
    at = NINE + timedelta(minutes=minute)
    return Scan(str(uuid4()), uuid4(), "main-in", "code", at, direction, False, device, uid=b"12345678", token="T")


def _found(person: int, capacity: int | None = None) -> ScanContext:
    gate = GateRules(1, capacity=capacity)
    return ScanContext(gate=gate, genuine=True, badge=person, registration=person, day=date(2018, 10, 27))


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["in", "out"])), max_size=40), st.integers(0, 3))
def test_never_more_inside_than_places(moves: list[tuple[int, str]], capacity: int) -> None:
    state, inside = BatchState(), set()
    for minute, (person, direction) in enumerate(moves):
        result = decide(_scan(minute, direction), _found(person, capacity), state)
        if direction == "out":
            assert result.outcome == "admitted"
            inside.discard(person)
        elif person in inside:
            assert result.outcome == "already"
        elif len(inside) >= capacity:
            assert result.reason == "full"
        else:
            assert result.outcome == "admitted"
            inside.add(person)
        assert state.inside.get((1, date(2018, 10, 27)), 0) == len(inside)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_each_person_is_admitted_once_however_often_scanned(people: list[int]) -> None:
    state = BatchState()
    outcomes = [decide(_scan(minute, "in"), _found(person), state).outcome for minute, person in enumerate(people)]
    assert outcomes.count("admitted") == len(set(people)) == len(state.admissions)
