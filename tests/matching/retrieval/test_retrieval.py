"""One suite over both retrievals: what is kept, what is found, and in which order."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from fairs.core import db
from fairs.matching.engine import rank
from fairs.matching.retrieval import dense_vectors
from fairs.matching.retrieval.nearest import KINDS, Exact, Hit, Retrieval, Unusable
from fairs.matching.retrieval.pgvector import TABLE, UNFILLED, Graph, PgVector
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import Floats, on_grid
from tests.matching.texts import PAIRS, declared_listing, listings, profiles

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(params=["exact", "pgvector", "pgvector's graph"])
async def held(request: pytest.FixtureRequest) -> AsyncIterator[Retrieval]:
    """Both implementations; the second also with every question sent to the graph."""
    if request.param == "exact":
        yield Exact()
        return
    found = PgVector() if request.param == "pgvector" else PgVector(Graph(exact_below=0))
    await found.create()  # a server without pgvector fails here, with a sentence
    yield found
    await db.execute(f"DROP TABLE IF EXISTS {TABLE}")


def drawn(count: int, seed: int = 1) -> Floats:
    return on_grid(np.random.default_rng(seed).normal(size=(count, dense_vectors.width())).astype(np.float32))


def ids(hits: list[Hit]) -> list[int]:
    return [hit.id for hit in hits]


async def test_nearest_come_first_with_their_similarity(held: Retrieval) -> None:
    rows, queries = drawn(40), drawn(3, seed=2)
    await held.upsert(OwnerKind.LISTING, dict(enumerate(rows)))
    found = await held.nearest(OwnerKind.LISTING, queries, 5)
    wanted = [np.argsort(-(rows @ query))[:5] for query in queries]
    assert [ids(hits) for hits in found] == [places.tolist() for places in wanted]
    assert [[hit.similarity for hit in hits] for hits in found] == [
        [float(rows[at] @ query) for at in places] for places, query in zip(wanted, queries, strict=True)
    ]


async def test_more_than_there_are_gives_all_and_nothing_gives_nothing(held: Retrieval) -> None:
    await held.upsert(OwnerKind.TALENT, dict(enumerate(drawn(3))))
    assert sorted(ids((await held.nearest(OwnerKind.TALENT, drawn(1), 50))[0])) == [0, 1, 2]
    assert await held.nearest(OwnerKind.LISTING, drawn(2), 50) == [[], []]
    assert await held.nearest(OwnerKind.TALENT, drawn(1), 0) == [[]]
    assert await held.nearest(OwnerKind.TALENT, np.zeros((1, dense_vectors.width()), dtype=np.float32), 5) == [[]]


async def test_equal_ones_are_ordered_by_id(held: Retrieval) -> None:
    [row] = drawn(1)
    await held.upsert(OwnerKind.TALENT, dict.fromkeys((30, 4, 200, 11), row))
    assert ids((await held.nearest(OwnerKind.TALENT, row[None, :], 4))[0]) == [4, 11, 30, 200]


async def test_only_those_among(held: Retrieval) -> None:
    rows = drawn(30)
    await held.upsert(OwnerKind.LISTING, dict(enumerate(rows)))
    found = await held.nearest(OwnerKind.LISTING, rows[:1], 4, among={3, 9, 27, 999})
    assert sorted(ids(found[0])) == [3, 9, 27]
    assert await held.nearest(OwnerKind.LISTING, rows[:1], 4, among=[]) == [[]]


async def test_changed_and_removed_vectors_are_found_no_more(held: Retrieval) -> None:
    old, new = drawn(2)
    await held.upsert(OwnerKind.TALENT, {1: old, 2: drawn(1, seed=5)[0], 3: old})
    await held.upsert(OwnerKind.TALENT, {1: new})
    assert ids((await held.nearest(OwnerKind.TALENT, new[None, :], 1))[0]) == [1]
    assert ids((await held.nearest(OwnerKind.TALENT, old[None, :], 1))[0]) == [3]
    await held.remove(OwnerKind.TALENT, [3, 77])
    assert sorted(ids((await held.nearest(OwnerKind.TALENT, old[None, :], 9))[0])) == [1, 2]
    await held.upsert(OwnerKind.TALENT, {2: np.zeros(dense_vectors.width(), dtype=np.float32)})
    assert ids((await held.nearest(OwnerKind.TALENT, old[None, :], 9))[0]) == [1]


async def test_kinds_are_apart(held: Retrieval) -> None:
    for number, kind in enumerate(KINDS):
        await held.upsert(kind, {number: drawn(1, seed=number)[0]})
    assert [ids((await held.nearest(kind, drawn(1), 9))[0]) for kind in KINDS] == [[0], [1]]


async def test_every_profile_finds_its_listing_across_languages(held: Retrieval) -> None:
    people, offers = profiles(), listings()
    vectors = rank.encode_texts([*people, *offers])
    await held.upsert(OwnerKind.LISTING, dict(enumerate(dense_vectors.vectors_of(offers, vectors))))
    found = await held.nearest(OwnerKind.LISTING, dense_vectors.vectors_of(people, vectors), 1)
    assert [offers[hits[0].id].id for hits in found] == [f"l{code}" for code, _, _, _ in PAIRS]


async def test_usable_once_all_is_in(held: Retrieval) -> None:
    if isinstance(held, PgVector):
        await db.execute(f"COMMENT ON TABLE {TABLE} IS NULL")
        assert await held.problem() == UNFILLED
        await held.seal()
    assert await held.problem() is None


def test_vector_needs_no_text_and_says_what_it_depends_on() -> None:
    rows = dense_vectors.vectors_of(
        [declared_listing(text_zh="", title_zh="", disciplines=()), declared_listing(text_zh="", title_zh="")], {}
    )
    assert [bool(row.any()) for row in rows] == [False, True]
    assert len(dense_vectors.version()) <= 60


async def test_rows_of_another_model_are_not_found() -> None:
    held = PgVector()
    await held.create()
    await held.upsert(OwnerKind.TALENT, dict(enumerate(drawn(2))))
    await db.execute(f"UPDATE {TABLE} SET version = 'older' WHERE owner_id = 0")
    assert ids((await held.nearest(OwnerKind.TALENT, drawn(1), 9))[0]) == [1]
    await held.remove_all_but(OwnerKind.TALENT, [0, 1])
    assert await db.fetchval(f"SELECT count(*) FROM {TABLE}") == 1


async def test_vector_goes_with_the_text_of_its_owner() -> None:
    held = PgVector()
    await held.create()
    await held.upsert(OwnerKind.TALENT, {7: drawn(1)[0], 8: drawn(1)[0]})
    await db.execute(
        "INSERT INTO text_vector (owner_kind, owner_id, lang, model, text_hash, vector)"
        " VALUES ('talent', 7, 'en', 'm', '', '')"
    )
    await db.execute("DELETE FROM text_vector WHERE owner_id = 7")
    assert ids((await held.nearest(OwnerKind.TALENT, drawn(1), 9))[0]) == [8]


async def test_graph_built_anew_finds_the_same() -> None:
    rows, queries = drawn(60), drawn(2, seed=3)
    held = PgVector(Graph(exact_below=0))
    await held.create()
    await held.drop_graphs()
    await held.upsert(OwnerKind.TALENT, dict(enumerate(rows)))
    before = await held.nearest(OwnerKind.TALENT, queries, 5)
    await held.rebuild(work_memory_mb=64)
    assert await held.nearest(OwnerKind.TALENT, queries, 5) == before


async def test_server_without_the_extension_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of an extension that no server has stands for pgvector on a server that lacks it."""
    from fairs.matching.retrieval import pgvector

    monkeypatch.setattr(pgvector, "EXTENSION", "vector_that_is_not_there")
    held = PgVector()
    with pytest.raises(Unusable, match=r"^the database server has no pgvector 0\.8 or newer: .*FAIRS_RETRIEVAL=exact$"):
        await held.create()
    assert await held.problem() == pgvector.MISSING
