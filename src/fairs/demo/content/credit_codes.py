"""Unified social credit codes (GB 32100-2015) with right check digits, for invented organisations only.

Positions: registration department and kind (2), place (6), organisation code (8 and its own check character), check
character. The organisation codes begin with DEM, a series in which no real code was found.
"""

from stdnum.cn import uscc

from fairs.demo.content.model import EmployerKind

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_PREFIX: dict[EmployerKind, str] = {
    EmployerKind.UNIVERSITY: "12",
    EmployerKind.INSTITUTE: "12",
    EmployerKind.HOSPITAL: "12",
}


def credit_code(kind: EmployerKind, place: str, number: int) -> str:
    """The code of the ``number``-th invented organisation in a place (six digits)."""
    digits = ""
    for _ in range(5):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    body = "DEM" + digits
    code = _PREFIX.get(kind, "91") + place + body + _body_check(body)
    return code + uscc.calc_check_digit(code)


def _body_check(body: str) -> str:
    """The check character of the organisation code (GB 11714): letters count from 10 in the full alphabet."""
    total = sum(weight * int(char, 36) for weight, char in zip(_BODY_WEIGHTS, body, strict=True))
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))
