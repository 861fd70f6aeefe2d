"""Search keys of rows written by an earlier version, computed again when the product starts.

A slice registers its table. Each batch is a small transaction, in order of ids: the work may be killed at
any moment, continues where it stopped, and runs beside servers that read and write the same rows.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from fairs.core import db
from fairs.core.search_keys import STAMP
from fairs.core.services import Service

BATCH = 500  # rows per transaction
log = structlog.get_logger("keying")


@dataclass(frozen=True)
class Keyed:
    """A table with `id` and `search_key`. `key` computes a row's key, stamped, from its columns `reads`."""

    table: str
    reads: tuple[str, ...]
    key: Callable[[Mapping[str, Any]], str]


TABLES: Service[tuple[Keyed, ...]] = Service(tuple)
"""The tables whose keys are kept up to date with `search_keys.VERSION`."""


async def rekey() -> int:
    """Compute again the keys of earlier versions; returns how many."""
    done = 0
    for keyed in TABLES():
        last, count = 0, 0
        while batch := await _batch(keyed, last):
            last, count = batch[-1], count + len(batch)
            await asyncio.sleep(0)
        if count:
            log.info("search_keys_made", table=keyed.table, rows=count)
        done += count
    return done


async def _batch(keyed: Keyed, last: int) -> list[int]:
    """One transaction: the ids of the rows done, in order; empty at the end."""
    async with db.DB.transaction():
        rows = await db.fetch(
            f"SELECT id, {', '.join(keyed.reads)} FROM {keyed.table} WHERE id > $1 AND right(search_key, $2) <> $3"  # noqa: S608 - tables that slices register
            f" ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE",
            last,
            len(STAMP),
            STAMP,
        )
        ids = [int(row["id"]) for row in rows]
        if rows:
            await db.execute(
                f"UPDATE {keyed.table} t SET search_key = v.key FROM unnest($1::bigint[], $2::text[]) AS v (id, key)"  # noqa: S608 - tables that slices register
                " WHERE t.id = v.id",
                ids,
                [keyed.key(dict(row)) for row in rows],
            )
    return ids
