"""Exposure prices: what they promise, on random matrices, on files and on pages."""

import math
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.matching import inputs, services
from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.exposure import exposure, exposure_cache
from fairs.matching.exposure.exposure import DEFAULT, Edges, ExposurePrices, Row
from fairs.matching.retrieval.record_pool import Record
from fairs.matching.settings import Balance
from fairs.matching.text.encoder import Floats
from tests import factories

SHAPES = st.tuples(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1), st.floats(0, 2))
CROWDED = st.tuples(st.integers(40, 80), st.integers(30, 80), st.integers(0, 2**32 - 1), st.floats(0.5, 1.5))
UNTIMED = settings(deadline=None, max_examples=60)
GENTLE = replace(DEFAULT, loss=1.0)
"""Without the limit on the loss, so that floor and cap alone decide."""


def worths(shape: tuple[int, int, int, float]) -> Floats:
    """Random worths; the last number says how much more popular some targets are than others."""
    queries, targets, seed, spread = shape
    drawn = np.random.default_rng(seed)
    signals = drawn.normal(size=(queries, targets)) + spread * drawn.normal(size=targets)
    return np.round(1 / (1 + np.exp(-signals)), 6).astype(np.float32)


def edges_of(matrix: Floats, how: Balance = DEFAULT) -> Edges:
    lists = exposure.Shortlists((matrix.shape[0], matrix.shape[1]), how)
    for first in range(0, len(matrix), 16):
        lists.add(range(first, min(first + 16, len(matrix))), matrix[first : first + 16])
    return lists.edges(lambda scores: scores)


def priced(matrix: Floats, how: Balance = DEFAULT) -> exposure.Numbers:
    return exposure.prices(edges_of(matrix, how), how)


def arranged(matrix: Floats, found: exposure.Numbers, how: Balance = DEFAULT, top: int = 60) -> list[list[int]]:
    count = matrix.shape[1]
    exposure_prices = ExposurePrices.of(
        [f"{i:04}" for i in range(count)], {f"{i:04}": p for i, p in enumerate(found.tolist())}
    )
    return [
        exposure.arrange(
            Row(row, row, exposure_prices.ranks, exposure.turns_of(f"q{number}", exposure_prices.marks)),
            exposure_prices.prices,
            top,
            how,
        )
        for number, row in enumerate(matrix)
    ]


def exposures(matrix: Floats, found: exposure.Numbers) -> np.ndarray:
    seen = Counter(at for row in arranged(matrix, found) for at in row[: DEFAULT.window])
    return np.array([seen[at] for at in range(matrix.shape[1])])


def by_score(matrix: Floats) -> list[list[int]]:
    return [[at for _, at in sorted((-float(worth), at) for at, worth in enumerate(row))] for row in matrix]


@UNTIMED
@given(SHAPES)
def test_nothing_shown_is_far_worse_than_what_is_not(shape: tuple[int, int, int, float]) -> None:
    matrix = worths(shape)
    found = priced(matrix)
    assert np.abs(found).max() <= DEFAULT.reach
    for row, order in zip(matrix, arranged(matrix, found), strict=True):
        assert sorted(order) == list(range(len(row)))
        first, rest = order[: DEFAULT.window], order[DEFAULT.window :]
        assert list(row[first]) == sorted(row[first], reverse=True)
        assert list(row[rest]) == sorted(row[rest], reverse=True)
        if rest:
            assert row[first].min() >= row[rest].max() - 2 * DEFAULT.reach - 1e-6


@UNTIMED
@given(CROWDED)
def test_worth_that_is_shown_loses_no_more_than_allowed(shape: tuple[int, int, int, float]) -> None:
    matrix = worths(shape)

    def shown(orders: list[list[int]]) -> float:
        return sum(
            float(row[at]) / math.log2(place + 2)
            for row, order in zip(matrix, orders, strict=True)
            for place, at in enumerate(order[: DEFAULT.window])
        )

    assert shown(arranged(matrix, priced(matrix))) >= (1 - DEFAULT.loss) * shown(by_score(matrix)) - 1e-3


