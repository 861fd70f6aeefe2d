"""The unified social credit code 统一社会信用代码, and the state steps of an employer. No database."""

import re

from stdnum.cn import uscc as checker
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

from fairs.core.cleaning import code as plain_code
from fairs.core.i18n import N_
from fairs.organisations.tables import OrganisationState

LENGTH = 18
_SEPARATORS = re.compile(r"[\s\-.·_/]+")


def compact_uscc(typed: str) -> str:
    """The code as stored: full-width characters folded, separators of every kind dropped, upper case."""
    return _SEPARATORS.sub("", plain_code(typed)).upper()


def uscc_problem(code: str) -> object | None:
    """The error of a compacted code, for the person who typed it; None when it is valid.

    The checker accepts separators, stored codes have none: so it only gets codes that could be stored.
    """
    if len(code) == LENGTH and not (code.isascii() and code.isalnum()):
        return _format_problem(code)
    try:
        checker.validate(code)
        if len(code) != LENGTH:
            raise InvalidLength
    except InvalidLength:
        return N_("The code has %(limit)s characters, this has %(length)s", limit=LENGTH, length=len(code))
    except InvalidFormat:
        return _format_problem(code)
    except InvalidChecksum:
        return N_("The last character does not fit the others: please compare the code with the certificate")
    return None


def _format_problem(code: str) -> object:
    if not (code[:8].isascii() and code[:8].isdigit()):
        return N_("The code begins with eight digits; here they contain something else")
    return N_("The code has digits and capital letters only, and never I, O, S, V or Z")


def can_decide(state: str) -> bool:
    """Whether the state is waiting: only then is a decision possible."""
    return state == OrganisationState.PENDING


def is_fixed(state: str) -> bool:
    """Whether checked values are fixed: after approval code, Chinese name, unit and kind cannot change."""
    return state == OrganisationState.APPROVED


def state_after_edit(state: str) -> str:
    """A refused employer that edits the entry waits for the bureau again."""
    return OrganisationState.PENDING.value if state == OrganisationState.REJECTED else state
