"""A slice's SQL names tables of its own and of lower slices only, as its imports do."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fairs"
NAMES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+(?:ONLY\s+)?([a-z_]+)", re.IGNORECASE)


def layers() -> dict[str, int]:
    """Slice → its place in the order of imports; a lower slice has a larger number, siblings the same."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (contract,) = content["tool"]["importlinter"]["contracts"]
    return {
        name.strip().removeprefix("fairs."): place
        for place, layer in enumerate(contract["layers"])
        for name in layer.split("|")
    }


def owners() -> dict[str, str]:
    """Table → the slice that defines it."""
    found: dict[str, str] = {}
    for path in SOURCE.rglob("tables.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= {
                    keyword.value.value: path.relative_to(SOURCE).parts[0]
                    for keyword in node.keywords
                    if keyword.arg == "tablename"
                    and isinstance(keyword.value, ast.Constant)
                    and isinstance(keyword.value.value, str)
                }
    return found


def texts(tree: ast.AST) -> Iterator[str]:
    """Every text of a module that is not a docstring; parts of a formatted text are joined."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def named_above() -> set[tuple[str, str]]:
    """(module, table) for every table of a higher or a neighbouring slice that a module's SQL names."""
    order, owner = layers(), owners()
    found: set[tuple[str, str]] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        module = str(path.relative_to(SOURCE))
        slice_ = module.split("/")[0].removesuffix(".py")
        if slice_ not in order:
            continue
        for text in texts(ast.parse(path.read_text("utf-8"))):
            for table in NAMES.findall(text):
                above = owner.get(table)
                if above and above != slice_ and order[above] <= order[slice_]:
                    found.add((module, table))
    return found


def test_sql_names_own_and_lower_tables_only() -> None:
    assert named_above() == set()


def test_the_search_sees_tables_and_layers() -> None:
    assert owners()["registration"] == "registrations"
    assert layers()["reports"] < layers()["events"] < layers()["core"]
    assert layers()["listings"] == layers()["talents"]
    tree = ast.parse('"""FROM account"""\nx = f"SELECT 1 FROM meeting m JOIN talent t ON {1}"')
    assert next(NAMES.findall(text) for text in texts(tree)) == ["meeting", "talent"]


OF_A_SESSION = re.compile(r"(?:^|;\s*)SET (?:SESSION )?(?!LOCAL\b|CONSTRAINTS\b|TRANSACTION\b)[a-z_]+(?: =| TO)")
OWN_CONNECTION = frozenset({"tests/conftest.py"})
"""Sets what holds for its own connection, which is never lent to others."""


def test_nothing_is_set_for_a_session() -> None:
    """Connections of the pool are not reset: what one statement sets, others would find. `SET LOCAL` ends with the transaction."""
    found = []
    for folder in ("src/fairs", "tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and OF_A_SESSION.search(node.value):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert [place for place in found if place.split(":")[0] not in OWN_CONNECTION] == []
    assert any(place.startswith("tests/conftest.py") for place in found)
