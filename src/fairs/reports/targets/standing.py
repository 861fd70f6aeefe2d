"""How far each unit has come with its targets: number, share, what is missing, and its place among all units."""

from dataclasses import dataclass, replace

from fairs.accounts.actor import Actor
from fairs.reports import shared
from fairs.reports.measures import REACHED_BY
from fairs.reports.queries import Scope
from fairs.reports.targets import queries, rules
from fairs.reports.targets.rows import SetTarget
from fairs.units import catalogues
from fairs.units.entries import Target
from fairs.units.kinds import UnitKind
from fairs.units.queries import all_units
from fairs.units.rows import UnitRow


@dataclass(frozen=True)
class Standing:
    """A unit's target and what it has reached; `measure`, `reached`, `missing` and `rank` are None when nothing here counts
    it. `of`: how many units have this target. The province has no rank."""

    unit: UnitRow
    target: Target
    set: SetTarget
    measure: str | None
    reached: int | None
    share: int | None
    missing: int | None
    rank: int | None = None
    of: int = 0


async def of_year(scope: Scope, year: int) -> list[Standing]:
    """Every unit's standing, in official order. For readers who may see all: others get `visible`."""
    scope = replace(scope, year=year)
    reached = await shared.reached(scope)
    units = {unit.id: unit for unit in await all_units()}
    facts = {target.key: target for target in catalogues.targets()}
    rows = [row for row in await queries.targets_of(year) if row.measure in facts]
    found = [_standing(units[row.unit], facts[row.measure], row, reached) for row in rows]
    return _ranked(found)


def _standing(unit: UnitRow, target: Target, row: SetTarget, reached: shared.Reached) -> Standing:
    key = REACHED_BY.get(target.key)
    if key is None:
        return Standing(unit, target, row, None, None, None, None)
    whole = unit.kind == UnitKind.PROVINCE
    number = reached.whole[key] if whole else reached.by_unit.get(unit.id, {}).get(key, 0)
    part = rules.percent(rules.share(number, row.value))
    return Standing(unit, target, row, key, number, part, max(0, row.value - number))


def _ranked(found: list[Standing]) -> list[Standing]:
    places: dict[tuple[int, str], tuple[int, int]] = {}
    for key in {one.target.key for one in found}:
        shares = {
            (one.unit.id, key): rules.share(one.reached, one.set.value)
            for one in found
            if one.target.key == key and one.reached is not None and one.unit.kind != UnitKind.PROVINCE
        }
        ranks = rules.ranks(shares)
        places |= {place: (rank, len(ranks)) for place, rank in ranks.items()}
    return [
        replace(one, rank=place[0], of=place[1]) if (place := places.get((one.unit.id, one.target.key))) else one
        for one in found
    ]


def visible(actor: Actor, found: list[Standing]) -> list[Standing]:
    """What this actor may see: the province everything, a bureau its own units' standing with its place among all."""
    if actor.sees_everything:
        return found
    own = set(actor.unit_ids)
    return [one for one in found if one.unit.id in own]
