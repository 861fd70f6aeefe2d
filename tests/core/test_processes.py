"""What one process holds, a forked child has anew."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

from fairs.core import processes
from fairs.core.processes import PerProcess


def _in_child(work: Callable[[], object]) -> int:
    """Exit status of a child that does `work`; a child that hangs is killed and counts as failed."""
    child = os.fork()
    if child == 0:
        import signal

        signal.alarm(20)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def test_thread_used_before_a_fork_works_in_the_child() -> None:
    thread = processes.one_thread("tried")

    async def compute() -> int:
        return await asyncio.get_running_loop().run_in_executor(thread(), sum, (1, 2))

    def work() -> None:
        assert asyncio.run(compute()) == 3

    pool = thread()
    assert pool.submit(sum, (1, 2)).result() == 3
    assert _in_child(work) == 0
    assert thread() is pool, "the parent keeps its own"
    thread.close()


def test_closing_leaves_nothing_and_the_next_call_makes_another() -> None:
    closed: list[int] = []
    number = iter(range(9))
    held = PerProcess(lambda: next(number), closed.append)
    assert (held(), held()) == (0, 0)
    processes.close_all()
    assert (closed, held()) == ([0], 1)


def test_loading_the_application_holds_no_thread_pool_connection_or_task() -> None:
    program = textwrap.dedent("""
        import gc, threading, concurrent.futures, asyncio, asyncpg, socket
        import fairs.app
        kinds = (concurrent.futures.Executor, asyncio.Task, asyncio.AbstractEventLoop, asyncpg.Pool, asyncpg.Connection)
        held = [one for one in gc.get_objects() if isinstance(one, kinds)]
        assert not held, held
        assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
