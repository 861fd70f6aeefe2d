"""Reading units."""

import asyncpg

from fairs.core import db
from fairs.core.errors import NotFound


async def all_units() -> list[asyncpg.Record]:
    """id, code, kind, name_zh, name_en of every unit, in official order."""
    return await db.fetch("SELECT id, code, kind, name_zh, name_en FROM unit ORDER BY position, code")


async def unit_id(code: str) -> int:
    """The key of a unit's code. Raises NotFound."""
    found = await db.fetchval("SELECT id FROM unit WHERE code = $1", code)
    if found is None:
        raise NotFound
    return int(found)
