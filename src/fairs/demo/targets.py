"""The targets of the fair's year: the province's by the document that has them, and a share for each unit."""

from datetime import date
from typing import Any

from fairs.demo.context import DemoContext
from fairs.reports.measures import REACHED_BY
from fairs.reports.targets import services
from fairs.reports.targets.forms import field_name, grid_form
from fairs.units import catalogues
from fairs.units.queries import all_units

PROVINCE = "410000"
DOCUMENT = "2018年对外开放工作专项方案"
NUMBER = "豫开放办〔2018〕14号"
DATED = date(2018, 3, 1)  # the text says only the year: this is the day on which the demo's edition is opened
SHARES = "目标任务分解（示范）"


async def set_targets(stage: DemoContext) -> None:
    """Fill the grid twice: what the document has, then the units' shares, by how many employers they have."""
    year = stage.moment(stage.content.conference.starts_at).year
    again = "" if year == 2018 else "（示范沿用）"
    document: dict[str, Any] = {
        "document_title": f"{DOCUMENT}{again}",
        "document_number": NUMBER,
        "document_date": DATED,
    }
    whole: dict[str, Any] = {
        field_name(PROVINCE, item.key): item.value for item in catalogues.targets() if item.value is not None
    }
    form = grid_form(await all_units())
    await services.set_targets(year, form(**document, **whole), by=stage.organiser)
    shares: dict[str, Any] = {"document_title": SHARES, "document_date": stage.day(DATED)}
    await services.set_targets(year, form(**shares, **whole, **_shares(stage)), by=stage.organiser)


def _shares(stage: DemoContext) -> dict[str, Any]:
    """Of the targets that are counted here, so that there is a place among the units."""
    employers = [employer.unit for employer in stage.content.employers]
    return {
        field_name(unit, item.key): item.value * employers.count(unit) // len(employers)
        for item in catalogues.targets()
        if item.value is not None and item.key in REACHED_BY
        for unit in sorted(set(employers) - {PROVINCE})
    }
