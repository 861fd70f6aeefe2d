"""Read the runs of periodic jobs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily

from fairs.core import clock, schedule
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as
from fairs.core.schedule import Periodic
from fairs.upkeep.rows import Known, OpenRun, Run
from fairs.upkeep.tables import OPEN, PeriodicState

LATE = timedelta(minutes=15)
"""After its moment a run may take this long before the job counts as overdue."""
_RUN = (
    "r.id, r.name, r.due_at, r.state, r.attempts, r.started_at, r.finished_at, r.done, r.error,"
    " coalesce(a.name, a.email) AS asked_by"
)
_SOURCE = "periodic_run r LEFT JOIN account a ON a.id = r.asked_by"


@dataclass(frozen=True)
class Standing:
    """A periodic job now. `last`: its latest run. `overdue`: its moment passed LATE ago and no run since has been done."""

    job: Periodic
    last: Run | None
    next_at: datetime
    overdue: bool

    @property
    def failed(self) -> bool:
        return self.last is not None and self.last.state is PeriodicState.FAILED

    @property
    def open(self) -> bool:
        return self.last is not None and self.last.state in OPEN


async def standings() -> list[Standing]:
    """All periodic jobs, in their order."""
    now, jobs = clock.now(), schedule.known()
    names = [one.name for one in jobs]
    last = {
        run.name: run
        for run in await fetch_as(
            Run,
            f"SELECT DISTINCT ON (r.name) {_RUN} FROM {_SOURCE} WHERE r.name = ANY(:names::text[])"  # noqa: S608 - constants of the code; values are named arguments
            " ORDER BY r.name, r.id DESC",
            names=names,
        )
    }
    known = {row.name: row for row in await known_jobs(names)}
    return [
        Standing(one, last.get(one.name), one.next(now), _is_overdue(one.due(now), known.get(one.name), now))
        for one in jobs
    ]


def _is_overdue(due: datetime, known: Known | None, now: datetime) -> bool:
    if known is None or due <= known.since or now - due < LATE:
        return False
    return known.finished_due is None or known.finished_due < due


async def known_jobs(names: list[str]) -> list[Known]:
    """Those of these jobs that have been seen by a worker."""
    return await fetch_as(
        Known,
        "SELECT j.name, j.since, (SELECT max(r.due_at) FROM periodic_run r WHERE r.name = j.name AND r.state = 'done')"
        " AS finished_due FROM periodic_job j WHERE j.name = ANY(:names::text[])",
        names=names,
    )


async def open_runs() -> list[OpenRun]:
    """Runs that have not finished."""
    return await fetch_as(
        OpenRun, "SELECT id, name FROM periodic_run WHERE state = ANY(:open::text[]) ORDER BY id", open=list(OPEN)
    )


async def runs_of(name: str, *, state: str = "", window: tuple[int, int, int]) -> Page[Run]:
    """The runs of a job, newest first."""
    select = Select(_RUN, _SOURCE).where("r.name = :name", name=name)
    if state:
        select.where("r.state = :state", state=state)
    return await paged(window, select.count, select.reader(Run, order="r.id DESC"))


async def troubles() -> dict[str, list[str]]:
    """Names of the jobs that are overdue, and of those whose last run failed; for /readyz."""
    found = await standings()
    return {
        "overdue": [one.job.name for one in found if one.overdue],
        "failed": [one.job.name for one in found if one.failed],
    }


async def gauges() -> list[GaugeMetricFamily]:
    """Overdue and failed jobs, and the age of each job's last success; for /metrics."""
    overdue = GaugeMetricFamily("fairs_periodic_overdue", "Whether a periodic job is overdue", labels=["job"])
    failed = GaugeMetricFamily("fairs_periodic_failed", "Whether a periodic job's last run failed", labels=["job"])
    for one in await standings():
        overdue.add_metric([one.job.name], float(one.overdue))
        failed.add_metric([one.job.name], float(one.failed))
    return [overdue, failed]
