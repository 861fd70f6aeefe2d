"""Size and speed of matching: one against many, one change, whole runs, pgvector. Each part in a process of its own.

Records and vectors are synthetic (`synthetic.py`); making them is not counted, nor is encoding.
"""

import asyncio
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import synthetic
from benchmarks.bulk import rank_all
from fairs.matching.engine import rank
from fairs.matching.retrieval import dense_vectors
from fairs.matching.retrieval.pgvector import Graph, PgVector
from fairs.matching.text import encoder

# isort: split
import numpy as np  # only now: fairs.matching asks for one BLAS thread

from fairs.matching.tables import OwnerKind

TOP = 50


def _seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _apart(part: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    """The part's figures, run in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(part, *args).result()


def _megabytes() -> int:
    """The most that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def one_against(count: int) -> dict[str, Any]:
    """One new profile against `count` listings: gates, declared fields, texts, reasons of 50. And one changed listing."""
    _, pool, vectors = synthetic.pools(1, count)
    persons, more = synthetic.people(12)
    vectors |= more
    rank.warm_up()
    took = [1000 * _seconds(partial(rank.rank_listings, one, pool, vectors, top=TOP)) for one in persons]
    moved = replace(pool.records[7], city="410300", text_zh=pool.records[9].text_zh)
    change = statistics.median(1000 * _seconds(lambda: rank.changed(pool, [moved], (), vectors)) for _ in range(5))
    return {
        f"one_against_{count}_ms": round(statistics.median(took[1:]), 1),
        f"one_against_{count}_slowest_ms": round(max(took[1:]), 1),
        f"one_changed_of_{count}_ms": round(change, 1),
        f"one_against_{count}_mb": _megabytes(),
    }


def vectors_alone(queries: int, targets: int) -> dict[str, Any]:
    """Exact top 50 by vectors, both ways, on all cores."""
    drawn = np.random.default_rng(synthetic.SEED)
    left, right = (
        encoder.on_grid(drawn.normal(size=(count, encoder.DIMENSIONS)).astype(np.float32))
        for count in (queries, targets)
    )
    took = 0.0
    for a, b in ((left, right), (right, left)):
        ids = [f"{i:06d}" for i in range(len(b))]
        took += _seconds(partial(encoder.top_k, a, b, ids, TOP))
    name = f"vectors_{queries}x{targets}"
    return {f"{name}_both_ways_s": round(took, 2), f"{name}_mb": _megabytes()}


def whole_run(queries: int, targets: int) -> dict[str, Any]:
    """Top 50 both ways by the full pipeline, pools ready; and making the pools ready, once."""
    begin = time.perf_counter()
    people, offers, _ = synthetic.pools(queries, targets)
    ready = time.perf_counter() - begin
    begin, work = time.perf_counter(), time.process_time()
    rank_all.rank_all(people, offers, top=TOP)
    name = f"whole_{queries}x{targets}"
    return {
        f"{name}_both_ways_s": round(time.perf_counter() - begin, 2),
        f"{name}_both_ways_cpu_s": round(time.process_time() - work, 2),
        f"{name}_pools_ready_s": round(ready, 1),
        f"{name}_mb": _megabytes(),
    }


def shortlist_recall(queries: int, targets: int) -> dict[str, Any]:
    """What the shortlist of a whole run costs against counting every pair: recall@50, and nDCG@50 by the exact scores."""
    people, offers, _ = synthetic.pools(queries, targets)
    exact = rank_all.rank_all(people, offers, top=TOP, shortlist=max(queries, targets))
    short = rank_all.rank_all(people, offers, top=TOP)
    found: dict[str, Any] = {}
    discount = 1 / np.log2(np.arange(TOP) + 2)
    for name, wanted, given in zip(("", "_reverse"), exact, short, strict=True):
        pairs = zip(wanted.places.tolist(), given.places.tolist(), strict=True)
        found[f"shortlist_recall50{name}"] = round(statistics.fmean(len(set(a) & set(b)) / TOP for a, b in pairs), 4)
        gain = (given.scores * discount).sum(axis=1) / (wanted.scores * discount).sum(axis=1)
        found[f"shortlist_ndcg50{name}"] = round(float(gain.mean()), 5)
    return found


def pgvector(count: int = 100_000, asked: int = 200) -> dict[str, Any]:
    """HNSW over `count` records: filling and building, queries a second of one client, recall against exact."""
    rows, queries = synthetic.index_vectors(count, 1), synthetic.index_vectors(asked, 2)
    truth = encoder.top_k(queries, rows, [f"{i:020d}" for i in range(count)], 400)
    from fairs.core.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        with EmbeddedPostgres(Path(folder) / "data") as server:
            return asyncio.run(_pgvector(server.dsn(), rows, queries, truth))


async def _pgvector(dsn: str, rows: encoder.Floats, queries: encoder.Floats, truth: Any) -> dict[str, Any]:
    from fairs.core import db, migrations

    await migrations.migrate(dsn)
    db.DB.configure(dsn)
    await db.DB.start_connection_pool(min_size=1, max_size=2)
    index, found = (
        PgVector(),
        {"pgvector_count": len(rows), "pgvector_width": dense_vectors.width(), "pgvector": str(Graph())},
    )
    await index.create()
    await index.drop_graphs()
    begin = time.perf_counter()
    await index.upsert(OwnerKind.LISTING, dict(enumerate(rows)))
    filled = time.perf_counter()
    await index.rebuild()
    found |= {"pgvector_fill_s": round(filled - begin, 1), "pgvector_build_s": round(time.perf_counter() - filled, 1)}
    size = await db.fetchval(
        "SELECT pg_total_relation_size('matching_nearest') + pg_relation_size('matching_nearest_listing')"
    )
    found["pgvector_mb"] = round(size / 2**20)
    for k in (TOP, Graph().shortlist):
        await index.nearest(OwnerKind.LISTING, queries[:20], k)
        begin = time.perf_counter()
        given = await index.nearest(OwnerKind.LISTING, queries, k)
        took = time.perf_counter() - begin
        hits = [len({hit.id for hit in own} & set(row[:TOP])) for own, row in zip(given, truth.tolist(), strict=True)]
        found[f"pgvector_first_{k}_queries_per_s"] = round(len(queries) / took, 1)
        found[f"pgvector_first_{k}_recall50"] = round(sum(hits) / TOP / len(queries), 4)
    await db.DB.close_connection_pool()
    return found


def _grown(found: dict[str, Any], small: str, large: str) -> dict[str, Any]:
    """How much time and memory ten times the pairs take."""
    return {
        f"{large}_{unit.strip('_')}_ratio_1_to_10": round(found[large + unit] / found[small + unit], 1)
        for unit in ("_both_ways_s", "_mb")
    }


def run(*, with_large: bool = True) -> dict[str, Any]:
    """All figures. `with_large`: also what takes more than half a minute."""
    found = _apart(one_against, 3_000) | _apart(vectors_alone, 10_000, 3_000) | _apart(vectors_alone, 10_000, 30_000)
    found |= _grown(found, "vectors_10000x3000", "vectors_10000x30000") | _apart(shortlist_recall, 1_000, 3_000)
    if with_large:
        found |= _apart(one_against, 30_000) | _apart(whole_run, 10_000, 3_000) | _apart(whole_run, 10_000, 30_000)
        found |= _grown(found, "whole_10000x3000", "whole_10000x30000") | _apart(pgvector)
    return found
