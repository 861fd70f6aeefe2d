"""Content of the pages of frozen months."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fairs.core.i18n import N_, pick
from fairs.core.sheets import Column
from fairs.reports.counting import GROUPS, Measure, group_name
from fairs.reports.queries import Scope
from fairs.reports.snapshots import rules
from fairs.reports.snapshots.rows import KeptRule, MonthNumber
from fairs.units.queries import all_units
from fairs.units.rows import UnitRow

SHEET = (
    Column(N_("Group"), 18),
    Column(N_("Measure"), 28),
    Column(N_("Counted in"), 14),
    Column(N_("Unit code"), 12),
    Column(N_("Reporting unit"), 24),
    Column(N_("In the month, as frozen"), 14),
    Column(N_("In the month, as counted today"), 14),
    Column(N_("Difference"), 12),
    Column(N_("To the end of the month, as frozen"), 14),
    Column(N_("Rule, as frozen"), 60),
    Column(N_("Version of the rule"), 16),
)
WHOLE = N_("All units")
NO_UNIT = N_("Provincial, or of no unit")


@dataclass(frozen=True)
class Line:
    """A measure of a month: as frozen, and as counted today."""

    measure: Measure
    name: str
    rule: str
    frozen: int
    today: int
    so_far: int
    rule_changed: bool

    @property
    def difference(self) -> int:
        return self.today - self.frozen


Sums = dict[str, tuple[int, int]]  # measure → in the month, to its end


def summed(numbers: Iterable[MonthNumber], codes: Sequence[str] | None) -> Sums:
    """The whole (codes None), or the sum of some units."""
    found: Sums = {}
    for row in numbers:
        if row.whole == (codes is None) and (codes is None or row.unit in codes):
            before = found.get(row.measure, (0, 0))
            found[row.measure] = (before[0] + row.in_month, before[1] + row.so_far)
    return found


def lines(kept: dict[str, KeptRule], frozen: Sums, today: Sums) -> list[tuple[str, list[Line]]]:
    """Measures by group, with the texts that were frozen."""
    found: list[tuple[str, list[Line]]] = []
    for group in GROUPS:
        of_group = [
            _line(measure, kept[measure.key], frozen, today)
            for measure in rules.FROZEN
            if measure.group == group and measure.key in kept
        ]
        if of_group:
            found.append((group_name(group), of_group))
    return found


def _line(measure: Measure, rule: KeptRule, frozen: Sums, today: Sums) -> Line:
    in_month, so_far = frozen.get(measure.key, (0, 0))
    return Line(
        measure=measure,
        name=pick(rule.name_zh, rule.name_en),
        rule=pick(rule.rule_zh, rule.rule_en),
        frozen=in_month,
        today=today.get(measure.key, (0, 0))[0],
        so_far=so_far,
        rule_changed=rule.version != rules.version_of(measure),
    )


async def codes_of(scope: Scope) -> list[str] | None:
    """The codes of the visible units; None: all."""
    if scope.units is None:
        return None
    return [unit.code for unit in await all_units() if unit.id in scope.units]


def sheet_rows(
    units: Sequence[UnitRow],
    codes: Sequence[str] | None,
    kept: dict[str, KeptRule],
    frozen: Sequence[MonthNumber],
    today: Sequence[MonthNumber],
) -> list[list[object]]:
    """Every measure × unit, and the whole where it is visible."""
    shown: list[tuple[str, str, Sums, Sums]] = []
    if codes is None:
        shown.append(("", str(WHOLE), summed(frozen, None), summed(today, None)))
    for unit in units:
        if codes is None or unit.code in codes:
            name, only = pick(unit.name_zh, unit.name_en), [unit.code]
            shown.append((unit.code, name, summed(frozen, only), summed(today, only)))
    if codes is None:
        shown.append(("", str(NO_UNIT), summed(frozen, [""]), summed(today, [""])))
    return [
        _sheet_row(group, line, code, name, kept[line.measure.key].version)
        for code, name, then, now in shown
        for group, of_group in lines(kept, then, now)
        for line in of_group
    ]


def _sheet_row(group: str, line: Line, code: str, name: str, version: str) -> list[object]:
    counts = [line.frozen, line.today, line.difference, line.so_far]
    return [group, line.name, line.measure.unit_of_counting, code, name, *counts, line.rule, version]
