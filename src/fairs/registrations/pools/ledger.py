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
class Ledger:
    """`free`: the event, or a pool's id → places left; without a limit it is not there. `waits`: the event's waiting list."""

    free: dict[int, int]
    pools: Sequence[Pool] = ()
    waits: bool = True
    by_id: dict[int, Pool] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {pool.id: pool for pool in self.pools}

    def wanted(self, category: str, sessions: Collection[int]) -> tuple[int, ...]:
        """The limits that a choice counts against."""
        event = (EVENT,) if EVENT in self.free else ()
        return (*event, *(pool.id for pool in self.pools if pool.counts(category, sessions)))

    def full(self, wanted: Iterable[int]) -> list[int]:
        """Those of the limits that have no place left."""
        return [limit for limit in wanted if self.free[limit] <= 0]

    def take(self, wanted: Iterable[int]) -> None:
        """One place of each of the limits is taken."""
        for limit in wanted:
            self.free[limit] -= 1

    def keeps_waiting(self, full: Iterable[int]) -> bool:
        """Whether somebody for whom these limits have no place may wait."""
        return all(self.waits if limit == EVENT else self.by_id[limit].waits for limit in full)

    def shut(self) -> tuple[list[str], list[int]]:
        """Categories and sessions in which nobody can get a place."""
        full = [pool for pool in self.pools if self.free[pool.id] <= 0]
        return (
            sorted({name for pool in full for name in pool.categories}),
            sorted({number for pool in full for number in pool.sessions}),
        )
