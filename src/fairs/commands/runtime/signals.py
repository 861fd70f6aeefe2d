"""Signals: a command ends in order when stopped."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import click

T = TypeVar("T")
LEAVE_SECONDS = 10.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130  # exit status of a command stopped before its work was done


def run(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` that a signal ends by cancelling. An exception raised into a loop may get lost in a callback.

    A thread that still computes is abandoned after some seconds; the database then stops by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(work)
    before = {number: signal.getsignal(number) for number in SIGNALS}

    leave = threading.Timer(LEAVE_SECONDS, os._exit, [INTERRUPTED])
    leave.daemon = True

    async def guarded() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None, "we are in one"

        def cancel() -> None:
            task.cancel()
            if not leave.is_alive():
                leave.start()

        for number in SIGNALS:
            loop.add_signal_handler(number, cancel)
        return await work

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        leave.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def stop_on_term() -> Iterator[None]:
    """SIGTERM and a closed terminal end a command as Ctrl-C does, so that everything it started is stopped."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        raise SystemExit(INTERRUPTED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
