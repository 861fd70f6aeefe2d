"""Free places of an event and of its pools, kept while places are given. Pure: whoever builds one holds the event's lock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

EVENT = 0  # stands for the event itself among the ids of its pools


@dataclass(frozen=True, slots=True)
class Pool:
    """What of a pool decides who counts in it, and what becomes of those for whom no place is left."""

    id: int
    name_zh: str
    name_en: str
    waits: bool
    categories: frozenset[str]
    sessions: frozenset[int]

    def counts(self, category: str, sessions: Collection[int]) -> bool:
        """Whether somebody with this choice counts in it."""
        return category in self.categories or not self.sessions.isdisjoint(sessions)


@dataclass(slots=True)
class Hold:
    """Places that a code keeps: `left` of them, each of which counts against the limits `covers`."""

    code: int
    left: int
    covers: frozenset[int]


@dataclass(slots=True)
class Ledger:
    """`free`: the event, or a pool's id → places left for everybody; without a limit it is not there. `waits`: the event's
    waiting list. A place that a hold keeps is free for who has its code only."""

    free: dict[int, int]
    pools: Sequence[Pool] = ()
    waits: bool = True
    holds: dict[int, Hold] = field(default_factory=dict)
    by_id: dict[int, Pool] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {pool.id: pool for pool in self.pools}

    def wanted(self, category: str, sessions: Collection[int]) -> tuple[int, ...]:
        """The limits that a choice counts against."""
        event = (EVENT,) if EVENT in self.free else ()
        return (*event, *(pool.id for pool in self.pools if pool.counts(category, sessions)))

    def _kept(self, code: int | None) -> frozenset[int]:
        hold = self.holds.get(code) if code is not None else None
        return hold.covers if hold is not None and hold.left > 0 else frozenset()

    def full(self, wanted: Iterable[int], code: int | None = None) -> list[int]:
        """Those of the limits that have no place left for somebody with this code, or with none."""
        kept = self._kept(code)
        return [limit for limit in wanted if self.free[limit] <= 0 and limit not in kept]

    def take(self, wanted: Iterable[int], code: int | None = None) -> bool:
        """One place of each of the limits is taken; whether it was one that the code kept."""
        kept = self._kept(code)
        for limit in wanted:
            if limit not in kept:
                self.free[limit] -= 1
        if code is None or not kept:
            return False
        self.holds[code].left -= 1
        return True

    def keep(self, hold: Hold) -> None:
        """The places of a hold are free for nobody else."""
        self.holds[hold.code] = hold
        for limit in hold.covers:
            self.free[limit] = max(0, self.free[limit] - hold.left)

    def covers(self, pool: int | None, category: str) -> frozenset[int]:
        """The limits against which a place of a code for this pool or category counts."""
        event = {EVENT} & self.free.keys()
        return frozenset(event | {one.id for one in self.pools if one.id == pool or category in one.categories})

    def keeps_waiting(self, full: Iterable[int]) -> bool:
        """Whether somebody for whom these limits have no place may wait."""
        return all(self.waits if limit == EVENT else self.by_id[limit].waits for limit in full)

    def shut(self) -> tuple[list[str], list[int]]:
        """Categories and sessions in which nobody without a code can get a place."""
        full = [pool for pool in self.pools if self.free[pool.id] <= 0]
        return (
            sorted({name for pool in full for name in pool.categories}),
            sorted({number for pool in full for number in pool.sessions}),
        )

    def keeping(self) -> list[int]:
        """The codes that still keep a place."""
        return [hold.code for hold in self.holds.values() if hold.left > 0]
