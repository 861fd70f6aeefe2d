"""Words for kinds, states and codes of listings, and a listing as rows for a page."""

from collections.abc import Iterable
from typing import Any

from fairs.core.i18n import N_, Lazy, current_lang, format_day, format_number, gettext
from fairs.listings.rows import ListingRow
from fairs.listings.tables import ListingKind, ListingState
from fairs.units import catalogues

KINDS: dict[str, object] = {
    ListingKind.PEOPLE: N_("People wanted"),
    ListingKind.PROJECT: N_("Project wanted"),
}
SPONSORING: dict[bool, object] = {
    True: N_("the employer applies for it"),
    False: N_("the employer does not apply for it"),
}
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    ListingState.DRAFT: ("neutral", N_("Draft")),
    ListingState.PUBLISHED: ("success", N_("Published")),
    ListingState.CLOSED: ("done", N_("Closed")),
}
SORTS: dict[str, object] = {
    "": N_("Urgent first"),
    "new": N_("Newest first"),
    "pay": N_("Highest pay first"),
    "heads": N_("Most people wanted first"),
    "closing": N_("Closing soonest first"),
}


def word(kind: str, value: str) -> str:
    """The catalogue's word for a code in the viewer's language; empty for empty."""
    return catalogues.label(kind, value, current_lang()) if value else ""


def words(kind: str, values: Iterable[str]) -> str:
    """The catalogue's words for several codes, joined as a list in the viewer's language."""
    joint = "、" if current_lang() == "zh" else ", "
    return joint.join(word(kind, value) for value in values)


def kind_word(kind: str) -> str:
    """People wanted or project wanted."""
    return str(KINDS.get(kind, kind))


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a state."""
    kind, text = STATES[state]
    return kind, str(text)


_PAY: dict[tuple[str, str], Lazy] = {  # (kind, shape): the words differ, and so does their order in Chinese
    (ListingKind.PEOPLE, "range"): N_("%(figure)s CNY a year"),
    (ListingKind.PEOPLE, "from"): N_("from %(figure)s CNY a year"),
    (ListingKind.PEOPLE, "to"): N_("up to %(figure)s CNY a year"),
    (ListingKind.PROJECT, "range"): N_("%(figure)s CNY in total"),
    (ListingKind.PROJECT, "from"): N_("from %(figure)s CNY in total"),
    (ListingKind.PROJECT, "to"): N_("up to %(figure)s CNY in total"),
}


def figure(ten_thousands: int) -> str:
    """A sum stored in 10,000 CNY in usual notation: 30 (万元) in Chinese, 300,000 in English."""
    return format_number(ten_thousands if current_lang() == "zh" else ten_thousands * 10_000)


def pay(kind: str, low: int | None, high: int | None) -> str:
    """A year's pay or a project's budget; empty when not stated."""
    if high is None:
        if low is None:
            return ""
        shape, text = "from", figure(low)
    elif low is None:
        shape, text = "to", figure(high)
    else:
        shape, text = "range", figure(low) if low == high else f"{figure(low)}–{figure(high)}"
    return str(_PAY[kind, shape](figure=text))


def degree_word(row: ListingRow) -> str:
    """The lowest required degree."""
    return gettext("no degree required") if row.degree in ("", catalogues.NO_DEGREE) else word("degrees", row.degree)


def permit_word(row: ListingRow) -> str:
    """Whether the employer applies for a foreigner's work permit; empty when not stated."""
    return "" if row.sponsors_permit is None else str(SPONSORING[row.sponsors_permit])


def conditions(row: ListingRow) -> list[dict[str, Any]]:
    """Requirements and offer of a listing, as facts; values not stated are left out."""
    people = row.kind == ListingKind.PEOPLE
    rows: tuple[tuple[object, str], ...] = (
        (N_("Field"), word("disciplines", row.discipline)),
        (N_("Lowest degree"), degree_word(row)),
        (N_("Languages needed"), words("languages", row.languages)),
        (N_("Heads wanted"), format_number(row.headcount) if people else ""),
        (N_("Ways of working together"), words("engagement_types", row.engagement)),
        (N_("City"), word("cities", row.city)),
        (N_("Pay") if people else N_("Budget"), pay(row.kind, row.pay_min, row.pay_max)),
        (N_("Work permit for foreigners"), permit_word(row)),
        (N_("Start by"), format_day(row.start_by) if row.start_by else ""),
        (N_("Open until"), format_day(row.valid_to) if row.valid_to else ""),
    )
    return [{"label": str(label), "value": value} for label, value in rows if value]


def text_lang(zh: str, en: str) -> str:
    """The language of the displayed text: `zh` or `en`, the other one when there is no translation."""
    lang = current_lang()
    text, translation = (zh, en) if lang == "zh" else (en, zh)
    return lang if text or not translation else "en" if lang == "zh" else "zh"
