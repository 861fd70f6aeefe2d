"""Spreadsheets as people send them, read through the child process that the product uses."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter

from fairs.core import sheet_tables, sheets
from fairs.core.errors import Invalid, TooLarge
from fairs.core.i18n import language
from fairs.core.sheet_reading import CellProblem, Row, Sheet
from fairs.core.sheets import Column, problem_sentence, read_sheet

KNOWN = [["单位名称", "Employer"], ["岗位名称", "Post"], ["需求人数", "人数", "People"]]
MOMENT = datetime(2018, 10, 27, 1, 30, tzinfo=UTC)
Fill = Callable[[Any, Any], None]


def book(*pages: tuple[str, Fill], **options: Any) -> bytes:
    """A workbook of pages; each is filled by a function of the workbook and the page."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as made:
        for name, fill in pages:
            fill(made, made.add_worksheet(name))
    return buffer.getvalue()


def rows(*lines: list[Any], at: int = 0) -> Fill:
    def fill(made: Any, page: Any) -> None:
        for number, line in enumerate(lines, start=at):
            page.write_row(number, 0, line)

    return fill


def values(sheet: Sheet) -> list[list[str]]:
    return [list(row.values.values()) for row in sheet.rows]


async def refusal(content: bytes, filename: str = "needs.xlsx", **options: Any) -> str:
    with language("en"), pytest.raises((Invalid, TooLarge)) as refused:
        await read_sheet(content, filename, **options)
    with language("en"):
        if isinstance(refused.value, TooLarge):
            return str(refused.value.message)
        assert isinstance(refused.value, Invalid)
        [message] = refused.value.fields["file"]
        return str(message)


async def test_rows_have_the_numbers_that_the_program_shows() -> None:
    columns = (Column("Title", 20), Column("People", 8), Column("Day"), Column("Moment"))
    lines: list[list[Any]] = [["研究员", 3, date(2018, 10, 20), MOMENT], ["", None, None, None], ["b", 1.5, None, None]]
    sheet = await read_sheet(sheets.write_xlsx(columns, lines), "needs.xlsx")
    assert sheet.heads == ["Title", "People", "Day", "Moment"]
    assert sheet.rows == [
        Row(2, {"Title": "研究员", "People": "3", "Day": "2018-10-20", "Moment": "2018-10-27T09:30:00"}),
        Row(4, {"Title": "b", "People": "1.5", "Day": "", "Moment": ""}),
    ]


