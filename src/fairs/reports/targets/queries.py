"""Read targets."""

from fairs.core.rows import fetch_as, fetch_values
from fairs.reports.targets.rows import SetTarget


async def targets_of(year: int) -> list[SetTarget]:
    """Every unit's targets of a year with their documents, in official order."""
    return await fetch_as(
        SetTarget,
        "SELECT g.unit, u.code, g.measure, g.value, g.counted_in, g.source, g.document_number, g.document_date"
        " FROM target g JOIN unit u ON u.id = g.unit WHERE g.year = :year ORDER BY u.position, u.code, g.measure",
        year=year,
    )


async def years() -> list[int]:
    """Years that have targets."""
    return await fetch_values(int, "SELECT DISTINCT year FROM target ORDER BY year")
