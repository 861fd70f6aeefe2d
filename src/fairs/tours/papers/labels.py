"""Words of letters."""

from fairs.core.i18n import N_
from fairs.tours.papers.tables import LetterState

LEFT = "left"  # stands as the reason of a letter that ended because its holder is no longer on the tour
REASONS: dict[str, object] = {LEFT: N_("No longer on the tour. Who comes back needs a new letter.")}
STATES: dict[str, tuple[str, object]] = {
    LetterState.REQUESTED: ("progress", N_("Letter requested")),
    LetterState.ISSUED: ("success", N_("Letter issued")),
    LetterState.REFUSED: ("danger", N_("Letter refused")),
    LetterState.REVOKED: ("danger", N_("Letter revoked")),
}
