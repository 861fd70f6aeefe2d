"""Halls of a given size, always the same for a seed: some employers are wanted by many, most by few."""

from random import Random

from fairs.meetings.solver.problem import Candidate, Employer, Pair, Problem


def hall(
    people: int = 60,
    employers: int = 20,
    slots: int = 8,
    *,
    free: float = 1.0,
    wishes: int = 8,
    musts: float = 0.0,
    least: tuple[int, int] = (0, 0),
    seed: int = 1,
) -> Problem:
    """`free` is the share of slots in which somebody is there, `musts` the share of people with one, `least` the minimums
    of people and employers."""
    chance = Random(seed)

    def hours() -> tuple[int, ...] | None:
        if free >= 1:
            return None
        return tuple(slot for slot in range(slots) if chance.random() < free) or (chance.randrange(slots),)

    found = [Candidate(f"c{i}", hours(), 4, least[0]) for i in range(people)]
    hosts = [Employer(f"e{j}", hours(), chance.choice((1, 2, 3)), None, least[1]) for j in range(employers)]
    pairs = []
    for person in found:
        wanted = sorted({int(employers * chance.random() ** 1.5) for _ in range(wishes)})
        must = chance.choice(wanted) if chance.random() < musts else None
        pairs += [Pair(person.id, f"e{j}", chance.randrange(1, 1001), j == must) for j in wanted]
    return Problem(slots, tuple(found), tuple(hosts), tuple(pairs))
