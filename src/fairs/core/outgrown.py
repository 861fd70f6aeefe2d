"""Analyses within seconds tables that have outgrown the planner's statistics; the server itself checks each minute.

A connection caches its plans, including those of foreign key checks, until a table that they read is altered or
analysed. A plan made while a table was small reads all of it, and a rush at the opening fills tables within that minute:
each row then costs more than the one before. ANALYZE invalidates such plans, in all connections. A table is analysed when
it has doubled, so that the total costs little more than the last run.
"""

import asyncio

import asyncpg
import structlog

from fairs.core import db

LOOK = 5.0  # seconds between two checks
SMALL = 50  # rows: below twice as many the plan does not matter
log = structlog.get_logger("database")


async def outgrown() -> list[str]:
    """Names, quoted if needed, of tables with more than twice the rows in the planner's statistics."""
    rows = await db.fetch(
        "SELECT s.relid::regclass::text AS name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid"
        " WHERE s.n_live_tup > 2 * greatest(c.reltuples, $1::float4) AND pg_has_role(c.relowner, 'USAGE') ORDER BY 1",
        SMALL,
    )
    return [row["name"] for row in rows]


async def analyse() -> list[str]:
    """Analyse them, one after the other; returns their names. A table being vacuumed or changed is left for later."""
    names = await outgrown()
    for name in names:
        await db.execute(f"ANALYZE (SKIP_LOCKED) {name}")
    return names


async def keep_known() -> None:
    """Check for such tables until cancelled."""
    while True:
        await asyncio.sleep(LOOK)
        try:
            if names := await analyse():
                log.info("analysed", tables=names)
        except (
            OSError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
        ) as error:  # a lost database, or a table just dropped
            log.info("not_analysed", error=repr(error))
