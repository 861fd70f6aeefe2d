"""Conflicts of a tour, drives between cities, and the steps of its members."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairs.tours import distances, rules
from fairs.tours.rules import Facts, Warned
from fairs.tours.tables import MemberState, StopKind, StopState
from fairs.units import catalogues

NINE = datetime(2027, 10, 23, 1, tzinfo=UTC)
SPAN = (NINE - timedelta(hours=1), NINE + timedelta(days=4, hours=9), "Asia/Shanghai")


def stop(number: int, hour: float = 0, length: float = 1.5, **given: Any) -> Facts:
    begins = NINE + timedelta(hours=hour)
    values: dict[str, Any] = {"kind": StopKind.VISIT, "state": StopState.CONFIRMED, "unit": "410300", "hosted": True}
    return Facts(id=number, starts_at=begins, ends_at=begins + timedelta(hours=length), **(values | given))


def found(*stops: Facts, sizes: dict[int | None, int] | None = None) -> list[tuple[Warned, int | None, int | None]]:
    told = rules.conflicts(stops, sizes or {None: 10}, SPAN, distances.drive_hours)
    return [(one.kind, one.stop, one.other) for one in told]


def test_a_tour_in_order_has_none() -> None:
    assert found(stop(1), stop(2, 2), stop(3, 30, unit="410100")) == []


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        ({"hour": 1}, Warned.OVERLAP),
        ({"hour": 2, "unit": "410100"}, Warned.TRAVEL),
        ({"hour": 24 * 6}, Warned.OUTSIDE),
        ({"hour": 2, "state": StopState.PLANNED}, Warned.NOT_ASKED),
        ({"hour": 2, "state": StopState.ASKED}, Warned.NOT_ANSWERED),
        ({"hour": 2, "state": StopState.DECLINED}, Warned.DECLINED),
        ({"hour": 2, "hosted": False}, Warned.NO_HOST),
        ({"hour": 2, "places": 9}, Warned.CROWDED),
    ],
)
def test_each_kind(second: dict[str, Any], kind: Warned) -> None:
    [(what, one, other)] = found(stop(1), stop(2, **second))
    assert what == kind
    assert {one, other} - {None} == ({1, 2} if kind in (Warned.OVERLAP, Warned.TRAVEL) else {2})


def test_groups_apart_do_not_meet() -> None:
    apart = stop(1, groups=frozenset({1})), stop(2, 1, groups=frozenset({2}))
    assert found(*apart, sizes={1: 5, 2: 5}) == []
    assert found(*apart, stop(3, 1.2), sizes={1: 5, 2: 5}) == [(Warned.OVERLAP, 1, 3), (Warned.OVERLAP, 2, 3)]
    assert found(*apart, sizes={1: 5, 2: 5, None: 1}) == [(Warned.UNGROUPED, None, None)]
    small = stop(4, 5, places=5, groups=frozenset({1}))
    assert found(small, sizes={1: 5, 2: 50}) == []
    assert found(small, sizes={1: 6, 2: 50}) == [(Warned.CROWDED, 4, None)]


def test_a_transfer_and_a_cancelled_stop_are_in_nobodys_way() -> None:
    ride = stop(2, 1.5, 3, kind=StopKind.TRANSFER, unit="410100", hosted=False, state=StopState.PLANNED)
    assert found(stop(1), ride, stop(3, 4.5, unit="410100")) == []
    assert found(stop(1), stop(2, 0, state=StopState.CANCELLED)) == []


def test_a_drive_is_looked_at_between_stops_that_follow_each_other_for_somebody() -> None:
    one, two = frozenset({1}), frozenset({2})
    both = stop(1), stop(2, 2, groups=one), stop(3, 2, groups=two, unit="410100")
    assert found(*both, sizes={1: 2, 2: 2}) == [(Warned.TRAVEL, 1, 3)]


def test_drives() -> None:
    codes = catalogues.keys("units")
    assert len(codes) == 30
    for one in codes:
        assert distances.drive_hours(one, one) == 0
        for other in codes:
            hours = distances.drive_hours(one, other)
            assert hours == distances.drive_hours(other, one)
            assert one == other or 0.25 <= hours <= 9
            assert (hours * 4).is_integer()
    assert 1.5 <= distances.drive_hours("410100", "410300") <= 2.5, "Zhengzhou to Luoyang"
    assert distances.hours_between(["410100", "410300"])["410100"].keys() == {"410300"}


def test_steps() -> None:
    for state in MemberState:
        assert state in rules.STEPS
        for target in rules.OWN_STEPS.get(state, ()):
            assert rules.may_step(state, target, own=True)
    assert not rules.may_step(MemberState.INVITED, MemberState.APPROVED)
    assert not rules.may_step(MemberState.ACCEPTED, MemberState.APPROVED, own=True), (
        "nobody gives a place to themselves"
    )
    reached, new = {MemberState.SUBSTITUTE}, {MemberState.SUBSTITUTE}
    while new:
        new = {target for state in new for target in rules.STEPS[state]} - reached
        reached |= new
    assert reached == set(MemberState)
