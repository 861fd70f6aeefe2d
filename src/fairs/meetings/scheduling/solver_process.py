"""A solver in a process of its own: it computes for long and must stop at once on request.

`compute_apart` starts `python -m MODULE`, which calls `serve`, writes the task to its standard input and reads JSON lines: its
progress, and finally the result. The kernel kills it when its parent ends. `solve_apart` does so for the meetings of a hall.
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
from typing import Generic, TypeVar

import msgspec

from fairs.meetings.solver.problem import Cancelled, Options, Plan, Problem, Progress, Report

BEAT = 0.5  # seconds between two reads of the progress
NICENESS = 5  # pages have priority over timetables
Beat = Callable[[Progress], Awaitable[bool]]
T = TypeVar("T")


class SolverDied(RuntimeError):
    """The process ended without a plan; the message is the end of its output."""


class _Task(msgspec.Struct):
    problem: Problem
    options: Options


class _Line(msgspec.Struct, Generic[T], omit_defaults=True):
    progress: Progress | None = None
    result: T | None = None


class _Child(Generic[T]):
    """The process, as seen by the thread that started it; `told` is its last progress report."""

    def __init__(self, module: str, task: bytes, kind: type[T]) -> None:
        self.module, self.task = module, task
        self.decode: Callable[[bytes], _Line[T]] = msgspec.json.Decoder(_Line[kind]).decode  # type: ignore[valid-type] # known at run time
        self.told = Progress("reading", 0.0)
        self.process: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def run(self) -> T:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", self.module, str(os.getpid())]
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
                    line = self.decode(text)
                    self.told = line.progress or self.told
                    if line.result is not None:
                        return line.result
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
    """The plan of a hall, as `compute_apart`."""
    task = msgspec.json.encode(_Task(problem, options))
    return await compute_apart("fairs.meetings.scheduling.solver_process", task, Plan, beat)


async def compute_apart(module: str, task: bytes, kind: type[T], beat: Beat) -> T:
    """The result. `beat(progress)` is called about twice a second; when it returns False the process is killed.

    Raises Cancelled, or SolverDied.
    """
    child = _Child(module, task, kind)
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


def serve(parent: int, work: Callable[[bytes, Report], object]) -> None:
    """The process: a task on standard input, lines on standard output, which nothing else may write to."""
    with contextlib.suppress(AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: an orphan does not go on computing
    if os.getppid() != parent:
        return
    os.nice(NICENESS)
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # a library that prints does not corrupt the lines

        said_at = 0.0

        def say(line: _Line[object]) -> None:
            out.write(msgspec.json.encode(line) + b"\n")
            out.flush()

        def report(progress: Progress) -> None:
            nonlocal said_at
            if time.monotonic() - said_at > BEAT / 5:
                said_at = time.monotonic()
                say(_Line(progress=progress))

        say(_Line(result=work(sys.stdin.buffer.read(), report)))


def _solve(task: bytes, report: Report) -> Plan:
    from fairs.meetings.solver.solve import solve

    asked = msgspec.json.decode(task, type=_Task)
    return solve(asked.problem, asked.options, report=report)


if __name__ == "__main__":
    serve(int(sys.argv[1]), _solve)
