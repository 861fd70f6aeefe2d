"""Read units."""

from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_value_or_none
from fairs.units.rows import UnitRow


async def all_units() -> list[UnitRow]:
    """Every unit, in official order."""
    return await fetch_as(UnitRow, "SELECT id, code, kind, name_zh, name_en FROM unit ORDER BY position, code")


async def unit_id(code: str) -> int:
    """The id of a unit by its code. Raises NotFound."""
    found = await fetch_value_or_none(int, "SELECT id FROM unit WHERE code = :code", code=code)
    if found is None:
        raise NotFound
    return found
