"""Two languages. Interface texts use gettext (English msgids, one .po per slice); content has two columns.

The .po files are read when the process starts, so no compiled file has to be kept up to date.
"""

import contextvars
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_datetime, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from fairs import paths

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")
NAMES: dict[str, str] = {"zh": "中文", "en": "English"}  # each in itself
BABEL_LOCALE: dict[str, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}
HTML_LANG: dict[str, str] = {"zh": "zh-Hans", "en": "en"}
EVENT_ZONE = "Asia/Shanghai"
MOMENT_PATTERNS: dict[str, dict[str, str]] = {
    "zh": {"medium": "y年M月d日 EEE HH:mm", "short": "M月d日 EEE HH:mm", "time": "HH:mm"},
    "en": {"medium": "EEE d MMM y, HH:mm", "short": "EEE d MMM, HH:mm", "time": "HH:mm"},
}

_lang: contextvars.ContextVar[Lang] = contextvars.ContextVar("lang", default="zh")
_zone: contextvars.ContextVar[str | None] = contextvars.ContextVar("zone", default=None)


def current_lang() -> Lang:
    """The language of the current output."""
    return _lang.get()


def set_lang(lang: str) -> None:
    """Set the language for the rest of this task; unknown languages become English."""
    _lang.set("zh" if lang == "zh" else "en")


def set_zone(zone: str | None) -> None:
    """Store the viewer's own time zone, if it is a known one."""
    _zone.set(zone if zone and zone in _known_zones() else None)


def is_zone(zone: str) -> bool:
    """Whether a time zone of that name exists. The names are read from disk once: that takes milliseconds."""
    return zone in _known_zones()


def known_zone(zone: str) -> str:
    """The zone if it exists, else the event's zone: a browser may send anything."""
    return zone if zone in _known_zones() else EVENT_ZONE


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    """The zones a person may choose, by name: places and UTC, without old abbreviations."""
    places = (zone for zone in _known_zones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [*sorted(places), "UTC"]


@contextmanager
def language(lang: str) -> Iterator[None]:
    """Switch the language inside `with`: for a mail to another person."""
    token = _lang.set("zh" if lang == "zh" else "en")
    try:
        yield
    finally:
        _lang.reset(token)


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def negotiate(header: str) -> Lang:
    """The language for an Accept-Language header: zh, zh-CN, zh-SG, zh-Hans → Chinese; the known one of highest weight wins."""
    best: tuple[float, int, Lang] | None = None
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        primary = tag.strip().lower().split("-")[0].split("_")[0]
        if primary in ("zh", "en") and weight > 0:
            found: tuple[float, int, Lang] = (weight, -position, "zh" if primary == "zh" else "en")
            best = max(best, found) if best else found
    return best[2] if best else "en"


@lru_cache(maxsize=4)
def catalogue(lang: Lang) -> Translations:
    """All .po files of a language as one catalogue; English needs none."""
    merged = Translations()
    if lang == "en":
        return merged
    for path in sorted((paths.LOCALE / "zh_Hans").glob("*.po")):
        with path.open("rb") as handle:
            messages = read_po(handle, locale="zh_Hans", abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, messages)
        compiled.seek(0)
        merged.merge(Translations(compiled))
    merged.plural = lambda n: 0
    return merged


def gettext(message: str, **variables: Any) -> str:
    """`message` in the current language, with %(name)s filled in."""
    text = catalogue(current_lang()).ugettext(message)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, number: int, **variables: Any) -> str:
    """The form for `number` in the current language; %(num)s is the number with its separators: 2,486."""
    if current_lang() == "zh":
        text = catalogue("zh").ungettext(singular, plural, number)
    else:
        text = singular if number == 1 else plural
    return text % {"num": format_number(number), **variables}


