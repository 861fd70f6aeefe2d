"""A mark on the database that it may be emptied: a file beside it could belong to another database.

It is the database's comment, which is part of neither a dump nor a copy of the data folder's files.
"""

import asyncpg

from fairs.core.db import CONNECT_TIMEOUT

DEMO = "a demo of fairs: it may be emptied and built anew"
RESTORING = "fairs is restoring a backup: what is here may be emptied"


async def mark_of(dsn: str) -> str | None:
    """The mark, or None."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        found: str | None = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        return found
    finally:
        await connection.close()


async def mark(dsn: str, text: str | None) -> None:
    """Set the mark; None removes it. Only the database's owner may."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        statement = "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), $1::text)"
        await connection.execute(await connection.fetchval(statement, text))
    finally:
        await connection.close()


async def has_tables(dsn: str) -> bool:
    """Whether the database has any tables."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    finally:
        await connection.close()


async def empty(dsn: str) -> None:
    """Drop every table. Only for a database with one of the marks."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await connection.close()
