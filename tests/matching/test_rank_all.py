"""A whole run against one record at a time."""

import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from benchmarks.bulk import prefilter, rank_all, rescore
from benchmarks.bulk.prefilter import Estimate

from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT
from fairs.matching.text.text_pool import VectorsByText
from tests.matching.texts import listings, profiles


def _varied(seed: int) -> tuple[list[ProfileRecord], list[ListingRecord]]:
    """Five of each text, with fields at random; some without text."""
    chance = random.Random(seed)
    days = [None, date(2018, 10, 1), date(2019, 3, 31)]
    people = [
        replace(
            one, id=f"{one.id}-{copy}", degree=chance.choice([None, "master", "doctor"]), pay_min=chance.choice([None, 200_000, 400_000]),
            engagements=frozenset(chance.sample(["full_time", "lecture", "project"], chance.randint(0, 2))),
            cities=frozenset(chance.sample(["410100", "410300"], chance.randint(0, 1))), available_from=chance.choice(days),
            disciplines=(one.id[1:],) if chance.random() < 0.7 else (), skills=("python",) if chance.random() < 0.5 else (),
            text_en=one.text_en if chance.random() < 0.9 else "",
        )
        for one in profiles() for copy in range(5)
    ]  # fmt: skip
    offers = [
        replace(
            one, id=f"{one.id}-{copy}", degree_min=chance.choice([None, "master", "doctor"]), pay_max=chance.choice([None, 300_000]),
            engagements=frozenset(chance.sample(["full_time", "lecture", "project"], chance.randint(0, 2))),
            city=chance.choice([None, "410105", "410300"]), ends=chance.choice(days),
            disciplines=(one.id[1:],) if chance.random() < 0.7 else (), skills=("python",) if chance.random() < 0.5 else (),
        )
        for one in listings() for copy in range(5)
    ]  # fmt: skip
    return people, offers


@pytest.fixture(scope="module")
def vectors() -> VectorsByText:
    return rank.encode_texts([*profiles(), *listings()])


Pools = tuple[rank.Pool[ProfileRecord], rank.Pool[ListingRecord]]


@pytest.fixture(scope="module")
def pools(vectors: VectorsByText) -> Pools:
    people, offers = _varied(1)
    mine = rank.prepare(people, vectors, offers)
    return mine, rank.prepare(offers, vectors, space=mine.texts.space)


def _told(ranked: rank_all.Ranked, row: int, ids: list[str]) -> list[tuple[str, float]]:
    return [
        (ids[place], score)
        for place, score in zip(ranked.places[row].tolist(), ranked.scores[row].tolist(), strict=True)
        if place >= 0
    ]


def test_whole_run_is_every_single_run_when_the_shortlist_is_everybody(pools: Pools, vectors: VectorsByText) -> None:
    people, offers = pools
    forward, back = rank_all.rank_all(people, offers, top=8, shortlist=1_000)
    names = [one.id for one in offers.records]
    for row, person in enumerate(people.records):
        single = [(match.listing_id, match.score) for match in rank.rank_listings(person, offers, vectors, top=8)]
        assert _told(forward, row, names) == single
    names = [one.id for one in people.records]
    for row, offer in enumerate(offers.records):
        single = [(match.profile_id, match.score) for match in rank.rank_profiles(offer, people, vectors, top=8)]
        assert _told(back, row, names) == single


def test_estimate_is_the_score_but_for_words(pools: Pools) -> None:
    people, offers = pools
    prepared = Estimate.of(people, offers, DEFAULT)
    rows = np.arange(len(offers.records))
    found = np.concatenate([part.scores.copy() for part in prepared.tile(rows, prepared.room(len(rows)))])
    forward, _ = rank_all.rank_all(people, offers, top=len(offers.records))
    exact = np.zeros(found.T.shape)
    np.put_along_axis(exact, forward.places, forward.scores, axis=1)
    close = np.corrcoef(np.sqrt(found.T).ravel(), exact.ravel() / 100)[0, 1]
    assert close > 0.97
    assert np.abs(np.sqrt(found.T) - exact / 100).mean() < 0.05


def test_short_shortlist_keeps_the_best(pools: Pools) -> None:
    people, offers = pools
    wanted, _ = rank_all.rank_all(people, offers, top=5, shortlist=1_000)
    given, _ = rank_all.rank_all(people, offers, top=5, shortlist=20)
    kept = [len(set(a) & set(b)) / 5 for a, b in zip(wanted.places.tolist(), given.places.tolist(), strict=True)]
    assert sum(kept) / len(kept) > 0.95


def test_order_of_input_tiles_and_threads_do_not_matter(
    pools: Pools, vectors: VectorsByText, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, offers = pools
    forward, back = rank_all.rank_all(people, offers, top=6, shortlist=12)
    chance = random.Random(5)
    space = people.texts.space
    monkeypatch.setattr(rank_all, "_TILE", 7)
    monkeypatch.setattr(prefilter, "ROWS", 3)
    monkeypatch.setattr(rescore, "_CHUNK", 11)
    monkeypatch.setattr(rescore, "_BLOCK", 4)
    monkeypatch.setattr(rank_all, "_PRUNED_AT", 100)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    others = (
        rank.prepare(chance.sample(people.records, len(people.records)), vectors, space=space),
        rank.prepare(chance.sample(offers.records, len(offers.records)), vectors, space=space),
    )
    forward2, back2 = rank_all.rank_all(*others, top=6, shortlist=12)
    for first, second, asked, offered in ((forward, forward2, 0, 1), (back, back2, 1, 0)):
        told = [
            {
                pool[asked].records[row].id: _told(ranked, row, [one.id for one in pool[offered].records])
                for row in range(len(pool[asked].records))
            }
            for pool, ranked in ((pools, first), (others, second))
        ]
        assert told[0] == told[1]


def test_pools_of_two_spaces_are_refused(vectors: VectorsByText) -> None:
    with pytest.raises(ValueError, match="two spaces"):
        rank_all.rank_all(rank.prepare(profiles(), vectors), rank.prepare(listings(), vectors))


def test_empty_sides_give_empty_answers(vectors: VectorsByText) -> None:
    people = rank.prepare(profiles(), vectors)
    nobody = rank.prepare(listings()[:0], vectors, space=people.texts.space)
    forward, back = rank_all.rank_all(people, nobody, top=3)
    assert (forward.places == -1).all()
    assert back.places.shape == (0, 3)
