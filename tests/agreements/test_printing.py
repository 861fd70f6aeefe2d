"""The paper, read back by the tables that its own fonts carry."""

import re
import zlib
from datetime import UTC, datetime

import httpx
import numpy as np
import pytest
import zxingcpp

from fairs.agreements import document, printing
from tests.agreements.scene import scene, signed
from tests.agreements.test_document import PARTIES, TERMS
from tests.cast import sign_in


def _objects(content: bytes) -> dict[int, bytes]:
    return {int(m.group(1)): m.group(2) for m in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj", content, re.S)}


def _stream(body: bytes) -> bytes:
    data = body.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(data) if b"FlateDecode" in body else data


def _maps(content: bytes) -> dict[str, dict[int, str]]:
    """Font name in the page → glyph → character, from each font's ToUnicode table."""
    objects, found = _objects(content), {}
    fonts = re.findall(rb"/(F\d+) (\d+) 0 R", content)
    for name, number in fonts:
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        assert to_unicode
        table = _stream(objects[int(to_unicode.group(1))]).decode()
        pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]+)>\n", table)
        found[name.decode()] = {int(a, 16): bytes.fromhex(b).decode("utf-16-be") for a, b in pairs}
    return found


def _text(content: bytes) -> str:
    """Every shown text of the pages, one run after the other."""
    maps, shown = _maps(content), []
    for body in _objects(content).values():
        if b"stream\n" not in body:
            continue
        page = _stream(body)
        if b" Tj" not in page:
            continue
        font = ""
        for token in re.finditer(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj|(ET)", page, re.S):
            if token.group(1):
                font = token.group(1).decode()
            elif token.group(2) is not None:
                raw = re.sub(
                    rb"\\(.)",
                    lambda m: {b"r": b"\r", b"n": b"\n"}.get(m.group(1), m.group(1)),
                    token.group(2),
                    flags=re.S,
                )
                shown.append("".join(maps[font][raw[at] * 256 + raw[at + 1]] for at in range(0, len(raw), 2)))
            else:
                shown.append("\n")
    return "".join(shown)


def _qr(content: bytes) -> str:
    """What a camera reads: the filled rectangles of the pages, painted at 8 dots a millimetre."""
    scale = 8 * 25.4 / 72
    canvas = np.full((297 * 8, 210 * 8), 255, dtype=np.uint8)
    for body in _objects(content).values():
        page = _stream(body) if b"stream\n" in body else b""
        for x, y, wide, high in re.findall(rb"([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re f", page):
            left, right = float(x) * scale, (float(x) + float(wide)) * scale
            top, bottom = (841.89 - float(y)) * scale, (841.89 - float(y) - float(high)) * scale
            canvas[round(min(top, bottom)) : round(max(top, bottom)), round(left) : round(right)] = 0
    found = zxingcpp.read_barcodes(canvas)
    return str(found[0].text)


def _paper(**terms: object) -> printing.PrintedAgreement:
    parties = PARTIES | {"talent": {**PARTIES["talent"], "passport": "Łukasz Żółć", "native": "欧阳䶮𠮷"}}
    text = document.canonical(document.compose("YX-2018-0001", 1, parties, TERMS | terms))
    digest = document.digest(text).hex()
    moment = datetime(2018, 10, 27, 2, 5, 9, tzinfo=UTC)
    signatures = {"employer": ("王芳", moment, "password")}
    return printing.PrintedAgreement(text, digest, f"http://fairs.test/verify/{digest}", signatures, ("李局长", moment))


def test_paper_says_everything_in_both_languages() -> None:
    paper = _paper()
    text = _text(printing.print_agreement(paper))
    for part in (
        "合作意向书",
        "Letter of intent",
        "编号 YX-2018-0001",
        "洛阳轴承研究院",
        "Luoyang Bearing Institute",
        "欧阳䶮𠮷",
        "Łukasz Żółć",
        "国籍/地区：西班牙",
        "Nationality: Spain",
        "研发轴承。",
        "Bearings.",
        "CNY 1,200,000",
        "王芳",
        "电子签署 Signed 2018-10-27 10:05:09 UTC+8",
        "签署时以账户密码确认本人 Confirmed by password",
        "尚未签署 Not yet signed",
        "已核实 Verified",
        "李局长",
        paper.digest,
    ):
        assert part in text, part


def test_paper_with_long_terms_runs_over_pages_with_nothing_lost() -> None:
    zh, en = "本段内容很长，需要跨页排印，" * 280, "This paragraph is long enough to run over pages. " * 80
    content = printing.print_agreement(_paper(content={"zh": zh, "en": en}))
    assert len(re.findall(rb"/Type /Page\n", content)) >= 3
    text = _text(content).replace("\n", "")
    assert text.count("需要跨页排印") + text.count("需") >= 280
    assert text.replace(" ", "").count("paragraph") == 80


@pytest.mark.parametrize("text", ["a" * 3000, "字" * 3000, "，" * 200, "\n" * 50, "😀 अ ع", " ", "（" * 100])
def test_paper_takes_any_text(text: str) -> None:
    content = printing.print_agreement(
        _paper(content={"zh": text, "en": text}, title={"zh": text[:200], "en": text[:200]})
    )
    assert content.startswith(b"%PDF-")


def test_lines_keep_marks_off_their_beginning_and_words_whole() -> None:
    sheet = printing.Sheet(_paper(), document.read(_paper().text))
    lines = sheet.lines("双方拟在小麦抗赤霉病分子标记辅助育种（QTL mapping）方面合作，甲方提供试验田。" * 8, 40)
    assert all(line[0] not in "，。）" for line in lines)
    assert all(line[-1] != "（" for line in lines)
    assert sum(line.count("mapping") for line in lines) == 8


async def test_paper_is_served_to_its_parties_and_its_code_leads_to_the_check(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    for actor in (on.talent, on.employer, on.bureau, on.organiser):
        await sign_in(client, actor)
        answer = await client.get(f"/agreements/{number}/agreement.pdf")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = _text(answer.content)
    assert "Maria Fernandez" in text
    address = re.search(r"http://fairs.test(/verify/[0-9a-f]{64})", text.replace("\n", ""))
    assert address
    assert "Signed by both sides" in (await client.get(address.group(1))).text
    assert _qr(answer.content) == address.group(0)
