"""What somebody did can be undone for ten minutes: by the same person or by the province, with a reason."""

from datetime import datetime, timedelta
from typing import Annotated

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_

LIFE = timedelta(minutes=10)
TOO_LATE = N_("This can be undone for ten minutes only, by who did it or by the province.")
WHY = N_("Enter the reason in a few words")
MIN_REASON = 2  # characters


class UndoForm(Form):
    """Why something is undone: it stays in the record."""

    reason: Annotated[str, Field(N_("Why is it undone?"), max_length=200)]


def may_undo(actor: Actor, done_by: int | None, done_at: datetime | None) -> bool:
    """Whether the actor may undo what was done then."""
    if done_at is None or clock.now() - done_at > LIFE:
        return False
    return actor.sees_everything or (actor.account_id is not None and actor.account_id == done_by)


def require(actor: Actor, done_by: int | None, done_at: datetime | None, reason: str) -> None:
    """Raise Conflict when it is too late, Forbidden when another person did it, Invalid without a reason."""
    if done_at is None or clock.now() - done_at > LIFE:
        raise Conflict(TOO_LATE, code="too_late")
    if not may_undo(actor, done_by, done_at):
        raise Forbidden(TOO_LATE)
    require_reason(reason)


def require_reason(reason: str) -> None:
    """Raise Invalid without a reason."""
    if len(reason.strip()) < MIN_REASON:
        raise Invalid(fields={"reason": [WHY]})
