"""`fairs match rank`: the same bytes twice, and every bad input ranked or refused with its line."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairs.matching.cli import match
from tests.matching.texts import PAIRS


def _lines(rows: Sequence[object]) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    people = [{"id": f"p{c}", "lang": "en", "kind": "abstract", "text": en} for c, en, _, _ in PAIRS]
    offers = [{"id": f"l{c}", "lang": "zh", "title": t, "text": zh} for c, _, t, zh in PAIRS]
    (tmp_path / "p.jsonl").write_text(_lines(people), "utf-8")
    (tmp_path / "l.jsonl").write_text(_lines(offers), "utf-8")
    return tmp_path


def _rank(folder: Path, out: str = "run.jsonl", *options: str) -> tuple[int, str]:
    paths = ["--profiles", str(folder / "p.jsonl"), "--listings", str(folder / "l.jsonl"), "--out", str(folder / out)]
    result = CliRunner().invoke(match, ["rank", *paths, *options], catch_exceptions=False)
    return result.exit_code, result.stderr.strip().splitlines()[-1]


def _run(folder: Path, name: str = "run.jsonl") -> dict[str, list[str]]:
    rows = [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
    return {row["query"]: row["ranked"] for row in rows}


def test_rank_finds_the_pairs_and_writes_the_same_bytes_twice(folder: Path) -> None:
    assert _rank(folder) == (0, "12 queries ranked")
    assert _rank(folder, "again.jsonl")[0] == 0
    assert (folder / "run.jsonl").read_bytes() == (folder / "again.jsonl").read_bytes()
    assert {q: best[0] for q, best in _run(folder).items()} == {f"p{c}": f"l{c}" for c, *_ in PAIRS}
    assert all(len(best) == 12 for best in _run(folder).values())


def test_rank_reverse_and_top(folder: Path) -> None:
    assert _rank(folder, "run.jsonl", "--reverse", "--top", "3")[0] == 0
    run = _run(folder)
    assert {q: best[0] for q, best in run.items()} == {f"l{c}": f"p{c}" for c, *_ in PAIRS}
    assert {len(best) for best in run.values()} == {3}


def test_strange_records_are_ranked(folder: Path) -> None:
    strange = [
        {"id": "empty", "text": ""},
        {"id": "title only", "title": "小麦育种"},
        {"id": "long", "text": "wheat breeding " * 3_500},
        {"id": "emoji", "lang": "en", "text": "🎓🧪"},
        {"id": "mixed", "text": "wheat 小麦 breeding 育种 <script>"},
        {"id": "traditional", "text": "小麥育種與抗旱"},
        {"id": "nul", "text": "wheat\u0000 \ud83d"},
    ]
    path = folder / "p.jsonl"
    path.write_bytes(
        b"\xef\xbb\xbf" + path.read_bytes() + b"\n  \n" + "".join(json.dumps(r) + "\n" for r in strange).encode()
    )
    assert _rank(folder)[0] == 0
    run = _run(folder)
    assert len(run) == 12 + 7
    assert {len(best) for best in run.values()} == {12}
    wheat = ("title only", "long", "mixed", "traditional", "nul")
    assert [run[name][0] for name in wheat] == ["l0901"] * 5
    assert run["empty"] == run["emoji"] == sorted(run["empty"])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{broken", "the line is not JSON"),
        ("[" * 100_000, "the line is not JSON"),
        ("[1]", "the line is not a JSON object"),
        ('{"text": "x"}', "'id' is missing or is not a text"),
        ('{"id": 7, "text": "x"}', "'id' is missing or is not a text"),
        ('{"id": "  ", "text": "x"}', "'id' is missing or is not a text"),
        ('{"id": "a\\u0000", "text": "x"}', "'id' has characters that cannot be printed, or more than 200 characters"),
        ('{"id": "\\ud800", "text": "x"}', "'id' has characters that cannot be printed, or more than 200 characters"),
        ('{"id": "a"}', "'text' is missing"),
        ('{"id": "a", "text": 5}', "'title' and 'text' must be texts"),
        ('{"id": "p0901", "text": "again"}', "id 'p0901' is already used in line 2"),
    ],
)
def test_bad_line_is_refused_with_its_number(folder: Path, line: str, says: str) -> None:
    path = folder / "p.jsonl"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    assert _rank(folder) == (1, f"Error: p.jsonl, line 13: {says}")
    assert not (folder / "run.jsonl").exists()


def test_bad_files_are_refused(folder: Path) -> None:
    path = folder / "l.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id": "x", "text": "\xff"}\n')
    assert _rank(folder) == (1, "Error: l.jsonl, line 13: the line is not UTF-8")
    path.write_text("\n")
    assert _rank(folder) == (1, "Error: l.jsonl: the file has no records")
    path.unlink()
    assert _rank(folder) == (1, f"Error: {path}: No such file or directory")


def test_unwritable_target_is_refused_and_leaves_nothing(folder: Path) -> None:
    assert _rank(folder, "no/such/run.jsonl") == (
        1,
        f"Error: {folder / 'no/such/run.jsonl'}: No such file or directory",
    )
    assert sorted(p.name for p in folder.iterdir()) == ["l.jsonl", "p.jsonl"]
