from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.agreements import facts, states
from fairs.agreements.facts import Fact
from fairs.agreements.states import BUREAU, EMPLOYER, ORGANISER, PARTIES, SYSTEM, TALENT, Case
from fairs.core.errors import Conflict, DomainError, Forbidden, Invalid
from fairs.units import catalogues
from fairs.units.entries import StepNeed

TODAY = facts.today()
DATED = ["date", "evidence", "number"]
EDGES = {(row.source, row.target) for row in catalogues.agreement_transitions()}
STATES = sorted(states.known_states())
WAYS = sorted(item.key for item in catalogues.engagement_types())
cases = st.builds(Case, st.sampled_from(STATES), st.booleans(), st.sampled_from(WAYS))
parties = st.frozensets(st.sampled_from(PARTIES))


def _targets(case: Case, *who: str) -> list[str]:
    return [step.to for step in states.steps_for(case, frozenset(who))]


@given(
    case=cases,
    who=parties,
    to=st.sampled_from([*STATES, "", "nowhere"]),
    evidence=st.text(max_size=10),
    number=st.text(max_size=5),
    reason=st.text(max_size=5),
)
@settings(max_examples=400, deadline=None)
def test_check_lets_only_edges_of_the_table_through(
    case: Case, who: frozenset[str], to: str, evidence: str, number: str, reason: str
) -> None:
    try:
        step = states.check(case, to, who, Fact(TODAY, number, evidence), reason=reason)
    except DomainError:
        return
    assert (case.state, to) in EDGES or ("*", to) in EDGES
    assert case.state != "terminated"
    assert step.by & who or ORGANISER in who
    assert to == "terminated" or len(evidence.strip()) >= 3
    assert StepNeed.NUMBER not in step.needs or any(character.isdigit() for character in number)


@given(foreign=st.booleans(), way=st.sampled_from(WAYS), choices=st.lists(st.integers(0, 20), max_size=15))
def test_no_walk_leaves_the_table(foreign: bool, way: str, choices: list[int]) -> None:
    state = "lead"
    for choice in choices:
        found = states.steps(Case(state, foreign, way))
        if not found:
            break
        step = found[choice % len(found)]
        assert (state, step.to) in EDGES or ("*", step.to) in EDGES
        state = step.to
    assert state in states.known_states()


@given(case=cases)
def test_every_living_agreement_can_be_ended_and_an_ended_one_not_moved(case: Case) -> None:
    found = [step.to for step in states.steps(case)]
    assert found == [] if case.state == "terminated" else "terminated" in found


def test_steps_of_the_table_by_party() -> None:
    signed = Case("signed_intent", True, "full_time")
    assert _targets(signed, EMPLOYER) == ["contract", "terminated"]
    assert _targets(signed, BUREAU) == ["returned", "terminated"]
    assert _targets(replace(signed, verified=True), BUREAU) == ["terminated"]
    assert _targets(signed, TALENT) == []
    assert _targets(signed, SYSTEM) == ["lapsed"]
    assert _targets(signed, ORGANISER) == ["contract", "returned", "terminated"]
    assert _targets(Case("talks"), TALENT) == ["intent"]


def test_permit_is_for_foreigners_in_work_and_arrival_without_it_for_the_others() -> None:
    assert _targets(Case("contract", True, "full_time"), EMPLOYER) == ["permit", "terminated"]
    assert _targets(Case("contract", False, "full_time"), EMPLOYER) == ["arrived", "terminated"]
    assert _targets(Case("contract", True, "flexible"), EMPLOYER) == ["permit", "arrived", "terminated"]
    assert _targets(Case("contract", True, "project"), EMPLOYER) == ["arrived", "landed", "terminated"]


def test_people_of_hong_kong_macao_and_taiwan_need_no_permit() -> None:
    assert [states.is_foreign(code) for code in ("ES", "HK", "MO", "TW", "CN", "")] == [
        True,
        False,
        False,
        False,
        False,
        False,
    ]


