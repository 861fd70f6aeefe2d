"""An agreement's timeline for its page: past steps, next steps and who must act. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairs.agreements import facts, states
from fairs.agreements.rows import Transition
from fairs.agreements.tables import AgreementState
from fairs.core import i18n
from fairs.core.i18n import N_
from fairs.units import catalogues
from fairs.units.entries import StepNeed

BADGES: dict[str, str] = {
    AgreementState.LEAD: "neutral",
    AgreementState.TALKS: "progress",
    AgreementState.INTENT: "progress",
    AgreementState.SIGNED_INTENT: "success",
    AgreementState.RETURNED: "warning",
    AgreementState.CONTRACT: "success",
    AgreementState.PERMIT: "progress",
    AgreementState.ARRIVED: "done",
    AgreementState.LANDED: "done",
    AgreementState.FUNDED: "done",
    AgreementState.EVALUATED: "done",
    AgreementState.LAPSED: "warning",
    AgreementState.TERMINATED: "danger",
}
WHO: dict[str, object] = {
    states.EMPLOYER: N_("Employer"),
    states.TALENT: N_("Talent"),
    states.BUREAU: N_("City bureau"),
    states.ORGANISER: N_("Province organiser"),
    states.SYSTEM: N_("The platform"),
}
_PROOFS: dict[str, object] = {
    AgreementState.TALKS: N_("The meeting or the badge scan; after a lapse, why it starts again"),
    AgreementState.INTENT: N_("The outcome of the talks; both sides confirm"),
    AgreementState.SIGNED_INTENT: N_("The signed file, the witness, the signing session"),
    AgreementState.RETURNED: N_("What is to be corrected"),
    AgreementState.CONTRACT: N_("The contract: its number, parties, term, place and pay"),
    AgreementState.PERMIT: N_("The number under which the permit or visa is being handled"),
    AgreementState.ARRIVED: N_(
        "Permit or visa number and date of entry; without a permit, social insurance or start of contract"
    ),
    AgreementState.LANDED: N_("Company registration, site, first payment"),
    AgreementState.FUNDED: N_("Programme, document number and amount"),
    AgreementState.EVALUATED: N_("Report and score"),
    AgreementState.TERMINATED: N_("A reason from the list; in words if it is another one"),
}
_NEEDS: dict[StepNeed, object] = {
    StepNeed.DATE: N_("date of the fact"),
    StepNeed.NUMBER: N_("number"),
    StepNeed.PERIOD: N_("funded period"),
    StepNeed.EVIDENCE: N_("evidence"),
}
_S = AgreementState
_PATH = (_S.INTENT, _S.SIGNED_INTENT, _S.CONTRACT, _S.ARRIVED, _S.FUNDED, _S.EVALUATED)
_LANDING = (_S.INTENT, _S.SIGNED_INTENT, _S.CONTRACT, _S.LANDED, _S.FUNDED, _S.EVALUATED)


@dataclass(frozen=True)
class Turn:
    """Which side must act, and how."""

    who: str
    what: str


def state_label(state: str) -> str:
    """A state in the reader's language."""
    return catalogues.label("agreement_states", state, i18n.current_lang())


def who_label(parties: frozenset[str]) -> str:
    """`Employer or City bureau` in the reader's language."""
    names = [str(WHO[party]) for party in states.PARTIES if party in parties]
    return str(N_(" or ")).join(names)


def proof_label(step: states.Step) -> str:
    """The evidence that a step requires, in the reader's language."""
    needed = [str(word) for need, word in _NEEDS.items() if need in step.needs]
    told = str(_PROOFS.get(step.to, step.proof))
    return f"{told} ({', '.join(needed)})" if needed else told


def _text(row: Transition) -> str:
    """Evidence is the user's text; the platform's own text is translated."""
    if row.reason.startswith("confirmed:"):
        return str(N_("Confirmed by: %(side)s", side=WHO[row.reason.removeprefix("confirmed:")]))
    if row.to_state == states.INTENT and not row.from_state:
        return str(N_("Drawn up after the meeting"))
    if row.from_state == states.RETURNED and row.to_state == states.INTENT:
        return str(N_("The text was corrected; both sign anew"))
    if row.to_state == states.SIGNED and row.by_name is None:
        return str(N_("Both sides signed in the browser"))
    reason = catalogues.label("agreement_reasons", row.reason, i18n.current_lang()) if row.reason else ""
    number = str(N_("No. %(number)s", number=row.fact_number)) if row.fact_number else ""
    return " · ".join(part for part in (reason, number, row.evidence) if part)


def timeline(
    case: states.Case, transitions: Sequence[Transition], verified: tuple[Any, str] | None
) -> list[dict[str, Any]]:
    """Items for the timeline macro: past steps with person and time, then the remaining main path. `on`: the day of the
    fact, where it is not the day on which the step was recorded."""
    items: list[dict[str, Any]] = []
    for row in transitions:
        who = row.by_name or str(WHO[states.SYSTEM])
        ended = row.to_state in states.ENDED
        items.append(
            {
                "title": state_label(row.to_state),
                "at": row.at,
                "on": row.fact_on if row.fact_on != facts.day_of(row.at) else None,
                "who": who,
                "text": _text(row),
                "file": row,
                "state": "missed" if ended else "done",
            }
        )
    if verified:
        at, name = verified
        items.append({"title": str(N_("Verified by the bureau")), "at": at, "who": name, "text": "", "state": "done"})
        items.sort(key=lambda item: item["at"])
    if items and case.state not in states.ENDED:
        items[-1]["state"] = "current" if not verified or items[-1]["at"] != verified[0] else "done"
    return items + [{"title": state_label(key), "state": "todo"} for key in _to_come(case, bool(verified))]


def _to_come(case: states.Case, verified: bool) -> list[str]:
    if case.state in states.ENDED:
        return []
    path = (
        _LANDING
        if any(step.to == _S.LANDED for step in states.steps(states.Case(_S.CONTRACT, case.foreign, case.engagement)))
        else _PATH
    )
    place: dict[str, int] = {
        _S.LEAD: -1,
        _S.TALKS: -1,
        _S.RETURNED: -1,
        _S.PERMIT: path.index(_S.CONTRACT),
        _S.ARRIVED: 3,
        _S.LANDED: 3,
    }
    at = place.get(case.state, path.index(case.state) if case.state in path else -1)
    return list(path[at + 1 :])


def turns(case: states.Case, signed: frozenset[str], *, was_signed: bool, verified: bool) -> list[Turn]:
    """What must be done now, and by whom."""
    found: list[Turn] = []
    if case.state == states.INTENT:
        found += [
            Turn(str(WHO[party]), str(N_("Read the text and sign")))
            for party in (states.EMPLOYER, states.TALENT)
            if party not in signed
        ]
    if case.state == states.RETURNED:
        found.append(Turn(str(WHO[states.EMPLOYER]), str(N_("Correct the text; then both sign anew"))))
    elif was_signed and not verified and case.state not in states.ENDED:
        found.append(Turn(str(WHO[states.BUREAU]), str(N_("Verify the parties and the text"))))
    if case.state != states.INTENT:
        found += [
            Turn(who_label(step.by), str(N_("Record: %(state)s", state=state_label(step.to))))
            for step in states.steps(case)
            if step.to not in (states.TERMINATED, states.RETURNED) and states.SYSTEM not in step.by
        ]
    return found
