"""The whole pipeline on texts written here: the right pairs first, reasons that are true, proposals."""

import json
from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fairs.matching.engine import conditions, disciplines, rank
from fairs.matching.engine.explanations import comparison
from fairs.matching.engine.explanations.reasons import Reason
from fairs.matching.engine.rank import Match
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.proposals import propose_disciplines
from fairs.matching.text import glosses, shared_terms, tokens
from fairs.matching.text.encoder import DIMENSIONS, Vectors
from fairs.matching.text.text_pool import VectorsByText
from tests.matching.texts import PAIRS, declared_listing, declared_profile, listings, profiles

CATALOGUE = json.loads((files("fairs.units") / "data" / "disciplines.json").read_text("utf-8"))["items"]


@pytest.fixture(scope="module")
def vectors() -> VectorsByText:
    return rank.encode_texts([*profiles(), *listings()])


def test_every_profile_finds_its_listing_across_languages(vectors: VectorsByText) -> None:
    pool = rank.prepare(listings(), vectors, profiles())
    first = {p.id: rank.rank_listings(p, pool, vectors)[0].listing_id for p in profiles()}
    assert first == {f"p{code}": f"l{code}" for code, _, _, _ in PAIRS}


def test_every_listing_finds_its_profile_across_languages(vectors: VectorsByText) -> None:
    pool = rank.prepare(profiles(), vectors, listings())
    first = {one.id: rank.rank_profiles(one, pool, vectors)[0].profile_id for one in listings()}
    assert first == {f"l{code}": f"p{code}" for code, _, _, _ in PAIRS}


def test_both_directions_give_one_pair_the_same_scores(vectors: VectorsByText) -> None:
    people, offers = rank.prepare(profiles(), vectors, listings()), rank.prepare(listings(), vectors, profiles())
    there = {(m.profile_id, m.listing_id): m.score for p in profiles() for m in rank.rank_listings(p, offers, vectors)}
    back = {(m.profile_id, m.listing_id): m.score for o in listings() for m in rank.rank_profiles(o, people, vectors)}
    assert there.keys() == back.keys()
    assert max(abs(there[pair] - back[pair]) for pair in there) < 0.01


def test_ranking_twice_is_equal_and_top_is_a_prefix(vectors: VectorsByText) -> None:
    whole = rank.rank_listings(profiles()[0], listings(), vectors)
    assert rank.rank_listings(profiles()[0], listings(), vectors) == whole
    assert rank.rank_listings(profiles()[0], listings()[::-1], vectors, top=3) == whole[:3]


def test_declared_discipline_and_gates_move_hard_negatives_down(vectors: VectorsByText) -> None:
    offers = [
        declared_listing(id="right"),
        declared_listing(id="wrong-degree", degree_min="doctor"),
        declared_listing(id="wrong-city", city="410300"),
        declared_listing(id="wrong-field", disciplines=("0501",)),
    ]
    found = rank.rank_listings(declared_profile(degree="master"), offers, vectors)
    assert found[0].listing_id == "right"
    assert {m.listing_id: m.missed for m in found} == {
        "right": (), "wrong-degree": ("degree",), "wrong-city": ("city",), "wrong-field": (),
    }  # fmt: skip
    assert all(0 <= m.score <= 100 and 0 <= m.score_you <= 100 and 0 <= m.score_they <= 100 for m in found)


def test_bilingual_record_is_one_record(vectors: VectorsByText) -> None:
    both = replace(profiles()[0], text_zh=PAIRS[0][3])
    known = {**vectors, **rank.encode_texts([both])}
    assert both.texts == (PAIRS[0][3], PAIRS[0][1])
    assert rank.texts_to_encode([both], vectors) == [PAIRS[0][3]]
    assert rank.rank_listings(both, listings(), known)[0].listing_id == "l0812"


