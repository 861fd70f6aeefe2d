"""Tables that have outgrown what the planner knows of them are analysed within seconds; the server itself looks each minute.

A connection keeps its plans, those of the checks of foreign keys among them, until something is said about a table that
they read. A plan made while a table was small reads all of it, and a rush at the opening fills tables within that minute:
each row then costs more than the one before. ANALYZE ends such plans, in all connections. A table is analysed when it has
doubled, so that all of it costs little more than the last time.
"""

import asyncio

import asyncpg
import structlog

from fairs.core import db

LOOK = 5.0  # seconds between two looks
SMALL = 50  # rows: below twice as many it does not matter how a table is read
log = structlog.get_logger("database")


async def outgrown() -> list[str]:
    """Names, quoted where they must be, of tables with more than twice the rows that the planner knows of."""
    rows = await db.fetch(
        "SELECT s.relid::regclass::text AS name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid"
        " WHERE s.n_live_tup > 2 * greatest(c.reltuples, $1::float4) AND pg_has_role(c.relowner, 'USAGE') ORDER BY 1",
        SMALL,
    )
    return [row["name"] for row in rows]


async def analyse() -> list[str]:
    """Analyse them, one after the other; which they were. One that is being vacuumed or changed is left for later."""
    names = await outgrown()
    for name in names:
        await db.execute(f"ANALYZE (SKIP_LOCKED) {name}")
    return names


async def keep_known() -> None:
    """Look for such tables until cancelled."""
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
