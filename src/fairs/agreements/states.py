"""The states of an agreement: which step may follow, who may take it, which evidence it needs. Pure; the table is data.

The table is `units/data/agreement_states.json`. Its conditions in prose ("only if foreign …") are rules here.
"""

from dataclasses import dataclass
from functools import cache

from fairs.agreements import facts
from fairs.agreements.facts import Fact
from fairs.agreements.tables import AgreementState, Party
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.i18n import N_
from fairs.units import catalogues
from fairs.units.entries import EngagementType, StepNeed, WorkPermit

EMPLOYER, TALENT, BUREAU, ORGANISER, SYSTEM = PARTIES = tuple(Party)
ANY = "*"
INTENT, SIGNED, TALKS = AgreementState.INTENT, AgreementState.SIGNED_INTENT, AgreementState.TALKS
TERMINATED, LAPSED, RETURNED = AgreementState.TERMINATED, AgreementState.LAPSED, AgreementState.RETURNED
BEFORE_SIGNING = frozenset({AgreementState.LEAD, TALKS, INTENT})
EDITABLE = BEFORE_SIGNING | {RETURNED}
ENDED = frozenset({TERMINATED, LAPSED})
OTHER_REASON = "other"
_WHO = {
    "employer": frozenset({EMPLOYER}),
    "employer + talent": frozenset({EMPLOYER, TALENT}),
    "organiser desk": frozenset({ORGANISER}),
    "province": frozenset({ORGANISER}),
    "city bureau": frozenset({BUREAU}),
    "employer or city bureau": frozenset({EMPLOYER, BUREAU}),
    "system": frozenset({SYSTEM}),
}


@dataclass(frozen=True)
class Step:
    """One edge. `both`: all of `by` must confirm, not just one. `proof`: what evidence must show, by what it `needs`."""

    source: str
    to: str
    by: frozenset[str]
    proof: str
    needs: frozenset[StepNeed] = frozenset()
    both: bool = False

    def open_to(self, parties: frozenset[str]) -> bool:
        """The organiser's desk may record a step on behalf of people; only the system clock lapses an agreement."""
        return bool(self.by & parties) or (ORGANISER in parties and SYSTEM not in self.by)


@dataclass(frozen=True)
class Case:
    """Values that decide the steps: the state, whether the person is a foreigner, the way of engagement, and whether the
    bureau has verified the text."""

    state: str
    foreign: bool = False
    engagement: str = "full_time"
    verified: bool = False


@cache
def table() -> tuple[Step, ...]:
    """Every edge of the data; source `*` means all states."""
    rows = catalogues.agreement_transitions()
    return tuple(Step(row.source, row.target, _WHO[row.by], row.proof, row.needs, both="+" in row.by) for row in rows)


@cache
def known_states() -> frozenset[str]:
    """Keys of all states in the data."""
    return frozenset(state.key for state in catalogues.agreement_states())


@cache
def reason_codes() -> frozenset[str]:
    """Reasons for ending an agreement."""
    return frozenset(reason.key for reason in catalogues.agreement_reasons())


def is_foreign(country: str) -> bool:
    """Whether citizens of a country (alpha-2) need a permit at all: those of Hong Kong, Macao and Taiwan do not."""
    return any(item.alpha2 == country and item.is_foreign and country != "CN" for item in catalogues.countries())


def _engagement(key: str) -> EngagementType | None:
    return next((item for item in catalogues.engagement_types() if item.key == key), None)


def _fits(step: Step, case: Case) -> bool:
    """Whether the table's conditions in prose are met."""
    way = _engagement(case.engagement)
    permit = way.work_permit if way else WorkPermit.BY_DAYS
    if step.to == AgreementState.PERMIT:
        return case.foreign and permit != WorkPermit.NONE
    if step.to == AgreementState.ARRIVED and step.source == AgreementState.CONTRACT:
        return not (case.foreign and permit == WorkPermit.REQUIRED)
    if step.to == RETURNED:
        return not case.verified
    if step.to == AgreementState.LANDED:
        return permit == WorkPermit.NONE
    return True


def steps(case: Case) -> list[Step]:
    """All possible next steps, by any party."""
    if case.state == TERMINATED:
        return []
    return [step for step in table() if step.source in (case.state, ANY) and _fits(step, case)]


def steps_for(case: Case, parties: frozenset[str]) -> list[Step]:
    """The steps that `parties` may take now."""
    return [step for step in steps(case) if step.open_to(parties)]


def described(found: list[Step]) -> list[dict[str, object]]:
    """Steps as API values."""
    return [
        {"to": step.to, "by": sorted(step.by), "evidence": step.proof, "needs": sorted(step.needs)} for step in found
    ]


def check(case: Case, to: str, parties: frozenset[str], fact: Fact, *, reason: str = "") -> Step:
    """The step, if it may be taken. Raises Conflict (no such step now), Forbidden (another party's step), both with the
    legal ones, or Invalid (the fact lacks what the step needs, or the reason is missing)."""
    legal = described(steps_for(case, parties))
    step = next((step for step in steps(case) if step.to == to), None)
    if step is None:
        message = N_("An agreement in this state cannot take that step.")
        raise Conflict(message, code="illegal_transition", state=case.state, legal=legal)
    if not step.open_to(parties):
        raise Forbidden(N_("Another party must record this step."), state=case.state, legal=legal)
    needs = step.needs | {StepNeed.EVIDENCE} if to == TERMINATED and reason == OTHER_REASON else step.needs
    fields = facts.missing(fact, needs)
    if to == TERMINATED and reason not in reason_codes():
        fields["reason"] = [N_("Choose why the agreement ends")]
    if fields:
        raise Invalid(fields=fields)
    return step