def test_reasons_name_terms_as_pairs(vectors: VectorsByText) -> None:
    told = rank.rank_listings(profiles()[0], listings(), vectors)[0].reasons
    pairs = {(r.params["zh"], r.params["en"]) for r in told if r.kind == "term"}
    assert {("深度学习", "deep learning"), ("卷积神经网络", "convolutional neural networks")} <= pairs
    assert not any(zh == "网络" for zh, _ in pairs)


def test_reasons_of_a_declared_pair(vectors: VectorsByText) -> None:
    [match] = rank.rank_listings(declared_profile(degree="bachelor"), [declared_listing()], vectors)
    told = {r.kind: r for r in match.reasons if r.params.get("gate") in (None, "degree") and r.kind != "term"}
    assert told == {
        "gate_missed": Reason("gate_missed", 1.0, {"gate": "degree", "asked": "master", "found": "bachelor"}),
        "discipline_same": Reason("discipline_same", 1.0, {"profile": "0812", "listing": "0812"}),
        "industry_same": Reason("industry_same", 0.4, {"industry": "I65"}),
        "pay_met": Reason("pay_met", 0.4, {"asked": "400000", "offered": "500000"}),
    }
    assert [r.strength for r in match.reasons] == sorted((r.strength for r in match.reasons), reverse=True)


def test_shared_terms_within_one_language() -> None:
    english = shared_terms.shared_terms(["Federated learning on phones"], ["we study federated learning and policy"])
    chinese = shared_terms.shared_terms(["联邦学习与隐私"], ["面向医疗的联邦学习"])
    assert [(p.zh, p.en) for p in english] == [("", "federated learning")]
    assert [(p.zh, p.en) for p in chinese] == [("联邦学习", "")]
    assert shared_terms.shared_terms([], ["x"]) == []


def _occurs(form: str, texts: tuple[str, ...]) -> bool:
    simple = [glosses.load().to_simplified(tokens.clean(t)).lower() for t in texts]
    return any(form in t for t in simple) or any(f" {form} " in f" {' '.join(tokens.words(t))} " for t in simple)


def _true_of(reason: Reason, profile: ProfileRecord, listing: ListingRecord) -> bool:
    """Looks at the two records only, not at the engine."""
    params = reason.params
    if reason.kind == "term":
        forms = [f for f in (params["zh"], params["en"]) if f]
        across = len(forms) == 2
        ours, theirs = [{f for f in forms if _occurs(f, side)} for side in (profile.texts, listing.texts)]
        return bool(ours and theirs) and (ours | theirs == set(forms)) and (across or ours == theirs)
    if reason.kind.startswith("discipline_"):
        same = params["profile"] == params["listing"]
        declared = params["profile"] in profile.disciplines and params["listing"] in listing.disciplines
        return declared and same == (reason.kind == "discipline_same")
    if reason.kind == "industry_same":
        return params["industry"] in profile.industries and params["industry"] in listing.industries
    if reason.kind in ("pay_met", "pay_below"):
        asked, offered = int(params["asked"]), int(params["offered"])
        said = asked == profile.pay_min and offered == (listing.pay_max or listing.pay_min)
        return said and (offered >= asked) == (reason.kind == "pay_met")
    if reason.kind == "degree_far":
        return (profile.degree, listing.degree_min) == ("doctor", "bachelor") == (params["found"], params["asked"])
    if reason.kind == "skill":
        named = params["listing"] in listing.skills or _occurs(params["listing"], listing.texts)
        return params["profile"] in profile.skills and named
    if reason.kind == "not_said":
        return not _said(profile if params["side"] == "profile" else listing, params["field"])
    return _gate_true(reason, profile, listing)


def _said(record: ProfileRecord | ListingRecord, name: str) -> object:
    if name == "pay":
        assert isinstance(record, ListingRecord)
        return record.pay_min or record.pay_max
    return getattr(record, {"discipline": "disciplines", "text": "texts"}.get(name, name))


