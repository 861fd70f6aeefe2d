"""Scores of people and listings that both want to meet: for a timetable, not for a list."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from fairs.matching import inputs, queries
from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval import pool_cache
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import model_version


async def scores(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """(listing, talent) → the mutual score, 0 to 100, as suggestions show it. Pairs with a person not visible to employers,
    or with a deleted listing, are left out."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for listing, talent in pairs:
        wanted[listing].append(talent)
    if not wanted:
        return {}
    rows = await queries.listings(sorted(wanted))
    stored = await queries.vectors(OwnerKind.LISTING, model_version(), sorted(wanted))
    offers = [inputs.read(inputs.listing_record(row), stored.get(row.id, [])) for row in rows]
    ready = await pool_cache.talents()
    return await asyncio.to_thread(_scores, offers, ready.pool, wanted)


def _scores(
    offers: Sequence[inputs.Read[ListingRecord]],
    pool: rank.Pool[ProfileRecord],
    wanted: dict[int, list[int]],
) -> dict[tuple[int, int], float]:
    places = {record.id: row for row, record in enumerate(pool.records)}
    found: dict[tuple[int, int], float] = {}
    for offer in offers:
        compared = rank.Comparison.of(offer.usable, pool, offer.vectors)
        listing = int(offer.usable.id)
        for talent in wanted[listing]:
            row = places.get(str(talent))
            if row is not None:
                found[listing, talent] = compared.match(row).score
    return found
