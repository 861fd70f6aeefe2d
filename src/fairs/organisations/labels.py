"""Words for kinds and states of employers, translated at display."""

from typing import Any

from fairs.core.forms import Choice
from fairs.core.i18n import N_, current_lang
from fairs.organisations.tables import OrganisationState
from fairs.units import catalogues

STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    OrganisationState.PENDING: ("progress", N_("In review")),
    OrganisationState.APPROVED: ("success", N_("Approved")),
    OrganisationState.REJECTED: ("danger", N_("Refused")),
}


def kind_choices() -> list[Choice]:
    """Choices of a picker."""
    return [(kind, kind_word(kind), kind) for kind in catalogues.keys("organisation_kinds")]


def kind_word(kind: str) -> str:
    """The kind in the viewer's language."""
    return catalogues.label("organisation_kinds", kind, current_lang())


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a state."""
    kind, word = STATES[state]
    return kind, str(word)


def industry_word(code: str) -> str:
    """The industry in the viewer's language; empty when none is given."""
    return catalogues.label("industries", code, current_lang()) if code else ""


WORDS: dict[str, Any] = {  # for templates
    "kind_word": kind_word,
    "state_badge": state_badge,
    "industry_word": industry_word,
}
