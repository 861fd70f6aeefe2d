"""The columns against the oracle, and a pool that is changed against one that is made anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairs.matching.engine import rank
from fairs.matching.engine.columns import Columns
from fairs.matching.engine.pairing import Pairing
from fairs.matching.engine.rank import Match, Pool
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT
from fairs.matching.text import lexical
from fairs.matching.text.encoder import DIMENSIONS
from fairs.matching.text.text_pool import VectorsByText
from tests.matching.engine import oracle
from tests.matching.engine.oracle import Joint
from tests.matching.texts import PAIRS, listings, profiles

_days = st.sampled_from([None, date(2018, 10, 1), date(2019, 3, 31), date(2020, 1, 1)])
_pay = st.sampled_from([None, 0, 90_000, 100_000, 120_000, 200_000, 400_000])
_tongues = st.frozensets(st.sampled_from(["zh", "en", "de"]))
_ways = st.frozensets(st.sampled_from(["full_time", "lecture", "project"]))
_industries = st.lists(st.sampled_from(["I65", "I64", "C27"]), max_size=2, unique=True).map(tuple)
_levels = st.sampled_from([None, "junior", "middle", "associate", "senior", "unheard"])
_fields = st.lists(st.sampled_from(["0812", "0835", "0501"]), max_size=2, unique=True).map(tuple)
_degrees = st.sampled_from([None, "none", "bachelor", "master", "doctor", "unheard"])
_permits = st.sampled_from([None, True, False])
_texts = st.sampled_from(["", *(text for _, english, _, chinese in PAIRS for text in (english, chinese))])
_skills = st.lists(st.sampled_from(["python", "深度学习", "deep learning", "wheat breeding"]), max_size=3).map(tuple)
_profiles = st.builds(
    ProfileRecord, id=st.just("p"), text_en=_texts, disciplines=_fields, industries=_industries, degree=_degrees,
    level=_levels, languages=_tongues, engagements=_ways, skills=_skills,
    cities=st.frozensets(st.sampled_from(["410000", "410100", "410300", "110000"])),
    available_from=_days, available_to=_days, pay_min=_pay, needs_permit=_permits,
)  # fmt: skip
_listings = st.builds(
    ListingRecord, id=st.just("l"), text_zh=_texts, disciplines=_fields, industries=_industries, degree_min=_degrees,
    level_min=_levels, languages=_tongues, engagements=_ways, skills=_skills,
    city=st.sampled_from([None, "410105", "410300", "110000"]),
    starts=_days, ends=_days, is_project=st.booleans(), pay_min=_pay, pay_max=_pay, sponsors_permit=_permits,
)  # fmt: skip
_worths = st.one_of(st.none(), st.floats(0, 1, width=32))
_joints = st.lists(st.tuples(_worths, _worths, _worths), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def vectors() -> VectorsByText:
    return {
        **rank.encode_texts([*profiles(), *listings()]),
        **{text: _drawn(text) for _, *texts in PAIRS for text in texts},
    }


def _drawn(text: str) -> np.ndarray:
    return np.random.default_rng(len(text)).normal(size=DIMENSIONS).astype(np.float16) / np.float16(22)


@given(st.lists(_profiles, min_size=1, max_size=6), st.lists(_listings, min_size=1, max_size=6), _joints)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_columns_agree_with_the_oracle(
    people: list[ProfileRecord], offers: list[ListingRecord], joints: list[tuple[float | None, ...]]
) -> None:
    pairs = [(i, j) for i in range(len(people)) for j in range(len(offers))]
    given_joints = [Joint(*joints[at % len(joints)]) for at in range(len(pairs))]
    plain = [
        oracle.score(people[i], offers[j], joint, DEFAULT) for (i, j), joint in zip(pairs, given_joints, strict=True)
    ]
    text, field, skills = (
        np.array([getattr(one, name) for one in given_joints], dtype=np.float64) for name in ("text", "field", "skills")
    )
    rows = np.array(pairs, dtype=np.int64).T
    pairing = Pairing.of(Columns.build(people), Columns.build(offers), DEFAULT)
    mirrored = pairing.scores(text, field, skills, rows[0], rows[1])
    assert np.abs(mirrored - [match.score for match in plain]).max() <= 1e-4 / 2 + 1e-6  # the plain score is rounded
    missing = pairing.missing(rows[0], rows[1])
    assert [tuple(sorted(name for name in missing if missing[name][at])) for at in range(len(pairs))] == [
        tuple(sorted(match.missed)) for match in plain
    ]


def _at(joints: rank.Joints, row: int) -> Joint:
    return Joint(*(None if np.isnan(part[row]) else float(part[row]) for part in joints.parts))


def _plainly(query: ProfileRecord, pool: Pool[ListingRecord], vectors: VectorsByText) -> list[Match]:
    """Every record by the oracle, then sorted."""
    joints = rank.compare(query, pool, vectors)
    scored = [oracle.score(query, record, _at(joints, row), DEFAULT) for row, record in enumerate(pool.records)]
    return sorted(scored, key=lambda match: (-match.score, match.listing_id))


@given(_profiles, st.lists(_listings, max_size=25), st.integers(1, 8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_best_are_those_of_the_plain_order(
    vectors: VectorsByText, person: ProfileRecord, offers: list[ListingRecord], top: int
) -> None:
    pool = rank.prepare([replace(one, id=f"l{at:02}") for at, one in enumerate(offers)], vectors, [person])
    plain = _plainly(person, pool, vectors)
    found = rank.rank_listings(person, pool, vectors, top=top)
    assert [replace(match, reasons=()) for match in found] == plain[:top]
    even = [match for match in plain if int(match.listing_id[1:]) % 2 == 0]
    kept = rank.rank_listings(person, pool, vectors, top=top, keep=lambda match: int(match.listing_id[1:]) % 2 == 0)
    assert [replace(match, reasons=()) for match in kept] == even[:top]


def _ranked(pool: Pool[ListingRecord], vectors: VectorsByText) -> list[list[Match]]:
    return [rank.rank_listings(person, pool, vectors) for person in profiles()]


def _fresh(records: Sequence[ListingRecord], vectors: VectorsByText, pool: Pool[ListingRecord]) -> Pool[ListingRecord]:
    return rank.prepare(records, vectors, space=pool.texts.space)


def test_changed_pool_is_the_one_made_anew_in_its_space(vectors: VectorsByText) -> None:
    offers = listings()
    pool = rank.prepare(offers, vectors, profiles())
    new = replace(offers[3], title_zh=offers[5].title_zh, text_zh=offers[5].text_zh, city="410300", id="l-new")
    moved = replace(offers[4], city="110000", skills=("python",), engagements=frozenset({"part_time"}))
    after = rank.changed(pool, [moved, new], {offers[0].id, "unknown"}, vectors)
    whole = [one for one in offers if one.id not in (offers[0].id, moved.id)]
    assert [one.id for one in after.records] == [one.id for one in [*whole, moved, new]]
    assert _ranked(after, vectors) == _ranked(_fresh([*whole, moved, new], vectors, pool), vectors)
    assert _ranked(rank.changed(after, [], {moved.id, new.id}, vectors), vectors) == _ranked(
        _fresh(whole, vectors, pool), vectors
    )
    assert (pool.drift, after.drift) == (0, 2)


def test_changed_pool_reads_the_changed_record_only(vectors: VectorsByText, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = listings()
    pool = rank.prepare(offers, vectors, profiles())
    seen: list[str] = []

    def noted(text: str) -> lexical.Reading:
        seen.append(text)
        return lexical.read(text)

    monkeypatch.setattr("fairs.matching.text.text_pool.read", noted)
    rank.changed(pool, [replace(offers[2], city="410300")], (), vectors)
    assert seen == list(offers[2].texts)
