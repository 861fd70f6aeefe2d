"""Pairs, and what the staff says about them, without the pages."""

from typing import Any

from fairs.core import db
from fairs.duplicates import finding, queries, rules, services, sides
from fairs.duplicates.services import Choice


async def pair_of(one: int, other: int) -> int:
    """The pair of two records, whatever they have in common; its id."""
    low, high = sorted((one, other))
    reasons = [rules.Reason.NAME, rules.Reason.PHONE]
    found = rules.Pair(low, high, rules.score(reasons), tuple(reasons))
    present = await db.fetch("SELECT one, other, score FROM duplicate_pair WHERE state = 'open'")
    known = [
        rules.Pair(row["one"], row["other"], row["score"], tuple(reasons))
        for row in present
        if (row["one"], row["other"]) != (low, high)
    ]
    await finding.store([*known, found])
    return int(await db.fetchval("SELECT id FROM duplicate_pair WHERE one = $1 AND other = $2", low, high))


async def choice(pair_id: int, kept: int, **more: Any) -> Choice:
    """What the page would send."""
    both = await sides.both(await queries.pair_by_id(pair_id))
    return Choice(kept, sides.digest(*both), **more)


async def merged(one: int, other: int, *, by: Any, **more: Any) -> int:
    """Merge the second record into the first; the merge's id."""
    pair = await pair_of(one, other)
    return await services.merge(pair, await choice(pair, one, **more), by=by)
