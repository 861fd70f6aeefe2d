import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
import python_calamine

from fairs.core import sheets
from fairs.core.sheets import Column

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
