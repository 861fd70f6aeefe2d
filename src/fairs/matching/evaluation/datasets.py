"""Evaluation tasks with texts only: TASK_profiles.jsonl, TASK_listings.jsonl and the relevant pairs, TASK_qrels.jsonl."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairs.matching.files import BadInput, FileText, read_texts

ENDING = "_qrels.jsonl"


@dataclass(frozen=True)
class Task:
    """Queries, targets, and the relevant targets of each query that has any, all of grade 1."""

    name: str
    profiles: Sequence[FileText]
    listings: Sequence[FileText]
    grades: Mapping[str, Mapping[str, int]]

    @property
    def back(self) -> dict[str, dict[str, int]]:
        """The relevant pairs by listing."""
        turned: dict[str, dict[str, int]] = defaultdict(dict)
        for query, relevant in self.grades.items():
            for one in relevant:
                turned[one][query] = 1
        return dict(turned)


def read_tasks(folder: Path) -> list[Task]:
    """Every task of a folder, by name. Raises BadInput when there is none or one cannot be read."""
    names = sorted(path.name.removesuffix(ENDING) for path in folder.glob("*" + ENDING))
    if not names:
        raise BadInput(f"{folder}: there is no TASK{ENDING} in this folder")
    return [_task(folder, name) for name in names]


def _task(folder: Path, name: str) -> Task:
    people, offers = (read_texts(folder / f"{name}_{side}.jsonl") for side in ("profiles", "listings"))
    asking, offered = {one.id for one in people}, {one.id for one in offers}
    grades: dict[str, dict[str, int]] = {}
    path = folder / (name + ENDING)
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            row = json.loads(line)
            query, relevant = row["query"], dict.fromkeys(row["relevant"], 1)
            known = query in asking and offered.issuperset(relevant)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadInput(f"{path.name}, line {number}: the line needs 'query' and a list 'relevant'") from None
        if not known:
            raise BadInput(f"{path.name}, line {number}: an id is in neither file")
        grades[query] = relevant
    return Task(name, people, offers, grades)
