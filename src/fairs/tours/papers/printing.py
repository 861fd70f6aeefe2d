"""The printed invitation letter: both languages side by side, with the address and the QR code that confirm it."""

from collections.abc import Mapping
from typing import Any

import qrcode

from fairs.core import pdf
from fairs.core.pdf_columns import ACCENT, COLUMN, GAP, INK, MARGIN, SOFT, Columns


class Letter(Columns):
    """An A4 letter with its number and hash at the foot."""

    def __init__(self, content: Mapping[str, Any], digest: str) -> None:
        super().__init__(f"{content['number']} Invitation letter")
        self.content_, self.digest_ = content, digest
        self.add_page()

    def footer(self) -> None:
        self.set_y(-16)
        self.ink(SOFT, 7)
        self.cell(90, 4, self.content_["number"])
        self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R", new_x="LMARGIN", new_y="NEXT")
        self.cell(0, 4, f"SHA-256 {self.digest_}")


def print_letter(content: Mapping[str, Any], digest: str, address: str) -> bytes:
    """The PDF. Takes about 0.3 s: call it in a thread."""
    page = Letter(content, digest)
    organiser, event = content["organiser"], content["event"]
    page.ink(ACCENT, 9)
    page.side_by_side(organiser["zh"] or event["zh"], organiser["en"] or event["en"])
    page.ln(4)
    page.ink(INK, 17)
    page.strong(True)
    page.side_by_side("邀请函", "Invitation letter", lead=9)
    page.ink(SOFT, 9)
    page.side_by_side(
        f"编号 {content['number']}\n签发日期 {content['issued_on']}\n有效期至 {content['valid_until']}",
        f"No. {content['number']}\nIssued on {content['issued_on']}\nValid until {content['valid_until']}",
    )
    page.ln(6)
    page.ink(INK, 11)
    page.side_by_side(content["body"]["zh"], content["body"]["en"], lead=6)
    page.ln(10)
    _sign(page, content)
    _proof(page, address)
    return page.content()


def _sign(page: Letter, content: Mapping[str, Any]) -> None:
    page.room(90)
    organiser, contact = content["organiser"], content["contact"]
    page.ink(INK, 10)
    page.side_by_side(
        f"邀请单位：{organiser['zh'] or organiser['en']}", f"Inviting body: {organiser['en'] or organiser['zh']}"
    )
    told = " ".join(part for part in (contact["name"], contact["phone"], contact["email"]) if part)
    if told:
        page.side_by_side(f"联系人：{told}", f"Contact: {told}")
    top = page.get_y() + 22
    page.set_draw_color(31, 27, 22)
    page.set_line_width(0.2)
    page.line(MARGIN, top, MARGIN + COLUMN, top)
    page.line(MARGIN + COLUMN + GAP, top, 210 - MARGIN, top)
    page.set_y(top + 1)
    page.ink(SOFT, 8)
    page.side_by_side("签字盖章", "Signature and stamp")


def _proof(page: Letter, address: str) -> None:
    """QR and address on the left, what they prove on the right."""
    top = page.get_y() + 6
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
    code.add_data(address)
    page.squares(code.get_matrix(), x=MARGIN - 1.5, y=top, size=30)
    page.set_y(top + 1)
    zh = "扫码或输入下方网址，可核对本函编号、持有人姓名首字母及有效期；网址由全文的 SHA-256 值构成，改动一字即不相符。"
    en = "Scan, or type the address below, to check number, initials of the holder and validity. The address is the SHA-256 of the whole letter: one changed letter, and it no longer fits."
    left, width = MARGIN + 34, 210 - 2 * MARGIN - 34
    page.ink(SOFT, 8)
    for text in (zh, en, address):
        for line in page.lines(pdf.plain(text), width):
            page.set_x(left)
            page.cell(width, 4.1, line, new_x="LMARGIN", new_y="NEXT")
        page.ln(0.8)
