"""The rules against a plain model: a person walks in and out, scans arrive in any order of devices."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from fairs.checkin.rules import Found, GateRules, Ledger, Scan, decide

NINE = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)


def _scan(minute: int, direction: str, device: int = 1) -> Scan:
    at = NINE + timedelta(minutes=minute)
    return Scan(str(uuid4()), uuid4(), "main-in", "code", at, direction, False, device, uid=b"12345678", token="T")


def _found(person: int, capacity: int | None = None) -> Found:
    gate = GateRules(1, capacity=capacity)
    return Found(gate=gate, genuine=True, badge=person, registration=person, day=date(2018, 10, 27))


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["in", "out"])), max_size=40), st.integers(0, 3))
def test_never_more_inside_than_places(moves: list[tuple[int, str]], capacity: int) -> None:
    ledger, inside = Ledger(), set()
    for minute, (person, direction) in enumerate(moves):
        result = decide(_scan(minute, direction), _found(person, capacity), ledger)
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
        assert ledger.inside.get((1, date(2018, 10, 27)), 0) == len(inside)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_each_person_is_admitted_once_however_often_scanned(people: list[int]) -> None:
    ledger = Ledger()
    outcomes = [decide(_scan(minute, "in"), _found(person), ledger).outcome for minute, person in enumerate(people)]
    assert outcomes.count("admitted") == len(set(people)) == len(ledger.admissions)
