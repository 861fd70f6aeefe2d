"""Count attempts in PostgreSQL, shared by all processes, and compute what an attempt beyond the free ones costs.

No count locks anyone out: a caller over a limit pays. With script, the browser solves a proof of work, which is
checked at once. Without script, attempts of a key are judged one at a time at growing intervals: a short wait happens
inside the request, a longer one is returned (`retry_after`). Each attempt beyond makes the next one dearer; see
`interval` and `work`. Keys are keyed hashes: the table contains neither addresses nor origins.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairs.accounts import proofs
from fairs.accounts.rows import Hits
from fairs.core import clock, crypto
from fairs.core.errors import TooMany
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value_or_none

HOLD = 8  # seconds that an attempt may wait inside its request
LONGEST = 60  # seconds between two attempts without a proof
LEAST_WORK, MOST_WORK = 17, 24  # bits: 130,000 hashes take a phone half a second, 17 million a computer some ten


@dataclass(frozen=True)
class Counter:
    """`free` attempts of `subject` per `seconds`; `name`: what is counted."""

    name: str
    subject: str
    free: int
    seconds: int

    @property
    def key(self) -> str:
        return f"{self.name}:{crypto.mac(self.subject, f'rate-limit {self.name}')}"


@dataclass(frozen=True)
class Count:
    """The state of a counter."""

    counter: Counter
    hits: int
    next_at: datetime | None

    @property
    def steps(self) -> float:
        """Attempts beyond the free ones, in tenths of the free ones."""
        return max(0.0, (self.hits - self.counter.free) / max(1.0, self.counter.free / 10))


def interval(steps: float) -> float:
    """Seconds until the next attempt without a proof: 2, 4, 8 … 60."""
    return min(float(LONGEST), 2.0 ** min(steps, 10)) if steps > 0 else 0.0


def work(steps: float) -> int:
    """Bits of proof of work that an attempt costs; 0: none."""
    return min(MOST_WORK, LEAST_WORK + int(math.log2(1 + steps))) if steps > 0 else 0


async def count(counters: Sequence[Counter]) -> list[Count]:
    """Count one attempt for each, atomically; locks in key order to avoid deadlocks."""
    now = clock.now()
    ordered = sorted(counters, key=lambda counter: counter.key)
    rows = await fetch_as(
        Hits,
        "INSERT INTO rate_limit AS r (key, hits, ends_at)"
        " SELECT * FROM unnest(:keys::text[], :hits::int[], :ends::timestamptz[])"
        " ON CONFLICT (key) DO UPDATE SET hits = CASE WHEN r.ends_at <= :now THEN 1 ELSE least(r.hits, 1000000) + 1 END,"
        " next_at = CASE WHEN r.ends_at <= :now THEN NULL ELSE r.next_at END,"
        " ends_at = CASE WHEN r.ends_at <= :now THEN excluded.ends_at ELSE r.ends_at END"
        " RETURNING key, hits, next_at",
        keys=[counter.key for counter in ordered],
        hits=[1] * len(ordered),
        ends=[now + timedelta(seconds=counter.seconds) for counter in ordered],
        now=now,
    )
    found = {row.key: row for row in rows}
    return [Count(counter, found[counter.key].hits, found[counter.key].next_at) for counter in ordered]


async def peek(counters: Sequence[Counter]) -> list[Count]:
    """The counters as they would be after one more attempt, without counting it."""
    rows = await fetch_as(
        Hits,
        "SELECT key, hits, next_at FROM rate_limit WHERE key = ANY(:keys::text[]) AND ends_at > :now",
        keys=[counter.key for counter in counters],
        now=clock.now(),
    )
    found = {row.key: row for row in rows}
    return [Count(c, found[c.key].hits + 1, found[c.key].next_at) for c in counters if c.key in found]


async def give_back(counters: Sequence[Counter]) -> None:
    """Take one attempt off each: it succeeded, or was refused before being judged."""
    keys = sorted(counter.key for counter in counters)
    await execute(
        "UPDATE rate_limit SET hits = greatest(hits - 1, 0) WHERE key IN"
        " (SELECT key FROM rate_limit WHERE key = ANY(:keys::text[]) ORDER BY key FOR UPDATE)",
        keys=keys,
    )


async def pay(counts: Sequence[Count], proof: str) -> None:
    """Pay what the counts cost, by proof or by waiting. Raises TooMany with a challenge when neither suffices."""
    over = [found for found in counts if found.steps > 0]
    if not over:
        return
    bits = max(work(found.steps) for found in over)
    if await proofs.accept(proof, bits):
        return
    wait = 0.0
    for found in over:
        wait = max(wait, await _reserve(found))
        if wait > HOLD:
            raise refusal(wait, bits)
    await asyncio.sleep(wait)


async def _reserve(found: Count) -> float:
    """Seconds until this attempt's turn; reserves the turn unless it is further away than `HOLD`."""
    now = clock.now()
    turn = await fetch_value_or_none(
        datetime,
        "WITH held AS (SELECT key, greatest(coalesce(next_at, :now::timestamptz + :step), :now) AS turn FROM rate_limit"
        " WHERE key = :key FOR UPDATE) UPDATE rate_limit r SET next_at ="
        " CASE WHEN held.turn <= :now::timestamptz + :hold THEN held.turn + :step ELSE held.turn END"
        " FROM held WHERE r.key = held.key RETURNING held.turn",
        key=found.counter.key,
        now=now,
        step=timedelta(seconds=interval(found.steps)),
        hold=timedelta(seconds=HOLD),
    )
    return (turn - now).total_seconds() if turn else 0.0


def refusal(wait: float, bits: int = 0) -> TooMany:
    """The error for an attempt that is not judged; `bits`: the work that would have it judged."""
    seconds = max(1, math.ceil(wait))
    minutes = max(1, round(seconds / 60))
    message = (
        N_("Too many attempts. Please wait %(seconds)s s.", seconds=seconds)
        if seconds < 90
        else N_("Too many attempts. Please wait %(minutes)s min.", minutes=minutes)
    )
    return TooMany(message, retry_after=seconds, challenge=proofs.challenge(bits) if bits else "")


async def cap(counters: Sequence[Counter]) -> None:
    """For acts that only cost others (a mail): count one, raise TooMany beyond the free ones."""
    counts = await count(counters)
    over = [found for found in counts if found.hits > found.counter.free]
    if over:
        await give_back(counters)
        raise refusal(max(found.counter.seconds for found in over) / 2)
