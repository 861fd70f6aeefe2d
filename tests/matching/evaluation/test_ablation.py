"""`fairs match ablate`: every stage is measured both ways, and a set that cannot be read is refused in one line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairs.matching.cli import match
from fairs.matching.evaluation import ablation
from fairs.matching.settings import DEFAULT
from tests.matching.texts import PAIRS

JUDGED = Path(__file__).parent / "judged"


def _ablate(*options: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(match, ["ablate", *options], catch_exceptions=False)
    return result.exit_code, result.output.splitlines()


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    rows: dict[str, list[dict[str, object]]] = {
        "profiles": [{"id": f"p{code}", "text": english} for code, english, _, _ in PAIRS],
        "listings": [{"id": f"l{code}", "title": title, "text": chinese} for code, _, title, chinese in PAIRS],
        "qrels": [{"query": f"p{code}", "relevant": [f"l{code}"]} for code, *_ in PAIRS],
    }
    for part, lines in rows.items():
        (tmp_path / f"small_{part}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return tmp_path


def test_every_stage_has_a_line_of_the_judged_set_of_the_source_tree() -> None:
    status, lines = _ablate()
    assert status == 0
    assert lines[0] == "judged: 68 people × 99 listings, nDCG@10 people / listings"
    assert [line.split()[0] for line in lines[2:-1]] == [*ablation.STAGES, "balance"]
    assert {len(line.split()) for line in lines[2:-2]} == {7}


def test_another_judged_set_is_measured_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "fewer").mkdir()
    for file in JUDGED.iterdir():
        lines = file.read_text("utf-8").splitlines(keepends=True)
        fewer = lines[:8] if file.stem in {"judgements", "profiles"} else lines
        (tmp_path / "fewer" / file.name).write_text("".join(fewer), "utf-8")
    status, lines = _ablate("--judged", str(tmp_path / "fewer"))
    assert (status, lines[0]) == (0, "fewer: 8 people × 99 listings, nDCG@10 people / listings")


def test_text_stages_have_a_line_of_each_task(tasks: Path) -> None:
    status, lines = _ablate("--set", str(tasks))
    assert status == 0
    assert lines[0] == "small: 12 × 12 texts, nDCG@10 profiles / listings"
    assert [line.split()[0] for line in lines[2:-1]] == [*ablation.TEXT, "balance"]
    assert lines[4].split()[1:4] == ["1.000", "/", "1.000"]


@pytest.mark.parametrize("stage", ablation.STAGES)
def test_a_stage_is_taken_away_by_settings_alone(stage: str) -> None:
    changed = ablation.without([stage])
    assert changed != DEFAULT
    assert ablation.without([stage], changed) == changed
    assert ablation.without([]) == DEFAULT


def test_with_a_broken_set_it_says_so(tasks: Path, tmp_path: Path) -> None:
    assert _ablate("--judged", str(tmp_path / "none"))[1] == [f"Error: {tmp_path / 'none'}: there is no such folder"]
    (tasks / "empty").mkdir()
    assert _ablate("--set", str(tasks / "empty"))[1] == [
        f"Error: {tasks / 'empty'}: there is no TASK_qrels.jsonl in this folder"
    ]
    for line, says in (
        ("{broken", "line 13: the line needs 'query' and a list 'relevant'"),
        ('{"query": "p0812", "relevant": 7}', "line 13: the line needs 'query' and a list 'relevant'"),
        ('{"query": "p0812", "relevant": [["x"]]}', "line 13: the line needs 'query' and a list 'relevant'"),
        ('{"query": "p0812", "relevant": ["nobody"]}', "line 13: an id is in neither file"),
    ):
        whole = (tasks / "small_qrels.jsonl").read_text("utf-8").splitlines()[:12]
        (tasks / "small_qrels.jsonl").write_text("\n".join([*whole, line]) + "\n", "utf-8")
        assert _ablate("--set", str(tasks)) == (1, [f"Error: small_qrels.jsonl, {says}"])
