"""Sums of money as people type and read them; stored in whole minor units. Pure."""

from collections.abc import Mapping

from fairs.core.i18n import format_number
from fairs.units import catalogues

TYPED = r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,3})?|[0-9]{1,12}(\.[0-9]{1,3})?"
MOST = 10**14


def places_of(currency: str) -> int:
    """How many digits a currency has after the point."""
    return next((one.digits for one in catalogues.currencies() if one.code == currency), 2)


def minor(typed: str, currency: str) -> int | None:
    """`1,234.5` → 123450 for CNY; None for more digits after the point than the currency has, for nothing, and for too much."""
    whole, _, part = typed.replace(",", "").partition(".")
    places = places_of(currency)
    if len(part.rstrip("0")) > places or not whole.isdecimal():
        return None
    found = int(whole + part.rstrip("0").ljust(places, "0"))
    return found if 0 < found <= MOST else None


def plain(amount: int, currency: str) -> str:
    """123450 → `1234.50`, as it is typed."""
    places = places_of(currency)
    text = str(amount).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}" if places else text


def shown(amount: int, currency: str) -> str:
    """123450 → `CNY 1,234.50`, as it is read."""
    whole, point, part = plain(amount, currency).partition(".")
    return f"{currency} {format_number(int(whole))}{point}{part}"


def sums(amounts: Mapping[str, int]) -> str:
    """What was spent in each currency; sums in different currencies are never added."""
    return " + ".join(each(amounts)) or "—"


def each(amounts: Mapping[str, int]) -> list[str]:
    """The same one by one."""
    return [shown(amounts[currency], currency) for currency in sorted(amounts)]
