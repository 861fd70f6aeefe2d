"""Names shrink, wrap, and never leave their box; codes are read again from every kind of paper."""

import io
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.badges import printing
from fairs.badges.designing import boxes as rules
from fairs.badges.designing import layout
from fairs.badges.designing.boxes import Box, BoxKind, Design, Sides
from fairs.badges.designing.layout import Content
from fairs.core import clock, i18n
from fairs.core.ink.canvas import POINT
from fairs.core.ink.paper import Paper
from fairs.core.ink.screen import Screen
from fairs.core.ink.text import EM, line
from tests.badges.pictures import read_squares

NAMES = (
    "李娜",
    "阿卜杜热合曼·买买提明",
    "张䶮琪",
    "María del Carmen Fernández-Villaverde y Sánchez de la Torre",
    "Aleksandra Wiśniewska-Brzęczyszczykiewicz",
    "محمد بن سلمان",
    "นางสาวกนกวรรณ",
    "राम शर्मा",
    "新乡医学院第一附属医院神经内科与脑血管病研究中心" * 3,
    "W" * 120,
)


def code(number: int) -> str:
    """A text as long as a badge's address."""
    return f"HTTPS://FAIRS.HENAN.GOV.CN/B/{'ABCDEFGH234567XY' * 8}"[:-1] + str(number)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "height"), [(89.0, 17.0), (49.0, 13.0), (49.0, 8.0), (20.0, 30.0)])
def test_text_stays_in_its_box(name: str, width: float, height: float) -> None:
    found = layout.fitted(name, width, height, 30, 5)
    assert 5 <= found.size <= 30
    for text in found.lines:
        assert line(text).width * found.size * POINT / EM <= width + 0.01
    assert len(found.lines) * found.size * layout.LEADING * POINT <= height + 0.01
    if not found.cut:
        assert "".join(found.lines).replace(" ", "") == name.replace(" ", "")
    else:
        assert found.lines[-1].endswith("…")


@settings(deadline=None, max_examples=60)
@given(st.text(st.sampled_from("李娜欧阳 abcdefW-·"), min_size=1, max_size=60), st.floats(10, 90), st.floats(4, 40))
def test_any_text_stays_in_any_box(text: str, width: float, height: float) -> None:
    text = " ".join(text.split()) or "x"
    found = layout.fitted(text, width, height, 24, 4)
    assert all(line(part).width * found.size * POINT / EM <= width + 0.01 for part in found.lines if len(part) > 2)


def test_long_name_breaks_between_words_before_it_breaks_within_one() -> None:
    assert layout.fitted("阿卜杜热合曼·买买提明", 49, 16, 22, 6).lines == ("阿卜杜热合曼·", "买买提明")
    assert layout.fitted("Aleksandra Wiśniewska-Brzęczyszczykiewicz", 60, 24, 30, 6).lines[0] == "Aleksandra"
    assert layout.fitted("李娜", 49, 16, 22, 6).lines == ("李娜",)


def test_what_is_cut_is_told() -> None:
    texts = {BoxKind.NAME: "W" * 120, BoxKind.LATIN: "Wu", BoxKind.ORGANISATION: "组" * 200}
    content = Content(code(1), "candidate", "zh", texts)
    assert set(layout.misfits(rules.standard(), content)) == {BoxKind.NAME, BoxKind.ORGANISATION}
    assert layout.printed(rules.standard(), content, BoxKind.ORGANISATION).endswith("…")


def test_standard_designs_keep_the_rules() -> None:
    for size in ("a6", "card", "roll62", "roll100"):
        known = rules.size_called(size)
        assert rules.problems(rules.standard_boxes(size), known.width, known.height) == {}


@pytest.mark.parametrize(
    ("box", "wrong"),
    [
        (Box(BoxKind.NAME, 30, 70, 40, 20, 20, 6), rules.ON_QR),
        (Box(BoxKind.NAME, 80, 10, 40, 10, 20, 6), rules.OUTSIDE),
        (Box(BoxKind.NAME, 8, 10, 40, 10, 6, 20), rules.SIZES),
        (Box(BoxKind.NAME, 8, 10, 40, 10), rules.NO_SIZE),
        (Box(BoxKind.TEXT, 8, 10, 40, 10, 9, 6), rules.NO_TEXT),
    ],
)
def test_a_box_in_the_wrong_place_is_refused(box: Box, wrong: object) -> None:
    code_box = Box(BoxKind.QR, 24, 79, 56, 56)
    assert rules.problems([code_box, box], 105, 148) == {1: [wrong]}


