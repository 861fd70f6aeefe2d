"""Background tasks: one way to start them, nothing inherited, no failure unseen."""

import ast
import asyncio
import contextvars
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fairs.core.tasks import spawn

SOURCE = Path(__file__).parents[2] / "src" / "fairs"
STARTERS = {"create_task", "ensure_future"}
mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="empty")


async def read() -> str:
    return mark.get()


async def break_down() -> None:
    raise LookupError("broken pipe dream")


async def test_a_task_inherits_nothing() -> None:
    token = mark.set("caller's")
    try:
        assert await spawn(read(), name="reader") == "empty"
    finally:
        mark.reset(token)


@pytest.mark.parametrize(("logged", "lines"), [(True, ["task_failed"]), (False, [])])
async def test_a_failure_is_logged_with_the_tasks_name(logged: bool, lines: list[str]) -> None:
    with capture_logs() as seen:
        task = spawn(break_down(), name="the pipe", logged=logged)
        assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], LookupError)
        await asyncio.sleep(0)
    assert [line["event"] for line in seen] == lines
    assert all(line["task"] == "the pipe" and "broken pipe dream" in line["error"] for line in seen)


async def test_a_cancelled_task_is_no_failure() -> None:
    with capture_logs() as seen:
        task = spawn(asyncio.sleep(60), name="sleeper")
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0)
    assert seen == []


def test_nobody_starts_tasks_otherwise() -> None:
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in STARTERS
    }
    assert found == {"core/tasks.py"}
