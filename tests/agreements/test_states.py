import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.agreements import states
from fairs.agreements.states import BUREAU, EMPLOYER, ORGANISER, PARTIES, SYSTEM, TALENT, Case
from fairs.core.errors import Conflict, DomainError, Forbidden, Invalid
from fairs.units import catalogues

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
    reason=st.text(max_size=5),
)
@settings(max_examples=400)
def test_check_lets_only_edges_of_the_table_through(
    case: Case, who: frozenset[str], to: str, evidence: str, reason: str
) -> None:
    try:
        step = states.check(case, to, who, evidence=evidence, reason=reason)
    except DomainError:
        return
    assert (case.state, to) in EDGES or ("*", to) in EDGES
    assert case.state != "terminated"
    assert step.by & who or ORGANISER in who
    assert to == "terminated" or len(evidence.strip()) >= 3


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
    assert _targets(signed, BUREAU) == ["terminated"]
    assert _targets(signed, TALENT) == []
    assert _targets(signed, SYSTEM) == ["lapsed"]
    assert _targets(signed, ORGANISER) == ["contract", "terminated"]
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
        states.check(Case("intent"), "funded", frozenset({EMPLOYER}), evidence="paper 12")
    assert refused.value.extra == {
        "state": "intent",
        "legal": [
            {"to": "contract", "by": ["employer"], "evidence": "direct contract without intent paper"},
            {"to": "terminated", "by": ["bureau", "employer"], "evidence": "reason code"},
        ],
    }


def test_step_of_another_party_is_forbidden() -> None:
    with pytest.raises(Forbidden) as refused:
        states.check(Case("signed_intent"), "contract", frozenset({BUREAU}), evidence="contract 12")
    assert [step["to"] for step in refused.value.extra["legal"]] == ["terminated"]


@pytest.mark.parametrize(
    ("to", "evidence", "reason", "fields"),
    [
        ("contract", " a ", "", ["evidence"]),
        ("terminated", "", "", ["reason"]),
        ("terminated", "", "nonsense", ["reason"]),
        ("terminated", "", "other", ["evidence"]),
    ],
)
def test_step_without_its_proof_is_invalid(to: str, evidence: str, reason: str, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        states.check(Case("signed_intent"), to, frozenset({EMPLOYER}), evidence=evidence, reason=reason)
    assert list(refused.value.fields) == fields
