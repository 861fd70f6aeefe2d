"""Converts a hall from the database to a problem of the solver, and the plan back to meetings. No database access."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from fairs.meetings import rules
from fairs.meetings.scheduling.rows import ExistingMeeting, HallTable, Slot
from fairs.meetings.scheduling.shared_tables import share
from fairs.meetings.scheduling.weights import DEFAULT, Weights
from fairs.meetings.solver.problem import Candidate, Employer, Meeting, Pair, Pin, Problem


@dataclass(frozen=True, slots=True)
class Wish:
    """Both want to meet about this listing; `musts`: how many of them chose "must meet"; `match`: 0 to 100, if known."""

    talent: int
    organisation: int
    listing: int
    musts: int
    match: float | None = None


@dataclass(frozen=True, slots=True)
class Hall:
    """All data that a timetable depends on. Slots in order of time, not overlapping; tables by number."""

    event: int
    slots: tuple[Slot, ...]
    tables: tuple[HallTable, ...]
    standing: tuple[ExistingMeeting, ...]
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A meeting to be booked. `table` is None when any common table may be used."""

    talent: int
    organisation: int
    listing: int
    slot: Slot
    table: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem, and the meaning of its ids and numbers. `chosen`: the wish that a pair would talk about."""

    problem: Problem
    slots: tuple[Slot, ...]
    own: dict[int, list[int]]
    chosen: dict[tuple[str, str], Wish]

    def planned(self, meetings: Iterable[Meeting]) -> list[Planned]:
        """The meetings that the plan adds to the existing ones, in order of time."""
        rows = []
        for made in sorted(meetings, key=lambda one: (one.slot, one.employer, one.table, one.candidate)):
            wish = self.chosen.get((made.candidate, made.employer))
            if wish is not None:
                own = self.own.get(wish.organisation)
                table = own[made.table] if own else None
                rows.append(Planned(wish.talent, wish.organisation, wish.listing, self.slots[made.slot], table))
        return rows


def person_key(talent: int) -> str:
    """The solver's id of a person."""
    return f"t{talent}"


def employer_key(organisation: int) -> str:
    """The solver's id of an employer."""
    return f"o{organisation}"


@dataclass(slots=True)
class _Taken:
    """Occupied resources. `people`: slots by person; `tables`: busy tables of the employer, by employer and slot;
    `sitting`: slots by employer without own tables; `common`: common tables in use, by slot."""

    people: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    tables: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    sitting: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    common: Counter[int] = field(default_factory=Counter)
    pins: list[Pin] = field(default_factory=list)
    phantoms: list[Candidate] = field(default_factory=list)


def draft(hall: Hall, policy: Weights = DEFAULT) -> Draft:
    """The problem whose solution fills the gaps around the existing meetings."""
    own: dict[int, list[int]] = defaultdict(list)
    for table in hall.tables:
        if table.organisation is not None:
            own[table.organisation].append(table.id)
    chosen = _best_wishes(hall, policy)
    taken = _taken(hall, own)
    problem = Problem(
        slots=len(hall.slots),
        candidates=tuple(_candidates(hall, chosen, taken, policy)),
        employers=tuple(_employers(hall, chosen, taken, own, policy)),
        pairs=tuple(
            Pair(*key, policy.score(wish.match, wish.musts), must=wish.musts > 0) for key, wish in chosen.items()
        ),
        pinned=tuple(taken.pins),
        rests=_after(hall.slots, rules.REST),
        nights=_after(hall.slots, rules.NIGHT),
    )
    return Draft(problem, hall.slots, dict(own), chosen)


def _after(slots: Sequence[Slot], pause: timedelta) -> tuple[int, ...]:
    """The slots that follow a pause of at least this length."""
    return tuple(
        at for at, (before, slot) in enumerate(pairwise(slots), start=1) if slot.starts_at - before.ends_at >= pause
    )


def _best_wishes(hall: Hall, policy: Weights) -> dict[tuple[str, str], Wish]:
    """One wish per person and employer: a must before others, then the best score, then the older listing."""

    def order(wish: Wish) -> tuple[object, ...]:
        score = policy.score(wish.match, wish.musts)
        return wish.talent, wish.organisation, wish.musts == 0, -score, wish.listing

    chosen: dict[tuple[str, str], Wish] = {}
    for wish in sorted(hall.wishes, key=order):
        chosen.setdefault((person_key(wish.talent), employer_key(wish.organisation)), wish)
    return chosen


def _touched(slots: Sequence[Slot], starts_at: datetime, ends_at: datetime) -> list[int]:
    """The slots that overlap a span."""
    touched = []
    at = max(0, bisect_right(slots, starts_at, key=lambda slot: slot.starts_at) - 1)
    while at < len(slots) and slots[at].starts_at < ends_at:
        if slots[at].ends_at > starts_at:
            touched.append(at)
        at += 1
    return touched


