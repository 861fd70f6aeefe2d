"""Counting attempts in PostgreSQL, so that all processes share the count, and what an attempt beyond the free ones costs.

A count locks no one out: a caller over it pays. With script the browser does a proof of work, which is checked
at once. Without, attempts of a key are judged one at a time, further and further apart: a short wait is waited out
inside the request, a longer one is told (`retry_after`). Each attempt beyond makes the next one dearer; see
`interval` and `work`. Keys are keyed hashes: the table holds neither addresses nor origins.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairs.accounts import proofs
from fairs.core import clock, crypto, db
from fairs.core.errors import TooMany
from fairs.core.i18n import N_

HOLD = 8  # seconds that an attempt may wait inside its request
LONGEST = 60  # seconds between two attempts without a proof
LEAST_WORK, MOST_WORK = 17, 24  # bits: 130,000 hashes take a phone half a second, 17 million a computer some ten


@dataclass(frozen=True)
class Counter:
    """`free` attempts of `subject` in `seconds`; `name` says what is counted."""

    name: str
    subject: str
    free: int
    seconds: int

    @property
    def key(self) -> str:
        return f"{self.name}:{crypto.mac(self.subject, f'rate-limit {self.name}')}"


@dataclass(frozen=True)
class Count:
    """The value of a counter."""

    counter: Counter
    hits: int
    next_at: datetime | None

    @property
    def steps(self) -> float:
        """How far beyond the free attempts, in tenths of them."""
        return max(0.0, (self.hits - self.counter.free) / max(1.0, self.counter.free / 10))


def interval(steps: float) -> float:
    """Seconds until the next attempt without a proof: 2, 4, 8 … 60."""
    return min(float(LONGEST), 2.0 ** min(steps, 10)) if steps > 0 else 0.0


def work(steps: float) -> int:
    """Bits of the proof of work that an attempt costs; 0: none."""
    return min(MOST_WORK, LEAST_WORK + int(math.log2(1 + steps))) if steps > 0 else 0


async def count(counters: Sequence[Counter]) -> list[Count]:
    """Count one attempt for each, atomically; in the order of the keys, so that two never wait for each other."""
    now = clock.now()
    ordered = sorted(counters, key=lambda counter: counter.key)
    rows = await db.fetch(
        "INSERT INTO rate_limit AS r (key, hits, ends_at) SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[])"
        " ON CONFLICT (key) DO UPDATE SET hits = CASE WHEN r.ends_at <= $4 THEN 1 ELSE least(r.hits, 1000000) + 1 END,"
        " next_at = CASE WHEN r.ends_at <= $4 THEN NULL ELSE r.next_at END,"
        " ends_at = CASE WHEN r.ends_at <= $4 THEN excluded.ends_at ELSE r.ends_at END"
        " RETURNING key, hits, next_at",
        [counter.key for counter in ordered],
        [1] * len(ordered),
        [now + timedelta(seconds=counter.seconds) for counter in ordered],
        now,
    )
    found = {row["key"]: row for row in rows}
    return [Count(counter, found[counter.key]["hits"], found[counter.key]["next_at"]) for counter in ordered]


async def peek(counters: Sequence[Counter]) -> list[Count]:
    """The counters for one more attempt, which is not counted."""
    rows = await db.fetch(
        "SELECT key, hits, next_at FROM rate_limit WHERE key = ANY($1::text[]) AND ends_at > $2",
        [counter.key for counter in counters],
        clock.now(),
    )
    found = {row["key"]: row for row in rows}
    return [Count(c, found[c.key]["hits"] + 1, found[c.key]["next_at"]) for c in counters if c.key in found]


async def give_back(counters: Sequence[Counter]) -> None:
    """Take one attempt off each: it succeeded, or was refused before it was judged."""
    keys = sorted(counter.key for counter in counters)
    await db.execute(
        "UPDATE rate_limit SET hits = greatest(hits - 1, 0) WHERE key IN"
        " (SELECT key FROM rate_limit WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE)",
        keys,
    )


async def pay(counts: Sequence[Count], proof: str) -> None:
    """Settle what the counts cost: by the proof, or by waiting. Raises TooMany with a challenge when neither will do."""
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
    """Seconds until this attempt's turn, which is taken unless it is further away than `HOLD`."""
    now = clock.now()
    turn = await db.fetchval(
        "WITH held AS (SELECT key, greatest(coalesce(next_at, $2::timestamptz + $3), $2) AS turn FROM rate_limit"
        " WHERE key = $1 FOR UPDATE) UPDATE rate_limit r SET next_at ="
        " CASE WHEN held.turn <= $2::timestamptz + $4 THEN held.turn + $3 ELSE held.turn END"
        " FROM held WHERE r.key = held.key RETURNING held.turn",
        found.counter.key,
        now,
        timedelta(seconds=interval(found.steps)),
        timedelta(seconds=HOLD),
    )
    return (turn - now).total_seconds() if turn else 0.0


def refusal(wait: float, bits: int = 0) -> TooMany:
    """What is answered when an attempt is not judged; with `bits`, the work that would have it judged."""
    seconds = max(1, math.ceil(wait))
    minutes = max(1, round(seconds / 60))
    message = (
        N_("Too many attempts. Please wait %(seconds)s s.", seconds=seconds)
        if seconds < 90
        else N_("Too many attempts. Please wait %(minutes)s min.", minutes=minutes)
    )
    return TooMany(message, retry_after=seconds, challenge=proofs.challenge(bits) if bits else "")


async def cap(counters: Sequence[Counter]) -> None:
    """For what only costs others (a mail): count it, and raise TooMany when there were more than the free ones."""
    counts = await count(counters)
    over = [found for found in counts if found.hits > found.counter.free]
    if over:
        await give_back(counters)
        raise refusal(max(found.counter.seconds for found in over) / 2)
