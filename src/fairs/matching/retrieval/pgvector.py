"""Retrieval by pgvector's HNSW: the index is in the database, so it is not limited to one process's memory and is shared.

Extension, table and indexes are made on demand (`create`, by `fairs match index` or when the setting requires it); no
migration needs them. Rows of another `dense_vectors.version` are never returned; `fairs match index` replaces them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np

from fairs.core import db, locks
from fairs.core.locks import Lock
from fairs.core.rows import execute, fetch_as, fetch_bulk, fetch_value, fetch_value_or_none
from fairs.matching.retrieval import dense_vectors
from fairs.matching.retrieval.nearest import KINDS, Hit, Unusable, in_order
from fairs.matching.rows import DenseVector, Neighbour
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import Floats

EXTENSION = "vector"
TABLE = "matching_nearest"
OLDEST = (0, 8)  # halfvec exists since 0.7, iterative index scans since 0.8
MISSING = "the database server has no pgvector {} or newer: install it there, or set FAIRS_RETRIEVAL=exact".format(
    ".".join(map(str, OLDEST))
)
UNFILLED = "the index of pgvector is not made, or of another version: run `fairs match index`"
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Graph:
    """How the HNSW graph is built and searched. Measured at 100,000 vectors in docs/matching.md."""

    m: int = 16
    """Neighbours stored per node: more give better recall and use more space."""
    ef_construction: int = 64
    """Candidates examined when a node is added: more take longer to build and give better recall."""
    ef_search: int = 100
    """Minimum candidates examined in a search, and at least twice the requested number; pgvector allows 1,000."""
    exact_below: int = 5_000
    """For so few records all are compared: that is as fast and misses none."""
    shortlist: int = 400
    """Records found for one page and then scored exactly; at most 500, half of what pgvector can examine."""


class PgVector:
    """See `nearest.Retrieval`. Vectors are on the grid, which float16 represents exactly: similarities are those of `Exact`."""

    def __init__(self, graph: Graph = Graph()) -> None:
        self._graph = graph

    async def problem(self) -> str | None:
        """None when extension, table and indexes exist and contain every record."""
        version = await fetch_value_or_none(
            str, "SELECT default_version FROM pg_available_extensions WHERE name = :name", name=EXTENSION
        )
        if version is None or tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            return MISSING
        filled = await fetch_value_or_none(str, "SELECT obj_description(to_regclass(:name))", name=TABLE)
        return None if filled == f"all of {dense_vectors.version()}" else UNFILLED

    async def seal(self) -> None:
        """Mark the index as complete under the current version: from now on it may be queried."""
        await db.execute(f"COMMENT ON TABLE {TABLE} IS 'all of {dense_vectors.version()}'")

    async def create(self) -> None:
        """Create the extension, table and empty indexes, unless they exist. Raises Unusable with one line."""
        try:
            async with db.transaction_or_join():
                await locks.hold(Lock.VECTOR_INDEX)
                await db.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")
                await self._create_table()
        except asyncpg.InsufficientPrivilegeError:
            told = "the database user may not install pgvector: have an administrator run CREATE EXTENSION vector"
            raise Unusable(told) from None
        except (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError, asyncpg.UndefinedObjectError):
            raise Unusable(MISSING) from None

    async def _create_table(self) -> None:
        """Vectors of a person or listing are deleted with its texts' vectors, also when those are deleted elsewhere."""
        if not await fetch_value(bool, "SELECT to_regclass(:name) IS NULL", name=TABLE):
            return
        await db.execute(
            f"CREATE TABLE {TABLE} (kind varchar(8) NOT NULL, owner_id bigint NOT NULL, version varchar(60) NOT NULL,"
            f" vector halfvec({dense_vectors.width()}) NOT NULL, PRIMARY KEY (kind, owner_id))"
        )
        await self._create_graphs()
        await db.execute(
            f"CREATE OR REPLACE FUNCTION {TABLE}_forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608 - a constant table name
            f" IF to_regclass('{TABLE}') IS NOT NULL THEN"  # dropping the table by hand breaks nothing
            f" DELETE FROM {TABLE} WHERE kind = OLD.owner_kind AND owner_id = OLD.owner_id; END IF; RETURN NULL; END $$"
        )
        await db.execute(
            f"CREATE OR REPLACE TRIGGER {TABLE}_forget AFTER DELETE ON text_vector FOR EACH ROW EXECUTE FUNCTION {TABLE}_forget()"
        )

    async def _create_graphs(self) -> None:
        for kind in KINDS:
            await db.execute(
                f"CREATE INDEX IF NOT EXISTS {TABLE}_{kind} ON {TABLE} USING hnsw (vector halfvec_ip_ops)"
                f" WITH (m = {self._graph.m}, ef_construction = {self._graph.ef_construction}) WHERE kind = '{kind}'"
            )

    async def rebuild(self, work_memory_mb: int = 400) -> None:
        """Rebuilds both graphs: several times faster than adding rows one by one. Pages wait meanwhile.

        Not inside a transaction. Where shared memory is small, as in many containers, it builds without parallel workers.
        """
        for helpers in (2, 0):
            try:
                async with db.DB.transaction():
                    await db.execute(f"SET LOCAL maintenance_work_mem = '{int(work_memory_mb)}MB'")
                    await db.execute(f"SET LOCAL max_parallel_maintenance_workers = {helpers}")
                    await self.drop_graphs()
                    await self._create_graphs()
                return
            except (asyncpg.DiskFullError, asyncpg.OutOfMemoryError):
                if not helpers:
                    raise

    async def drop_graphs(self) -> None:
        """Call before writing many rows; `rebuild` afterwards."""
        for kind in KINDS:
            await db.execute(f"DROP INDEX IF EXISTS {TABLE}_{kind}")

    async def upsert(self, kind: OwnerKind, rows: Mapping[int, Floats]) -> None:
        """See Retrieval."""
        await self.remove(kind, [owner for owner, vector in rows.items() if not vector.any()])
        told = [
            (kind, owner, dense_vectors.version(), vector.tolist()) for owner, vector in rows.items() if vector.any()
        ]
        for start in range(0, len(told), _BATCH):
            await db.executemany(
                f"INSERT INTO {TABLE} (kind, owner_id, version, vector) VALUES ($1, $2, $3, $4::real[]::halfvec)"  # noqa: S608 - a constant table name
                " ON CONFLICT (kind, owner_id) DO UPDATE SET version = EXCLUDED.version, vector = EXCLUDED.vector",
                list(told[start : start + _BATCH]),
            )

    async def remove(self, kind: OwnerKind, ids: Sequence[int]) -> None:
        """See Retrieval."""
        if ids:
            await execute(
                f"DELETE FROM {TABLE} WHERE kind = :kind AND owner_id = ANY(:ids::bigint[])",  # noqa: S608 - a constant table name
                kind=kind,
                ids=list(ids),
            )

    async def remove_all_but(self, kind: OwnerKind, ids: Collection[int]) -> None:
        """Delete records that are not in `ids`, and every row of another version."""
        await execute(
            f"DELETE FROM {TABLE} WHERE kind = :kind AND NOT (version = :version AND owner_id = ANY(:ids::bigint[]))",  # noqa: S608 - a constant table name
            kind=kind,
            version=dense_vectors.version(),
            ids=list(ids),
        )

    async def all_of(self, kind: OwnerKind) -> dict[int, Floats]:
        """Every vector of a kind."""
        sql = f"SELECT owner_id, vector::real[] AS vector FROM {TABLE} WHERE kind = :kind AND version = :version"  # noqa: S608 - a constant table name
        rows = await fetch_bulk(DenseVector, sql, kind=kind, version=dense_vectors.version())
        return {row.owner_id: np.array(row.vector, dtype=np.float32) for row in rows}

    async def nearest(
        self, kind: OwnerKind, queries: Floats, k: int, among: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """See Retrieval. Approximate: the index may miss some of the k, more of the distant ones."""
        if not k or (among is not None and not among):
            return [[] for _ in queries]
        few = among is not None and len(among) < self._graph.exact_below
        sql = _sql(kind, few=few, filtered=among is not None)
        width = min(1_000, max(self._graph.ef_search, 2 * k))
        hits: list[list[Hit]] = []
        async with db.transaction_or_join():
            await db.execute(f"SET LOCAL hnsw.ef_search = {int(width)}")
            await db.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            for query in np.asarray(queries, dtype=np.float32):
                given = {"query": query.tolist(), "k": k, "version": dense_vectors.version()}
                given |= {} if among is None else {"among": list(among)}
                rows = await fetch_as(Neighbour, sql, **given) if query.any() else []
                hits.append(in_order([Hit(row.owner_id, -row.distance) for row in rows]))
        return hits


def _sql(kind: OwnerKind, *, few: bool, filtered: bool) -> str:
    """`few`: filter first, then compute every distance, which the planner would not choose by itself."""
    where = f"kind = '{kind}' AND version = :version" + (" AND owner_id = ANY(:among::bigint[])" if filtered else "")
    rows = f"(SELECT owner_id, vector FROM {TABLE} WHERE {where} OFFSET 0)" if few else TABLE  # noqa: S608 - `kind` is a literal, the rest constants
    ending = "" if few else f" WHERE {where}"
    tie = ", owner_id" if few else ""
    return (
        f"SELECT owner_id, vector <#> :query::real[]::halfvec AS distance FROM {rows} AS held{ending}"  # noqa: S608 - `kind` is a literal, the rest constants
        f" ORDER BY vector <#> :query::real[]::halfvec{tie} LIMIT :k"
    )
