"""Words of letters."""

from fairs.core.i18n import N_
from fairs.tours.papers.tables import LetterState

STATES: dict[str, tuple[str, object]] = {
    LetterState.REQUESTED: ("progress", N_("Letter requested")),
    LetterState.ISSUED: ("success", N_("Letter issued")),
    LetterState.REFUSED: ("danger", N_("Letter refused")),
    LetterState.REVOKED: ("danger", N_("Letter revoked")),
}