@UNTIMED
@given(CROWDED)
def test_exposure_stays_between_floor_and_cap_where_prices_reach(shape: tuple[int, int, int, float]) -> None:
    matrix = worths(shape)
    found = priced(matrix, GENTLE)
    seen = exposures(matrix, found)
    low, high = exposure.band((matrix.shape[0], matrix.shape[1]))
    wanted = (matrix >= DEFAULT.plausible).sum(axis=0) > low + 1
    assert all(seen[at] <= 1.25 * high + 2 for at in np.flatnonzero(found < DEFAULT.reach))
    assert all(seen[at] >= 0.75 * low - 2 for at in np.flatnonzero((found > -DEFAULT.reach) & wanted))
    before = exposures(matrix, np.zeros_like(found))
    assert exposure.gini(seen) <= exposure.gini(before) + 0.02
    assert seen.max() <= before.max() + 2


def test_crowded_exposure_is_evened_out() -> None:
    matrix = worths((300, 200, 1, 0.6))
    before, after = (exposures(matrix, found) for found in (np.zeros(200), priced(matrix)))
    assert (before.min(), before.max()) == (0, 104)
    assert exposure.gini(before) > 0.5
    assert exposure.band((300, 200)) == (9, 30)
    assert after.min() >= 7
    assert after.max() <= 33
    assert exposure.gini(after) < 0.3


@UNTIMED
@given(st.integers(12, 50), st.integers(0, 2**32 - 1))
def test_order_stays_when_nobody_is_crowded_out(count: int, seed: int) -> None:
    row = np.random.default_rng(seed).permutation(np.linspace(0.2, 0.9, count)).astype(np.float32)
    matrix = np.stack([np.roll(row, shift) for shift in range(count)])
    found = priced(matrix)
    assert not found.any()
    assert arranged(matrix, found) == by_score(matrix)


