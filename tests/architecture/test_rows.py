"""No row without a type: the driver's own rows stay in core and on the hot paths."""

import ast
from collections import Counter
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "fairs"
HOT = {"checkin/queries.py", "checkin/tallies.py"}
"""Modules that read rows by thousands a second: a struct for each would cost more than the reading."""
RAW = Counter(
    {
        "registrations/finding.py": 2,  # ids of those that are looked up at the gate
        "registrations/placing.py": 1,  # what a burst of registrations stores
        "registrations/summaries.py": 1,  # sessions of a burst
        "badges/services.py": 2,  # numbers and keys of a burst's badges
        "badges/queries.py": 1,  # codes of a burst
        "accounts/idempotency.py": 1,  # a burst's keys
        "commands/doctor_rows.py": 1,  # any table, by its name
        "web/health.py": 1,  # one count
    }
)
"""Module → reads without a struct. The list only gets shorter."""
READS = {"fetch", "fetchrow", "fetchval"}


def records(tree: ast.Module) -> int:
    """How often a module names the driver's row."""
    return sum(
        isinstance(node, ast.Attribute) and node.attr == "Record" and getattr(node.value, "id", "") == "asyncpg"
        for node in ast.walk(tree)
    )


def raw_reads(tree: ast.Module) -> int:
    """How often a module reads through `db.fetch` and its like, whose rows have no type."""
    return sum(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READS
        and getattr(node.func.value, "id", "") in ("db", "database")
        for node in ast.walk(tree)
    )


def counted(count: object) -> Counter[str]:
    """Module → number, of those outside core and the hot paths where there is one."""
    assert callable(count)
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = str(path.relative_to(SOURCE))
        number = count(ast.parse(path.read_text("utf-8")))
        if number and not module.startswith("core/") and module not in HOT:
            found[module] = number
    return Counter(found)


def test_no_module_names_the_drivers_row() -> None:
    assert counted(records) == Counter()


def test_reads_give_structs() -> None:
    assert counted(raw_reads) == RAW


def test_the_search_sees_the_drivers_row() -> None:
    assert records(ast.parse("import asyncpg\nasync def f() -> list[asyncpg.Record]: ..."))
    assert not records(ast.parse("from fairs.core.rows import Row\nclass Record(Row): ..."))
    assert raw_reads(ast.parse("async def f(): return await db.fetch('SELECT 1')")) == 1
    assert raw_reads(ast.parse("async def f(): return await fetch_as(Row, 'SELECT 1')")) == 0
