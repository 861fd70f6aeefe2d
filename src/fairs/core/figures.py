"""Numbers, days and moments as people type them. Each reader raises NotRead with the sentence for the field."""

import re
import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec

from fairs.core.cleaning import fold_digits, fold_hyphens
from fairs.core.i18n import N_, Lazy, zone_name

WHOLE, NUMBER = N_("Give a whole number"), N_("Give a number")
COMMA = N_("Write thousands as 12,500 and decimals with a point, as in 12.5")
LARGE = N_("This number is too large")
DAY = N_("Give a date like 2018-10-27")
MOMENT = N_("Give date and time like 2018-10-27 09:00")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}")  # 1,234,567; Indian style 12,34,567
_SPACED = re.compile(r"[1-9]\d{0,2}(?:[ '’]\d{3})+")
_PLAIN = re.compile(r"\d+")
_SIGNS = str.maketrans({"，": ",", "、": ",", "٬": ",", "٫": ".", "．": ".", "。": ".", "＋": "+"})
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
_TIME = re.compile(r"(?:\s+|\s*[tT]\s*|)(\d{1,2})\s*[:时]\s*(\d{1,2})(?:\s*分)?(?::(\d{2})(?:\.\d+)?)?\s*(.*)")


class NotRead(Exception):
    """Why it could not be read, as a sentence for the person who typed it."""

    def __init__(self, message: Lazy) -> None:
        super().__init__(message)
        self.message = message


def number(raw: object, kind: type[int] | type[float]) -> int | float:
    """A number typed or sent. A comma, a space or an apostrophe counts as a thousands separator only in a valid position."""
    value: int | float
    try:
        value = msgspec.convert(_digits(raw, kind) if isinstance(raw, str) else raw, kind, strict=False)
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        raise NotRead(WHOLE if kind is int else NUMBER) from error
    if (kind is int and abs(value) > 2**53) or (kind is float and not abs(value) < 1e15):
        raise NotRead(LARGE)
    return value


def _digits(text: str, kind: type[int] | type[float]) -> str:
    """The number in program notation: sign, digits, a point."""
    plain = fold_hyphens(fold_digits(text)).translate(_SIGNS).strip()
    sign, plain = ("-" if plain[:1] == "-" else ""), plain.removeprefix("-").removeprefix("+").strip()
    whole, point, rest = plain.partition(".")
    if _GROUPED.fullmatch(whole) or _SPACED.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    elif "," in plain:
        raise NotRead(COMMA)
    if not _PLAIN.fullmatch(whole) or (point and not _PLAIN.fullmatch(rest)):
        raise NotRead(WHOLE if kind is int else NUMBER)
    if kind is int and point:
        if len(rest) > 2 or rest.strip("0"):  # 1.000 means a thousand in some countries
            raise NotRead(WHOLE)
        point = rest = ""
    return f"{sign}{whole}{point}{rest}"


def day(raw: object) -> date:
    """Year, month, day in this order, separated by - / . or 年 月 日. No other form is accepted."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    match = _DATE.fullmatch(_folded(raw)) if isinstance(raw, str) else None
    if match is None:
        raise NotRead(DAY)
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise NotRead(DAY) from error


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", fold_hyphens(fold_digits(text))).strip()


def moment(raw: object, zone: str) -> datetime:
    """Day and time; without an offset they are read in `zone`.

    A time that a clock change skips is refused. A time that occurs twice is the first of the two.
    """
    value = raw if isinstance(raw, datetime) else _moment(raw)
    try:
        if value.tzinfo is None:
            value = _in_zone(value, zone)
        value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotRead(MOMENT) from error
    return value


def _moment(raw: object) -> datetime:
    text = _folded(raw) if isinstance(raw, str) else ""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    found = _DATE.match(text)
    clock = _TIME.fullmatch(text[found.end() :]) if found else None
    if found is None or clock is None or (clock.start(1) == 0 and not found[0].endswith("日")):
        raise NotRead(MOMENT)
    try:
        hour, minute, second, offset = clock.groups()
        parts = [int(part) for part in found.groups()] + [int(hour), int(minute), int(second or 0)]
        return datetime.fromisoformat("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*parts) + offset)
    except ValueError as error:
        raise NotRead(MOMENT) from error


def _in_zone(value: datetime, zone: str) -> datetime:
    placed = value.replace(tzinfo=ZoneInfo(zone), fold=0)
    if placed.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != value:
        raise NotRead(
            N_("This time does not exist in this zone (%(zone)s): the clocks are set forward", zone=zone_name(zone))
        )
    return placed
