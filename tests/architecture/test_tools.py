"""Hooks, make and the public workflow run the same checks."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def recipe(target: str) -> list[str]:
    """The commands of a target, with variables filled in."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.M)
    assert found, target
    values = {"MAKE": "make"} | dict(re.findall(r"^(\w+) :?\??= (.*)$", MAKEFILE, re.M))
    text = found.group(1)
    while re.search(r"\$\((\w+)\)", text):
        text = re.sub(r"\$\((\w+)\)", lambda match: values[match[1]], text)
    return [line.strip() for line in text.splitlines()]


def test_hooks_are_the_commands_of_make_check() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    commands = [hook["entry"] for group in hooks for hook in group["hooks"]]
    assert sorted(commands) == sorted(recipe("types") + recipe("rules"))
    assert recipe("check")[-1].endswith("types rules")
    assert {group["repo"] for group in hooks} == {"local"}


def test_workflow_tests_every_python_and_server_that_are_supported() -> None:
    job = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))["jobs"]["test"]
    assert job["strategy"]["matrix"] == {
        "python": ["3.11", "3.12", "3.13", "3.14"],
        "postgresql": ["15", "16", "17", "18"],
    }
    assert [step["run"] for step in job["steps"] if "make" in step.get("run", "")] == ["make test JOBS=4"]


def test_every_target_says_what_it_does() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)
    assert phony
    assert [name for name in phony.group(1).split() if not re.search(rf"^{name}:.* ## \w", MAKEFILE, re.M)] == []
