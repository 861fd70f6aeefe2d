"""An agreement's timeline for its page: past steps, next steps and who must act. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairs.agreements import states
from fairs.agreements.rows import Transition
from fairs.core import i18n
from fairs.core.i18n import N_
from fairs.units import catalogues

BADGES = {
    "lead": "neutral",
    "talks": "progress",
    "intent": "progress",
    "signed_intent": "success",
    "contract": "success",
    "permit": "progress",
    "arrived": "done",
    "landed": "done",
    "funded": "done",
    "evaluated": "done",
    "lapsed": "warning",
    "terminated": "danger",
}
WHO: dict[str, object] = {
    states.EMPLOYER: N_("Employer"),
    states.TALENT: N_("Talent"),
    states.BUREAU: N_("City bureau"),
    states.ORGANISER: N_("Province organiser"),
    states.SYSTEM: N_("The platform"),
}
_PROOFS: dict[str, object] = {
    "talks": N_("The meeting or the badge scan; after a lapse, why it starts again"),
    "intent": N_("The outcome of the talks; both sides confirm"),
    "signed_intent": N_("The signed file, the witness, the signing session"),
    "contract": N_("The contract: its number, parties, term, place and pay"),
    "permit": N_("The number under which the permit or visa is being handled"),
    "arrived": N_("Permit or visa number and date of entry; without a permit, social insurance or start of contract"),
    "landed": N_("Company registration, site, first payment"),
    "funded": N_("Programme, document number and amount"),
    "evaluated": N_("Report and score"),
    "terminated": N_("A reason from the list; in words if it is another one"),
}
_PATH = ("intent", "signed_intent", "contract", "arrived", "funded", "evaluated")
_LANDING = ("intent", "signed_intent", "contract", "landed", "funded", "evaluated")


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
    return str(_PROOFS.get(step.to, step.proof))


def _text(row: Transition) -> str:
    """Evidence is the user's text; the platform's own text is translated."""
    if row.reason.startswith("confirmed:"):
        return str(N_("Confirmed by: %(side)s", side=WHO[row.reason.removeprefix("confirmed:")]))
    if row.to_state == states.INTENT and not row.from_state:
        return str(N_("Drawn up after the meeting"))
    if row.to_state == states.SIGNED and row.by_name is None:
        return str(N_("Both sides signed in the browser"))
    reason = catalogues.label("agreement_reasons", row.reason, i18n.current_lang()) if row.reason else ""
    return " · ".join(part for part in (reason, row.evidence) if part)


def timeline(
    case: states.Case, transitions: Sequence[Transition], verified: tuple[Any, str] | None
) -> list[dict[str, Any]]:
    """Items for the timeline macro: past steps with person and time, then the remaining main path."""
    items: list[dict[str, Any]] = []
    for row in transitions:
        who = row.by_name or str(WHO[states.SYSTEM])
        ended = row.to_state in states.ENDED
        items.append(
            {
                "title": state_label(row.to_state),
                "at": row.at,
                "who": who,
                "text": _text(row),
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
        if any(step.to == "landed" for step in states.steps(states.Case("contract", case.foreign, case.engagement)))
        else _PATH
    )
    place = {"lead": -1, "talks": -1, "permit": path.index("contract"), "arrived": 3, "landed": 3}
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
    if was_signed and not verified and case.state not in states.ENDED:
        found.append(Turn(str(WHO[states.BUREAU]), str(N_("Verify the parties and the text"))))
    if case.state != states.INTENT:
        found += [
            Turn(who_label(step.by), str(N_("Record: %(state)s", state=state_label(step.to))))
            for step in states.steps(case)
            if step.to != states.TERMINATED and states.SYSTEM not in step.by
        ]
    return found