CHINESE = "单位名称,岗位名称,需求人数\n郑州大学,小麦育种研究员,2\n洛阳轴承研究所有限公司,高级工程师,3\n"
TRADITIONAL = "單位名稱,崗位名稱,需求人數\n鄭州大學,小麥育種研究員,2\n洛陽軸承研究所,高級工程師,3\n"
JAPANESE = "会社名,職種,人数\n東京大学,研究者カタカナ,2\nトヨタ自動車株式会社,エンジニアの募集,3\n"
FRENCH = "Société,Prénom,Nombre\nHôpital Général,Françoise Müller,2\nÉcole – “test” café,José Peña,3\n"
SHORT = "姓名,电话\n王伟,13800000000\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((CHINESE, name) for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")),
        *((TRADITIONAL, name) for name in ("utf-8", "big5", "utf-16-le")),
        *((JAPANESE, name) for name in ("utf-8", "shift_jis", "utf-16")),
        *((FRENCH, name) for name in ("utf-8", "cp1252", "utf-16")),
        *((SHORT, name) for name in ("utf-8", "gb18030", "utf-16-le")),
        ("姓名,電話\n王偉,0912345678\n", "big5"),
        ("Nom,Ville\nRené,Orléans\n", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_text_files_are_read_in_the_encodings_of_our_users(text: str, encoding: str, delimiter: str) -> None:
    lines = [line.split(",") for line in text.strip().split("\n")]
    content = text.replace(",", delimiter).encode(encoding)
    sheet = await read_sheet(content, "需求.CSV")
    assert [sheet.heads, *values(sheet)] == lines


async def test_a_doubtful_encoding_is_told_and_can_be_chosen() -> None:
    content = "a,b\nx,é\n".encode("cp1252")
    sheet = await read_sheet(content, "needs.csv")
    assert sheet.doubtful == (len(sheet.encodings) > 1)
    chosen = await read_sheet(content, "needs.csv", encoding="cp1252")
    assert (values(chosen), chosen.encoding, chosen.doubtful) == ([["x", "é"]], "cp1252", False)
    assert "encoding" in await refusal("é,字\n1,2\n".encode(), "needs.csv", encoding="ascii")
    assert "encoding" in await refusal(b"a,b\n", "needs.csv", encoding="no such thing")
    sure = await read_sheet(CHINESE.encode(), "needs.csv")
    assert (sure.encoding, sure.doubtful) == ("utf-8", False)
    short = "name,phone\n陈,1\n".encode("gb18030")
    columns = {"name": ("Name", 20, ""), "phone": ("Phone", 20, "")}
    [(number, values_of)], [(row, told)] = await sheet_tables.read_file(short, "short.csv", columns)
    assert (number, values_of["phone"], row) == (2, "1", 0)
    assert "GB 18030" in told  # shown above the table that was read
    assert (await sheet_tables.read_file(CHINESE.encode(), "needs.csv", columns))[1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,b\n"1,5",2\n', [["1,5", "2"]]),
        ("sep=;\na;b\n1,5;2\n", [["1,5", "2"]]),
        ('"sep",b\n1,2\n', [["1", "2"]]),
        ("a;b\n1,5;2,5\n3,5;4\n", [["1,5", "2,5"], ["3,5", "4"]]),
        ("a\tb\n1, 2, 3\tx\n", [["1, 2, 3", "x"]]),
        ('a,b\n"two\nlines","say ""no"""\n', [["two\nlines", 'say "no"']]),
        ("a|b\r1|2\r", [["1", "2"]]),
        ("a,b\n1\n", [["1", ""]]),
        ("a,b\n1,2,3\n", [["1", "2"]]),
    ],
)
async def test_delimiters_quotes_and_the_sep_line(text: str, expected: list[list[str]]) -> None:
    assert values(await read_sheet(text.encode(), "x.csv")) == expected


async def test_csv_rows_are_numbered_as_records_not_as_lines() -> None:
    sheet = await read_sheet(b'a,b\n"1\n1\n1",2\n\n3,4\n', "x.csv")
    assert [row.number for row in sheet.rows] == [2, 4]


async def test_an_open_quotation_mark_is_told_with_its_row() -> None:
    assert "row 2" in await refusal(b'a,b\n"1,2\n3,4\n5,6\n', "x.csv")


async def test_title_rows_above_the_head_are_passed_over() -> None:
    content = book(
        (
            "Sheet1",
            rows(
                ["2018年人才需求表"],
                ["填报单位：", "洛阳市", "", ""],
                [],
                ["序号", *[g[0] for g in KNOWN]],
                [1, "x", "y", 2],
            ),
        )
    )
    known = await read_sheet(content, "needs.xlsx", expected=KNOWN)
    assert known.rows == [Row(5, {"序号": "1", "单位名称": "x", "岗位名称": "y", "需求人数": "2"})]
    guessed = await read_sheet(content, "needs.xlsx")
    assert guessed.rows == known.rows


async def test_heads_are_known_by_any_of_their_names_with_remarks_and_stars() -> None:
    content = book(
        (
            "Sheet1",
            rows(["note", "", "", ""], ["*ＥＭＰＬＯＹＥＲ", "岗位 名称：", "需求人数（人）", "x"], ["a", "b", 1, ""]),
        )
    )
    sheet = await read_sheet(content, "needs.xlsx", expected=KNOWN)
    assert [row.number for row in sheet.rows] == [3]


