"""Keeping the unit table equal to the reference data."""

from fairs.core import db
from fairs.units import catalogues


async def sync_units() -> int:
    """Insert or update every reporting unit of the catalogue; how many there are. Safe to run at every start."""
    async with db.transaction_or_join():
        for order, unit in enumerate(catalogues.units()):
            await db.execute(
                "INSERT INTO unit (code, kind, name_zh, name_en, pinyin, position) VALUES ($1, $2, $3, $4, $5, $6)"
                " ON CONFLICT (code) DO UPDATE SET kind = $2, name_zh = $3, name_en = $4, pinyin = $5, position = $6",
                unit.code,
                unit.kind,
                unit.name_zh,
                unit.name_en,
                unit.pinyin,
                order,
            )
        below = [unit for unit in catalogues.units() if unit.parent]
        await db.execute(
            "UPDATE unit SET parent = p.id FROM unnest($1::text[], $2::text[]) AS v (code, parent_code)"
            " JOIN unit p ON p.code = v.parent_code WHERE unit.code = v.code",
            [unit.code for unit in below],
            [unit.parent for unit in below],
        )
    return len(catalogues.units())
