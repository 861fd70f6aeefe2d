"""The planner of tours in a process of its own: see `meetings.scheduling.solver_process`."""

import sys

import msgspec

from fairs.meetings.scheduling.solver_process import Beat, compute_apart, serve
from fairs.meetings.solver.problem import Report
from fairs.tours.planner.problem import Plan, Tour


async def plan_apart(tour: Tour, beat: Beat) -> Plan:
    """The plan. Raises Cancelled, or SolverDied."""
    return await compute_apart("fairs.tours.route_process", msgspec.json.encode(tour), Plan, beat)


def _plan(task: bytes, report: Report) -> Plan:
    from fairs.tours.planner.plan import plan

    return plan(msgspec.json.decode(task, type=Tour), report=report)


if __name__ == "__main__":
    serve(int(sys.argv[1]), _plan)