@UNTIMED
@given(SHAPES, st.integers(0, 2**32 - 1))
def test_order_of_the_queries_moves_no_price(shape: tuple[int, int, int, float], seed: int) -> None:
    matrix = worths(shape)
    order = np.random.default_rng(seed).permutation(len(matrix))
    lists = exposure.Shortlists((shape[0], shape[1]))
    lists.add(order.tolist(), matrix[order])
    there, here = lists.edges(lambda scores: scores), edges_of(matrix)
    for name in ("queries", "targets", "scores", "worths"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    np.testing.assert_array_equal(exposure.prices(there), exposure.prices(here))


@UNTIMED
@given(CROWDED, st.integers(0, 29), st.floats(0.01, 0.3))
def test_who_is_worth_more_to_all_is_not_dearer_by_more_and_not_shown_less(
    shape: tuple[int, int, int, float], target: int, more: float
) -> None:
    matrix = np.round(worths(shape) * np.float32(0.7), 6)
    raised = matrix.copy()
    raised[:, target] = np.round(raised[:, target] + np.float32(more), 6)
    before, after = priced(matrix, GENTLE), priced(raised, GENTLE)
    assert after[target] >= before[target] - 0.01
    assert exposures(raised, after)[target] >= 0.75 * exposures(matrix, before)[target] - 2
    exposure_prices = exposures(raised, before)[target]  # with prices as they stand it is a matter of order alone
    assert exposure_prices >= exposures(matrix, before)[target]


def test_pairs_without_anything_in_common_are_neither_lifted_nor_counted() -> None:
    matrix = np.full((40, 30), 0.04, dtype=np.float32)
    matrix[:, :15] = worths((40, 15, 3, 1.0)) * 0.5 + 0.4
    found = priced(matrix)
    assert not found[15:].any()
    assert all(set(order[:10]) <= set(range(15)) for order in arranged(matrix, found))
    row = np.array([[0.3] * 11 + [0.099] + [0.11]], dtype=np.float32)
    cheap = np.array([0.0] * 11 + [-0.3] * 2)
    assert 11 not in arranged(row, cheap)[0][:10]
    assert 12 in arranged(row, cheap)[0][:10]
    assert not priced(np.full((40, 30), 0.04, dtype=np.float32)).any()


def test_equals_take_turns() -> None:
    matrix = np.full((60, 40), 0.6, dtype=np.float32)
    seen = exposures(matrix, priced(matrix))
    assert seen.min() >= 5
    assert exposure.gini(seen) < 0.2
    assert arranged(matrix, np.zeros(40)) == arranged(matrix, np.zeros(40))


@UNTIMED
@given(SHAPES, st.integers(0, 2**32 - 1))
def test_price_alone_moves_no_held_target_past_a_free_one(shape: tuple[int, int, int, float], seed: int) -> None:
    matrix = worths(shape)
    drawn = np.random.default_rng(seed)
    found = np.round(drawn.uniform(-DEFAULT.reach, DEFAULT.reach, shape[1]), 6)
    held = drawn.random(shape[1]) < 0.5
    ranks, turns = np.arange(shape[1]), exposure.turns_of("q", exposure.hashes([str(i) for i in range(shape[1])]))
    for row in matrix:
        order = exposure.arrange(Row(row, row, ranks, turns, held), found, 60)
        for place, one in enumerate(order):
            assert not held[one] or all(held[later] or row[later] <= row[one] for later in order[place + 1 :])


def test_a_sample_of_those_who_ask_gives_nearly_the_same_prices() -> None:
    matrix = worths((800, 60, 5, 0.4))
    whole = priced(matrix)
    part = exposure.prices(edges_of(matrix[:400]), sampled=0.5)
    assert np.abs(whole).max() > 0.1
    assert np.abs(whole - part).mean() < 0.03


def test_gini_counts_who_is_never_shown() -> None:
    assert exposure.gini(np.array([3, 3, 3])) == 0
    assert exposure.gini(np.array([0, 0, 0, 4])) == 0.75
    assert exposure.gini(np.array([0, 0])) == 0
    low, high = exposure.band((400, 200))
    ends = np.array([low] * 10 + [high] * 4)
    assert (low, high) == (12, 40)
    assert ends.mean() == 20
    assert exposure.gini(ends) < 0.3


def _people(count: int) -> list[ProfileRecord]:
    return [ProfileRecord(id=f"p{i:02}", disciplines=("0812",), degree="master", pay_min=300_000) for i in range(count)]


def _offers(count: int) -> list[ListingRecord]:
    """All of one field; some pay a little more than others, and every fifth asks for a doctorate."""
    return [
        ListingRecord(
            id=f"l{i:02}",
            disciplines=("0812",),
            pay_min=300_000,
            pay_max=310_000 + 2_000 * i,
            degree_min="doctor" if i % 5 == 0 else "master",
        )
        for i in range(count)
    ]


def _read(records: list[Record]) -> list[inputs.Read[Record]]:
    return [inputs.Read(record, record, {}) for record in records]


def test_records_are_priced_over_the_whole_score() -> None:
    people, offers = _people(45), _offers(45)
    pool = rank.prepare(offers, {}, people)
    found = exposure_cache.of_listings(pool, _read(people))
    exposure_prices = ExposurePrices.of([one.id for one in offers], found)
    plain = {p.id: rank.rank_listings(p, pool, {}, top=45) for p in people}
    shown = {p.id: rank.rank_listings(p, pool, {}, top=45, exposure_prices=exposure_prices) for p in people}
    before, after = (Counter(m.listing_id for ms in runs.values() for m in ms[:10]) for runs in (plain, shown))
    assert (len(before), set(before.values())) == (10, {45})
    assert len(after) == 36
    assert max(after.values()) <= 25
    for one in people:
        assert {m.listing_id: m.score for m in shown[one.id]} == {m.listing_id: m.score for m in plain[one.id]}
        assert not any(m.missed for m in shown[one.id][:36])
        assert rank.rank_listings(one, pool, {}, top=5, exposure_prices=exposure_prices) == shown[one.id][:5]


def test_no_price_shows_a_missed_condition_before_a_better_free_match() -> None:
    [person], offers = _people(1), _offers(45)
    pool = rank.prepare(offers, {}, [person])
    plain = rank.rank_listings(person, pool, {}, top=45)
    found = {m.listing_id: -0.3 if m.missed else 0.3 for m in plain}
    shown = rank.rank_listings(
        person, pool, {}, top=45, exposure_prices=ExposurePrices.of([one.id for one in offers], found)
    )
    assert [bool(m.missed) for m in shown] == [False] * 36 + [True] * 9


def test_people_are_priced_over_the_listings() -> None:
    people = [replace(one, level=("senior", "associate")[int(one.id[1:]) % 2]) for one in _people(60)]
    offers = [replace(one, degree_min="master", level_min="senior") for one in _offers(60)]
    pool = rank.prepare(people, {}, offers)
    exposure_prices = ExposurePrices.of([one.id for one in people], exposure_cache.of_people(pool, _read(offers)))
    seen = Counter(
        m.profile_id for o in offers for m in rank.rank_profiles(o, pool, {}, top=10, exposure_prices=exposure_prices)
    )
    plain = Counter(m.profile_id for o in offers for m in rank.rank_profiles(o, pool, {}, top=10))
    assert (len(plain), max(plain.values())) == (10, 60)
    assert len(seen) >= 30
    assert max(seen.values()) <= 30


def test_those_who_ask_are_sampled_always_alike() -> None:
    ids = [str(i) for i in range(3 * exposure_cache.ASKING)]
    chosen = exposure_cache.sampled(ids)
    assert len(chosen) == exposure_cache.ASKING == len(set(chosen))
    assert sorted(exposure_cache.sampled(ids[::-1])) == sorted(chosen)
    assert exposure_cache.sampled(["b", "a"]) == ["b", "a"]


@pytest.mark.usefixtures("db")
async def test_a_page_ranks_by_score_until_prices_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure_cache, "FEW", 20)
    organisation, event = await factories.organisation(), await factories.event()
    plain = {"summary": "", "headline": "", "skills": []}
    people = [await factories.talent(**plain, pay_min=30) for _ in range(24)]
    for i in range(24):
        texts = {"title_zh": "职位", "title_en": "", "description_zh": "", "description_en": ""}
        await factories.listing(organisation, event, **texts, pay_min=30, pay_max=31 + i)
    plainly = [await services.suggestions_for_talent(p, event, 10, balanced=False) for p in people]
    first = await services.suggestions_for_talent(people[0], event, 10)
    assert [one.listing_id for one in first] == [one.listing_id for one in plainly[0]]
    assert len({one.listing_id for rows in plainly for one in rows}) == 10
    await exposure_cache.LISTINGS().settled()
    found = [await services.suggestions_for_talent(p, event, 10) for p in people]
    assert len({one.listing_id for rows in found for one in rows}) == 24
    assert all([one.score for one in rows] == sorted((one.score for one in rows), reverse=True) for rows in found)
    assert not exposure_cache.LISTINGS()._tasks


