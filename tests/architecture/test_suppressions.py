"""What silences a check says why."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src/fairs", "tests", "benchmarks")
CODED = re.compile(r"# type: ignore\[[\w, -]+\]")
REASONED = re.compile(r"# type: ignore\[[\w, -]+\]  # \w.{8,}")
SQL = re.compile(r"# noqa: S608\b(?! - [\w`].{8,})")


def lines(*folders: str) -> Iterator[tuple[str, str]]:
    """(place, line) of every line of code; this file speaks of suppressions without being one."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path != Path(__file__):
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                    yield f"{path.relative_to(ROOT)}:{number}", line


def test_ignored_types_name_their_error() -> None:
    assert [place for place, line in lines(*FOLDERS) if "# type: ignore" in line and not CODED.search(line)] == []


@pytest.mark.parametrize("folder", ["tests", "benchmarks"])
def test_ignored_types_of_tests_have_a_reason(folder: str) -> None:
    assert [place for place, line in lines(folder) if "# type: ignore" in line and not REASONED.search(line)] == []


def test_text_put_into_sql_has_a_reason() -> None:
    """S608 warns of it. Each exception says where the text comes from: it is never what somebody typed."""
    assert [place for place, line in lines("src/fairs") if SQL.search(line)] == []
