"""No row without a type: `asyncpg.Record` stays in core and on the hot path of check-in."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "fairs"
HOT = {"checkin/services.py", "checkin/queries.py", "checkin/tallies.py"}
"""Modules that read rows by thousands a second: a struct for each would cost more than the reading."""
UNTYPED: set[str] = set()
"""Slices whose rows have no types yet. The list only gets shorter."""


def mentions(tree: ast.Module) -> bool:
    """Whether a module names the driver's row."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "Record" and getattr(node.value, "id", "") == "asyncpg"
        for node in ast.walk(tree)
    )


def untyped() -> dict[str, set[str]]:
    """Slice → its modules that name the driver's row."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = str(path.relative_to(SOURCE))
        if not module.startswith("core/") and module not in HOT and mentions(ast.parse(path.read_text("utf-8"))):
            found.setdefault(module.split("/")[0], set()).add(module)
    return found


def test_rows_have_types() -> None:
    found = untyped()
    assert {name: modules for name, modules in found.items() if name not in UNTYPED} == {}


def test_the_list_of_untyped_slices_is_true() -> None:
    assert set(untyped()) == UNTYPED


def test_the_search_sees_the_drivers_row() -> None:
    assert mentions(ast.parse("import asyncpg\nasync def f() -> list[asyncpg.Record]: ..."))
    assert not mentions(ast.parse("from fairs.core.rows import Row\nclass Record(Row): ..."))
