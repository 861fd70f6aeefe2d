"""The engine of rehearsals against formulas of queueing theory, and by hand."""

import random
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairs.checkin.rehearsal.queues import lanes_needed, longest_line, quantile, serve

PEOPLE = 200_000


def poisson(rate: float, chance: random.Random) -> list[float]:
    """Moments of arrivals that know nothing of each other, `rate` a second."""
    now, found = 0.0, []
    for _ in range(PEOPLE):
        now += chance.expovariate(rate)
        found.append(now)
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def erlang_c(lanes: int, load: float) -> float:
    """The share of people who wait at all; `load`: rate × mean service."""
    last = load**lanes / factorial(lanes) * lanes / (lanes - load)
    return last / (sum(load**n / factorial(n) for n in range(lanes)) + last)


@pytest.mark.parametrize(("lanes", "rate"), [(1, 0.7), (4, 3.2), (10, 8.5)])
def test_waits_with_exponential_services_are_those_of_erlang(lanes: int, rate: float) -> None:
    chance = random.Random(1)
    came = poisson(rate, chance)
    waits = serve(came, [chance.expovariate(1.0) for _ in came], lanes).waits
    assert mean(waits) == pytest.approx(erlang_c(lanes, rate) / (lanes - rate), rel=0.06)
    assert sum(wait > 0 for wait in waits) / PEOPLE == pytest.approx(erlang_c(lanes, rate), rel=0.04)


def test_waits_with_constant_service_are_those_of_pollaczek_and_khinchine() -> None:
    rate, seconds = 0.2, 4.0
    came = poisson(rate, random.Random(2))
    load = rate * seconds
    assert mean(serve(came, [seconds] * PEOPLE, 1).waits) == pytest.approx(load * seconds / (2 * (1 - load)), rel=0.04)


def test_nobody_waits_where_people_come_as_fast_as_they_are_served() -> None:
    assert max(serve([2.0 * n for n in range(100)], [2.0] * 100, 1).waits) == 0
    assert serve([0.0] * 4, [10.0] * 4, 2).waits == [0.0, 0.0, 10.0, 10.0]
    with pytest.raises(ValueError, match="lane"):
        serve([0.0], [1.0], 0)


def test_the_line_is_the_longest_of_each_span() -> None:
    served = serve([0.0, 0.0, 0.0, 25.0], [10.0, 10.0, 10.0, 1.0], 1)
    assert served.began == [0.0, 10.0, 20.0, 30.0]
    assert longest_line(served, 0.0, 10.0, 4) == [2, 2, 1, 1]


def test_quantiles_are_values_of_the_sample() -> None:
    assert (quantile([], 0.5), quantile([3.0, 1.0, 2.0], 0.5), quantile([1.0, 2.0, 3.0, 4.0], 0.95)) == (0.0, 2.0, 4.0)


arrivals = st.lists(st.floats(0, 600), min_size=1, max_size=60).map(sorted)


@given(arrivals, st.floats(1, 60), st.floats(0, 120))
def test_lanes_needed_are_the_fewest(came: list[float], seconds: float, longest: float) -> None:
    services = [seconds] * len(came)
    needed = lanes_needed(came, services, longest)
    assert quantile(serve(came, services, needed).waits, 0.95) <= longest
    assert needed == 1 or quantile(serve(came, services, needed - 1).waits, 0.95) > longest


@given(arrivals, st.floats(1, 60), st.integers(1, 5))
def test_no_lane_serves_two_at_once_and_none_idles_while_somebody_waits(
    came: list[float], seconds: float, lanes: int
) -> None:
    served = serve(came, [seconds] * len(came), lanes)
    for moment in served.began:
        assert sum(began <= moment < done for began, done in zip(served.began, served.done, strict=True)) <= lanes
    for arrived, began in zip(came, served.began, strict=True):
        if began > arrived:
            assert sum(b <= arrived < d for b, d in zip(served.began, served.done, strict=True)) == lanes
            assert began in served.done
