"""Shell commands of the tours: plan one from a file, without a database."""

from pathlib import Path
from typing import Any

import click

from fairs.meetings.cli import Told, interrupts
from fairs.meetings.solver.files import entry, read_json, write_json
from fairs.meetings.solver.instance import BadProblem
from fairs.meetings.solver.problem import Cancelled
from fairs.tours.planner.checker import faults
from fairs.tours.planner.instance import read
from fairs.tours.planner.plan import plan as plan_tour
from fairs.tours.planner.problem import Plan, Tour

_PATH = click.Path(path_type=Path)


@click.group()
def tours() -> None:
    """Plan tours over several cities."""


@tours.command()
@click.argument("tour", type=_PATH)
@click.option("--out", type=_PATH, help="The plan, as JSON.")
@click.option("--check", type=_PATH, help="Check this plan against the tour instead of making one.")
def plan(tour: Path, out: Path | None, check: Path | None) -> None:
    """Divide people into groups, choose stops and nights for each, and prove how good the plan is."""
    if (out is None) == (check is None):
        raise click.UsageError("Say either --out or --check.")
    try:
        asked = read_json(tour, Tour)
        if check is not None:
            _check(asked, check)
        if out is not None:
            with interrupts() as interrupted:
                found = plan_tour(asked, report=Told(), cancelled=interrupted)
            write_json(out, told(found))
            click.echo(_summary(found), err=True)
    except BadProblem as error:
        raise click.ClickException(str(error)) from None
    except Cancelled:
        raise click.Abort from None


def told(found: Plan) -> dict[str, Any]:
    """The plan in the form of the contract."""
    return {
        "groups": [entry(group) for group in found.groups],
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "unmet": [entry(one) for one in found.unmet],
        "seconds": found.seconds,
    }


def _check(asked: Tour, path: Path) -> None:
    """Every fault of a plan on a line of its own, and an exit status of 1 when there are some."""
    read(asked)
    wrong = faults(asked, read_json(path, Plan))
    for one in wrong:
        click.echo(one)
    if wrong:
        raise click.ClickException(f"{path}: {len(wrong)} faults")
    click.echo(f"{path}: legal, and its numbers are right", err=True)


def _summary(found: Plan) -> str:
    best = "proved best" if found.gap == 0 else f"at most {found.gap:.4%} below the best"
    people = sum(len(group.people) for group in found.groups)
    left = f", {len(found.unmet)} left out" if found.unmet else ""
    return f"{len(found.groups)} groups, {people} people, objective {found.objective}, {best}{left}, {found.seconds} s"
