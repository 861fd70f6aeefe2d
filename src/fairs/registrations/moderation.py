"""Who may move a registration from which state to which: one table, read by the pages, the API, acts on many and the clock."""

from enum import StrEnum

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.registrations import queries
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState

NEW = "draft"  # what was typed and not sent: it has no row yet
NOT_ALLOWED = N_("This step is not possible in the state of this registration")
NOT_REJECTED = N_("A confirmed registration cannot be rejected any more: cancel it")


class By(StrEnum):
    """Who moves it. `keeper`: who entered it for somebody else, or the employer of a representative."""

    CANDIDATE = "candidate"
    KEEPER = "keeper"
    BUREAU = "bureau"
    ORGANISER = "organiser"
    CLOCK = "clock"


_P, _C, _W, _O = (
    RegistrationState.PENDING,
    RegistrationState.CONFIRMED,
    RegistrationState.WAITLISTED,
    RegistrationState.OFFERED,
)
_CANCELLED, _WITHDRAWN, _REJECTED = (
    RegistrationState.CANCELLED,
    RegistrationState.WITHDRAWN,
    RegistrationState.REJECTED,
)
_RUN = frozenset({By.BUREAU, By.ORGANISER})
_ALL = frozenset(By)
_OWN = frozenset({By.CANDIDATE})
_OTHERS = _ALL - _OWN
STEPS: dict[tuple[str, str], frozenset[By]] = {
    (NEW, _C): _ALL,
    (NEW, _W): _ALL,
    (NEW, _P): _OWN,  # with an answer that the staff reviews: also in a group, which applies for its people
    (_P, _C): _RUN,
    (_P, _REJECTED): _RUN,
    (_W, _C): _RUN | {By.CLOCK},
    (_W, _P): frozenset({By.CLOCK}),
    (_W, _O): _RUN | {By.CLOCK},
    (_W, _REJECTED): _RUN,
    (_O, _C): _ALL - {By.CLOCK},
    (_O, _P): _OWN | {By.KEEPER},
    (_O, _REJECTED): _RUN,
    (_C, _P): _OWN | {By.KEEPER},  # a reviewed answer has changed
    **{(state, _WITHDRAWN): _OWN for state in (_P, _C, _W, _O)},
    **{(state, _CANCELLED): _OTHERS for state in (_P, _C, _W, _O)},
    # undone within ten minutes, by who did it or by the province
    **{(_WITHDRAWN, state): _OWN | {By.ORGANISER} for state in (_P, _C, _W, _O)},
    **{(_CANCELLED, state): _OTHERS for state in (_P, _C, _W, _O)},
    **{(_REJECTED, state): _RUN for state in (_P, _W, _O)},
}
"""(from, to) → who may."""


def may(state: str, target: str, by: By) -> bool:
    """Whether the step is allowed to somebody."""
    return by in STEPS.get((state, target), frozenset())


def require(state: str, target: str, by: By) -> None:
    """Raises Conflict for a step that is not allowed."""
    if not may(state, target, by):
        rejecting = target == _REJECTED and state == _C
        raise Conflict(NOT_REJECTED if rejecting else NOT_ALLOWED, code="step")


def by_of(actor: Actor, row: RegistrationRow) -> By:
    """As what an actor moves a registration that it may see."""
    if queries.is_own(actor, row):
        return By.CANDIDATE
    found = _of(actor)
    return By.KEEPER if found == By.BUREAU and not queries.runs_event(actor, row) else found


def by_of_new(actor: Actor, *, own: bool, grouped: bool = False) -> By:
    """As what an actor registers somebody; a group is registered as if its people did it."""
    return By.CANDIDATE if own or grouped else _of(actor)


def _of(actor: Actor) -> By:
    if actor.account_id is None and actor.token_id is None:
        return By.CLOCK
    if actor.sees_everything:
        return By.ORGANISER
    return By.BUREAU if Role.BUREAU in actor.roles else By.KEEPER


def end_of(state: str, by: By, *, rejects: bool) -> RegistrationState:
    """As what a registration ends: who is under review, or is rejected in so many words, was never accepted."""
    if by == By.CANDIDATE:
        return _WITHDRAWN
    return _REJECTED if rejects or (state == _P and by in _RUN) else _CANCELLED
