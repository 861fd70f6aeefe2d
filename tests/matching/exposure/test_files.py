"""Balance in `fairs match rank`: lists of files, with it and without."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairs.matching.cli import match
from fairs.matching.exposure.exposure import DEFAULT
from tests.matching.texts import PAIRS


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in rows), "utf-8")


def _run(
    folder: Path, people: list[tuple[str, str]], offers: list[tuple[str, str]], *options: str
) -> dict[str, list[str]]:
    _write(folder / "p", people)
    _write(folder / "l", offers)
    given = ["--profiles", str(folder / "p"), "--listings", str(folder / "l"), "--out", str(folder / "o"), *options]
    result = CliRunner().invoke(match, ["rank", *given], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in (folder / "o").read_text("utf-8").splitlines()]
    return {row["query"]: row["ranked"] for row in rows}


PEOPLE = [(f"p{code}", english) for code, english, _, _ in PAIRS]
OFFERS = [(f"l{code}", f"{title}\n{chinese}") for code, _, title, chinese in PAIRS]


@pytest.mark.parametrize(("people", "offers"), [(3, 5), (1, 12), (12, 1), (12, 12)])
def test_few_are_ranked_as_without_balance(tmp_path: Path, people: int, offers: int) -> None:
    assert offers <= DEFAULT.window or people < 2 or offers == people
    balanced = _run(tmp_path, PEOPLE[:people], OFFERS[:offers])
    plain = _run(tmp_path, PEOPLE[:people], OFFERS[:offers], "--no-balance")
    assert list(balanced) == list(plain)
    assert all(sorted(ids) == sorted(plain[query]) for query, ids in balanced.items())
    if offers <= DEFAULT.window or people == 1:
        assert balanced == plain
    else:
        assert {query: ids[0] for query, ids in balanced.items()} == {query: ids[0] for query, ids in plain.items()}


def test_one_text_everywhere_is_shown_in_turns_and_by_id_without_balance(tmp_path: Path) -> None:
    people, offers = [(f"p{i:02}", PEOPLE[0][1]) for i in range(30)], [(f"l{i:02}", OFFERS[0][1]) for i in range(30)]
    plain = _run(tmp_path, people, offers, "--no-balance", "--top", "10")
    assert set(map(tuple, plain.values())) == {tuple(f"l{i:02}" for i in range(10))}
    balanced = _run(tmp_path, people, offers, "--top", "10")
    seen = Counter(one for ids in balanced.values() for one in ids)
    assert len(seen) == 30
    assert max(seen.values()) <= 20


def test_order_of_the_lines_changes_no_list(tmp_path: Path) -> None:
    people, offers = [(f"p{i:02}", PEOPLE[i % 12][1]) for i in range(30)], [*OFFERS, ("empty", ""), ("emoji", "🎓")]
    assert _run(tmp_path, people[::-1], offers[::-1]) == _run(tmp_path, people, offers)
