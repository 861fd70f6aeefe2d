"""Names of the world on paper: every script is in a font, joined and in its direction."""

import unicodedata

import pytest
from fpdf.enums import Align
from fpdf.line_break import TextLine

from fairs.core import pdf
from fairs.core.pdf_document import Document

NAMES = [
    "محمد بن عبدالله",
    "علی رضایی\u200cنژاد",
    "אברהם בן־גוריון",
    "राहुल श्रीवास्तव",
    "সুব্রত বন্দ্যোপাধ্যায়",
    "สมชาย ศรีสุวรรณ",
    "გიორგი ბერიძე",
    "አበበ ቢቂላ",
    "Հայկ Հակոբյան",
    "김민준 뷁 갂",
    "高橋カタカナひらがな",
    "𠮷野 䶮㛃 𬭚 龘",
    "தமிழ்ச்செல்வன்",
    "བསྟན་འཛིན",
    "Nguyễn Thị Ánh",
    "Żółć Łukasz Ðorđe",
    "Жанна Ωραία",
]


def document() -> Document:
    made = Document("A4", title="names", lang="en")
    made.add_page()
    return made


@pytest.mark.parametrize("name", NAMES)
def test_every_script_is_in_a_font(name: str) -> None:
    assert pdf.unprintable(name) == ""
    assert "□" not in pdf.plain(name)


def test_what_no_font_has_is_told_and_leaves_a_box() -> None:
    assert pdf.unprintable("Ada 🎓ߊ🎓") == "🎓ߊ"
    assert pdf.plain("Ada 🎓\u2064\n") == "Ada □\n"


def test_all_common_and_rare_han_of_the_basic_plane_and_all_syllables_are_there() -> None:
    han = [
        chr(point)
        for first, last in ((0x3400, 0x4DB5), (0x4E00, 0x9FEF), (0xAC00, 0xD7A3))
        for point in range(first, last + 1)
    ]
    assert pdf.unprintable("".join(han)) == ""


@pytest.mark.parametrize("text", ["محمد", "क्षत्रिय", "শ্রী"])
def test_letters_are_joined(text: str) -> None:
    """What is joined has not the width of its letters one by one."""
    made = document()
    apart = sum(made.get_string_width(letter) for letter in text if not unicodedata.combining(letter))
    assert abs(made.get_string_width(text) / apart - 1) > 0.05


@pytest.mark.parametrize(
    ("text", "seen"),
    [("אבא Rex", ["Rex", "אבא"]), ("Rex אבא", ["Rex", "אבא"]), ("محمد 张", ["张", "محمد"]), ("Rex Jim", ["Rex Jim"])],
)
def test_lines_are_drawn_from_left_to_right_as_they_are_read(text: str, seen: list[str]) -> None:
    made = document()
    made.cell(0, 10, text)
    line = TextLine(made._preload_bidirectional_text(text, False), 0, 0, Align.L, 10, 100)
    parts = [fragment.string.strip() for fragment in line.get_ordered_fragments()]
    assert [part for part in parts if part] == seen


def test_a_document_opens_only_the_fonts_that_its_text_needs() -> None:
    made = document()
    made.cell(0, 10, "张伟 Maria")
    assert set(made.fonts) == {font.name for font in pdf.COMMON}
    made.cell(0, 10, "محمد")
    assert "noto-arabic" in made.fonts
    assert made.text_shaping
    made.cell(0, 10, "Maria")
    assert not made.text_shaping


def test_long_texts_wrap_and_end_with_an_ellipsis() -> None:
    made = document()
    made.set_font_size(10)
    text = "中国科学院郑州先进技术研究院" * 6
    lines = made.wrap(text, width=80, lines=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert text.startswith(lines[0] + lines[1][:-1])
    assert all(made.get_string_width(line) <= 80 for line in lines)
    assert made.wrap("Max Planck Institute for Iron Research", width=40, lines=2) == [
        "Max Planck Institute for",
        "Iron Research",
    ]
    assert made.wrap("short", width=80, lines=2) == ["short"]
    marks = "ก็" * 80
    assert not any(unicodedata.category(line[0]).startswith("M") for line in made.wrap(marks, width=60, lines=3))


def test_fonts_stay_small_together() -> None:
    assert sum(path.stat().st_size for path in pdf.FOLDER.iterdir()) < 12_000_000