@pytest.mark.usefixtures("db")
async def test_prices_stand_for_a_while_and_serve_those_that_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    async def make(event_id: int, held: exposure_cache.Priced | None) -> exposure_cache.Priced:
        made.append(held)
        if len(made) == 2:
            raise ConnectionError
        return exposure_cache.Priced((len(made),), {"l01": 0.25}, clock[0])

    clock = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    board: exposure_cache.Board[ListingRecord] = exposure_cache.Board(make)
    pool = rank.prepare(_offers(50), {})
    assert board.of(7, rank.prepare(_offers(exposure_cache.FEW), {})) is None
    await board.settled()
    assert not made
    assert board.of(7, pool) is None
    await board.settled()
    exposure_prices = board.of(7, pool)
    assert exposure_prices is not None
    assert dict(enumerate(exposure_prices.prices)) == {i: 0.25 if i == 1 else 0.0 for i in range(50)}
    assert board.of(7, pool) is exposure_prices
    grown = board.of(7, rank.prepare(_offers(51), {}))
    assert grown is not None
    assert len(grown.prices) == 51
    clock[0] += exposure_cache.SECONDS + 1
    assert board.of(7, pool) is not None  # the failure of the second making leaves the first exposure_prices
    await board.settled()
    assert board.of(7, pool) is not None
    await board.settled()
    assert len(made) == 3


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_shortlists_lose_nothing_that_is_shown(seed: int) -> None:
    matrix = worths((70, 90, seed, 0.4))
    lean = replace(DEFAULT, shortlist=40)
    found = priced(matrix, replace(DEFAULT, shortlist=90))
    assert np.abs(priced(matrix, lean) - found).max() < 0.05
