"""Ranking of files: profiles and listings as JSON lines, no database. The same input writes the same bytes."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from fairs.matching.engine import scoring
from fairs.matching.exposure import exposure
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text import field_model
from fairs.matching.text.encoder import Floats, encode, order_by_score
from fairs.matching.text.text_pool import Space, TextPool, VectorsByText

_BLOCK = 128  # rows of scores at once


class BadInput(ValueError):
    """A file that cannot be ranked; the message names file and line and is meant for a person."""


@dataclass(frozen=True, slots=True)
class FileText:
    """One line of an input file: the title and the text are ranked."""

    id: str
    text: str


def read_texts(path: Path) -> list[FileText]:
    """All records of a file, in order. Raises BadInput with the line number at the first bad line."""
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or 'cannot be read'}") from None
    seen: dict[str, int] = {}
    records: list[FileText] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                record = _record(line)
            except BadInput as error:
                raise BadInput(f"{path.name}, line {number}: {error}") from None
            if record.id in seen:
                raise BadInput(
                    f"{path.name}, line {number}: id {record.id!r} is already used in line {seen[record.id]}"
                )
            seen[record.id] = number
            records.append(record)
    if not records:
        raise BadInput(f"{path.name}: the file has no records")
    return records


def _record(line: bytes) -> FileText:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput("the line is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadInput("the line is not JSON") from None
    if not isinstance(row, dict):
        raise BadInput("the line is not a JSON object")
    name = row.get("id")
    if not isinstance(name, str) or not name.strip():
        raise BadInput("'id' is missing or is not a text")
    if not name.isprintable() or len(name) > 200:
        raise BadInput("'id' has characters that cannot be printed, or more than 200 characters")
    if "text" not in row and "title" not in row:
        raise BadInput("'text' is missing")
    parts = [row.get("title"), row.get("text")]
    if any(part is not None and not isinstance(part, str) for part in parts):
        raise BadInput("'title' and 'text' must be texts")
    return FileText(name, "\n".join(part for part in parts if part and part.strip()))


def rank_files(
    queries: Sequence[FileText],
    targets: Sequence[FileText],
    *,
    top: int,
    balanced: bool = True,
    known: VectorsByText | None = None,
    settings: Settings = DEFAULT,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[str, list[str]]]:
    """(query id, ids of the best targets) for every query, by text alone; records without words are last, by id.

    `balanced`: with exposure prices over all queries, see `exposure`; without, each query is ranked separately. `known`:
    texts that are encoded already.
    """
    rows = _scores(queries, targets, known or {}, settings, progress)
    ids = [target.id for target in targets]
    if balanced:
        yield from _balanced([query.id for query in queries], ids, rows, top, settings)
        return
    for query, scores in zip(queries, rows, strict=True):
        yield query.id, [ids[j] for j in order_by_score(scores, ids, top)]


def _scores(
    queries: Sequence[FileText],
    targets: Sequence[FileText],
    known: VectorsByText,
    settings: Settings,
    progress: Callable[[str], None],
) -> Iterator[Floats]:
    """The text signals of each query with all targets, one query at a time; only one row is in memory."""
    texts = sorted({record.text for record in (*queries, *targets)} - known.keys())
    progress(f"encoding {len(texts)} texts")
    vectors = {**known, **dict(zip(texts, encode(texts), strict=True))}
    asked = [(q.text,) if q.text else () for q in queries]
    offered = [(t.text,) if t.text else () for t in targets]
    space = Space.fit([*asked, *offered], vectors)
    pool = TextPool.build(offered, vectors, space)
    centred, readings = space.place(asked, vectors)
    odds = field_model.load().distributions(centred, readings)
    progress(f"ranking {len(queries)} × {len(targets)}")
    for i in range(len(queries)):
        signals = pool.compare(centred[i], readings[i], odds[i])
        yield scoring.text_signals(signals.cosine, signals.lexical, signals.agreement, settings)


def _balanced(
    asking: Sequence[str], ids: Sequence[str], rows: Iterator[Floats], top: int, settings: Settings
) -> Iterator[tuple[str, list[str]]]:
    """Prices need every query, so the first result follows the last row; only shortlists are kept until then."""
    how = replace(settings.balance, shortlist=max(settings.balance.shortlist, top))
    lists = exposure.Shortlists((len(asking), len(ids)), how)
    numbers, by_id = (
        exposure.places(asking).tolist(),
        np.argsort(exposure.places(ids)),
    )  # the order of the lines must not change a sum
    for first in range(0, len(asking), _BLOCK):
        block = np.stack(list(islice(rows, _BLOCK)))
        lists.add(numbers[first : first + _BLOCK], block[:, by_id])
    edges = lists.edges(lambda scores: scoring.text_worth(scores, settings))
    prices = exposure.prices(edges, how)
    ids = sorted(ids)
    marks = exposure.hashes(ids)
    for query, number in zip(asking, numbers, strict=True):
        own = edges.of(number)
        at = edges.targets[own]
        row = exposure.Row(edges.scores[own], edges.worths[own], at, exposure.turns_of(query, marks[at]))
        yield query, [ids[at[j]] for j in exposure.arrange(row, prices[at], top, how)]


def write_run(path: Path, ranked: Iterator[tuple[str, list[str]]]) -> int:
    """Writes one {"query", "ranked"} per line beside the target and renames, so a failed run leaves no partial file."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as out:
            for query, best in ranked:
                out.write(json.dumps({"query": query, "ranked": best}, ensure_ascii=False) + "\n")
                count += 1
        aside.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or 'cannot be written'}") from None
    finally:
        aside.unlink(missing_ok=True)
    return count
