"""Keeps the unit table equal to the reference data."""

from fairs.core import db
from fairs.core.rows import execute
from fairs.units import catalogues


async def sync_units() -> int:
    """Insert or update every reporting unit of the catalogue; returns how many. Safe to run at every start."""
    async with db.transaction_or_join():
        for order, unit in enumerate(catalogues.units()):
            await execute(
                "INSERT INTO unit (code, kind, name_zh, name_en, pinyin, position)"
                " VALUES (:code, :kind, :name_zh, :name_en, :pinyin, :position) ON CONFLICT (code) DO UPDATE"
                " SET kind = :kind, name_zh = :name_zh, name_en = :name_en, pinyin = :pinyin, position = :position",
                code=unit.code,
                kind=unit.kind,
                name_zh=unit.name_zh,
                name_en=unit.name_en,
                pinyin=unit.pinyin,
                position=order,
            )
        below = [unit for unit in catalogues.units() if unit.parent]
        await execute(
            "UPDATE unit SET parent = p.id FROM unnest(:codes::text[], :parents::text[]) AS v (code, parent_code)"
            " JOIN unit p ON p.code = v.parent_code WHERE unit.code = v.code",
            codes=[unit.code for unit in below],
            parents=[unit.parent for unit in below],
        )
    return len(catalogues.units())