async def test_an_instructions_sheet_and_hidden_sheets_are_passed_over() -> None:
    def hidden(made: Any, page: Any) -> None:
        rows(["单位名称", "岗位名称", "需求人数"], ["old", "old", 9])(made, page)
        page.hide()

    content = book(
        ("填写说明", rows(["请按以下要求填写"], ["1. 单位名称必须与营业执照一致"])),
        ("旧", hidden),
        ("需求", rows(["单位名称", "岗位名称", "人数"], ["x", "y", 2])),
    )
    for expected in (KNOWN, []):
        sheet = await read_sheet(content, "needs.xlsx", expected=expected)
        assert (sheet.name, sheet.names, values(sheet)) == ("需求", ["填写说明", "需求"], [["x", "y", "2"]])
    chosen = await read_sheet(content, "needs.xlsx", sheet="填写说明")
    assert chosen.name == "填写说明"


async def test_merged_heads_and_merged_cells() -> None:
    def fill(made: Any, page: Any) -> None:
        page.merge_range(0, 0, 0, 4, "需求表")
        page.merge_range(1, 0, 2, 0, "单位名称")
        page.merge_range(1, 1, 1, 2, "联系人")
        page.merge_range(1, 3, 1, 4, "推荐人")
        page.write_row(2, 1, ["姓名", "电话", "姓名", "邮箱"])
        page.merge_range(3, 0, 4, 0, "郑州大学")
        page.write_row(3, 1, ["甲", "1", "乙", "a@b.cn"])
        page.write_row(4, 1, ["丙", "2", "丁", "c@d.cn"])

    for expected in ([], [["单位名称"], ["电话"], ["邮箱"]]):
        sheet = await read_sheet(book(("t", fill)), "x.xlsx", expected=expected)
        assert sheet.heads == ["单位名称", "联系人 姓名", "电话", "推荐人 姓名", "邮箱"]
        assert values(sheet) == [["郑州大学", "甲", "1", "乙", "a@b.cn"], ["郑州大学", "丙", "2", "丁", "c@d.cn"]]


async def test_two_columns_of_one_name_are_both_kept() -> None:
    sheet = await read_sheet(b"a,a,b\n1,2,3\n", "x.csv")
    assert sheet.rows[0].values == {"a": "1", "a (2)": "2", "b": "3"}


async def test_codes_that_the_spreadsheet_has_rounded_are_told_with_their_row() -> None:
    content = book(
        ("t", rows(["姓名", "证件号"], ["甲", 410101199001011234], ["乙", "410101199001011234"], ["丙", 13800000000]))
    )
    sheet = await read_sheet(content, "x.xlsx")
    [problem] = sheet.problems
    assert (problem.row, problem.head, problem.code) == (2, "证件号", "rounded")
    assert [row.values["证件号"] for row in sheet.rows[1:]] == ["410101199001011234", "13800000000"]
    with language("en"):
        assert str(problem_sentence(problem)).startswith("Row 2, 证件号: the number is longer than the 15 digits")
    text = await read_sheet(b"a,b\nx,4.10101E+17\ny,1.38E+10\nz,410101199001011234\nw,1E5\n", "x.csv")
    assert [(item.row, item.code) for item in text.problems] == [(2, "rounded"), (3, "rounded")]


async def test_formulas_give_their_values_and_what_has_none_is_told() -> None:
    def fill(made: Any, page: Any) -> None:
        page.write_row(0, 0, ["a", "b"])
        page.write_formula(1, 0, "=1+1", None, 2)
        page.write_formula(1, 1, '="x"&"y"', None, "xy")
        page.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        page.write_formula(3, 1, "=1+1", None, "")

    sheet = await read_sheet(book(("t", fill)), "x.xlsx")
    assert values(sheet)[0] == ["2", "xy"]
    assert sheet.problems == [CellProblem(3, "a", "error", "#DIV/0!"), CellProblem(4, "b", "no_value", "")]


