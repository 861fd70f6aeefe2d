import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
import python_calamine

from fairs.core import sheets
from fairs.core.errors import Invalid, TooLarge
from fairs.core.sheets import Column, Row, Sheet

COLUMNS = (Column("Title", 20), Column("People", 8), Column("Day"), Column("Moment"))
MOMENT = datetime(2018, 10, 27, 1, 30, tzinfo=UTC)
DANGEROUS = ["=1+1", "+86 138", "-2", "@SUM(A1)", "\t=1", " =HYPERLINK(1)"]


def read_back(content: bytes) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def test_write_xlsx_keeps_numbers_days_and_local_moments() -> None:
    content = sheets.write_xlsx(
        COLUMNS, [["研究员", 3, date(2018, 10, 20), MOMENT], ["x", None, None, None]], sheet="需求"
    )
    assert read_back(content) == [
        ["Title", "People", "Day", "Moment"],
        ["研究员", 3.0, date(2018, 10, 20), datetime(2018, 10, 27, 9, 30)],
        ["x", "", "", ""],
    ]


@pytest.mark.parametrize("text", DANGEROUS)
def test_write_xlsx_never_makes_a_formula_of_a_text(text: str) -> None:
    content = sheets.write_xlsx((Column("=1+1"),), [[text]])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page


@pytest.mark.parametrize("text", DANGEROUS)
def test_write_csv_disarms_texts_that_begin_like_a_formula(text: str) -> None:
    content = sheets.write_csv((Column("Text"),), [[text]])
    assert content.decode("utf-8-sig").split("\r\n")[1].strip('"') == f"'{text}"


def test_write_csv_has_the_mark_that_excel_needs_and_plain_numbers() -> None:
    content = sheets.write_csv(COLUMNS, [['a, "b"\nc', -3, date(2018, 10, 20), MOMENT]])
    assert content == b'\xef\xbb\xbfTitle,People,Day,Moment\r\n"a, ""b""\nc",-3,2018-10-20,2018-10-27 09:30\r\n'


def test_read_sheet_gives_row_numbers_as_the_program_shows_them() -> None:
    content = sheets.write_xlsx(
        COLUMNS, [["研究员", 3, date(2018, 10, 20), MOMENT], ["", None, None, None], ["b", 1.5, None, None]]
    )
    assert sheets.read_sheet(content, "needs.xlsx") == Sheet(
        ["Title", "People", "Day", "Moment"],
        [
            Row(2, {"Title": "研究员", "People": "3", "Day": "2018-10-20", "Moment": "2018-10-27T09:30:00"}),
            Row(4, {"Title": "b", "People": "1.5", "Day": "", "Moment": ""}),
        ],
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_read_sheet_reads_csv_as_office_programs_write_it(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["标题", "人数"]) + "\n\n" + delimiter.join(["小麦育种", "2"]) + "\n"
    assert sheets.read_sheet(text.encode(encoding), "需求.CSV") == Sheet(
        ["标题", "人数"], [Row(3, {"标题": "小麦育种", "人数": "2"})]
    )


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"no workbook", b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_read_sheet_refuses_what_it_cannot_read(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        sheets.read_sheet(content, "needs.xlsx")
    assert list(refused.value.fields) == ["file"]


def test_read_sheet_refuses_an_empty_file_and_one_too_large() -> None:
    with pytest.raises(Invalid):
        sheets.read_sheet(b"\n\n", "needs.csv")
    with pytest.raises(TooLarge):
        sheets.read_sheet(b"x" * 5_000_001, "needs.csv")
    with pytest.raises(TooLarge):
        sheets.read_sheet(b"a\n" + b"1\n" * 10_001, "needs.csv")


def test_read_sheet_refuses_a_file_that_unpacks_into_a_very_large_one() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 101_000_000)
    with pytest.raises(TooLarge):
        sheets.read_sheet(packed.getvalue(), "needs.xlsx")