class Lazy:
    """A message that is translated when it is shown, so that it can be defined at import time."""

    __slots__ = ("message", "variables")

    def __init__(self, message: str, **variables: Any) -> None:
        self.message = message
        self.variables = variables

    def __call__(self, **variables: Any) -> "Lazy":
        """The same message with variables."""
        return Lazy(self.message, **{**self.variables, **variables})

    def __str__(self) -> str:
        return gettext(self.message, **self.variables)

    def __repr__(self) -> str:
        return f"N_({self.message!r})"

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(str(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy) and (self.message, self.variables) == (other.message, other.variables)

    def __hash__(self) -> int:
        return hash(self.message)


def N_(message: str, **variables: Any) -> Lazy:  # noqa: N802
    """Mark a message for translation and translate it when shown."""
    return Lazy(message, **variables)


def pick(zh: str | None, en: str | None, lang: str | None = None) -> str:
    """Bilingual content in the viewer's language, falling back to the other one."""
    first, second = (zh, en) if (lang or current_lang()) == "zh" else (en, zh)
    return first or second or ""


def zone_name(zone: str, at: datetime | None = None) -> str:
    """A zone's everyday name: `Asia/Shanghai` → 北京时间 / Beijing time, others by city and UTC offset."""
    if zone == EVENT_ZONE:
        return gettext("Beijing time")
    moment = (at or datetime.now(ZoneInfo("UTC"))).astimezone(ZoneInfo(zone))
    offset = moment.strftime("%z")
    city = get_timezone_location(zone, locale=BABEL_LOCALE[current_lang()], return_city=True).split("/")[-1]
    return "UTC" if city == "UTC" else f"{city} (UTC{offset[:3]}:{offset[3:]})"


def format_moment(moment: datetime, zone: str = EVENT_ZONE, style: str = "medium") -> str:
    """Date and time in a zone, in the current language, without seconds. `style`: medium, short (no year), time."""
    patterns = MOMENT_PATTERNS[current_lang()]
    return format_datetime(moment.astimezone(ZoneInfo(zone)), patterns[style], locale=BABEL_LOCALE[current_lang()])


def viewer_moment(moment: datetime, zone: str = EVENT_ZONE) -> str | None:
    """The moment in the viewer's own zone with the zone's name, the date only if the day differs; None when both zones show
    the same time."""
    own = _zone.get()
    if not own:
        return None
    theirs, ours = moment.astimezone(ZoneInfo(own)), moment.astimezone(ZoneInfo(zone))
    if theirs.utcoffset() == ours.utcoffset():
        return None
    words = format_moment(moment, own, "time" if theirs.date() == ours.date() else "medium")
    return f"{words} {zone_name(own, moment)}"


def format_day(day: date | datetime, zone: str = EVENT_ZONE) -> str:
    """A date in the current language; a moment is converted to `zone`."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(zone)).date()
    pattern = "y年M月d日" if current_lang() == "zh" else "d MMM y"
    return format_date(day, pattern, locale=BABEL_LOCALE[current_lang()])


def format_span(starts_at: datetime, ends_at: datetime, zone: str = EVENT_ZONE) -> str:
    """From–to: one date and two times on the same day; otherwise two dates, with the common parts once."""
    start, end = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    if start.date() == end.date():
        return f"{format_moment(start, zone)}–{format_moment(end, zone, 'time')}"
    return _format_days(start.date(), end.date())


def format_hours(starts_at: datetime, ends_at: datetime, zone: str = EVENT_ZONE) -> str:
    """From–to with the hours of both ends, also across several days."""
    start, end = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    if start.date() == end.date():
        return format_span(starts_at, ends_at, zone)
    style = "short" if start.year == end.year else "medium"
    return f"{format_moment(start, zone)} – {format_moment(end, zone, style)}"


def same_clock(starts_at: datetime, ends_at: datetime, zone: str, other: str) -> bool:
    """Whether two zones show the same time at both ends of a span: one of them may change its clock in between."""
    return all(
        moment.astimezone(ZoneInfo(zone)).utcoffset() == moment.astimezone(ZoneInfo(other)).utcoffset()
        for moment in (starts_at, ends_at)
    )


def span_in_zone(starts_at: datetime, ends_at: datetime, zone: str = EVENT_ZONE) -> str:
    """From–to with hours and the zone's name; if the clock changes in between, each end shows its own offset:
    `Sat 27 Oct 2018, 02:30 (Berlin, UTC+02:00) – Sun 28 Oct, 10:30 (Berlin, UTC+01:00)`."""
    names = zone_name(zone, starts_at), zone_name(zone, ends_at)
    if names[0] == names[1]:
        return f"{format_hours(starts_at, ends_at, zone)} ({names[0]})"
    start, end = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
    style = "time" if start.date() == end.date() else "short" if start.year == end.year else "medium"
    return f"{format_moment(start, zone)} ({names[0]}) – {format_moment(end, zone, style)} ({names[1]})"


def zone_between(starts_at: datetime, ends_at: datetime, zone: str = EVENT_ZONE) -> str:
    """The zone's name for a span; both offsets if its clock changes in between: `Berlin (UTC+02:00 → UTC+01:00)`."""
    names = zone_name(zone, starts_at), zone_name(zone, ends_at)
    return names[0] if names[0] == names[1] else f"{names[0][:-1]} → {names[1].rpartition('(')[2]}"


def viewer_span(starts_at: datetime, ends_at: datetime, zone: str = EVENT_ZONE) -> str | None:
    """The span in the viewer's own zone with the zone's name; None when both zones show the same time at both ends."""
    own = _zone.get()
    if not own or same_clock(starts_at, ends_at, zone, own):
        return None
    return span_in_zone(starts_at, ends_at, own)


def _format_days(first: date, last: date) -> str:
    """`27–28 Oct 2018`, `29 Oct – 2 Nov 2018`, 2018年10月27日–28日."""
    locale, chinese = BABEL_LOCALE[current_lang()], current_lang() == "zh"
    if first.year != last.year:
        return f"{format_day(first)} – {format_day(last)}"
    if first.month == last.month:
        return f"{format_day(first)}–{last.day}日" if chinese else f"{first.day}–{format_day(last)}"
    if chinese:
        return f"{format_day(first)}–{format_date(last, 'M月d日', locale=locale)}"
    return f"{format_date(first, 'd MMM', locale=locale)} – {format_day(last)}"


def format_size(size: int) -> str:
    """Bytes for people: `312 kB`, `1.4 MB`."""
    if size < 1_000_000:
        return f"{format_number(max(1, round(size / 1000)))} kB"
    return f"{format_number(round(size / 1_000_000, 1))} MB"


def format_number(value: float | int) -> str:
    """A number with the separators of the current language."""
    return format_decimal(value, locale=BABEL_LOCALE[current_lang()])