@pytest.mark.parametrize("early", [False, True])
async def test_days_are_right_in_both_date_systems(early: bool) -> None:
    def fill(made: Any, page: Any) -> None:
        page.write_row(0, 0, ["day", "moment"])
        page.write_datetime(1, 0, datetime(2018, 10, 27), made.add_format({"num_format": "yyyy/m/d"}))
        page.write_datetime(1, 1, datetime(2018, 10, 27, 9, 30), made.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    sheet = await read_sheet(book(("t", fill), date_1904=early), "x.xlsx")
    assert values(sheet) == [["2018-10-27", "2018-10-27T09:30:00"]]


def far(row: int, column: int) -> bytes:
    def fill(made: Any, page: Any) -> None:
        page.write_row(0, 0, ["a", "b"])
        page.write_row(1, 0, [1, 2])
        page.write(row, column, "x")

    return book(("t", fill))


@pytest.mark.parametrize(
    ("row", "column", "cell"), [(1048575, 16383, "XFD1048576"), (1048575, 0, "A1048576"), (1, 16383, "XFD2")]
)
async def test_a_far_cell_is_named_and_harms_nothing(row: int, column: int, cell: str) -> None:
    content = far(row, column)
    assert len(content) < 6000
    assert cell in await refusal(content)


async def test_formatted_but_empty_far_cells_do_not_matter() -> None:
    def fill(made: Any, page: Any) -> None:
        rows(["a", "b"], [1, 2])(made, page)
        page.write_blank(1048575, 16383, None, made.add_format({"bold": True}))

    assert values(await read_sheet(book(("t", fill)), "x.xlsx")) == [["1", "2"]]


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


@pytest.mark.parametrize("place", [b"r='XFD1048576'", b'r = "XFD1048576"'])
async def test_a_file_that_ends_its_reader_ends_the_child_only(place: bytes) -> None:
    """Places that are written in another way than Excel does: the reader asks for 500 GB and ends its process."""
    content = repacked(far(1048575, 16383), lambda _, data: data.replace(b'r="XFD1048576"', place))
    assert "too large" in await refusal(content)
    assert values(await read_sheet(b"a,b\n1,2\n", "x.csv")) == [["1", "2"]]


async def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">%s]>' % b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12)
    )
    content = repacked(
        book(("t", rows(["a", "b"], [1, 2]))),
        lambda name, data: (
            data.replace(b"<workbook", bomb + b"<workbook", 1).replace(b'name="t"', b'name="&m;"')
            if name == "xl/workbook.xml"
            else data
        ),
    )
    assert await refusal(content)


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 broken", b"no workbook", b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n\x1a\n" * 50],
)
async def test_what_is_no_workbook_is_refused_beside_its_field(content: bytes) -> None:
    assert "cannot be read" in await refusal(content)


@pytest.mark.parametrize("content", [bytes(range(256)) * 20, b"\xff" * 100, b"\x00" * 100, b"\xef\xbb\xbf\xff\xfe"])
async def test_binary_rubbish_named_csv_is_refused_beside_its_field(content: bytes) -> None:
    assert await refusal(content, "x.csv")


async def test_an_empty_file_and_one_too_large_are_refused() -> None:
    assert "no rows" in await refusal(b"\n\n", "needs.csv")
    assert "5 MB" in await refusal(b"x" * 5_000_001, "needs.csv")
    assert "10000 rows" in await refusal(b"a\n" + b"1\n" * 10_001, "needs.csv")
    assert len((await read_sheet(b"a,b\n" + b"1,2\n" * 10_000, "needs.csv")).rows) == 10_000


async def test_a_file_that_unpacks_into_a_very_large_one_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 101_000_000)
    assert "5 MB" in await refusal(packed.getvalue())


async def test_many_files_at_once_are_read_in_turn() -> None:
    content = book(("t", rows(["a", "b"], [1, 2])))
    found = await asyncio.gather(*(read_sheet(content, f"{number}.xlsx") for number in range(8)))
    assert all(values(sheet) == [["1", "2"]] for sheet in found)


async def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "CHILD_SECONDS", 0.001)
    assert "too large" in await refusal(b"a,b\n1,2\n", "x.csv")
