"""Assigns a table of the employer to each meeting: one meeting per table, pinned ones kept, and all of them used evenly."""

from fairs.meetings.solver.problem import Meeting
from fairs.meetings.solver.timetable import Timetable


def with_tables(table: Timetable, wanted: dict[int, int]) -> list[Meeting]:
    """The meetings by slot, employer and person. `wanted` has the table of pairs pinned to one.

    In each slot the least used table so far is taken first, so that no interviewer works all day.
    """
    house, meetings = table.house, list[Meeting]()
    for employer, row in enumerate(table.at_employer):
        used = [0] * house.employers.seats[employer]
        for slot in range(house.slots):
            seated = sorted(row[slot], key=lambda pair: house.left[pair])
            numbers = {pair: wanted[pair] for pair in seated if pair in wanted}
            free = sorted(set(range(len(used))) - set(numbers.values()), key=lambda t: (used[t], t))
            rest = [pair for pair in seated if pair not in numbers]
            numbers |= dict(zip(rest, free, strict=False))
            for pair in seated:
                used[numbers[pair]] += 1
                ends = house.people.ids[house.left[pair]], house.employers.ids[house.right[pair]]
                meetings.append(Meeting(*ends, slot, numbers[pair]))
    order = {pair: at for at, pair in enumerate(house.employers.ids)}
    return sorted(meetings, key=lambda m: (m.slot, order[m.employer], m.table))
