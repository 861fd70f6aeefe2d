"""The quality measures of the engine as lines of text: `fairs match ablate`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from fairs.matching.engine import rank
from fairs.matching.evaluation import ablation, judgements
from fairs.matching.evaluation.ablation import Both, Line
from fairs.matching.evaluation.datasets import Task, read_tasks
from fairs.matching.text.encoder import encode
from fairs.matching.text.text_pool import VectorsByText

_HEAD = f"{'stage':<12} {'added one by one':>20} {'taken away alone':>20}"


def tables(judged_set: Path | None, tasks: Path | None) -> Iterator[str]:
    """One table per set, yielded line by line. Raises BadInput."""
    if judged_set is not None:
        found = judgements.read(judged_set)
        yield f"{judged_set.name}: {len(found.profiles)} people × {len(found.listings)} listings, nDCG@10 people / listings"
        vectors = rank.encode_texts([*found.people, *found.offers])
        yield from _table(ablation.of_judged(found, vectors))
    for task in read_tasks(tasks) if tasks is not None else ():
        yield f"{task.name}: {len(task.profiles)} × {len(task.listings)} texts, nDCG@10 profiles / listings"
        yield from _table(ablation.of_task(task, _vectors(task)))


def _vectors(task: Task) -> VectorsByText:
    texts = sorted({one.text for one in (*task.profiles, *task.listings)})
    return dict(zip(texts, encode(texts), strict=True))


def _table(lines: Iterable[Line]) -> Iterator[str]:
    yield _HEAD
    for line in lines:
        yield f"{line.stage:<12} {_shown(line.added):>20} {_shown(line.taken_away):>20}".rstrip()
    yield ""


def _shown(both: Both | None) -> str:
    return f"{both[0]:.3f} / {both[1]:.3f}" if both else ""
