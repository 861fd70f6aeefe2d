"""Nearest-neighbour search of records: a small interface with two implementations.

`Exact` compares with every vector in this process; `pgvector.PgVector` queries an HNSW index in the database, which is
not limited to one process. Vectors are from `dense_vectors`. The result is a shortlist: the engine then scores it exactly.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fairs.core.errors import DomainError
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import DIGITS, Floats, top_k

KINDS = tuple(OwnerKind)


class Unusable(DomainError):
    """The chosen retrieval cannot work here; the message is one line for the administrator."""

    status = 503
    code = "retrieval_unusable"


@dataclass(frozen=True, slots=True)
class Hit:
    """One record and its dot product with the query."""

    id: int
    similarity: float


class Retrieval(Protocol):
    """Vectors of both kinds by id. The nearest first, ties by id; a query of zeros finds nothing."""

    async def problem(self) -> str | None:
        """Why it cannot be used, in one line for the administrator; None when it can."""

    async def upsert(self, kind: OwnerKind, rows: Mapping[int, Floats]) -> None:
        """Store these vectors, replacing earlier ones of the same ids. A vector of zeros is removed: nothing is near it."""

    async def remove(self, kind: OwnerKind, ids: Sequence[int]) -> None:
        """Delete these; unknown ids are no error."""

    async def nearest(
        self, kind: OwnerKind, queries: Floats, k: int, among: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """For each query the k nearest records of a kind, only those in `among` when it is given."""


class Exact:
    """All vectors in this process's memory, compared in blocks on all cores: the exact reference for other implementations."""

    def __init__(self) -> None:
        self._rows: dict[OwnerKind, dict[int, Floats]] = {kind: {} for kind in KINDS}

    async def problem(self) -> str | None:
        """Always None."""
        return None

    async def upsert(self, kind: OwnerKind, rows: Mapping[int, Floats]) -> None:
        """See Retrieval."""
        await self.remove(kind, [owner for owner, vector in rows.items() if not vector.any()])
        self._rows[kind].update({owner: vector.copy() for owner, vector in rows.items() if vector.any()})

    async def remove(self, kind: OwnerKind, ids: Sequence[int]) -> None:
        """See Retrieval."""
        for owner in ids:
            self._rows[kind].pop(owner, None)

    async def nearest(
        self, kind: OwnerKind, queries: Floats, k: int, among: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """See Retrieval."""
        held = self._rows[kind]
        ids = sorted(held) if among is None else sorted(held.keys() & set(among))
        if not ids or not k:
            return [[] for _ in queries]
        rows = np.stack([held[owner] for owner in ids])
        return await asyncio.to_thread(_search, np.asarray(queries, dtype=np.float32), rows, ids, k)


def _search(queries: Floats, rows: Floats, ids: list[int], k: int) -> list[list[Hit]]:
    names = [f"{owner:020d}" for owner in ids]  # integers padded so that they sort as texts
    found: NDArray[np.int32] = top_k(queries, rows, names, k)
    return [
        in_order([Hit(ids[at], float(rows[at] @ query)) for at in places]) if query.any() else []
        for query, places in zip(queries, found, strict=True)
    ]


def in_order(hits: list[Hit]) -> list[Hit]:
    """Nearest first, ties at DIGITS digits by id."""
    return sorted(hits, key=lambda hit: (-round(hit.similarity, DIGITS), hit.id))