def _gate_true(reason: Reason, profile: ProfileRecord, listing: ListingRecord) -> bool:
    rank_of = {"bachelor": 2, "master": 3, "doctor": 4, "none": 0, None: -1}
    known, good = {
        "degree": (profile.degree is not None, rank_of[profile.degree] >= rank_of[listing.degree_min]),
        "engagement": (profile.engagements and listing.engagements, profile.engagements & listing.engagements),
        "language": (profile.languages, listing.languages <= profile.languages),
        "city": (listing.city, any((listing.city or "").startswith(c.rstrip("0")) for c in profile.cities)),
        "permit": (profile.needs_permit is not None and listing.sponsors_permit is not None, listing.sponsors_permit),
        "dates": (True, True),
    }[reason.params["gate"]]
    return reason.kind == ("gate_unknown" if not known else "gate_met" if good else "gate_missed")


_texts = st.lists(
    st.sampled_from([part for _, en, title, zh in PAIRS for part in (*en.split(","), title, *zh.split("，"))]),
    max_size=5,
)
_codes = st.lists(st.sampled_from(["0812", "0835", "0814", "0501"]), max_size=2, unique=True).map(tuple)
_skills = st.lists(
    st.sampled_from(
        ["deep learning", "深度学习", "Tang poetry", "抗旱育种", "Python", "有限元", "R/Bioconductor", "热处理"]
    ),
    max_size=3,
    unique=True,
).map(tuple)
_profiles = st.builds(
    ProfileRecord,
    id=st.just("p"),
    text_zh=_texts.map("，".join),
    text_en=_texts.map(". ".join),
    disciplines=_codes,
    skills=_skills,
    industries=st.sampled_from([(), ("I65",), ("C27", "I65")]),
    degree=st.sampled_from([None, "none", "bachelor", "master", "doctor"]),
    languages=st.frozensets(st.sampled_from(["zh", "en", "de"])),
    engagements=st.frozensets(st.sampled_from(["full_time", "lecture"])),
    cities=st.frozensets(st.sampled_from(["410100", "410300"])),
    pay_min=st.sampled_from([None, 100, 200]),
    needs_permit=st.sampled_from([None, True, False]),
)
_listings = st.builds(
    ListingRecord,
    id=st.just("l"),
    title_zh=_texts.map("，".join),
    text_en=_texts.map(". ".join),
    disciplines=_codes,
    skills=st.one_of(st.just(()), _skills),
    industries=st.sampled_from([(), ("I65",), ("C27",)]),
    degree_min=st.sampled_from([None, "bachelor", "doctor"]),
    languages=st.frozensets(st.sampled_from(["zh", "en"])),
    engagements=st.frozensets(st.sampled_from(["full_time", "lecture"])),
    city=st.sampled_from([None, "410105", "410300"]),
    pay_max=st.sampled_from([None, 150, 250]),
    sponsors_permit=st.sampled_from([None, True, False]),
)


@given(_profiles, _listings)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_reason_is_untrue_of_the_two_records(profile: ProfileRecord, listing: ListingRecord) -> None:
    told = rank.explain(profile, listing, conditions.check(profile, listing))
    assert [r for r in told if not _true_of(r, profile, listing)] == []
    assert all(0 < r.strength <= 1 for r in told)


_KNOWLEDGE: dict[str, Any] = {
    "degree": "doctor", "engagements": frozenset({"lecture"}), "cities": frozenset({"410300"}), "pay_min": 300,
    "languages": frozenset({"de"}), "available_from": date(2020, 1, 1), "needs_permit": True, "skills": ("Python",),
    "disciplines": ("0501",), "text_en": "Tang poetry",
}  # fmt: skip
_SPEAKS_TO = {
    "degree": "degree", "engagements": "engagement", "cities": "city", "languages": "language",
    "available_from": "dates", "needs_permit": "permit",
}  # fmt: skip


