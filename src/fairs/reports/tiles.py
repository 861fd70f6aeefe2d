"""A map of units as tiles: each in the free grid cell nearest to its place. Pure and deterministic."""

from collections.abc import Sequence
from functools import cache

from fairs.units import catalogues
from fairs.units.kinds import UnitKind

COLUMNS, ROWS = 9, 9


def layout(
    places: Sequence[tuple[str, float, float]], columns: int = COLUMNS, rows: int = ROWS
) -> dict[str, tuple[int, int]]:
    """code → (column, row), both from 1, all distinct. `places`: code, longitude, latitude; the first choose first."""
    west, east = min(x for _, x, _ in places), max(x for _, x, _ in places)
    south, north = min(y for _, _, y in places), max(y for _, _, y in places)
    wide, high = (east - west) or 1, (north - south) or 1
    free = {(column, row) for column in range(1, columns + 1) for row in range(1, rows + 1)}
    found = {}
    for code, x, y in places:
        column, row = 1 + (x - west) / wide * (columns - 1), 1 + (north - y) / high * (rows - 1)
        cell = min(free, key=lambda cell: ((cell[0] - column) ** 2 + (cell[1] - row) ** 2, cell))
        free.remove(cell)
        found[code] = cell
    return found


@cache
def unit_tiles() -> dict[str, tuple[int, int]]:
    """Grid cells of the delegations' tiles."""
    return layout([(unit.code, *unit.position) for unit in catalogues.delegations()])


def level(value: int, most: int) -> int:
    """Shade 0 (nothing) to 4."""
    return 0 if value <= 0 or most <= 0 else min(4, 1 + value * 4 // (most + 1))


@cache
def short_name(code: str, lang: str) -> str:
    """A unit's name short enough for a tile: 洛阳 for 洛阳市; a zone without its city, 航空港."""
    unit = next(unit for unit in catalogues.delegations() if unit.code == code)
    name = unit.zh if lang == "zh" else unit.en
    if unit.kind == UnitKind.ZONE:
        city = next((c for c in catalogues.cities() if unit.zh.startswith(c.zh.removesuffix("市"))), None)
        rest = name.removeprefix(city.zh.removesuffix("市") if lang == "zh" else city.en).strip() if city else name
        return rest[:3] if lang == "zh" else rest.split()[0]
    return name[:-1] if lang == "zh" and len(name) > 2 else name.removesuffix(" County")
