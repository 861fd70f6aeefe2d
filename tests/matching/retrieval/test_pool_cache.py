"""What is read again after a change, and the same suggestions whichever retrieval is chosen."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from fairs import settings
from fairs.core import db
from fairs.core.services import SETTINGS
from fairs.matching import encoding, queries, services
from fairs.matching.retrieval import indexing, pgvector, pool_cache, shortlist
from fairs.matching.retrieval.pgvector import TABLE, PgVector
from tests import factories
from tests.matching.people import forget_pools, make_listings, make_people, read_everything, waiting_jobs

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def choose_pgvector(test_settings: settings.Settings) -> AsyncIterator[None]:
    """As FAIRS_RETRIEVAL=pgvector does, in a database that has no index yet."""
    await db.execute(f"DROP TABLE IF EXISTS {TABLE}")
    SETTINGS.set(replace(test_settings, retrieval="pgvector"))
    yield
    await db.execute(f"DROP TABLE IF EXISTS {TABLE}")


async def fair() -> tuple[dict[str, int], dict[str, int], int]:
    """(talents, listings, event), all read."""
    organisation, event = await factories.organisation(), await factories.event()
    people, listings = await make_people(), await make_listings(organisation, event)
    await read_everything()
    return people, listings, event


def reading(monkeypatch: pytest.MonkeyPatch, name: str) -> list[list[int]]:
    """The ids that are read from now on, a list a time."""
    seen: list[list[int]] = []
    plain = getattr(queries, name)

    async def counted(*args: Any) -> Any:
        seen.append(args[-1])
        return await plain(*args)

    monkeypatch.setattr(queries, name, counted)
    return seen


async def change(listing: int, text: str) -> None:
    await db.execute("UPDATE listing SET description_zh = $2, updated_at = now() WHERE id = $1", listing, text)
    await encoding.encode_listing({"listing": listing})


async def ranked(people: dict[str, int], event: int) -> dict[str, list[tuple[int, float]]]:
    return {
        code: [(one.listing_id, one.score) for one in await services.suggestions_for_talent(talent, event)]
        for code, talent in people.items()
    }


async def test_one_changed_listing_is_all_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    people, listings, event = await fair()
    await ranked(people, event)
    seen = reading(monkeypatch, "published_listings")
    changed = listings["0812"]
    other = await db.fetchval("SELECT description_zh FROM listing WHERE id = $1", listings["0901"])
    await change(changed, other)
    after = await ranked(people, event)
    assert seen == [[changed]]
    forget_pools()
    anew = await ranked(people, event)
    assert seen[1:] == [sorted(listings.values())]
    assert {code: [one for one, _ in found[:2]] for code, found in after.items()} == {
        code: [one for one, _ in found[:2]] for code, found in anew.items()
    }
    assert max(abs(dict(after[code])[one] - score) for code in anew for one, score in anew[code]) < 10


async def test_space_is_fitted_again_when_a_tenth_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    people, listings, event = await fair()
    await ranked(people, event)
    seen = reading(monkeypatch, "published_listings")
    first, second = list(listings.values())[:2]
    await change(first, "小麦育种与抗旱性研究，含田间试验。")
    await change(second, "企业融资与资本市场研究。")
    after = await ranked(people, event)
    assert seen == [[first, second], sorted(listings.values())]
    forget_pools()
    assert await ranked(people, event) == after


async def test_withdrawn_and_new_listings_change_places_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    people, listings, event = await fair()
    await ranked(people, event)
    monkeypatch.setattr(pool_cache, "DRIFT", 1.0)
    seen = reading(monkeypatch, "published_listings")
    await db.execute("UPDATE listing SET state = 'closed' WHERE id = $1", listings["0812"])
    new = await factories.listing(await factories.organisation(), event)
    await encoding.encode_listing({"listing": new})
    ready = await pool_cache.listings(event)
    assert {one.id for one in ready.pool.records} == {str(i) for i in {*listings.values(), new} - {listings["0812"]}}
    assert seen == [[new]]


async def test_pgvector_gives_the_same_suggestions_both_ways(choose_pgvector: None) -> None:
    people, listings, event = await fair()
    assert await indexing.index_all(PgVector()) == len(people) + len(listings)
    by_index = [await services.suggestions_for_talent(talent, event) for talent in people.values()]
    back = [await services.suggestions_for_listing(listing) for listing in listings.values()]
    SETTINGS.set(replace(SETTINGS(), retrieval="exact"))
    whole = [await services.suggestions_for_talent(talent, event) for talent in people.values()]
    assert [found.rows for found in by_index] == [found.rows for found in whole]
    assert [found.rows for found in back] == [
        (await services.suggestions_for_listing(listing)).rows for listing in listings.values()
    ]
    assert [found[0].listing_id for found in whole] == list(listings.values())


async def test_shortlist_is_what_is_read_and_scored(choose_pgvector: None, monkeypatch: pytest.MonkeyPatch) -> None:
    people, listings, event = await fair()
    await indexing.index_all(PgVector())
    monkeypatch.setattr(shortlist, "_GRAPH", pgvector.Graph(shortlist=3))
    seen = reading(monkeypatch, "published_listings")
    found = await services.suggestions_for_talent(people["0812"], event)
    assert (len(found), found.pool, found[0].listing_id) == (3, len(listings), listings["0812"])
    assert [len(ids) for ids in seen] == [3, len(listings)]  # the shortlist, and the sample for the space
    await services.suggestions_for_talent(people["0812"], event)
    assert [len(ids) for ids in seen[2:]] == [3]


async def test_filters_hold_before_the_shortlist_is_cut(choose_pgvector: None, monkeypatch: pytest.MonkeyPatch) -> None:
    people, listings, event = await fair()
    await db.execute("UPDATE listing SET city = '410300' WHERE id = $1", listings["0501"])
    await indexing.index_all(PgVector())
    monkeypatch.setattr(shortlist, "_GRAPH", pgvector.Graph(shortlist=1))
    wanted = services.Wanted(city="410300")
    found = await services.suggestions_for_talent(people["0812"], event, wanted=wanted)
    assert [one.listing_id for one in found] == [listings["0501"]]


async def test_index_that_is_not_made_is_asked_for_and_pages_go_on(choose_pgvector: None) -> None:
    people, listings, event = await fair()
    found = await services.suggestions_for_talent(people["0812"], event)
    assert found[0].listing_id == listings["0812"]
    assert indexing.INDEX_ALL in await waiting_jobs()
    await indexing.index_all_later({})
    assert await PgVector().problem() is None
    assert await db.fetchval(f"SELECT count(*) FROM {TABLE}") == len(people) + len(listings)


async def test_read_record_is_in_the_index_at_once(choose_pgvector: None) -> None:
    people, _, event = await fair()
    await indexing.index_all(PgVector())
    new = await factories.listing(
        await factories.organisation(), event, title_zh="编译器工程师", description_zh="研究编译器优化与程序分析。"
    )
    await encoding.encode_listing({"listing": new})
    assert await db.fetchval(f"SELECT count(*) FROM {TABLE} WHERE kind = 'listing' AND owner_id = $1", new) == 1
    await db.execute("DELETE FROM listing WHERE id = $1", new)
    await encoding.encode_listing({"listing": new})
    assert await db.fetchval(f"SELECT count(*) FROM {TABLE} WHERE kind = 'listing' AND owner_id = $1", new) == 0
    assert people


async def test_nobody_is_found_by_a_person_who_says_nothing_but_in_order(choose_pgvector: None) -> None:
    _, listings, event = await fair()
    await indexing.index_all(PgVector())
    silent = await factories.talent(headline="", summary="", skills=[], discipline="")
    found = await services.suggestions_for_talent(silent, event)
    assert (found.state, {one.listing_id for one in found}) == ("no_text", set(listings.values()))


async def test_recall_of_the_graph_is_told(choose_pgvector: None) -> None:
    await fair()
    await indexing.index_all(PgVector())
    assert await indexing.recall(k=3) == {"talent": 1.0, "listing": 1.0}
