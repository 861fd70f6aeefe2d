"""Conditions, declared fields and scores: pure rules."""

from datetime import date

import numpy as np
import pytest

from fairs.matching.engine import conditions, disciplines, field_similarity, rank, scoring
from fairs.matching.engine.conditions import Condition, State
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Distance, Settings
from tests.matching.engine import oracle
from tests.matching.texts import declared_listing, declared_profile

NO = np.nan
NO_TEXT = {"text_en": ""}
NO_LISTING_TEXT = {"title_zh": "", "text_zh": ""}


def states(profile: ProfileRecord, listing: ListingRecord) -> dict[str, str]:
    return {condition.name: str(condition.state) for condition in conditions.check(profile, listing)}


def test_gates_everything_said_and_fitting() -> None:
    assert states(declared_profile(), declared_listing()) == {
        "degree": "met", "engagement": "met", "dates": "met", "city": "met", "language": "met", "permit": "met",
    }  # fmt: skip


def test_gates_nothing_said_is_unknown_never_missed() -> None:
    asking = declared_listing()
    assert states(ProfileRecord(id="p"), asking) == {
        "degree": "unknown", "engagement": "unknown", "dates": "unknown", "city": "free",
        "language": "unknown", "permit": "free",
    }  # fmt: skip
    assert set(states(ProfileRecord(id="p"), ListingRecord(id="l")).values()) == {"free"}


@pytest.mark.parametrize(
    ("needs", "sponsors", "condition"),
    [
        (None, None, conditions.Condition("permit", State.FREE)),
        (None, True, conditions.Condition("permit", State.FREE)),
        (None, False, conditions.Condition("permit", State.UNKNOWN, "", "not_sponsored")),
        (False, False, conditions.Condition("permit", State.FREE)),
        (True, None, conditions.Condition("permit", State.UNKNOWN, "needed")),
        (True, True, conditions.Condition("permit", State.MET, "needed", "sponsored")),
        (True, False, conditions.Condition("permit", State.MISSED, "needed", "not_sponsored")),
    ],
)
def test_permit_is_asked_by_who_needs_one(
    needs: bool | None, sponsors: bool | None, condition: conditions.Condition
) -> None:
    profile, listing = ProfileRecord(id="p", needs_permit=needs), ListingRecord(id="l", sponsors_permit=sponsors)
    assert conditions.permit(profile, listing) == condition


@pytest.mark.parametrize(
    ("profile", "listing", "missed"),
    [
        ({"degree": "bachelor"}, {}, "degree"),
        ({"degree": "none"}, {"degree_min": "bachelor"}, "degree"),
        ({"engagements": frozenset({"lecture"})}, {}, "engagement"),
        ({"available_from": date(2020, 1, 1)}, {"ends": date(2019, 12, 31)}, "dates"),
        ({"cities": frozenset({"410300"})}, {}, "city"),
        ({"cities": frozenset({"320000"})}, {}, "city"),
        ({"languages": frozenset({"zh"})}, {}, "language"),
        ({}, {"sponsors_permit": False}, "permit"),
    ],
)
def test_gate_missed_alone(profile: dict[str, object], listing: dict[str, object], missed: str) -> None:
    found = states(declared_profile(**profile), declared_listing(**listing))
    assert [name for name, state in found.items() if state == "missed"] == [missed]


@pytest.mark.parametrize(
    ("wanted", "place", "state"),
    [
        ("410000", "410105", State.MET),
        ("410100", "410105", State.MET),
        ("410105", "410105", State.MET),
        ("410105", "410100", State.MISSED),
        ("410000", None, State.UNKNOWN),
    ],
)
def test_city_by_place_in_the_tree(wanted: str, place: str | None, state: State) -> None:
    condition = conditions.city(declared_profile(cities=frozenset({wanted})), declared_listing(city=place))
    assert condition == Condition("city", state, wanted, place or "")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (("0812",), ("0812",), (Distance.SAME, "0812", "0812")),
        (("0812",), ("0835",), (Distance.RELATED, "0812", "0835")),
        (("0835",), ("0812",), (Distance.RELATED, "0835", "0812")),
        (("0812",), ("0819",), (Distance.CATEGORY, "0812", "0819")),
        (("08",), ("0819",), (Distance.CATEGORY, "08", "0819")),
        (("0812",), ("0501",), (Distance.FAR, "0812", "0501")),
        (("0501", "0812"), ("0301", "0812"), (Distance.SAME, "0812", "0812")),
        ((), ("0812",), None),
    ],
)
def test_discipline_distance(ours: tuple[str, ...], theirs: tuple[str, ...], expected: object) -> None:
    assert disciplines.nearest(ours, theirs) == expected