def test_code_is_square_large_enough_and_the_only_one() -> None:
    small = rules.problems([Box(BoxKind.QR, 0, 0, 20, 20)], 105, 148)
    with i18n.language("en"):
        assert [str(message) for message in small[0]] == ["The QR code must be at least 22.8 mm wide to be read"]
    assert rules.problems([Box(BoxKind.QR, 0, 0, 40, 30)], 105, 148) == {0: [rules.NOT_SQUARE]}
    assert rules.problems([], 105, 148) == {-1: [rules.NO_QR]}


def _design(size: str, **changes: object) -> Design:
    known = rules.size_called(size)
    made = Design(known.width, known.height, "own", Sides.ONE, rules.standard_boxes(size))
    return msgspec.structs.replace(made, **changes)


def _printed(design: Design, count: int) -> bytes:
    out = io.BytesIO()
    paper = Paper(out, title="test", lang="zh", made_at=clock.now())
    places = len(layout.grid(design).places)
    texts = {BoxKind.NAME: "欧阳䶮", BoxKind.LATIN: "Ouyang Yan", BoxKind.ORGANISATION: "大学", BoxKind.NUMBER: "FA-1"}
    people = [Content(code(number), "guest", "zh", texts) for number in range(count)]
    for at in range(0, count, places):
        printing.draw_pages(paper, design, people[at : at + places], None)
    paper.close()
    return out.getvalue()


@pytest.mark.parametrize("size", ["a6", "card", "roll62", "roll100"])
def test_code_of_each_size_is_read_from_its_page(size: str) -> None:
    assert read_squares(_printed(_design(size), 2)) == [code(0), code(1)]


def test_sheet_holds_many_and_their_backs_meet_them() -> None:
    design = _design("card", sheet="a4", sides=Sides.TWO)
    assert len(layout.grid(design).places) == 8
    found = read_squares(_printed(design, 3))
    assert found == [code(0), code(1), code(2), code(1), code(0), code(2)]  # the back from right to left


def test_folded_badge_has_its_back_on_its_head() -> None:
    design = _design("card", sides=Sides.FOLDED)
    assert layout.piece(design) == (86, 108)
    assert read_squares(_printed(design, 1)) == [code(0), code(0)]


def test_sheet_too_small_for_a_badge_leaves_a_page_for_each() -> None:
    design = _design("roll62", sheet="a4", height=290.0)
    assert len(layout.grid(design).places) == 1
    assert layout.grid(design).width == 62


def test_text_of_a_page_can_be_searched() -> None:
    import pikepdf

    with pikepdf.open(io.BytesIO(_printed(_design("a6"), 1))) as document:
        fonts = document.pages[0].Resources.Font
        told = b"".join(font.ToUnicode.read_bytes() for _, font in fonts.items())
    for sign in "欧阳䶮Ouyang":
        assert sign.encode("utf-16-be").hex().encode() in told


def test_screen_shows_the_same_badge_without_script_or_style() -> None:
    screen = Screen(105, 148, title="<b>")
    texts = {BoxKind.NAME: "محمد", BoxKind.TITLE: "<script>"}
    layout.draw_piece(screen, rules.standard(), Content(code(1), "candidate", "en", texts), None)
    content = screen.content()
    assert "<title>&lt;b&gt;</title>" in content
    assert "<script" not in content
    assert "style=" not in content


def test_name_without_a_second_one_gets_the_room_of_both() -> None:
    alone = Content(code(1), "candidate", "en", {BoxKind.NAME: "Maria del Carmen Fernandez"})
    both = replace(alone, texts=alone.texts | {BoxKind.LATIN: "Maria"})
    heights = [
        next(box.height for box in layout._placed(rules.standard(), item) if box.kind == BoxKind.NAME)
        for item in (alone, both)
    ]
    assert heights == [25.5, 17]
