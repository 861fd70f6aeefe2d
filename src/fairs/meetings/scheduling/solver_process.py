"""The solver in a process of its own: it computes for long and must stop at once on request.

`solve_apart` starts `python -m fairs.meetings.scheduling.solver_process`, writes the problem to its standard input and reads
JSON lines: its progress, and finally the plan. The kernel kills it when its parent ends.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from fairs.meetings.solver.problem import Cancelled, Options, Plan, Problem, Progress

BEAT = 0.5  # seconds between two reads of the progress
NICENESS = 5  # pages have priority over timetables
Beat = Callable[[Progress], Awaitable[bool]]


class SolverDied(RuntimeError):
    """The process ended without a plan; the message is the end of its output."""


class _Task(msgspec.Struct):
    problem: Problem
    options: Options


class _Line(msgspec.Struct, omit_defaults=True):
    progress: Progress | None = None
    plan: Plan | None = None


class _Child:
    """The process, as seen by the thread that started it; `told` is its last progress report."""

    def __init__(self, task: bytes) -> None:
        self.task = task
        self.told = Progress("reading", 0.0)
        self.process: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def run(self) -> Plan:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "fairs.meetings.scheduling.solver_process", str(os.getpid())]
        decode = msgspec.json.Decoder(_Line).decode
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=environment
            ) as process,
        ):
            self.process = process
            if self.stopped:
                process.kill()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(self.task)
                process.stdin.close()
                for text in process.stdout:
                    line = decode(text)
                    self.told = line.progress or self.told
                    if line.plan is not None:
                        return line.plan
            except (BrokenPipeError, msgspec.DecodeError):
                process.kill()
            process.wait()
            said.seek(0)
            raise SolverDied(said.read().decode(errors="replace")[-2000:] or f"exit {process.returncode}")

    def stop(self) -> None:
        self.stopped = True
        if self.process is not None:
            self.process.kill()


async def solve_apart(problem: Problem, options: Options, beat: Beat) -> Plan:
    """The plan. `beat(progress)` is called about twice a second; when it returns False the process is killed.

    Raises Cancelled, or SolverDied.
    """
    child = _Child(msgspec.json.encode(_Task(problem, options)))
    with ThreadPoolExecutor(1, thread_name_prefix="solver") as pool:
        work = asyncio.get_running_loop().run_in_executor(pool, child.run)
        try:
            while not (await asyncio.wait({work}, timeout=BEAT))[0]:
                if not await beat(child.told):
                    raise Cancelled
            return work.result()
        finally:
            if not work.done():
                child.stop()
                await asyncio.wait({work})
                work.exception()


def main(parent: int) -> None:
    """The process: a task on standard input, lines on standard output, which nothing else may write to."""
    from fairs.meetings.solver.solve import solve

    with contextlib.suppress(AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: an orphan does not go on computing
    if os.getppid() != parent:
        return
    os.nice(NICENESS)
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # a library that prints does not corrupt the lines

        said_at = 0.0

        def say(line: _Line) -> None:
            out.write(msgspec.json.encode(line) + b"\n")
            out.flush()

        def report(progress: Progress) -> None:
            nonlocal said_at
            if time.monotonic() - said_at > BEAT / 5:
                said_at = time.monotonic()
                say(_Line(progress=progress))

        task = msgspec.json.decode(sys.stdin.buffer.read(), type=_Task)
        say(_Line(plan=solve(task.problem, task.options, report=report)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
