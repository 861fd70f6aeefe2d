"""Fills pgvector's index: one record after it was read, or all records."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import structlog

from fairs.core import jobs
from fairs.core.services import SETTINGS
from fairs.matching import inputs, queries
from fairs.matching.retrieval import dense_vectors
from fairs.matching.retrieval.nearest import KINDS, Exact, Hit, Unusable
from fairs.matching.retrieval.pgvector import UNFILLED, Graph, PgVector
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import Floats, model_version

log = structlog.get_logger("matching")
INDEX_ALL = "matching.index_all"
_BATCH = 1_000
Progress = Callable[[str, int], None]


async def _vectors(kind: OwnerKind, ids: Sequence[int]) -> dict[int, Floats]:
    """The vectors of these records, from the texts read so far; zeros for a deleted record."""
    rows = await queries.texts(kind, list(ids))
    stored = await queries.vectors(kind, model_version(), list(ids))
    reads = [inputs.read_row(row, stored.get(row.id, [])) for row in rows]
    known = {text: vector for one in reads for text, vector in one.vectors.items()}
    vectors = await asyncio.to_thread(dense_vectors.vectors_of, [one.usable for one in reads], known)
    return {row.id: vector for row, vector in zip(rows, vectors, strict=True)}


async def usable_index() -> PgVector | None:
    """The index when it is chosen and complete. A missing one is enqueued to be built."""
    if SETTINGS().retrieval != "pgvector":
        return None
    index = PgVector()
    problem = await index.problem()
    if problem is None:
        return index
    log.warning("matching.index_not_used", reason=problem)
    if problem == UNFILLED:
        await jobs.enqueue(INDEX_ALL, {}, key=INDEX_ALL)
    return None


async def refresh(kind: OwnerKind, ids: Sequence[int]) -> None:
    """Update these records in the index; does nothing when another retrieval is chosen, or before the index is built."""
    index = await usable_index() if ids else None
    if index is not None:
        found = await _vectors(kind, ids)
        await index.upsert(kind, found)
        await index.remove(kind, [owner for owner in ids if owner not in found])


async def index_all(index: PgVector, progress: Progress = lambda kind, done: None) -> int:
    """Extension, table and both graphs with every record; returns how many records there are. Raises Unusable.

    May run again at any time: an index of the current version stays in use meanwhile.
    """
    await index.create()
    fresh = await index.problem() is not None
    if fresh:
        await index.drop_graphs()  # built at the end in one step, which is several times faster
    count = 0
    for kind in KINDS:
        seen: list[int] = []
        while ids := await queries.ids_after(kind, seen[-1] if seen else 0, _BATCH):
            await index.upsert(kind, await _vectors(kind, ids))
            seen += ids
            progress(kind, len(seen))
        await index.remove_all_but(kind, seen)
        count += len(seen)
    if fresh:
        await index.rebuild()
        await index.seal()
    return count


@jobs.job(INDEX_ALL)
async def index_all_later(payload: dict[str, object]) -> None:
    """Build the index that the setting requires. If the server cannot have it, one line is logged."""
    try:
        await index_all(PgVector())
    except Unusable as problem:
        log.error("matching.index_unusable", reason=str(problem.message))


async def recall(k: int = 50, asked: int = 50) -> dict[OwnerKind, float]:
    """Share of the exact `k` nearest that the graph finds, over up to `asked` records of each kind. Loads all vectors."""
    truth, index, found = Exact(), PgVector(Graph(exact_below=0)), {}
    for kind in KINDS:
        rows = await index.all_of(kind)
        await truth.upsert(kind, rows)
        queries_of = [rows[owner] for owner in sorted(rows)[:: max(1, len(rows) // asked)][:asked]]
        if queries_of:
            stacked = np.stack(queries_of)
            wanted, given = await truth.nearest(kind, stacked, k), await index.nearest(kind, stacked, k)
            shares = [_share(one, other) for one, other in zip(wanted, given, strict=True)]
            found[kind] = sum(shares) / len(shares)
    return found


def _share(wanted: list[Hit], given: list[Hit]) -> float:
    return len({hit.id for hit in wanted} & {hit.id for hit in given}) / len(wanted)
