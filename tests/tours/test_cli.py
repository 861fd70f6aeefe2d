import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fairs.cli import main

TOUR: dict[str, Any] = {
    "days": 2,
    "hours": [9, 18],
    "travel": {"410100": {"410300": 1.5}},
    "pace": {"per_day": 3},
    "people": [{"id": "p1", "languages": ["en"], "days": [0, 1]}, {"id": "王伟"}],
    "stops": [
        {"id": "s1", "city": "410300", "hours": 1.5, "places": 30, "days": [1], "must": False},
        {"id": "s2", "city": "410100", "hours": 10, "places": 30, "must": True},
    ],
    "scores": [{"person": "p1", "stop": "s1", "score": 812}, {"person": "王伟", "stop": "s1", "score": 5.0}],
    "groups": {"max": 2, "seats": 33},
    "start": "410100",
    "end": "410100",
}


def _plan(folder: Path, tour: str | bytes, *more: str) -> Result:
    problem = folder / "tour.json"
    problem.write_bytes(tour if isinstance(tour, bytes) else tour.encode())
    return CliRunner().invoke(main, ["tours", "plan", str(problem), *(more or ("--out", str(folder / "plan.json")))])


def _changed(*path: Any, to: Any) -> str:
    tour = json.loads(json.dumps(TOUR))
    inner = tour
    for one in path[:-1]:
        inner = inner[one]
    inner[path[-1]] = to
    return json.dumps(tour)


def test_plan_writes_the_form_of_the_contract(tmp_path: Path) -> None:
    done = _plan(tmp_path, json.dumps(TOUR, ensure_ascii=False))
    assert done.exit_code == 0, done.output
    plan = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    assert plan.pop("seconds") >= 0
    people = sorted(person for group in plan["groups"] for person in group["people"])
    visits = [stop for group in plan["groups"] for stop in group["days"][1]["stops"] if group["people"]]
    assert people == ["p1", "王伟"]
    assert {one["stop"] for one in visits} == {"s1"}
    assert (plan["objective"], plan["bound"], plan["gap"]) == (817, 817, 0.0)
    assert plan["unmet"] == [
        {
            "kind": "must",
            "reason": "must_long",
            "facts": {"hours": 10.0, "day_hours": 9.0, "stop": "s2"},
            "why": "s2 takes 10 h, and a day has 9 h.",
            "stop": "s2",
            "proved": True,
        }
    ]
    assert "objective 817, proved best, 1 left out" in done.stderr.splitlines()[-1]


def test_check_names_the_faults_of_a_plan(tmp_path: Path) -> None:
    _plan(tmp_path, json.dumps(TOUR))
    plan = tmp_path / "plan.json"
    good = _plan(tmp_path, json.dumps(TOUR), "--check", str(plan))
    assert good.exit_code == 0, good.output
    told = json.loads(plan.read_text())
    told["objective"] = 900
    plan.write_text(json.dumps(told))
    bad = _plan(tmp_path, json.dumps(TOUR), "--check", str(plan))
    assert bad.exit_code == 1
    assert "the objective is told as 900, it is 817" in bad.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_changed("days", to=0), "days: 0 is less than 1"),
        (_changed("days", to=10**9), "days: 1000000000 is more than 60"),
        (_changed("hours", to=[18, 9]), "hours: a day from 18 to 9 is not between 0 and 24 and forward"),
        (_changed("hours", to=[9]), "hours: expected `array` of length 2, got 1"),
        (_changed("pace", "per_day", to=0), "pace.per_day: 0 is less than 1"),
        (_changed("groups", "seats", to=0), "groups.seats: 0 is not between 1 and"),
        (_changed("groups", "max", to=-1), "groups.max: -1 is less than 1"),
        (_changed("travel", to={}), "travel: the hours between 410100 and 410300 are missing"),
        (_changed("stops", 0, "city", to="419999"), "travel: the hours between 410100 and 419999 are missing"),
        (_changed("start", to="nowhere"), "travel: the hours between"),
        (_changed("travel", "410100", "410300", to=-1), "travel.410100.410300: -1 hours of driving"),
        (_changed("travel", "410100", "410100", to=1), "the way inside a city takes 0 hours, not 1"),
        (_changed("travel", "410300", to={"410100": 2}), "the way takes as long in both directions"),
        (_changed("people", 1, "id", to="p1"), "people[1]: the id p1 is that of people[0] already"),
        (_changed("people", 1, "id", to=""), "people[1]: the id is empty"),
        (_changed("people", 0, "days", to=[2]), "people[0] (p1): day 2 is not one of 0 to 1"),
        (_changed("people", 0, "days", to=[1, 1]), "people[0] (p1): a day is named twice"),
        (_changed("stops", 1, "id", to="s1"), "stops[1]: the id s1 is that of stops[0] already"),
        (_changed("stops", 0, "hours", to=-1), "stops[0] (s1): a stop of -1 hours is not between 0 and 24"),
        (_changed("stops", 0, "hours", to=25), "stops[0] (s1): a stop of 25 hours"),
        (_changed("stops", 0, "places", to=0), "stops[0] (s1): 0 places are not between"),
        (_changed("stops", 0, "days", to=[-1]), "stops[0] (s1): day -1 is not one of 0 to 1"),
        (_changed("scores", 0, "person", to="x"), "scores[0]: there is no person x"),
        (_changed("scores", 0, "stop", to="x"), "scores[0]: there is no stop x"),
        (_changed("scores", 0, "score", to=-5), "scores[0]: -5 is not between 0 and 1,000,000"),
        (_changed("scores", 0, "score", to=10**30), "is not between 0 and 1,000,000"),
        (_changed("scores", 0, "score", to="many"), "scores[0].score: expected `int`, got `str`"),
        (_changed("scores", 0, to={"person": "王伟", "stop": "s1", "score": 1}), "王伟 and s1 have a score already"),
        (_changed("stops", 0, "hours", to=float("nan")), "line 1: this is not JSON"),
        (_changed("stops", 0, "hours", to=float("inf")), "line 1: this is not JSON"),
        ('{"days": 1}', "object missing required field"),
        ("[]", "expected `object`, got `array`"),
        ("", "this is not JSON"),
        (b"\xff\xfe", "this is not JSON"),
    ],
)
def test_every_mistake_is_one_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    done = _plan(tmp_path, text)
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "plan.json").exists()


def test_missing_file_and_missing_options_are_said(tmp_path: Path) -> None:
    gone = CliRunner().invoke(main, ["tours", "plan", str(tmp_path / "gone"), "--out", str(tmp_path / "plan.json")])
    assert (gone.exit_code, "No such file" in gone.stderr) == (1, True)
    assert CliRunner().invoke(main, ["tours", "plan", str(tmp_path / "gone")]).exit_code == 2
