"""Assigns a slot to a pair: the first that both have free, else one that is freed along alternating paths."""

from collections.abc import Iterable

from fairs.meetings.solver.instance import slots_of
from fairs.meetings.solver.timetable import NOWHERE, Timetable


def seat(table: Timetable, pair: int) -> bool:
    """Seats a pair without unseating any other; others may change their slot. False: no slot was found, nothing changed.

    When all are free in every slot it always succeeds for a pair within the limits (Kőnig's theorem): the person has
    a free slot, the employer has a free seat in another, and the path between the two can be swapped.
    """
    house = table.house
    person, employer = house.left[pair], house.right[pair]
    common = house.people.free[person] & house.employers.free[employer]
    both = common & table.person_open[person] & table.employer_open[employer]
    if both:
        busy = house.people.free[person] & ~table.person_open[person]
        best = both & (busy << 1 | busy >> 1) or both  # beside another meeting of the person, if there is a choice
        table.put(pair, (best & -best).bit_length() - 1)
        return True
    return (
        _by_moving_employer(table, pair, common)
        or _by_moving_person(table, pair, common)
        or _by_moving_both(table, pair, common)
    )


def seat_all(table: Timetable, pairs: Iterable[int]) -> list[int]:
    """Seats pairs, those with the fewest common slots first; returns the pairs without a slot."""
    order = sorted(pairs, key=lambda p: (table.house.common(p).bit_count(), -table.house.score[p], p))
    return [pair for pair in order if not seat(table, pair)]


def _by_moving_employer(table: Timetable, pair: int, common: int) -> bool:
    """The person is free in a slot where the employer has no seat: free one there."""
    person, employer = table.house.left[pair], table.house.right[pair]
    others = slots_of(table.employer_open[employer])
    for slot in slots_of(common & table.person_open[person]):
        for other in others:
            if table.free_seat(employer, slot, other):
                table.put(pair, slot)
                return True
    return False


def _by_moving_person(table: Timetable, pair: int, common: int) -> bool:
    """The employer has a seat in a slot where the person sits elsewhere: move that meeting to another slot."""
    person, employer = table.house.left[pair], table.house.right[pair]
    for slot in slots_of(common & table.employer_open[employer] & ~table.person_open[person]):
        mark = table.mark()
        for _ in _moved(table, person, slot):
            if table.employer_open[employer] >> slot & 1:
                table.put(pair, slot)
                return True
            table.back(mark)
    return False


def _by_moving_both(table: Timetable, pair: int, common: int) -> bool:
    """Neither is free in a common slot: move the person's meeting away, then free a seat of the employer."""
    person, employer = table.house.left[pair], table.house.right[pair]
    for slot in slots_of(common & ~table.person_open[person]):
        mark = table.mark()
        for _ in _moved(table, person, slot):
            for other in slots_of(table.employer_open[employer]):
                if other != slot and table.free_seat(employer, slot, other):
                    if table.person_open[person] >> slot & 1:
                        table.put(pair, slot)
                        return True
                    break
            table.back(mark)
    return False


def _moved(table: Timetable, person: int, slot: int) -> Iterable[int]:
    """Each way to move the person's meeting out of `slot`; the caller undoes the change before the next one."""
    blocking = table.at_person[person][slot]
    if blocking == NOWHERE or table.fixed[blocking]:
        return
    host = table.house.right[blocking]
    for other in slots_of(table.person_open[person] & table.house.employers.free[host]):
        table.take(blocking)
        if table.employer_open[host] >> other & 1 or table.free_seat(host, other, slot):
            table.put(blocking, other)
            yield other
        else:
            table.put(blocking, slot)
