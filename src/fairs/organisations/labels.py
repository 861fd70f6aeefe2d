"""Words for kinds and states of employers, translated at display."""

from fairs.core.forms import Choice
from fairs.core.i18n import N_, current_lang
from fairs.organisations.tables import OrganisationState
from fairs.units import catalogues

KINDS: dict[str, object] = {
    "university": N_("University"),
    "institute": N_("Research institute"),
    "hospital": N_("Hospital"),
    "state_firm": N_("State-owned firm"),
    "private_firm": N_("Private firm"),
    "foreign_firm": N_("Firm with foreign capital"),
    "park": N_("Industrial or science park"),
    "government": N_("Public authority"),
}
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    OrganisationState.PENDING: ("progress", N_("In review")),
    OrganisationState.APPROVED: ("success", N_("Approved")),
    OrganisationState.REJECTED: ("danger", N_("Refused")),
}


def kind_choices() -> list[Choice]:
    """Choices of a picker."""
    return [(kind, str(word), kind) for kind, word in KINDS.items()]


def kind_word(kind: str) -> str:
    """The kind in the viewer's language."""
    return str(KINDS.get(kind, kind))


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a state."""
    kind, word = STATES[state]
    return kind, str(word)


def industry_word(code: str) -> str:
    """The industry in the viewer's language; empty when none is given."""
    return catalogues.label("industries", code, current_lang()) if code else ""
