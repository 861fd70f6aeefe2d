"""The processes of a run: the solver's, which is cancelled, killed or orphaned, and workers that die or are thought dead."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fairs.core import db
from fairs.core.errors import Conflict
from fairs.meetings.scheduling import runs, solver_process, weights
from fairs.meetings.solver.problem import Cancelled, Candidate, Employer, Options, Pair, Problem, Progress
from tests.meetings.crowd import all_want, ended, make_crowd, met, schedule

pytestmark = pytest.mark.usefixtures("db")


def _endless() -> Problem:
    """A hall that takes the solver some seconds."""
    candidates = tuple(Candidate(f"c{n}", tuple(s for s in range(24) if (n * 7 + s * 5) % 10 < 6)) for n in range(1500))
    employers = tuple(Employer(f"e{n}", tables=2) for n in range(300))
    pairs = tuple(
        Pair(f"c{n}", f"e{(n * 31 + k * 17) % 300}", 100 + (n * k) % 700, must=k == 0)
        for n in range(1500)
        for k in range(12)
    )
    return Problem(24, candidates, employers, pairs)


def _solvers(parent: int) -> set[int]:
    """The solver's processes that this one started and that still live."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            own = f"PPid:\t{parent}\n" in (folder / "status").read_text()
            if own and b"fairs.meetings.scheduling.solver_process" in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))
    return found


def _lives(pid: int) -> bool:
    """A process that has ended and waits for its parent to hear of it has no command line any more."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    return False


async def test_cancelled_run_stops_its_process_and_books_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    running = asyncio.Event()
    apart = solver_process.solve_apart

    async def longer(problem: Problem, options: Options, beat: solver_process.Beat) -> object:
        async def noticed(progress: Progress) -> bool:
            running.set()
            return await beat(progress)

        return await apart(_endless(), options, noticed)

    monkeypatch.setattr(runs, "solve_apart", longer)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    work = asyncio.ensure_future(runs.schedule({"run": run_id}))
    await running.wait()
    await runs.cancel(crowd.event, by=crowd.organiser)
    await asyncio.wait_for(work, 5)
    run = await ended(run_id)
    assert (run["state"], run["made"]) == ("cancelled", 0)
    assert await met() == []
    with pytest.raises(Conflict) as refused:
        await runs.cancel(crowd.event, by=crowd.organiser)
    assert refused.value.message == runs.NOT_RUNNING


async def test_process_is_gone_when_the_caller_gives_up() -> None:
    seen: set[int] = set()

    async def stop(progress: Progress) -> bool:
        seen.update(_solvers(os.getpid()))
        return False

    with pytest.raises(Cancelled):
        await solver_process.solve_apart(_endless(), Options(), stop)
    assert len(seen) == 1
    assert not any(map(_lives, seen))


async def test_process_that_is_killed_ends_the_run_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    apart = solver_process.solve_apart

    async def struck(problem: Problem, options: Options, beat: solver_process.Beat) -> object:
        async def strike(progress: Progress) -> bool:
            for child in _solvers(os.getpid()):
                os.kill(child, signal.SIGKILL)
            return True

        return await apart(_endless(), options, strike)

    monkeypatch.setattr(runs, "solve_apart", struck)
    run = await schedule(crowd)
    assert (run["state"], run["error"], run["made"]) == ("failed", "solver", 0)
    monkeypatch.setattr(runs, "solve_apart", apart)
    assert (await schedule(crowd))["made"] == 4


async def test_solver_dies_with_the_worker_that_started_it() -> None:
    program = (
        "import asyncio\nfrom fairs.meetings.scheduling.solver_process import solve_apart\nfrom fairs.meetings.solver.problem import Options\n"
        "from tests.meetings.scheduling.test_processes import _endless\n"
        "async def beat(_): print('on', flush=True); return True\n"
        "asyncio.run(solve_apart(_endless(), Options(), beat))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    ) as worker:
        assert worker.stdout is not None
        assert await asyncio.to_thread(worker.stdout.readline) == b"on\n"
        [solver] = _solvers(worker.pid)
        worker.kill()
    for _ in range(50):
        if not _lives(solver):
            break
        await asyncio.sleep(0.1)
    assert not _lives(solver)


async def test_run_whose_worker_died_is_taken_up_by_the_next_one() -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    await db.execute("UPDATE schedule_run SET state = 'running', attempt = 1, seen_at = now() - interval '5 seconds'")
    await runs.schedule({"run": run_id})
    assert (await ended(run_id))["state"] == "running"  # may still be alive
    await db.execute("UPDATE schedule_run SET seen_at = now() - interval '31 seconds'")
    await runs.schedule({"run": run_id})
    run = await ended(run_id)
    assert (run["state"], run["attempt"], run["made"]) == ("done", 2, 4)


async def test_run_that_nobody_takes_up_stands_in_nobodys_way() -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    lost = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    await db.execute("UPDATE schedule_run SET state = 'running', seen_at = now() - interval '2 minutes'")
    assert (await schedule(crowd))["made"] == 4
    run = await ended(lost)
    assert (run["state"], run["error"]) == ("failed", "lost")


async def test_worker_that_was_thought_dead_books_nothing() -> None:
    crowd = await make_crowd()
    await all_want(crowd)
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    work = await runs._claim(run_id)
    assert work is not None
    await db.execute("UPDATE schedule_run SET attempt = attempt + 1")
    assert not await work.beat(Progress("choice", 0.5))
    with pytest.raises(Cancelled):
        await runs._solve_and_book(work, weights.DEFAULT)
    assert await met() == []
