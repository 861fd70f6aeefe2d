"""Content of the dashboard, combined from its reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.events.rows import EventRow
from fairs.reports import queries, shared, tiles
from fairs.reports.counting import GROUPS, Measure, group_name
from fairs.reports.measures import MEASURES, REACHED_BY, UNIT_COLUMNS
from fairs.reports.rows import Counted, TargetRow
from fairs.reports.targets import standing
from fairs.units import catalogues

MAPPED = "signed_intents"


@dataclass(frozen=True)
class Dashboard:
    """All content of the page."""

    scope: queries.Scope
    groups: list[tuple[str, str, list[tuple[Measure, int]]]]
    targets: list[dict[str, Any]]
    unit_rows: list[dict[str, Any]]
    unit_columns: list[Measure]
    tiles: list[dict[str, Any]]
    days: list[date]
    day: date | None
    bars: list[dict[str, Any]]


async def dashboard(actor: Actor, event: EventRow, *, unit: str, sort: str, day: str) -> Dashboard:
    """The numbers of an event that this actor may see. Raises NotFound for a unit outside the actor's."""
    scope = await queries.scope_for(actor, event, unit)
    numbers = await shared.numbers(scope)
    breakdown = await shared.breakdown(scope)
    days = breakdown.days
    chosen = next((found for found in days if found.isoformat() == day), days[0] if days else None)
    bars = await shared.bars(scope, chosen) if chosen else []
    unit_rows = await _unit_rows(scope, sort, breakdown.by_unit)
    places = await _places(scope)
    return Dashboard(
        scope=scope,
        groups=_groups(numbers),
        targets=[_target(row, numbers, places) for row in await queries.targets(actor, scope)],
        unit_rows=unit_rows,
        unit_columns=[MEASURES[key] for key in UNIT_COLUMNS],
        tiles=_tiles(unit_rows),
        days=days,
        day=chosen,
        bars=[{"label": slot.strftime("%H:%M"), "value": value} for slot, value in bars],
    )


def _groups(numbers: Mapping[str, int]) -> list[tuple[str, str, list[tuple[Measure, int]]]]:
    found = []
    for group in GROUPS:
        measures = [measure for measure in MEASURES.values() if measure.group == group]
        if group != "year":
            found.append((group, group_name(group), [(measure, numbers[measure.key]) for measure in measures]))
    return found


async def _places(scope: queries.Scope) -> dict[str, tuple[int, int]]:
    """Target → (rank, how many units have one) of the only unit shown; none for several units."""
    if scope.units is None or len(scope.units) != 1:
        return {}
    found = await standing.of_year(scope, scope.year)
    return {one.target.key: (one.rank, one.of) for one in found if one.unit.id == scope.units[0] and one.rank}


def _target(row: TargetRow, numbers: Mapping[str, int], places: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """A target with the reached number; `measure` is None when no measure counts towards it yet."""
    fact = next((target for target in catalogues.targets() if target.key == row.measure), None)
    key = REACHED_BY.get(row.measure)
    reached = numbers[key] if key else None
    share = min(999, 100 * reached // row.value) if reached is not None and row.value else None
    return {
        "name": i18n.pick(fact.zh, fact.en) if fact else row.measure,
        "rule": i18n.pick(fact.rule_zh, fact.rule_en) if fact else "",
        "unit": i18n.pick(fact.unit_zh, fact.unit_en) if fact else row.counted_in,
        "value": row.value,
        "reached": reached,
        "share": share,
        "missing": max(0, row.value - reached) if reached is not None else None,
        "place": places.get(row.measure),
        "measure": key,
    }


async def _unit_rows(
    scope: queries.Scope, sort: str, by_unit: Mapping[int | None, dict[str, int]]
) -> list[dict[str, Any]]:
    """One row per delegation, and one for things of no unit if there are any."""
    counted = dict(by_unit)
    rows: list[dict[str, Any]] = [
        {
            "code": unit.code,
            "name": i18n.pick(unit.name_zh, unit.name_en),
            **_filled(counted.pop(unit.id, {})),
        }
        for unit in await queries.units_in(scope)
    ]
    rest = [_filled(values) for values in counted.values()]
    if rest:
        rows.append({"code": "", "name": "", **{key: sum(row[key] for row in rest) for key in UNIT_COLUMNS}})
    key = sort.removeprefix("-")
    if key in UNIT_COLUMNS:
        rows.sort(key=lambda row: row[key], reverse=sort.startswith("-"))
    return rows


def _filled(values: dict[str, int]) -> dict[str, int]:
    return {key: values.get(key, 0) for key in UNIT_COLUMNS}


def _tiles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    placed = tiles.unit_tiles()
    most = max((row[MAPPED] for row in rows), default=0)
    return [
        {
            "name": tiles.short_name(row["code"], i18n.current_lang()),
            "code": row["code"],
            "col": placed[row["code"]][0],
            "row": placed[row["code"]][1],
            "value": row[MAPPED],
            "level": tiles.level(row[MAPPED], most),
        }
        for row in rows
        if row["code"] in placed
    ]


def shown(measure: Measure, row: Counted) -> tuple[str, str]:
    """label and detail of a row in the reader's language."""
    lang = i18n.current_lang()
    detail = i18n.pick(row.detail_zh, row.detail_en)
    label = i18n.pick(row.label_zh, row.label_en)
    label = catalogues.label(measure.label_kind, label, lang) if measure.label_kind else label
    return label, catalogues.label(measure.detail_kind, detail, lang) if measure.detail_kind else detail
