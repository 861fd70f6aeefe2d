"""How long data is kept: the catalogue's periods, some of them shortened by two people."""

from fairs.core.rows import Row, fetch_as
from fairs.units import catalogues


class Shortened(Row, frozen=True):
    """A period that is shorter than the catalogue's."""

    key: str
    days: int


async def in_force() -> dict[str, int]:
    """key → days; never longer than the catalogue says."""
    days = {one.key: one.days for one in catalogues.retention()}
    for row in await fetch_as(Shortened, "SELECT key, days FROM retention_period"):
        if row.key in days:
            days[row.key] = min(days[row.key], row.days)
    return days
