"""Data types of the hall problem: input, result and progress.

Slots are numbered 0 to `slots` − 1. A score is an integer; the objective is the sum of the scores of the meetings in the plan.
Ids are the caller's own; candidates and employers have separate name spaces. Results do not depend on the order of input
except for ties, which are broken by that order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Fact = str | int | tuple[str, ...]
"""A name, a number or a list of names in the reason of an unmet wish."""
SCORE_LIMIT = 1_000_000
"""Largest size of a score: sums over a hall stay exact in double precision."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person: free slots (None: all), the most meetings they take and the fewest they should get."""

    id: str
    available: tuple[int, ...] | None = None
    max: int | None = None
    min: int = 0


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer: free slots (None: all), how many tables it staffs at once, the most and the fewest meetings."""

    id: str
    available: tuple[int, ...] | None = None
    tables: int = 1
    max: int | None = None
    min: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two who may meet, the score of their meeting, and whether it is required if possible at all."""

    candidate: str
    employer: str
    score: int
    must: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """An existing meeting: it stays in its slot, and at its table if one is named."""

    candidate: str
    employer: str
    slot: int
    table: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A hall to solve."""

    slots: int
    candidates: tuple[Candidate, ...] = ()
    employers: tuple[Employer, ...] = ()
    pairs: tuple[Pair, ...] = ()
    pinned: tuple[Pin, ...] = ()
    rests: tuple[int, ...] = ()
    """Slots after a pause long enough to rest: they begin a new row of meetings."""
    nights: tuple[int, ...] = ()
    """Slots that begin a new day: slots before them are not idle either."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a plan; `table` counts from 0 within the employer's own tables."""

    candidate: str
    employer: str
    slot: int
    table: int


class Kind(StrEnum):
    """The kind of request that could not be served."""

    MUST = "must"
    MIN_CANDIDATE = "min_candidate"
    MIN_EMPLOYER = "min_employer"
    PINNED = "pinned"


@dataclass(frozen=True, slots=True)
class Unmet:
    """An unserved wish: its owner, the number of missing meetings, and the reason, as data.

    `reason` is a code of `reasons.py`, `facts` its numbers and names; `why` is the English sentence made of them.
    `proved`: no plan could do better; otherwise the search ended without finding one.
    """

    kind: Kind
    reason: str
    facts: dict[str, Fact]
    why: str
    candidate: str | None = None
    employer: str | None = None
    slot: int | None = None
    missing: int = 1
    proved: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A legal plan. `bound` is at least the objective of any plan that serves the pins, musts and minimums as well as this
    one; `gap` is (bound − objective) / bound, 0 when the plan is proved optimal."""

    meetings: tuple[Meeting, ...]
    objective: int
    bound: int
    gap: float
    unmet: tuple[Unmet, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Options:
    """Search options. All limits are counts, never seconds, so that the result does not depend on the machine."""

    most_in_a_row: int = 3
    """More meetings than this without a free slot between them are avoided where the objective does not decrease."""
    polish_rounds: int = 2
    """Rounds of smoothing after the objective is final: idle gaps, long rows. 0 skips smoothing."""
    repair_rounds: int = 12
    """Most repair rounds over all slots when availability is partial."""
    exact_cells: int = 4_000
    """Up to this many (pair, slot) cells a timetable not proved optimal is solved exactly by branch and bound."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of the search: `share` (0 to 1) is of the whole; bound and gap are None until they are known."""

    phase: str
    share: float
    objective: int = 0
    bound: int | None = None
    gap: float | None = None


class Cancelled(Exception):
    """The caller requested cancellation; no plan is returned."""


Report = Callable[[Progress], None]
IsCancelled = Callable[[], bool]


def gap_of(objective: int, bound: int) -> float:
    """The part of the bound that is not reached, rounded up so that it is never reported too small."""
    if bound <= objective:
        return 0.0
    share = (bound - objective) / max(1, abs(bound))
    return max(1e-6, -(-share * 1e6 // 1) / 1e6)
