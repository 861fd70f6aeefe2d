import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fairs.cli import main

HALL: dict[str, Any] = {
    "slots": 2,
    "candidates": [
        {"id": "c1", "available": [0], "max": 6, "min": 0},
        {"id": "c2"},
        {"id": "王伟"},
    ],
    "employers": [{"id": "e1", "available": [0, 1], "tables": 1, "max": 40, "min": 3}],
    "pairs": [
        {"candidate": "c1", "employer": "e1", "score": 812, "must": True},
        {"candidate": "c2", "employer": "e1", "score": 5},
        {"candidate": "王伟", "employer": "e1", "score": 90, "note": "other keys are left alone"},
    ],
}


def _solve(folder: Path, text: str | bytes, *more: str) -> Result:
    problem = folder / "hall.json"
    problem.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(main, ["meetings", "solve", str(problem), "--out", str(folder / "plan.json"), *more])


def test_solve_writes_the_plan_of_the_contract(tmp_path: Path) -> None:
    done = _solve(tmp_path, json.dumps(HALL, ensure_ascii=False))
    assert done.exit_code == 0, done.output
    plan = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert plan.pop("seconds") >= 0
    assert plan == {
        "meetings": [
            {"candidate": "c1", "employer": "e1", "slot": 0, "table": 0},
            {"candidate": "王伟", "employer": "e1", "slot": 1, "table": 0},
        ],
        "objective": 902,
        "bound": 902,
        "gap": 0.0,
        "unmet": [
            {
                "kind": "min_employer",
                "reason": "min_slots",
                "facts": {"least": 3, "room": 2, "employer": "e1"},
                "why": "A minimum of 3 is more than the 2 meetings that fit into the free slots.",
                "employer": "e1",
                "missing": 1,
                "proved": True,
            }
        ],
    }
    assert done.stderr.splitlines()[-1].startswith("2 meetings, objective 902, proved best, 1 wishes not served")


def test_solve_writes_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    found = []
    (tmp_path / "hall.json").write_text(json.dumps(HALL))
    for seed in ("1", "2"):
        out = tmp_path / f"{seed}.json"
        subprocess.run(
            [
                str(Path(sys.executable).with_name("fairs")),
                "meetings",
                "solve",
                str(tmp_path / "hall.json"),
                "--out",
                str(out),
            ],
            check=True,
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        plan = json.loads(out.read_bytes())
        del plan["seconds"]
        found.append(json.dumps(plan))
    assert found[0] == found[1]


def test_solve_keeps_a_standing_plan(tmp_path: Path) -> None:
    standing = tmp_path / "standing.json"
    standing.write_text(json.dumps({"meetings": [{"candidate": "c2", "employer": "e1", "slot": 1, "table": 0}]}))
    done = _solve(tmp_path, json.dumps(HALL), "--keep", str(standing))
    assert done.exit_code == 0, done.output
    plan = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert {(m["candidate"], m["slot"]) for m in plan["meetings"]} == {("c1", 0), ("c2", 1)}


def test_whole_numbers_written_with_a_point_are_read(tmp_path: Path) -> None:
    done = _solve(tmp_path, json.dumps(HALL).replace("812", "812.0").replace('"slots": 2', '"slots": 2.0'))
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "plan.json").read_text("utf-8"))["objective"] == 902


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "hall.json, line 1: this is not JSON"),
        ('{"slots": 2,\n"candidates": [}', "hall.json, line 2: this is not JSON"),
        (b"\xff\xfe\x00", "hall.json, line 1: this is not JSON"),
        ("[" * 5000, "hall.json"),
        ("[]", "hall.json: expected `object`, got `array`"),
        ("{}", "hall.json: object missing required field `slots`"),
        ('{"slots": "2"}', "hall.json: slots: expected `int`, got `str`"),
        ('{"slots": 2.5}', "hall.json: slots: expected `int`, got `float`"),
        ('{"slots": 100000}', "slots is 100000, it must be between 0 and 500"),
        ('{"slots": 1, "candidates": [{"max": 1}]}', "candidates[0]: object missing required field `id`"),
        ('{"slots": 1, "candidates": [{"id": 7}]}', "candidates[0].id: expected `str`, got `int`"),
        ('{"slots": 1, "candidates": [{"id": "a"}, {"id": "a"}]}', "two candidates have the id a"),
        ('{"slots": 1, "pairs": [{"candidate": "a", "employer": "b", "score": 1}]}', "no candidate has the id a"),
        ('{"slots": 1, "pairs": [{"candidate": "a", "employer": "b"}]}', "pairs[0]: object missing required field"),
        ('{"slots": 1, "pairs": [{"candidate": "a", "employer": "b", "score": 1e400}]}', "hall.json"),
    ],
)
def test_bad_hall_is_refused_in_one_line_and_nothing_is_written(tmp_path: Path, text: str, sentence: str) -> None:
    done = _solve(tmp_path, text)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["hall.json"]


def test_missing_hall_and_unwritable_plan_are_refused(tmp_path: Path) -> None:
    lost = CliRunner().invoke(main, ["meetings", "solve", str(tmp_path / "no.json"), "--out", str(tmp_path / "plan")])
    assert (lost.exit_code, lost.stderr.count("No such file")) == (1, 1)
    problem = tmp_path / "hall.json"
    problem.write_text('{"slots": 1}')
    lost = CliRunner().invoke(main, ["meetings", "solve", str(problem), "--out", str(tmp_path / "no" / "plan")])
    assert (lost.exit_code, lost.stderr.count("No such file")) == (1, 1)
