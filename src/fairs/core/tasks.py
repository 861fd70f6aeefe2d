"""Background tasks: started in one way, with an empty context; every failure is reported."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from fairs.core.services import carried

T = TypeVar("T")
log = structlog.get_logger("tasks")


def spawn(work: Coroutine[Any, Any, T], *, name: str, logged: bool = True) -> asyncio.Task[T]:
    """Run a coroutine as a background task. It inherits the application (`core.services`) but no transaction, language or
    request; its failure is logged with `name`.

    `logged=False` if the caller awaits the task and raises its failure itself. Keep the task: the loop holds it weakly.
    """
    task = asyncio.get_running_loop().create_task(work, name=name, context=carried())
    if logged:
        task.add_done_callback(_report)
    return task


def _report(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task_failed", task=task.get_name(), error=repr(error), exc_info=error)
