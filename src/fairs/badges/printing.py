"""The printed badge: A6, names in both scripts, the QR code; and the generators of the mail's attachments."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from fairs.badges import queries
from fairs.badges.rows import Names, PrintedBadge
from fairs.core import i18n, pdf, qr
from fairs.notifications.services import generator
from fairs.registrations.labels import category_label

if TYPE_CHECKING:
    from fairs.core.pdf_document import Document

WIDTH, HEIGHT, MARGIN = 105.0, 148.0, 8.0  # millimetres
QR_SIDE = 56.0  # millimetres, quiet zone included: readable by a phone at arm's length
PDF, PNG = "badge.pdf", "badge.png"
INK, SOFT, ACCENT = (31, 27, 22), (90, 82, 71), (163, 48, 29)
log = structlog.get_logger("badges")


def names_to_print(badge: Names) -> tuple[str, str]:
    """(large, small): the name chosen for the badge, else the native name if our fonts have its characters, else the passport's.

    A native name that cannot be printed is logged by registration number, never by name.
    """
    chosen = badge.badge_name.strip()
    if chosen and pdf.printable(chosen):
        return chosen, ""
    native, passport = badge.name_native.strip(), badge.name_passport.strip()
    if native and not pdf.printable(native):
        log.info("name_not_printable", number=badge.number)
        native = ""
    if not native or native == passport:
        return pdf.plain(passport), ""
    return native, pdf.plain(passport)


def not_printed(badge: Names) -> str:
    """Characters of a badge's names and organisation that no font has: they are missing in print."""
    return pdf.unprintable((badge.badge_name or badge.name_native + badge.name_passport) + badge.organisation_name)


def badge_pdf(badge: PrintedBadge) -> bytes:
    """One A6 page. Slow (0.15 s): call it in a thread."""
    from fairs.core.pdf_document import Document  # loads libraries for half a second: only printing pays

    with i18n.language(badge.lang):
        page = Document((WIDTH, HEIGHT), title=badge.number, lang=badge.lang, margin=MARGIN)
        page.set_auto_page_break(False)
        page.add_page()
        _head(page, badge)
        _names(page, badge)
        page.squares(qr.matrix(badge.code), x=(WIDTH - QR_SIDE) / 2, y=79, size=QR_SIDE)
        _foot(page, badge)
        return page.content()


def _line(
    page: "Document",
    text: str,
    y: float,
    size: float,
    *,
    colour: tuple[int, int, int] = INK,
    strong: bool = False,
) -> None:
    """A centred line, shrunk until it fits."""
    page.fit(text, width=WIDTH - 2 * MARGIN, size=size, smallest=6)
    page.strong(strong)
    page.set_text_color(*colour)
    page.set_draw_color(*colour)
    page.set_xy(MARGIN, y)
    page.cell(WIDTH - 2 * MARGIN, size * 0.5, text, align="C")


def _head(page: "Document", badge: PrintedBadge) -> None:
    first, second = badge.title_zh, badge.title_en
    page.set_fill_color(*ACCENT)
    page.rect(0, 0, WIDTH, 3, style="F")
    _line(page, pdf.plain(first or second), 8, 14, strong=True)
    if first and second and first != second:
        _line(page, pdf.plain(second), 15, 10, colour=SOFT)
    when = i18n.format_span(badge.starts_at, badge.ends_at, badge.timezone)
    place = i18n.pick(badge.place_zh, badge.place_en)
    _line(page, pdf.plain(" · ".join(part for part in (when, place) if part)), 21, 8, colour=SOFT)


def in_two(name: str) -> tuple[str, str]:
    """A long name on two lines, split at the space nearest to its middle; without a space, the second is empty."""
    spaces = [position for position, character in enumerate(name) if character == " "]
    if not spaces:
        return name, ""
    middle = min(spaces, key=lambda position: abs(position - len(name) / 2))
    return name[:middle], name[middle + 1 :]


def _names(page: "Document", badge: PrintedBadge) -> None:
    large, small = names_to_print(badge)
    first, second = large, ""
    if not small and page.fit(large, width=WIDTH - 2 * MARGIN, size=30) < 20:
        first, second = in_two(large)
    if second:
        _line(page, first, 33, 22, strong=True)
        _line(page, second, 44, 22, strong=True)
    else:
        _line(page, first, 33 if small else 37, 30, strong=True)
    if small:
        _line(page, small, 49, 15)
    _organisation(page, pdf.plain(badge.organisation_name))
    _line(page, category_label(badge.category), 67, 13, colour=ACCENT, strong=True)


def _organisation(page: "Document", name: str) -> None:
    """One line at 8 points or more, else two lines, else an ellipsis."""
    if page.fit(name, width=WIDTH - 2 * MARGIN, size=10, smallest=8) > 8:
        _line(page, name, 58, 10, colour=SOFT)
        return
    parts = page.wrap(name, width=WIDTH - 2 * MARGIN, lines=2)
    for number, part in enumerate(parts):
        _line(page, part, (58 if len(parts) == 1 else 56.5) + number * 4, 8, colour=SOFT)


def _foot(page: "Document", badge: PrintedBadge) -> None:
    _line(page, badge.number, 137, 10)
    page.set_fill_color(*ACCENT)
    page.rect(0, HEIGHT - 3, WIDTH, 3, style="F")


@generator(PDF)
async def make_pdf(argument: str) -> bytes:
    """The PDF of a badge by its id."""
    badge = await queries.printed_badge(int(argument))
    return await asyncio.to_thread(badge_pdf, badge)


@generator(PNG)
async def make_png(argument: str) -> bytes:
    """The QR code of a badge by its id."""
    badge = await queries.printed_badge(int(argument))
    return await asyncio.to_thread(qr.png, badge.code)
