"""The printed agreement: both languages side by side, line by line, with signatures and QR code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import qrcode

from fairs.agreements import confirming, document
from fairs.agreements.rows import Signature
from fairs.agreements.tables import Party
from fairs.core import pdf
from fairs.core.i18n import EVENT_ZONE
from fairs.core.pdf_columns import ACCENT, COLUMN, GAP, LEAD, MARGIN, SOFT, Columns

SIGNATURES = 66.0  # mm: the lines to sign on and the QR code


@dataclass(frozen=True)
class PrintedAgreement:
    """All printed data. `signatures`: party → (name, moment) of this revision; `verified`: (name, moment)."""

    text: str
    digest: str
    address: str
    signatures: Mapping[str, tuple[str, datetime, str]] = field(default_factory=dict)
    verified: tuple[str, datetime] | None = None


def _moment(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(EVENT_ZONE)).strftime("%Y-%m-%d %H:%M:%S UTC+8")


class Sheet(Columns):
    """Page layout: number and hash at the foot of every page."""

    def __init__(self, paper: PrintedAgreement, content: dict[str, Any]) -> None:
        super().__init__(f"{content['number']} {content['title']['en']}")
        self.paper, self.matter = paper, content
        self.add_page()

    def footer(self) -> None:
        self.set_y(-16)
        self.ink(SOFT, 7)
        self.set_draw_color(200, 190, 175)
        self.set_line_width(0.2)
        self.line(MARGIN, self.get_y() - 1.5, 210 - MARGIN, self.get_y() - 1.5)
        left = f"{self.matter['number']} · 第 {self.matter['revision']} 版 Revision {self.matter['revision']}"
        self.cell(90, 4, left)
        self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R", new_x="LMARGIN", new_y="NEXT")
        self.cell(0, 4, f"SHA-256 {self.paper.digest}")


def _head(sheet: Sheet, content: dict[str, Any]) -> None:
    sheet.ink(ACCENT, 9)
    sheet.side_by_side(content["event"]["zh"], content["event"]["en"] or content["event"]["zh"])
    sheet.ln(3)
    sheet.ink((31, 27, 22), 17)
    sheet.strong(True)
    sheet.side_by_side("合作意向书", "Letter of intent", lead=9)
    sheet.ink((31, 27, 22), 12)
    sheet.strong(True)
    sheet.side_by_side(content["title"]["zh"], content["title"]["en"], lead=6.5)
    sheet.ink(SOFT, 9)
    sheet.ln(1)
    sheet.side_by_side(f"编号 {content['number']}", f"No. {content['number']}")
    sheet.ln(2)


def _party_lines(content: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """label zh, value zh, label en, value en."""
    employer, talent, witness = content["employer"], content["talent"], content["witness"]
    nationality = talent["nationality"]
    native = talent["native"] or talent["passport"]
    both = f"{talent['native']} ({talent['passport']})" if talent["native"] else talent["passport"]
    code = f"统一社会信用代码 {employer['uscc']}"
    return [
        (
            "甲方（用人单位）",
            f"{employer['zh']}\n{code}",
            "Party A (employer)",
            f"{employer['en'] or employer['zh']}\nCredit code {employer['uscc']}",
        ),
        (
            "乙方（人才）",
            f"{both if native != talent['passport'] else native}\n国籍/地区：{nationality['zh']}",
            "Party B (talent)",
            f"{talent['passport']}\nNationality: {nationality['en']}",
        ),
        ("报送单位", witness["zh"], "Reporting unit", witness["en"]),
    ]


def _parties(sheet: Sheet, content: dict[str, Any]) -> None:
    for label_zh, zh, label_en, en in _party_lines(content):
        sheet.room(4 * LEAD)
        sheet.ink(SOFT, 8)
        sheet.side_by_side(label_zh, label_en, lead=4.2)
        sheet.ink((31, 27, 22), 10)
        sheet.side_by_side(zh, en)
        sheet.ln(1.6)


def _articles(sheet: Sheet, content: dict[str, Any]) -> None:
    sheet.set_draw_color(200, 190, 175)
    sheet.set_line_width(0.2)
    sheet.line(MARGIN, sheet.get_y(), 210 - MARGIN, sheet.get_y())
    sheet.ln(3)
    clauses = document.articles(content)
    for article in clauses:
        sheet.room(3 * LEAD)
        if article is clauses[-1]:  # a page with signatures always has text
            sheet.ink((31, 27, 22), 10)
            lines = max(len(sheet.lines(text, COLUMN)) for text in (article.text_zh, article.text_en))
            sheet.room(8 + lines * LEAD + SIGNATURES)
        sheet.ink((31, 27, 22), 10)
        sheet.strong(True)
        sheet.side_by_side(
            f"{article.number}. {article.heading_zh}", f"{article.number}. {article.heading_en}", lead=5.6
        )
        sheet.ink((31, 27, 22), 10)
        sheet.side_by_side(article.text_zh, article.text_en)
        sheet.ln(2.2)


def _signature(sheet: Sheet, x: float, top: float, label: str, signed: tuple[str, datetime, str] | None) -> None:
    sheet.set_xy(x, top)
    sheet.ink(SOFT, 8)
    sheet.cell(COLUMN, 4, label)
    sheet.set_draw_color(31, 27, 22)
    sheet.set_line_width(0.2)
    sheet.line(x, top + 14, x + COLUMN, top + 14)
    sheet.set_xy(x, top + 6)
    if signed:
        sheet.ink((31, 27, 22), 13)
        sheet.fit(pdf.plain(signed[0]), width=COLUMN, size=13)
        sheet.cell(COLUMN, 7, pdf.plain(signed[0]))
    sheet.set_xy(x, top + 15)
    sheet.ink(SOFT, 8)
    sheet.cell(COLUMN, 4, f"电子签署 Signed {_moment(signed[1])}" if signed else "尚未签署 Not yet signed")
    if signed and signed[2] in confirming.PRINTED:
        sheet.set_xy(x, top + 19)
        sheet.fit(confirming.PRINTED[signed[2]], width=COLUMN, size=8)
        sheet.cell(COLUMN, 4, confirming.PRINTED[signed[2]])


def _proof(sheet: Sheet, paper: PrintedAgreement) -> None:
    """Print QR and address on the left, what they prove on the right."""
    top = sheet.get_y() + 3
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=2)
    code.add_data(paper.address)
    sheet.squares(code.get_matrix(), x=MARGIN - 1.5, y=top, size=30)
    sheet.set_y(top + 1)
    zh = "扫码或输入下方网址，可核对本文本的签署与核实状态；网址由全文的 SHA-256 值构成，改动一字即不相符。"
    en = "Scan, or type the address below, to check signatures and verification of this very text. The address is the SHA-256 of the whole text: one changed letter, and it no longer fits."
    left, width = MARGIN + 34, 210 - 2 * MARGIN - 34
    sheet.ink(SOFT, 8)
    verified = paper.verified
    state = (
        f"已核实 Verified  {pdf.plain(verified[0])}  {_moment(verified[1])}"
        if verified
        else "尚未核实 Not yet verified"
    )
    for text in (state, zh, en, paper.address):
        for line in sheet.lines(text, width):
            sheet.set_x(left)
            sheet.cell(width, 4.1, line, new_x="LMARGIN", new_y="NEXT")
        sheet.ln(0.8)


def print_agreement(paper: PrintedAgreement) -> bytes:
    """The PDF. Takes about 0.3 s: call it in a thread."""
    content = document.read(paper.text)
    sheet = Sheet(paper, content)
    _head(sheet, content)
    _parties(sheet, content)
    _articles(sheet, content)
    sheet.room(SIGNATURES)
    sheet.ln(4)
    top = sheet.get_y()
    _signature(sheet, MARGIN, top, "甲方代表 For party A", paper.signatures.get(Party.EMPLOYER))
    _signature(sheet, MARGIN + COLUMN + GAP, top, "乙方 Party B", paper.signatures.get(Party.TALENT))
    sheet.set_y(top + 25)
    _proof(sheet, paper)
    return sheet.content()


def printed_agreement_of(
    text: str,
    digest: bytes,
    address: str,
    signatures: Sequence[Signature],
    verified: tuple[str, datetime] | None,
) -> PrintedAgreement:
    """The printable data of a revision with the signatures that are not void."""
    given: dict[str, tuple[str, datetime, str]] = {
        row.party: (row.name_signed, row.signed_at, row.confirmed_by) for row in signatures if not row.void
    }
    return PrintedAgreement(text, digest.hex(), address, given, verified)
