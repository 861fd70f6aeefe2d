"""Budgets are no pay; pay and need far below count; what is told of them is true."""

from dataclasses import replace
from typing import Any

import pytest
from benchmarks.bulk import rank_all

from fairs.matching import inputs
from fairs.matching.engine import conditions, field_similarity, rank
from fairs.matching.engine.explanations import comparison, reasons
from fairs.matching.engine.records import ListingRecord
from fairs.matching.rows import ListingText
from fairs.matching.settings import DEFAULT
from tests.matching.engine import oracle
from tests.matching.texts import declared_listing, declared_profile

FAR = DEFAULT.far
ROW: dict[str, Any] = {
    "id": 1, "title_zh": "", "title_en": "", "description_zh": "", "description_en": "", "discipline": "0812",
    "industry": "", "degree": "", "languages": [], "engagement": ["project"], "city": "", "start_by": None,
    "pay_min": 500, "pay_max": 800, "sponsors_permit": None,
}  # fmt: skip


def kinds(listing: ListingRecord, **person: object) -> set[str]:
    profile = declared_profile(**person)
    return {reason.kind for reason in reasons.collect_reasons(profile, listing, conditions.check(profile, listing))}


@pytest.mark.parametrize(("kind", "pay"), [("people", (5_000_000, 8_000_000)), ("project", (None, None))])
def test_a_budget_is_no_pay(kind: str, pay: tuple[int | None, int | None]) -> None:
    found = inputs.listing_record(ListingText(**ROW, kind=kind))
    assert (found.pay_min, found.pay_max) == pay
    assert found.is_project == (kind == "project")


def test_a_budget_is_neither_told_nor_missed_nor_weighed() -> None:
    project = inputs.listing_record(ListingText(**ROW, kind="project"))
    nothing = inputs.listing_record(ListingText(**ROW | {"pay_min": None, "pay_max": None}, kind="project"))
    assert not {"pay_met", "pay_below"} & kinds(project)
    profile = declared_profile(text_en="")
    told = reasons.collect_reasons(profile, project, conditions.check(profile, project))
    assert not any(reason.params.get("field") == "pay" for reason in told)
    matches = [rank.rank_listings(profile, [one], {})[0] for one in (project, nothing)]
    assert matches[0] == matches[1]
    assert "pay" not in matches[0].parts


def test_a_post_is_not_told_to_stand_above_a_project_for_its_pay() -> None:
    bare = {"title_zh": "", "text_zh": ""}
    post = declared_listing(id="post", **bare)
    project = declared_listing(id="project", **bare, is_project=True, pay_max=None, disciplines=("0501",))
    silent = replace(project, id="silent", is_project=False)
    found = {m.listing_id: m for m in rank.rank_listings(declared_profile(text_en=""), [post, project, silent], {})}
    facts = [fact for _, fact in comparison._facts(found["post"], found["project"], True, DEFAULT)]
    assert {"fact": "pay"} not in facts
    assert {"fact": "pay"} in [fact for _, fact in comparison._facts(found["post"], found["silent"], True, DEFAULT)]


@pytest.mark.parametrize(
    ("asked", "top", "degree", "needed", "factor"),
    [
        (600_000, 190_000, "doctor", "bachelor", FAR.pay + (1 - FAR.pay) * (190 / 600 - 0.3) / 0.3),
        (600_000, 100_000, "doctor", "doctor", FAR.pay),
        (600_000, 360_000, "doctor", "doctor", 1.0),
        (600_000, 100_000, "doctor", "bachelor", FAR.pay * FAR.degree),
        (600_000, 600_000, "doctor", "bachelor", 1.0),
        (None, 190_000, "doctor", "bachelor", FAR.degree),
        (600_000, None, "doctor", "bachelor", FAR.degree),
        (600_000, None, "doctor", "master", 1.0),
        (600_000, None, "doctor", "none", 1.0),
        (600_000, None, "doctor", None, 1.0),
        (None, None, None, "bachelor", 1.0),
    ],
)
def test_far_terms_take_from_the_persons_score(
    asked: int | None, top: int | None, degree: str | None, needed: str | None, factor: float
) -> None:
    profile = declared_profile(pay_min=asked, degree=degree)
    listing = declared_listing(pay_min=None, pay_max=top, degree_min=needed)
    expected = factor * (FAR.degree if (asked, top, needed) == (600_000, 190_000, "bachelor") else 1.0)
    learned = field_similarity.is_overlearned(profile, listing)
    assert field_similarity.far(learned, asked or 0, 0, top or 0, FAR) == pytest.approx(expected)
    assert oracle.far(profile, listing, DEFAULT) == pytest.approx(expected)


def test_a_far_post_falls_and_the_page_says_why() -> None:
    bare = {"title_zh": "", "text_zh": ""}
    low = declared_listing(id="a-low", **bare, degree_min="bachelor", pay_max=100_000)
    right = declared_listing(id="right", **bare, disciplines=("0835",), degree_min="doctor", pay_max=700_000)
    profile = declared_profile(text_en="", pay_min=600_000)
    upper, lower = rank.rank_listings(profile, [low, right], {})
    assert [upper.listing_id, lower.listing_id] == ["right", "a-low"]
    assert lower.parts["far"] == pytest.approx(FAR.pay * FAR.degree)
    assert "far" not in upper.parts
    assert "degree_far" in {reason.kind for reason in lower.reasons}
    told = comparison.above_next(upper, lower, pay=True)
    assert told is not None
    assert told.params == {"fact": "pay"}
    hidden = comparison.above_next(upper, lower, pay=False)
    assert hidden is not None
    assert hidden.params == {"fact": "degree"}


def test_a_whole_run_gives_the_same_scores() -> None:
    bare = {"title_zh": "", "text_zh": ""}
    offers = [
        declared_listing(id=f"l{at}", **bare, degree_min=needed, pay_max=top)
        for at, (needed, top) in enumerate(
            [("bachelor", 100_000), ("bachelor", None), ("doctor", 250_000), ("bachelor", 600_000), ("master", 320_000)]
        )
    ]
    people = [
        declared_profile(id=f"p{at}", text_en="", degree=degree, pay_min=asked)
        for at, (degree, asked) in enumerate([("doctor", 600_000), ("doctor", None), ("bachelor", 200_000)])
    ]
    first = rank.prepare(people, {}, offers)
    pools = first, rank.prepare(offers, {}, space=first.texts.space)
    forward, _ = rank_all.rank_all(*pools, top=5)
    for at, person in enumerate(people):
        plain = rank.rank_listings(person, pools[1], {}, top=5)
        assert [pools[1].records[row].id for row in forward.places[at]] == [match.listing_id for match in plain]
        assert forward.scores[at] == pytest.approx([match.score for match in plain], abs=1e-3)
