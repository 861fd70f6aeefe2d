"""Small halls for the tests: drawn at random, and solved by trying everything."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hypothesis import strategies as st

from fairs.meetings.solver.problem import Candidate, Employer, Pair, Pin, Problem


@st.composite
def halls(draw: st.DrawFn, *, all_free: bool = False, wishes: bool = True, pins: bool = True) -> Problem:
    """Up to 3 × 3 people, 3 slots and 6 pairs: few enough to try every timetable."""
    slots = draw(st.integers(1, 3))
    free = (
        st.none()
        if all_free
        else st.none() | st.lists(st.integers(0, slots - 1), unique=True, max_size=slots).map(tuple)
    )
    least = st.integers(0, 2) if wishes else st.just(0)
    people = [
        Candidate(f"c{i}", draw(free), draw(st.none() | st.integers(0, 3)), draw(least))
        for i in range(draw(st.integers(1, 3)))
    ]
    employers = [
        Employer(f"e{j}", draw(free), draw(st.integers(0, 2)), draw(st.none() | st.integers(0, 4)), draw(least))
        for j in range(draw(st.integers(1, 3)))
    ]
    every = [(c.id, e.id) for c in people for e in employers]
    ends = draw(st.lists(st.sampled_from(every), unique=True, max_size=6))
    score = st.integers(-2, 9) if wishes else st.integers(0, 9)
    must = st.booleans() if wishes else st.just(False)
    pairs = tuple(Pair(*both, draw(score), draw(must)) for both in ends)
    pinned = [Pin(*both, draw(st.integers(0, slots - 1))) for both in ends if pins and draw(st.integers(0, 3)) == 0]
    return Problem(slots, tuple(people), tuple(employers), pairs, tuple(pinned))


@dataclass(frozen=True, order=True, slots=True)
class Worth:
    """A timetable's worth, the more important first: pins kept, musts held, meetings missing (negative), score."""

    pins: int
    musts: int
    missing: int
    objective: int


def best(problem: Problem) -> Worth:
    """The worth of the best of all timetables."""
    return max(_worth(problem, chosen) for chosen in _timetables(problem))


def best_of_same(problem: Problem, pins: int, musts: int, missing: int) -> int:
    """The best score of all timetables that keep at least so many pins and musts, and lack at most so much."""
    worths = [_worth(problem, chosen) for chosen in _timetables(problem)]
    return max(w.objective for w in worths if w.pins >= pins and w.musts >= musts and w.missing >= missing)


def _timetables(problem: Problem) -> Iterator[dict[Pair, int]]:
    for slots in product([None, *range(problem.slots)], repeat=len(problem.pairs)):
        chosen = {pair: slot for pair, slot in zip(problem.pairs, slots, strict=True) if slot is not None}
        if _legal(problem, chosen):
            yield chosen


def _legal(problem: Problem, chosen: dict[Pair, int]) -> bool:
    people, employers = {c.id: c for c in problem.candidates}, {e.id: e for e in problem.employers}
    seats = Counter((pair.employer, slot) for pair, slot in chosen.items())
    places = Counter((pair.candidate, slot) for pair, slot in chosen.items())
    totals = Counter(end for pair in chosen for end in (pair.candidate, pair.employer))
    return (
        all(count <= employers[name].tables for (name, _), count in seats.items())
        and all(count == 1 for count in places.values())
        and all(_within(totals[one.id], one.max) for one in _everybody(problem))
        and all(
            free is None or slot in free
            for pair, slot in chosen.items()
            for free in (people[pair.candidate].available, employers[pair.employer].available)
        )
    )


def _everybody(problem: Problem) -> list[Candidate | Employer]:
    return [*problem.candidates, *problem.employers]


def _within(count: int, most: int | None) -> bool:
    return most is None or count <= most


def _worth(problem: Problem, chosen: dict[Pair, int]) -> Worth:
    at = {(pair.candidate, pair.employer): slot for pair, slot in chosen.items()}
    totals = Counter(end for pair in chosen for end in (pair.candidate, pair.employer))
    return Worth(
        sum(at.get((pin.candidate, pin.employer)) == pin.slot for pin in problem.pinned),
        sum(pair.must for pair in chosen),
        -sum(max(0, one.min - totals[one.id]) for one in _everybody(problem)),
        sum(pair.score for pair in chosen),
    )
