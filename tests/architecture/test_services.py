"""No module keeps state of its own: what an application holds is named by `core.services.Service`."""

import ast
from collections import deque
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import click
import pytest

import fairs
from fairs.core.services import Service
from tests.architecture.test_wiring import modules

SOURCE = Path(fairs.__file__).parent
OF_THE_PROCESS = {
    "core/embedded/locks.py": "_open",  # descriptors, which a forked child must close
    "core/processes.py": "_all",  # threads, which are ended before children are forked
    "core/sheets.py": "_waiting",  # how many workbooks are read at once: the memory is the process's
    "files/inspection.py": "_waiting",  # how many files are looked into at once, likewise
}
CHANGING = (dict, list, set, deque)


def _globals(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Global) for node in ast.walk(tree))


def test_no_module_rebinds_its_globals() -> None:
    assert {
        str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if _globals(ast.parse(path.read_text()))
    } == set()


def held_by_modules() -> Iterator[tuple[str, str, Any]]:
    """(module's file, name, value) for what a module of ours binds itself."""
    for module in modules():
        for name, value in vars(module).items():
            if not name.startswith("__"):
                yield _file(module), name, value


def _file(module: ModuleType) -> str:
    return str(Path(str(module.__file__)).relative_to(SOURCE))


def grows(value: object) -> bool:
    """Whether it is an empty container, which no constant is: it is there to be filled. A weak one may be filled already."""
    return isinstance(value, WeakKeyDictionary | WeakSet) or (isinstance(value, CHANGING) and not value)


def test_no_module_holds_what_is_filled_later() -> None:
    found = {file: name for file, name, value in held_by_modules() if grows(value)}
    assert found == OF_THE_PROCESS


def test_no_object_of_a_module_holds_what_is_filled_later() -> None:
    """Objects of our own classes: caches, hubs and the like are Services, or keep their contents in one."""
    found = {
        f"{file}:{name}"
        for file, name, value in held_by_modules()
        if file != "core/services.py"
        and type(value).__module__.startswith("fairs.")
        and not isinstance(
            value, Service | Enum | type | click.Group
        )  # a group of commands, empty as each is loaded on use
        for inside in getattr(value, "__dict__", {}).values()
        if grows(inside)
    }
    assert found == set()


@pytest.mark.parametrize("value", [{}, [], set(), deque()])
def test_the_search_sees_empty_containers(value: object) -> None:
    assert grows(value)
    assert not grows({"a": 1})
    assert not grows(())


def test_the_search_sees_global_statements() -> None:
    assert _globals(ast.parse("def f():\n    global x\n    x = 1"))
