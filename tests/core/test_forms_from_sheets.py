"""The same form reads a spreadsheet's row: what is wrong is said with the row's number."""

from datetime import date

from fairs.core.forms import bind
from fairs.core.i18n import language
from fairs.core.sheets import Column, read_sheet, write_csv, write_xlsx
from tests.core.test_forms import Sample

HEADS = ("title", "count", "email", "day", "agree")
GOOD = ("小麦育种", 7, "a@example.org", date(2018, 10, 27), "是")
BAD = ("", "many", "nowhere", "27.10.", "perhaps")


async def test_rows_of_a_sheet_go_through_the_form_of_the_page() -> None:
    columns = [Column(name) for name in HEADS]
    for content, name in ((write_xlsx(columns, [GOOD, BAD]), "l.xlsx"), (write_csv(columns, [GOOD, BAD]), "l.csv")):
        sheet = await read_sheet(content, name)
        forms = {row.number: bind(Sample, row.values) for row in sheet.rows}
        good, bad = forms[2], forms[3]
        value = good.value
        assert (value.title, value.count, value.day, value.agree) == ("小麦育种", 7, date(2018, 10, 27), True)
        with language("en"):
            assert {field: str(found[0]) for field, found in bad.errors.items()} == {
                "title": "Please fill this in",
                "count": "Give a whole number",
                "email": "This is not an e-mail address",
                "day": "Give a date like 2018-10-27",
                "agree": "Answer yes or no",
            }
