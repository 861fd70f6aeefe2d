"""Content of the pages of targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairs.core.i18n import N_, pick
from fairs.core.sheets import Column
from fairs.events import rules as event_rules
from fairs.reports.targets import forms
from fairs.reports.targets.rows import SetTarget
from fairs.reports.targets.standing import Standing
from fairs.units import catalogues
from fairs.units.entries import Target
from fairs.units.kinds import UnitKind
from fairs.units.rows import UnitRow

SHEET = (
    Column(N_("Unit code"), 12),
    Column(N_("Reporting unit"), 24),
    Column(N_("Target"), 30),
    Column(N_("Counted in"), 12),
    Column(N_("Year"), 8),
    Column(N_("Value of the target"), 12),
    Column(N_("Reached"), 12),
    Column(N_("Share (%)"), 10),
    Column(N_("Missing"), 12),
    Column(N_("Rank"), 8),
    Column(N_("Units ranked"), 10),
    Column(N_("Title of the document"), 40),
    Column(N_("Number of the document"), 24),
    Column(N_("Date of the document"), 14),
)


@dataclass(frozen=True)
class Sums:
    """A target's sum over the units beside the province's own value."""

    target: Target
    units: int
    province: int | None


@dataclass(frozen=True)
class CellChange:
    """What a pasted cell would change."""

    label: str
    before: int | None
    after: int | None


def year_asked(text: str | None, usual: int) -> int:
    """The year of the address, else the usual one."""
    if text and text.isascii() and text.isdigit() and len(text) == 4:
        year = int(text)
        if event_rules.EARLIEST <= year <= event_rules.LATEST:
            return year
    return usual


def years_offered(known: Sequence[int], chosen: int, usual: int) -> list[int]:
    """Years to choose among: those with targets, the event's and the next one."""
    return sorted({*known, chosen, usual, usual + 1})


def sums(units: Sequence[UnitRow], targets: Sequence[SetTarget]) -> list[Sums]:
    """For each target, in the catalogue's order."""
    province = {unit.id for unit in units if unit.kind == UnitKind.PROVINCE}
    return [
        Sums(
            target,
            sum(row.value for row in targets if row.measure == target.key and row.unit not in province),
            next((row.value for row in targets if row.measure == target.key and row.unit in province), None),
        )
        for target in catalogues.targets()
    ]


def documents(targets: Sequence[SetTarget]) -> list[tuple[SetTarget, int]]:
    """Each document, with how many targets it sets; the newest first."""
    found: dict[tuple[str, str, Any], list[SetTarget]] = {}
    for row in targets:
        found.setdefault((row.source, row.document_number, row.document_date), []).append(row)
    groups = sorted(found.values(), key=lambda rows: str(rows[0].document_date or ""), reverse=True)
    return [(rows[0], len(rows)) for rows in groups]


def changes(
    units: Sequence[UnitRow], stored: Mapping[str, Any], cells: Mapping[tuple[str, str], int]
) -> list[CellChange]:
    """What pasted cells would change, in official order."""
    found = []
    for unit in units:
        for target in catalogues.targets():
            after = cells.get((unit.code, target.key))
            before = stored[forms.field_name(unit.code, target.key)]
            if after is not None and after != before:
                found.append(CellChange(str(forms.CellLabel(unit, target)), before, after))
    return found


def sheet_row(one: Standing, year: int) -> list[object]:
    """A standing as a row of the exported workbook."""
    return [
        one.unit.code,
        pick(one.unit.name_zh, one.unit.name_en),
        pick(one.target.zh, one.target.en),
        pick(one.target.unit_zh, one.target.unit_en),
        year,
        one.set.value,
        one.reached,
        one.share,
        one.missing,
        one.rank,
        one.of or None,
        one.set.source,
        one.set.document_number,
        one.set.document_date,
    ]
