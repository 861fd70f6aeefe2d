"""A timetable under construction: who sits where in which slot, always legal, with moves that can be undone."""

from fairs.meetings.solver.instance import Instance

NOWHERE = -1
_MOST_VISITED = 300
"""Most employers that one search for an alternating path visits; longer paths hardly ever succeed."""

Move = tuple[int, int, int]  # pair, slot before, slot after


class Timetable:
    """Pairs in slots. Candidates sit once per slot, employers as often as they have tables; both only when free."""

    def __init__(self, house: Instance) -> None:
        self.house = house
        people, employers = house.people, house.employers
        self.slot = [NOWHERE] * len(house.left)
        self.fixed = [False] * len(house.left)
        self.at_person = [[NOWHERE] * house.slots for _ in people.ids]
        self.at_employer: list[list[list[int]]] = [[[] for _ in range(house.slots)] for _ in employers.ids]
        self.person_open = list(people.free)
        self.employer_open = [f if s else 0 for f, s in zip(employers.free, employers.seats, strict=True)]
        self.person_count = [0] * len(people.ids)
        self.employer_count = [0] * len(employers.ids)
        self.objective = 0
        self._journal: list[Move] = []

    def copy(self) -> "Timetable":
        """An independent timetable with the same meetings."""
        other = Timetable(self.house)
        for pair in self.seated():
            other.put(pair, self.slot[pair])
        other.fixed = list(self.fixed)
        other.settle()
        return other

    def put(self, pair: int, slot: int) -> None:
        """Seats an unseated pair; the caller has checked that both are free."""
        person, employer = self.house.left[pair], self.house.right[pair]
        self._journal.append((pair, NOWHERE, slot))
        self.slot[pair] = slot
        self.at_person[person][slot] = pair
        self.person_open[person] &= ~(1 << slot)
        self.person_count[person] += 1
        seated = self.at_employer[employer][slot]
        seated.append(pair)
        if len(seated) >= self.house.employers.seats[employer]:
            self.employer_open[employer] &= ~(1 << slot)
        self.employer_count[employer] += 1
        self.objective += self.house.score[pair]

    def take(self, pair: int) -> int:
        """Unseats a pair; returns the slot it had."""
        person, employer, slot = self.house.left[pair], self.house.right[pair], self.slot[pair]
        self._journal.append((pair, slot, NOWHERE))
        self.slot[pair] = NOWHERE
        self.at_person[person][slot] = NOWHERE
        self.person_open[person] |= self.house.people.free[person] & (1 << slot)
        self.person_count[person] -= 1
        self.at_employer[employer][slot].remove(pair)
        if len(self.at_employer[employer][slot]) < self.house.employers.seats[employer]:
            self.employer_open[employer] |= self.house.employers.free[employer] & (1 << slot)
        self.employer_count[employer] -= 1
        self.objective -= self.house.score[pair]
        return slot

    def mark(self) -> int:
        """A point to which `back` can return."""
        return len(self._journal)

    def back(self, mark: int) -> None:
        """Undoes everything since the mark, newest first."""
        undone = self._journal[mark:]
        for pair, before, _after in reversed(undone):
            if before == NOWHERE:
                self.take(pair)
            else:
                self.put(pair, before)
        del self._journal[mark:]

    def settle(self) -> None:
        """Clears the journal."""
        self._journal.clear()

    def seated(self) -> list[int]:
        """All seated pairs, by index."""
        return [pair for pair, slot in enumerate(self.slot) if slot != NOWHERE]

    def at_slot(self, slot: int) -> list[int]:
        """The pairs that sit in a slot, by person."""
        return [row[slot] for row in self.at_person if row[slot] != NOWHERE]

    def free_seat(self, employer: int, slot: int, other: int) -> bool:
        """Frees a seat of the employer in `slot` by moving meetings between `slot` and `other` along an alternating path.

        The employer has a free seat in `other`. Breadth first, so the shortest path is taken: its meetings in `slot` move to
        `other`; meetings that conflict there move back to `slot`; and so on until one has no conflict. False when there is no
        such path; then nothing has changed.
        """
        house, at_person = self.house, self.at_person
        here, there = 1 << slot, 1 << other
        both = here | there
        came: dict[int, tuple[int, int, int]] = {employer: (NOWHERE, NOWHERE, NOWHERE)}
        queue = [employer]
        for reached in queue:
            for pair in self.at_employer[reached][slot]:
                person = house.left[pair]
                if self.fixed[pair] or not house.people.free[person] & there:
                    continue
                blocking = at_person[person][other]
                if blocking == NOWHERE:
                    self._swap(came, reached, pair, slot, other)
                    return True
                beyond = house.right[blocking]
                if self.fixed[blocking] or beyond in came or house.employers.free[beyond] & both != both:
                    continue
                came[beyond] = (reached, pair, blocking)
                if self.employer_open[beyond] & here:
                    self._swap(came, beyond, NOWHERE, slot, other)
                    return True
                if len(came) > _MOST_VISITED:
                    return False
                queue.append(beyond)
        return False

    def _swap(self, came: dict[int, tuple[int, int, int]], end: int, last: int, slot: int, other: int) -> None:
        """Executes the path from its end: `last` (if any) leaves `slot`, then each step swaps its two meetings."""
        going, coming = ([last] if last != NOWHERE else []), []
        at = end
        while True:
            before, pair, blocking = came[at]
            if before == NOWHERE:
                break
            going.append(pair)
            coming.append(blocking)
            at = before
        for pair in going + coming:
            self.take(pair)
        for pair in going:
            self.put(pair, other)
        for pair in coming:
            self.put(pair, slot)