@pytest.mark.parametrize(
    ("expects", "bottom", "top", "worth"),
    [
        (400_000, 400_000, 500_000, 1.0),
        (400_000, 300_000, 500_000, 0.9),
        (400_000, 300_000, 400_000, 0.8),
        (400_000, None, 500_000, 1.0),
        (400_000, 200_000, 300_000, 0.4),
        (400_000, None, 200_000, 0.0),
        (None, 1, 2, None),
        (1, None, None, None),
    ],
)
def test_pay_is_worth_the_overlap_of_the_ranges(
    expects: int | None, bottom: int | None, top: int | None, worth: float | None
) -> None:
    found = field_similarity.pay(expects or 0, bottom or 0, top or 0, DEFAULT.declared)
    assert found == pytest.approx(np.nan if worth is None else worth, nan_ok=True)
    profile, listing = declared_profile(pay_min=expects), declared_listing(pay_min=bottom, pay_max=top)
    assert oracle.pay(profile, listing, DEFAULT) == (None if worth is None else pytest.approx(worth))


def test_level_worth_falls_with_steps_missing() -> None:
    post, rules = declared_listing(level_min="senior"), DEFAULT.declared
    levels = ("senior", "associate", "middle", None)
    worth = [field_similarity.level(declared_profile(level=name), post, rules) for name in levels]
    assert worth == [1.0, 0.4, 0.0, None]


def test_fit_uses_what_is_known() -> None:
    settings = Settings(declared_shares=(0.0, 0.25, 0.5))
    text, field = np.array([NO, 0.6, NO, 0.6, 0.6, 0.6]), np.array([NO, NO, 0.7, 1.0, 1.0, 1.0])
    found = scoring.fit(text, field, np.array([0, 1, 2, 0, 1, 2]), settings)
    assert found == pytest.approx([NO, 0.6, 0.7, 0.6, 0.7, 0.8], nan_ok=True)


def test_side_score_grows_weights_over_unknown_parts() -> None:
    parts = {"fit": np.array([0.5, NO, 1.0]), "pay": np.array([NO, NO, 0.0])}
    assert scoring.side_score(parts, {"fit": 0.7, "pay": 0.3}) == pytest.approx([0.5, 0.0, 0.7])


def test_scores_of_a_perfect_declared_pair_without_text() -> None:
    [match] = rank.rank_listings(declared_profile(**NO_TEXT), [declared_listing(**NO_LISTING_TEXT)], {})
    assert (match.score, match.score_you, match.score_they, match.missed) == (100.0, 100.0, 100.0, ())


def test_missed_gate_costs_the_side_that_minds() -> None:
    listing = declared_listing(**NO_LISTING_TEXT)
    [no_degree] = rank.rank_listings(declared_profile(**NO_TEXT, degree="bachelor"), [listing], {})
    [far_away] = rank.rank_listings(declared_profile(**NO_TEXT, cities=frozenset({"410300"})), [listing], {})
    assert (no_degree.score_you, no_degree.score_they) == (100.0, 35.0)
    assert (far_away.score_you, far_away.score_they) == (55.0, 100.0)
    assert no_degree.score == pytest.approx(59.1608)


def test_records_without_anything_score_zero_and_come_by_id() -> None:
    empty = [ListingRecord(id=name) for name in ("b", "a", "c")]
    found = rank.rank_listings(ProfileRecord(id="p"), empty, {})
    assert [(m.listing_id, m.score) for m in found] == [("a", 0.0), ("b", 0.0), ("c", 0.0)]