def _taken(hall: Hall, own: Mapping[int, list[int]]) -> _Taken:
    taken = _Taken()
    paired: set[tuple[int, int]] = set()
    common = {table.id for table in hall.tables if table.organisation is None}
    others = []
    for meeting in hall.standing:
        touched = _touched(hall.slots, meeting.starts_at, meeting.ends_at)
        pair, tables = (meeting.talent, meeting.organisation), own.get(meeting.organisation)
        at = tables.index(meeting.hall_table) if tables and meeting.hall_table in tables else 0
        fits = _is_pin(hall, meeting, touched, own, common) and at not in taken.tables[meeting.organisation, touched[0]]
        if fits and pair not in paired:
            paired.add(pair)
            _pin(taken, person_key(meeting.talent), meeting.organisation, touched[0], at)
        else:
            others.append((meeting, touched))
        if meeting.hall_table in common:
            taken.common.update(touched)
    for meeting, touched in others:  # after the pins, whose tables they must not take
        taken.people[meeting.talent].update(touched)
        for slot in touched:
            _keep_busy(taken, meeting, slot, own, here=meeting.event == hall.event)
    return taken


def _is_pin(
    hall: Hall, meeting: ExistingMeeting, touched: list[int], own: Mapping[int, list[int]], common: set[int]
) -> bool:
    """Whether the meeting can be a pin of the solver: in one slot of this hall, at a table that it may use."""
    if len(touched) != 1 or meeting.event != hall.event:
        return False
    slot = hall.slots[touched[0]]
    if (slot.starts_at, slot.ends_at) != (meeting.starts_at, meeting.ends_at):
        return False
    tables = own.get(meeting.organisation)
    return meeting.hall_table in tables if tables else meeting.hall_table in common


def _pin(taken: _Taken, person: str, organisation: int, slot: int, at: int) -> None:
    taken.pins.append(Pin(person, employer_key(organisation), slot, at))
    taken.tables[organisation, slot].add(at)
    taken.sitting[organisation].add(slot)


def _keep_busy(taken: _Taken, meeting: ExistingMeeting, slot: int, own: Mapping[int, list[int]], *, here: bool) -> None:
    """Occupy a table of the employer: the meeting's own if it is in this hall, else any of the employer's, by a dummy."""
    tables = own.get(meeting.organisation)
    if not tables:
        taken.sitting[meeting.organisation].add(slot)
        return
    if here and meeting.hall_table not in tables:
        return
    busy = taken.tables[meeting.organisation, slot]
    free = [at for at in range(len(tables)) if at not in busy]
    at = tables.index(meeting.hall_table) if here else free[-1] if free else None
    if at is None or at in busy:
        return
    name = f"m{meeting.id}-{slot}"
    taken.phantoms.append(Candidate(name, (slot,)))
    _pin(taken, name, meeting.organisation, slot, at)


def _candidates(
    hall: Hall, chosen: Mapping[tuple[str, str], Wish], taken: _Taken, policy: Weights
) -> Iterable[Candidate]:
    wanting = {wish.talent for wish in chosen.values()}
    pinned = {pin.candidate for pin in taken.pins}
    sitting = {one.talent for one in hall.standing if person_key(one.talent) in pinned}
    every = range(len(hall.slots))
    for talent in sorted(wanting | sitting):
        free = tuple(slot for slot in every if slot not in taken.people[talent])
        fewest = policy.fewest_a_person if talent in wanting else 0
        yield Candidate(person_key(talent), None if len(free) == len(hall.slots) else free, min=fewest)
    yield from taken.phantoms


def _employers(
    hall: Hall,
    chosen: Mapping[tuple[str, str], Wish],
    taken: _Taken,
    own: Mapping[int, list[int]],
    policy: Weights,
) -> Iterable[Employer]:
    wanted = Counter(wish.organisation for wish in chosen.values())
    pinned: dict[str, set[int]] = defaultdict(set)
    for pin in taken.pins:
        pinned[pin.employer].add(pin.slot)
    sitting = {one.organisation for one in hall.standing if employer_key(one.organisation) in pinned}
    kept = _kept(hall, {one: count for one, count in wanted.items() if one not in own}, taken)
    for one in sorted(set(wanted) | sitting):
        name, fewest = employer_key(one), policy.fewest_an_employer if wanted[one] else 0
        if one in own:
            yield Employer(name, None, tables=len(own[one]), min=fewest)
        else:
            yield Employer(name, tuple(sorted(pinned[name] | set(kept.get(one, ())))), tables=1, min=fewest)


def _kept(hall: Hall, wanted: Mapping[int, int], taken: _Taken) -> dict[int, tuple[int, ...]]:
    """employer → slots in which a common table is reserved for it."""
    tables = sum(1 for table in hall.tables if table.organisation is None)
    every = range(len(hall.slots))
    seats = [max(0, tables - taken.common[slot]) for slot in every]
    return share(seats, wanted, {one: [slot for slot in every if slot not in taken.sitting[one]] for one in wanted})
