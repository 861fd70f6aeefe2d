"""The targets of a desk: how much of each is reached, and the place among the units; each opens its list."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.core.i18n import pick
from fairs.events.rows import EventRow
from fairs.reports import queries as numbers
from fairs.reports.targets import rules, standing
from fairs.reports.targets.standing import Standing
from fairs.units.entries import Target
from fairs.units.kinds import UnitKind


@dataclass(frozen=True)
class DeskTarget:
    """A target as a desk shows it. `unit`: whose it is, None for the province's. `measure` is what counts it, if anything
    here does. `rank` of `of`; for the province `done` of `of` units have reached theirs."""

    target: Target
    unit: str | None
    code: str
    value: int
    reached: int | None
    share: int | None
    measure: str | None
    rank: int | None
    done: int | None
    of: int


async def desk_targets(actor: Actor, event: EventRow) -> tuple[int, Sequence[DeskTarget]]:
    """The year of the event, and the targets of it: a bureau's own, for the province each target of the whole."""
    scope = await numbers.scope_for(actor, event)
    found = standing.visible(actor, await standing.of_year(scope, scope.year))
    if not actor.sees_everything:
        several = len(actor.unit_ids) > 1
        return scope.year, [_own(one, several) for one in found]
    keys = dict.fromkeys(one.target.key for one in found)
    return scope.year, [_whole([one for one in found if one.target.key == key]) for key in keys]


def _own(one: Standing, several: bool) -> DeskTarget:
    name = pick(one.unit.name_zh, one.unit.name_en) if several else None
    return DeskTarget(
        one.target, name, one.unit.code, one.set.value, one.reached, one.share, one.measure, one.rank, None, one.of
    )


def _whole(found: Sequence[Standing]) -> DeskTarget:
    """The province's own value; the sum of its units' where it has none."""
    units = [one for one in found if one.unit.kind != UnitKind.PROVINCE]
    of_all = [one for one in found if one.unit.kind == UnitKind.PROVINCE] or units
    value, counted = sum(one.set.value for one in of_all), of_all[0].measure is not None
    reached = sum(one.reached or 0 for one in of_all) if counted else None
    share = rules.percent(rules.share(reached, value)) if reached is not None else None
    done = sum(one.missing == 0 for one in units) if counted else None
    return DeskTarget(
        found[0].target, None, "", value, reached, share, of_all[0].measure, None, done, len(units) if counted else 0
    )
