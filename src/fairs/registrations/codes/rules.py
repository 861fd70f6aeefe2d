"""Pure rules of access codes: how one is made, what of it counts, and who may use it."""

import secrets
from datetime import datetime
from enum import StrEnum

from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.i18n import N_
from fairs.registrations.codes.rows import CodeFacts

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another
RANDOM = 10  # of them: 49 bits
UNKNOWN = N_("This code is not valid here")
ENDED = N_("This code is not valid any more")
USED_UP = N_("This code has been used as often as it can be")
OTHERS = N_("This code was made for another e-mail address")
ELSEWHERE = N_("This code is for another category")
NOT_CHOSEN = N_("This code keeps places that your choice does not need: choose what it was made for")


class CodeState(StrEnum):
    """What may still be done with a code."""

    VALID = "valid"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"


def new_code(prefix: str) -> str:
    """A code that nobody can guess, after a prefix for people."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(RANDOM))
    half = RANDOM // 2
    return "-".join(part for part in (prefix.upper(), signs[:half], signs[half:]) if part)


def mark_of(text: str) -> str:
    """What of a typed code counts: letters and digits, large."""
    return "".join(sign for sign in text.upper() if sign.isalnum())[:40]


def state_of(code: CodeFacts, now: datetime) -> CodeState:
    """Whether a code can be used."""
    if code.revoked_at is not None:
        return CodeState.REVOKED
    if code.expires_at is not None and code.expires_at <= now:
        return CodeState.EXPIRED
    return CodeState.USED_UP if code.used >= code.uses else CodeState.VALID


def refusal(code: CodeFacts | None, email: str, category: str, now: datetime) -> DomainError | None:
    """Why somebody cannot register in a category with a code."""
    if code is None:
        return Invalid(fields={"code": [UNKNOWN]})
    state = state_of(code, now)
    if state == CodeState.USED_UP:
        return Conflict(USED_UP, code="code_used_up")
    if state != CodeState.VALID:
        return Conflict(ENDED, code="code_ended")
    if code.email and code.email != email:
        return Conflict(OTHERS, code="code_of_another")
    if code.category and code.category != category:
        return Conflict(ELSEWHERE, code="code_elsewhere")
    return None
