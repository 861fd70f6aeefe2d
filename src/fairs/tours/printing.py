"""A member's itinerary on paper."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from fairs.core import i18n
from fairs.core.i18n import gettext, pick
from fairs.events.rows import EventRow
from fairs.tours import labels
from fairs.tours.emails import title_of
from fairs.tours.rows import MemberRow, StopRow

if TYPE_CHECKING:  # its libraries take half a second to load
    from fairs.core.pdf_document import Document

INK, SOFT = (31, 27, 22), (96, 90, 80)


def place_of(stop: StopRow) -> str:
    """Where a stop is in the current language: its address, else its host; and the city, unless the address names it."""
    address = pick(stop.place_zh, stop.place_en) or pick(stop.organisation_zh, stop.organisation_en)
    city = pick(stop.unit_zh, stop.unit_en)
    return gettext(", ").join(part for part in (address, "" if city in address else city) if part)


def told_lines(stop: StopRow) -> list[str]:
    """Who receives the people, what to bring, and the note."""
    lines = []
    contact = " ".join(part for part in (stop.host_name, stop.host_phone) if part)
    if contact:
        lines.append(gettext("Contact there: %(contact)s", contact=contact))
    if bring := pick(stop.bring_zh, stop.bring_en):
        lines.append(gettext("Please bring: %(what)s", what=bring))
    if note := pick(stop.note_zh, stop.note_en):
        lines.append(note)
    return lines


def itinerary_pdf(
    event: EventRow, row: MemberRow, days: Sequence[tuple[date, Sequence[StopRow]]], own_zone: str
) -> bytes:
    """A4, in the current language; both clocks where they differ. Slow: call it in a thread."""
    from fairs.core.pdf_document import Document

    title = pick(event.title_zh, event.title_en)
    name = (row.name_native if i18n.current_lang() == "zh" else "") or row.name_passport
    page = Document(title=f"{title} · {name}", lang=i18n.current_lang())
    page.set_auto_page_break(True, margin=16)
    page.add_page()
    page.strong(True)
    page.set_font_size(17)
    page.multi_cell(0, 8, title, new_x="LMARGIN", new_y="NEXT")
    page.strong(False)
    page.set_font_size(11)
    group = gettext("Group %(name)s", name=row.group_name) if row.group_name else ""
    page.multi_cell(0, 6, " · ".join(part for part in (name, row.number, group) if part), new_x="LMARGIN", new_y="NEXT")
    for day, stops in days:
        if not stops:
            continue
        page.ln(4)
        page.strong(True)
        page.set_font_size(13)
        page.multi_cell(0, 7, i18n.format_day(day), new_x="LMARGIN", new_y="NEXT")
        page.strong(False)
        for stop in stops:
            _stop(page, stop, event.timezone, own_zone)
    if contact := " ".join(part for part in (event.contact_name, event.contact_phone) if part):
        page.ln(5)
        page.set_font_size(10)
        page.multi_cell(
            0, 5, gettext("Organiser of the tour: %(contact)s", contact=contact), new_x="LMARGIN", new_y="NEXT"
        )
    return page.content()


def _stop(page: "Document", stop: StopRow, zone: str, own_zone: str) -> None:
    page.set_font_size(11)
    hours = labels.hours(stop.starts_at, stop.ends_at, zone)
    page.strong(True)
    page.multi_cell(0, 6, f"{hours}  {title_of(stop)}", new_x="LMARGIN", new_y="NEXT")
    page.strong(False)
    page.set_font_size(9.5)
    page.set_text_color(*SOFT)
    lines = []
    if own_zone and not i18n.same_clock(stop.starts_at, stop.ends_at, zone, own_zone):
        lines.append(gettext("Your time: %(time)s", time=i18n.span_in_zone(stop.starts_at, stop.ends_at, own_zone)))
    lines += [line for line in (place_of(stop), *told_lines(stop)) if line]
    for line in lines:
        page.multi_cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    page.set_text_color(*INK)
    page.ln(1.5)
