"""Shell commands of the meetings: solve a hall from a file, without a database."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from fairs.meetings.solver.files import read_problem, with_standing, write_plan
from fairs.meetings.solver.instance import BadProblem
from fairs.meetings.solver.problem import Cancelled, IsCancelled, Options, Plan, Progress
from fairs.meetings.solver.solve import solve as solve_hall

_PATH = click.Path(path_type=Path)


@click.group()
def meetings() -> None:
    """Schedule meetings."""


@meetings.command()
@click.argument("problem", type=_PATH)
@click.option("--out", type=_PATH, required=True, help="The plan, as JSON.")
@click.option("--keep", type=_PATH, help="A plan whose meetings all stay where they are: only the gaps are filled.")
@click.option(
    "--in-a-row",
    type=click.IntRange(1, 500),
    default=Options().most_in_a_row,
    show_default=True,
    help="Meetings without a break that a person can take; avoided where it costs no meeting.",
)
def solve(problem: Path, out: Path, keep: Path | None, in_a_row: int) -> None:
    """Choose the pairs of a hall, give them slots and tables, and prove how good the plan is."""
    try:
        hall = read_problem(problem)
        if keep is not None:
            hall = with_standing(hall, keep)
        with interrupts() as interrupted:
            plan = solve_hall(hall, Options(most_in_a_row=in_a_row), report=Told(), cancelled=interrupted)
        write_plan(out, plan)
    except BadProblem as error:
        raise click.ClickException(str(error)) from None
    except Cancelled:
        raise click.Abort from None
    click.echo(_summary(plan), err=True)


class Told:
    """Prints each phase once."""

    def __init__(self) -> None:
        self.phase = ""

    def __call__(self, progress: Progress) -> None:
        if progress.phase != self.phase:
            self.phase = progress.phase
            bound = "" if progress.bound is None else f"  objective {progress.objective}  bound {progress.bound}"
            click.echo(f"{progress.share:4.0%}  {progress.phase}{bound}", err=True)


@contextmanager
def interrupts() -> Iterator[IsCancelled]:
    """Whether Ctrl-C was pressed or the process was asked to end: the solver checks it between its steps."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(plan: Plan) -> str:
    best = "proved best" if plan.gap == 0 else f"at most {plan.gap:.4%} below the best"
    wishes = f", {len(plan.unmet)} wishes not served" if plan.unmet else ""
    return f"{len(plan.meetings)} meetings, objective {plan.objective}, {best}{wishes}, {plan.seconds} s"
