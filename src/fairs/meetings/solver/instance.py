"""A hall problem converted to numbers: people and employers by index, availability as sets of slots in one integer."""

from dataclasses import dataclass

from fairs.meetings.solver.problem import SCORE_LIMIT, Candidate, Employer, Problem

SLOT_LIMIT = 500
TABLE_LIMIT = 2_000


class BadProblem(ValueError):
    """An inconsistent problem; the message is one sentence for a person."""


@dataclass(slots=True)
class Side:
    """One side of the hall. `free`: a bit for each slot; `seats`: meetings at once; `most` and `least` in total."""

    ids: list[str]
    free: list[int]
    seats: list[int]
    most: list[int]
    least: list[int]
    asked: list[int]
    """The requested minimum; `least` is reduced to what the own limit allows."""

    def room(self, at: int) -> int:
        """The most meetings that fit in total, 0 and up."""
        return min(self.most[at], self.seats[at] * self.free[at].bit_count())


@dataclass(slots=True)
class Instance:
    """The problem by index. Pair `p` joins `left[p]` and `right[p]`; pins are pairs too, listed or not."""

    slots: int
    people: Side
    employers: Side
    left: list[int]
    right: list[int]
    score: list[int]
    must: list[bool]
    pins: list[tuple[int, int, int | None]]
    """(pair, slot, table) in the order of input."""
    rests: frozenset[int]
    nights: frozenset[int]

    def common(self, pair: int) -> int:
        """The slots in which both are free, as bits."""
        return self.people.free[self.left[pair]] & self.employers.free[self.right[pair]]


def read(problem: Problem) -> Instance:
    """Raises BadProblem for unknown or repeated ids, repeated pairs, slots outside the day, negative or absurd numbers."""
    _check_count("slots", problem.slots, 0, SLOT_LIMIT)
    people = _side("candidate", problem.candidates, problem.slots)
    employers = _side("employer", problem.employers, problem.slots)
    for pause in (*problem.rests, *problem.nights):
        _check_count("the slot after a pause", pause, 0, problem.slots - 1)
    pauses = frozenset(problem.rests), frozenset(problem.nights)
    house = Instance(problem.slots, people, employers, [], [], [], [], [], *pauses)
    where = {name: at for at, name in enumerate(people.ids)}, {name: at for at, name in enumerate(employers.ids)}
    places: dict[tuple[int, int], int] = {}
    for pair in problem.pairs:
        both = _ends(pair.candidate, pair.employer, where)
        if both in places:
            raise BadProblem(f"the pair {pair.candidate} and {pair.employer} is listed twice")
        _check_count(f"score of {pair.candidate} and {pair.employer}", pair.score, -SCORE_LIMIT, SCORE_LIMIT)
        places[both] = _add(house, both, pair.score, pair.must)
    for pin in problem.pinned:
        both = _ends(pin.candidate, pin.employer, where)
        _check_count(f"pinned slot of {pin.candidate} and {pin.employer}", pin.slot, 0, problem.slots - 1)
        if both not in places:  # a person placed it there: it is kept, with score 0
            places[both] = _add(house, both, 0, False)
        house.pins.append((places[both], pin.slot, pin.table))
    return house


def _add(house: Instance, both: tuple[int, int], score: int, must: bool) -> int:
    house.left.append(both[0])
    house.right.append(both[1])
    house.score.append(score)
    house.must.append(must)
    return len(house.left) - 1


def _ends(candidate: str, employer: str, where: tuple[dict[str, int], dict[str, int]]) -> tuple[int, int]:
    if candidate not in where[0]:
        raise BadProblem(f"no candidate has the id {candidate}")
    if employer not in where[1]:
        raise BadProblem(f"no employer has the id {employer}")
    return where[0][candidate], where[1][employer]


def _side(name: str, members: tuple[Candidate, ...] | tuple[Employer, ...], slots: int) -> Side:
    side = Side([], [], [], [], [], [])
    seen: set[str] = set()
    for member in members:
        if member.id in seen:
            raise BadProblem(f"two {name}s have the id {member.id}")
        seen.add(member.id)
        seats = member.tables if isinstance(member, Employer) else 1
        _check_count(f"tables of {member.id}", seats, 0, TABLE_LIMIT)
        most = seats * slots if member.max is None else member.max
        _check_count(f"maximum of {member.id}", most, 0, None)
        _check_count(f"minimum of {member.id}", member.min, 0, None)
        side.ids.append(member.id)
        side.free.append(_bits(member.id, member.available, slots) if seats else 0)
        side.seats.append(seats)
        side.most.append(most)
        side.asked.append(member.min)
        side.least.append(0)
    for at in range(len(side.ids)):
        side.least[at] = min(side.asked[at], side.room(at))
    return side


def _bits(name: str, available: tuple[int, ...] | None, slots: int) -> int:
    if available is None:
        return (1 << slots) - 1
    bits = 0
    for slot in available:
        _check_count(f"a free slot of {name}", slot, 0, slots - 1)
        bits |= 1 << slot
    return bits


def _check_count(what: str, value: int, least: int, most: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadProblem(f"{what} must be a whole number")
    if value < least or (most is not None and value > most):
        limits = f"between {least} and {most}" if most is not None else f"{least} or more"
        raise BadProblem(f"{what} is {value}, it must be {limits}")


def slots_of(bits: int) -> list[int]:
    """The slots of a set, in order."""
    slots = []
    while bits:
        low = bits & -bits
        slots.append(low.bit_length() - 1)
        bits ^= low
    return slots