def test_illegal_step_names_the_legal_ones() -> None:
    with pytest.raises(Conflict) as refused:
        states.check(Case("intent"), "funded", frozenset({EMPLOYER}), Fact(TODAY, "12", "paper 12"))
    assert refused.value.extra == {
        "state": "intent",
        "legal": [
            {"to": "contract", "by": ["employer"], "evidence": "direct contract without intent paper", "needs": DATED},
            {"to": "terminated", "by": ["bureau", "employer"], "evidence": "reason code", "needs": []},
        ],
    }


def test_step_of_another_party_is_forbidden() -> None:
    with pytest.raises(Forbidden) as refused:
        states.check(Case("signed_intent"), "contract", frozenset({BUREAU}), Fact(TODAY, "12", "contract 12"))
    assert [step["to"] for step in refused.value.extra["legal"]] == ["returned", "terminated"]


@pytest.mark.parametrize(
    ("to", "fact", "reason", "fields"),
    [
        ("contract", Fact(TODAY, "12", " a "), "", ["evidence"]),
        ("contract", Fact(TODAY, "", "the contract"), "", ["fact_number"]),
        ("contract", Fact(TODAY, "none", "the contract"), "", ["fact_number"]),
        ("contract", Fact(None, "12", "the contract"), "", ["fact_on"]),
        ("contract", Fact(), "", ["fact_on", "fact_number", "evidence"]),
        ("terminated", Fact(), "", ["reason"]),
        ("terminated", Fact(), "nonsense", ["reason"]),
        ("terminated", Fact(evidence="..."), "other", ["evidence"]),
        ("terminated", Fact(number="-"), "terms", ["fact_number"]),
    ],
)
def test_step_without_its_proof_is_invalid(to: str, fact: Fact, reason: str, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        states.check(Case("signed_intent"), to, frozenset({EMPLOYER}), fact, reason=reason)
    assert list(refused.value.fields) == fields


def test_a_funding_has_its_period() -> None:
    given, late = Fact(TODAY, "7", "the decree"), TODAY - timedelta(days=1)
    for fact, field in (
        (given, "period_from"),
        (replace(given, period=(TODAY, None)), "period_to"),
        (replace(given, period=(TODAY, late)), "period_to"),
    ):
        with pytest.raises(Invalid) as refused:
            states.check(Case("arrived"), "funded", frozenset({ORGANISER}), fact)
        assert list(refused.value.fields) == [field]
    assert states.check(Case("arrived"), "funded", frozenset({ORGANISER}), replace(given, period=(TODAY, TODAY)))


def test_an_end_needs_only_its_reason() -> None:
    assert states.check(Case("signed_intent"), "terminated", frozenset({EMPLOYER}), Fact(), reason="terms")


NOTHING = [
    "...",
    "。。。",
    "———",
    "n/a",
    "N/A.",
    "ＮＡ",
    "无",
    "无。",
    "暂无",
    "待补",
    "test",
    "TBD",
    "xxx",
    "111",
    "a..",
    "  ",
    "\x00",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_tells_nothing_is_no_evidence(text: str) -> None:
    assert not facts.is_evidence(text)


@pytest.mark.parametrize("text", ["合同书", "劳动合同扫描件", "paper", "社保", "Contract 3", "豫科外〔2018〕7号"])
def test_words_and_references_are_evidence(text: str) -> None:
    assert facts.is_evidence(text) == (len(text) >= facts.MIN_EVIDENCE)


@given(st.text(alphabet=".-—…。、/ *_~·", max_size=30))
def test_no_run_of_marks_is_evidence(text: str) -> None:
    assert not facts.is_evidence(text)
    assert not facts.is_number(text)


def test_a_fact_is_not_to_come_and_not_before_the_step_it_follows() -> None:
    for day in (TODAY, TODAY - timedelta(days=9)):
        facts.require_in_order(day, TODAY - timedelta(days=9))
        facts.require_in_order(day, None)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=10)):
        with pytest.raises(Invalid) as refused:
            facts.require_in_order(day, TODAY - timedelta(days=9))
        assert list(refused.value.fields) == ["fact_on"]