@given(_profiles, _listings, st.sampled_from(sorted(_KNOWLEDGE)))
@settings(max_examples=150, deadline=None)
def test_what_becomes_known_moves_no_other_gate(profile: ProfileRecord, listing: ListingRecord, name: str) -> None:
    if getattr(profile, name):
        return
    known = replace(profile, **{name: _KNOWLEDGE[name]})
    before, after = ({g.name: g.state for g in conditions.check(one, listing)} for one in (profile, known))
    assert {condition for condition in before if before[condition] != after[condition]} <= {_SPEAKS_TO.get(name)}
    assert before.get(_SPEAKS_TO.get(name, "")) not in (conditions.State.MET, conditions.State.MISSED)


_doctor = ProfileRecord(id="p", degree="doctor", text_en="deep learning")
_posts = [ListingRecord(id="l", degree_min=asked, text_en="deep learning") for asked in ("bachelor", "doctor")]


@example(_doctor, _posts)
@given(_profiles, st.lists(_listings, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_scores_are_percentages_and_the_reason_above_the_next_is_true(
    profile: ProfileRecord, listings: list[ListingRecord]
) -> None:
    offers = [replace(one, id=f"l{at}") for at, one in enumerate(listings)]
    texts = {*profile.texts, *(text for one in offers for text in one.texts)}
    vectors = {text: _vector(text) for text in texts}
    found = comparison.explained(rank.rank_listings(profile, offers, vectors), pay=True)
    assert all(0 <= value <= 100 for m in found for value in (m.score, m.score_you, m.score_they))
    for upper, lower in pairwise(found):
        for reason in (r for r in upper.reasons if r.kind == "above_next"):
            assert upper.score > lower.score
            assert _above_true(reason.params, upper, lower)
    assert not any(r.kind == "above_next" for r in found[-1].reasons)


def _vector(text: str) -> Vectors:
    """A unit vector of its own for each text: what the encoder says is no part of these properties."""
    drawn = np.random.default_rng(sum(text.encode())).normal(size=DIMENSIONS)
    return (drawn / np.linalg.norm(drawn)).astype(np.float16)


def _above_true(params: dict[str, str], upper: Match, lower: Match) -> bool:
    kinds = [{r.kind for r in one.reasons} for one in (upper, lower)]
    if params["fact"] == "missed":
        return set(params["names"].split()) == set(lower.missed) - set(upper.missed) and upper.missed != lower.missed
    if params["fact"] == "discipline":
        nearest = [f"discipline_{params['upper']}" in kinds[0], params["lower"] == "far"]
        return nearest[0] and (nearest[1] or f"discipline_{params['lower']}" in kinds[1])
    if params["fact"] == "skills":
        return int(params["upper"]) > int(params["lower"])
    if params["fact"] == "text":
        return upper.parts["text"] > lower.parts["text"]
    if params["fact"] == "degree":
        return "degree_far" in kinds[1] and "degree_far" not in kinds[0]
    kind = {"pay": "pay_met", "industry": "industry_same"}[params["fact"]]
    return kind in kinds[0] and kind not in kinds[1]


@pytest.mark.parametrize(("code", "english", "title", "chinese"), PAIRS)
def test_discipline_is_proposed_from_either_language(code: str, english: str, title: str, chinese: str) -> None:
    for written in (english, f"{title}\n{chinese}"):
        found = propose_disciplines(written, CATALOGUE)
        assert code in [p.code for p in found]
        assert len(found) == 3
        assert [p.strength for p in found] == sorted((p.strength for p in found), reverse=True)


def test_no_proposal_without_words_and_none_hidden() -> None:
    assert propose_disciplines("🎓 2018", CATALOGUE) == []
    hidden = {item["code"] for item in CATALOGUE if item.get("hidden_by_default")}
    assert not hidden & {p.code for p in propose_disciplines("artillery and the history of war", CATALOGUE)}


def test_neighbouring_disciplines_exist_in_the_catalogue() -> None:
    known = {item["code"] for item in CATALOGUE}
    from fairs.matching.text import terms

    assert {code for pair in disciplines.neighbours() for code in pair} <= known
    assert {term.code for term in terms.load().terms} <= known
    assert all(len(set(pair)) == 2 for pair in combinations(sorted(known), 2))
