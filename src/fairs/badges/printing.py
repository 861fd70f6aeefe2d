"""The printed badge: one file for a person, by the design of the event; and the generators of the mail's attachments."""

import asyncio
import io
import struct
from typing import Any

import structlog
from msgspec.structs import replace

from fairs.badges import queries
from fairs.badges.designing import layout
from fairs.badges.designing import queries as designs
from fairs.badges.designing.boxes import BoxKind, Design, Sides
from fairs.badges.rows import Names, PrintedBadge
from fairs.core import clock, i18n, pdf, qr
from fairs.core.ink.canvas import Picture
from fairs.core.ink.paper import Paper
from fairs.core.ink.screen import Screen
from fairs.notifications.services import generator
from fairs.registrations.labels import category_label

PDF, PNG = "badge.pdf", "badge.png"
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


def content_of(badge: PrintedBadge, photo: bytes = b"") -> layout.Content:
    """What a badge says, in its person's language."""
    large, small = names_to_print(badge)
    first, second = badge.title_zh, badge.title_en
    with i18n.language(badge.lang):
        when = i18n.format_span(badge.starts_at, badge.ends_at, badge.timezone)
        place = i18n.pick(badge.place_zh, badge.place_en)
        category = category_label(badge.category)
    texts = {
        BoxKind.TITLE: first or second,
        BoxKind.OTHER_TITLE: second if first and first != second else "",
        BoxKind.WHEN: " · ".join(part for part in (when, place) if part),
        BoxKind.NAME: large,
        BoxKind.LATIN: small,
        BoxKind.ORGANISATION: badge.organisation_name,
        BoxKind.CATEGORY: category,
        BoxKind.NUMBER: badge.number,
        BoxKind.ANSWERS: badge.answers,
    }
    return layout.Content(badge.code, badge.category, badge.lang, texts, picture(photo))


def picture(content: bytes) -> Picture | None:
    """A JPEG with the size that it says; None for no picture."""
    at = 2
    while content[:2] == b"\xff\xd8" and at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        mark, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Picture(content, width, height) if width and height else None
        at += 2 + length
    return None


def draw_pages(paper: Paper, design: Design, contents: list[layout.Content], logo: Picture | None) -> None:
    """One sheet, with its back if the design has one."""
    grid = layout.grid(design)
    for back in (False, True) if design.sides == Sides.TWO else (False,):
        with paper.page(grid.width, grid.height) as page:
            layout.draw_sheet(page, design, contents, logo, back=back)


def badge_pdf(badge: PrintedBadge, design: Design, photo: bytes = b"") -> bytes:
    """The pages of one badge. Call it in a thread."""
    out = io.BytesIO()
    paper = Paper(out, title=badge.number, lang=badge.lang, made_at=clock.now())
    draw_pages(paper, design, [content_of(badge, photo)], picture(design.logo))
    paper.close()
    return out.getvalue()


def piece_pdf(badge: PrintedBadge, design: Design, photo: bytes = b"") -> bytes:
    """A badge on pages of its own size, as a label printer wants it, whatever sheet the design has. Call it in a thread."""
    return badge_pdf(badge, replace(design, sheet="own"), photo)


def badge_svg(badge: PrintedBadge, design: Design, photo: bytes = b"") -> str:
    """A badge as it is cut out, for a page."""
    width, height = layout.piece(design)
    screen = Screen(width, height, title=badge.number)
    layout.draw_piece(screen, design, content_of(badge, photo), picture(design.logo))
    return screen.content()


def shows_photo(design: Design) -> bool:
    """Whether a design has a place for the photo."""
    return any(box.kind == BoxKind.PHOTO for box in design.boxes)


async def photo_for(badge: PrintedBadge, design: Design) -> bytes:
    """The photo of a badge; empty when the design has no place for one."""
    if not shows_photo(design):
        return b""
    key = (await designs.photo_keys([badge.registration])).get(badge.registration)
    return await designs.picture_of(key) if key else b""


async def parts_of(badge_id: int) -> tuple[PrintedBadge, Design, bytes]:
    """(badge, its design, its photo). Raises NotFound."""
    badge = await queries.printed_badge(badge_id)
    design = await designs.design_for(badge.event, badge.category)
    return badge, design, await photo_for(badge, design)


@generator(PDF)
async def make_pdf(argument: str) -> bytes:
    """The PDF of a badge by its id."""
    parts: Any = await parts_of(int(argument))
    return await asyncio.to_thread(badge_pdf, *parts)


@generator(PNG)
async def make_png(argument: str) -> bytes:
    """The QR code of a badge by its id."""
    badge = await queries.printed_badge(int(argument))
    return await asyncio.to_thread(qr.png, badge.code)
