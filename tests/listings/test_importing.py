"""Sixty listings from a spreadsheet: nothing is stored before it was looked at, and a workbook read again changes nothing."""

import io
import zipfile
from typing import Any

import httpx
import pytest
import python_calamine

from fairs.core import db
from fairs.core.i18n import language
from fairs.core.sheets import Column, write_xlsx
from fairs.listings import services
from fairs.listings.importing import columns
from tests import factories, fair
from tests.cast import post, sign_in

PAGE = "/employer/listings/import"
HEAD = "Your number\tPost or project\tTitle in Chinese\tField\tLowest degree\tWays of working together\tCity\tHeads wanted\tDescription in Chinese"
LINE = "A-1\tPeople wanted\t固态电池研究员\tComputer Science and Technology\tDoctorate\tFull-time appointment\tZhengzhou\t2\t研究固态电解质。"


@pytest.fixture
async def event(client: httpx.AsyncClient) -> int:
    """A fair that takes listings; an employer of it is signed in."""
    made = await factories.event(slug="fair")
    await sign_in(client, (await fair.employer()).actor)
    return made


def line(**given: str) -> str:
    """A row with these columns set, by name of field."""
    names = [
        "reference",
        "kind",
        "title_zh",
        "discipline",
        "degree",
        "engagement",
        "city",
        "headcount",
        "description_zh",
    ]
    return "\t".join(given.get(name, cell) for name, cell in zip(names, LINE.split("\t"), strict=True))


async def send(client: httpx.AsyncClient, *lines: str, confirm: str = "", head: str = HEAD) -> httpx.Response:
    return await post(client, PAGE, {"text": "\n".join([head, *lines]), "event": "fair", "confirm": confirm})


async def stored() -> list[tuple[Any, ...]]:
    rows = await db.fetch("SELECT reference, kind, state, title_zh, headcount FROM listing ORDER BY id")
    return [tuple(row) for row in rows]


async def test_looked_at_first_then_stored_and_published(client: httpx.AsyncClient, event: int) -> None:
    rows = [line(reference=f"A-{n}") for n in range(60)]
    page = await send(client, *rows)
    assert page.status_code == 200
    assert "60 new, 0 changed, 0 as they are" in page.text
    assert await stored() == []
    answer = await send(client, *rows, confirm="publish")
    assert (answer.status_code, answer.headers["location"]) == (303, "/employer/listings")
    assert "60 listings added, 0 changed, 60 published." in (await client.get("/employer/listings")).text
    assert (await stored())[0] == ("A-0", "people", "published", "固态电池研究员", 2)
    again = await send(client, *rows)
    assert "0 new, 0 changed, 60 as they are" in again.text
    assert "The table changes nothing." in again.text


async def test_the_same_number_changes_a_listing_and_says_what(client: httpx.AsyncClient, event: int) -> None:
    await send(client, line(), confirm="draft")
    page = await send(client, line(reference="a-1", headcount="5", title_zh="固态电池首席研究员"))
    assert "0 new, 1 changed" in page.text
    assert "Title in Chinese · Heads wanted" in page.text
    await send(client, line(headcount="5"), line(reference="B", kind="Project wanted", headcount=""), confirm="draft")
    assert await stored() == [
        ("A-1", "people", "draft", "固态电池研究员", 5),
        ("B", "project", "draft", "固态电池研究员", 1),
    ]


async def test_every_error_is_named_by_row_and_column_and_nothing_is_stored(
    client: httpx.AsyncClient, event: int
) -> None:
    wrong = [
        line(reference="1", discipline="Compter Science"),
        line(reference="2", headcount="many"),
        line(reference="3", title_zh="35岁以下男性研究员"),
        line(reference="4", engagement="Full-time appointment; sometimes"),
        line(reference="4"),
        line(reference="#77"),
        line(reference="5", title_zh=""),
        line(reference="x" * 41),
    ]
    page = await send(client, *wrong, line(reference="6"), confirm="publish")
    assert page.status_code == 422
    assert await stored() == []
    for said in (
        "Row 2, Field: “Compter Science” is not in the list; near: ",
        "Row 3, Heads wanted: ",
        "Row 4, Title in Chinese: ",
        "Row 5, Ways of working together: “sometimes” is not in the list",
        "Row 6, Your number: The same number is in row 5",
        "Row 7, Your number: You have no listing #77 at this fair",
        "Row 8, Title in Chinese: ",
        "Row 9, Your number: At most 40 characters",
    ):
        assert said in page.text, said
    assert "Computer Science and Technology" in page.text  # the near one
    assert "35岁以下" in page.text.partition("<ul>")[2]  # the words of a forbidden condition are quoted
    assert "Compter Science" in page.text.partition('name="text"')[2]  # what was pasted is kept


async def test_numbers_of_rows_are_read_as_codes_and_odd_characters_are_refused_with_their_row(
    client: httpx.AsyncClient, event: int
) -> None:
    await send(client, line(reference="Ａ\u2011１\u200b"), confirm="draft")
    assert [row[0] for row in await stored()] == ["A-1"]
    assert "The table changes nothing" in (await send(client, line(reference="A\u22121"))).text
    for row in (line(reference="A\x07"), line(title_zh="a\x07b"), line(reference="A-1", title_zh="固态\x1f电池研究员")):
        page = await send(client, row, confirm="draft")
        assert page.status_code == 422
        assert "Row 2" in page.text
        assert "cannot be stored" in page.text


async def test_either_language_codes_and_lists_of_several_are_understood(client: httpx.AsyncClient, event: int) -> None:
    with language("zh"):
        labels = {name: {code: label for code, label, _ in choices()} for name, choices in columns.CHOSEN.items()}
        head = "\t".join(str(columns.COLUMNS[name][0]) for name in ("reference", "title_zh", "discipline", "degree"))
        head += "\t" + "\t".join(str(columns.COLUMNS[name][0]) for name in ("engagement", "city", "headcount"))
        head += "\t" + str(columns.COLUMNS["description_zh"][0])
    several = "、".join(list(labels["engagement"].values())[:2])
    row = ["7", "研究员", labels["discipline"]["0812"], "doctor", several, labels["city"]["410300"], "３", "研究。"]
    assert (await send(client, "\t".join(row), head=head, confirm="draft")).status_code == 303
    found = (await db.fetch("SELECT discipline, degree, engagement, city, headcount FROM listing"))[0]
    assert tuple(found) == ("0812", "doctor", list(labels["engagement"])[:2], "410300", 3)


async def test_the_workbook_read_again_unchanged_changes_nothing(client: httpx.AsyncClient, event: int) -> None:
    organisation = await db.fetchval("SELECT id FROM organisation")
    await factories.listing(
        organisation, event, description_zh="第一行\n第二行", languages=["en", "zh"], urgent_reason=""
    )
    await factories.listing(organisation, event, kind="project", degree="none", sponsors_permit=True, reference="P 1")
    other = await fair.employer("other@example.org", "Other")
    await factories.listing(other.organisation, event, title_zh="别家的岗位")
    content = (await client.get(f"{PAGE}.xlsx?event=fair")).content
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert [str(sheet.visible) for sheet in book.sheets_metadata] == [
        *["SheetVisibleEnum.Visible"] * 2,
        "SheetVisibleEnum.Hidden",
    ]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[2][0] == "P 1"
    assert "别家的岗位" not in str(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert parts.read("xl/worksheets/sheet1.xml").count(b"<dataValidation ") == len(columns.CHOSEN)
    page = await post(client, PAGE, {"event": "fair"}, files={"file": ("l.xlsx", content)})
    assert "0 new, 0 changed, 2 as they are" in page.text, page.text
    rows[1][rows[0].index("Heads wanted")] = 9
    changed = write_xlsx([Column(head) for head in rows[0]], rows[1:])
    page = await post(client, PAGE, {"event": "fair"}, files={"file": ("l.xlsx", changed)})
    assert "0 new, 1 changed, 1 as they are" in page.text
    assert await db.fetchval("SELECT count(*) FROM listing WHERE headcount = 9") == 0


async def test_a_workbook_without_listings_has_an_example_that_is_understood(
    client: httpx.AsyncClient, event: int
) -> None:
    for lang in ("zh", "en"):
        content = (await client.get(f"{PAGE}.xlsx?event=fair&lang={lang}")).content
        page = await post(client, f"{PAGE}?lang=en", {"event": "fair"}, files={"file": ("l.xlsx", content)})
        assert "1 new, 0 changed, 0 as they are" in page.text, lang


async def test_what_is_no_table_is_refused_with_a_sentence(client: httpx.AsyncClient, event: int) -> None:
    for text, said in (
        ("", "There are no rows."),
        ("a\tb\nc\td", "The columns are not those of the workbook."),
        ("\n".join([HEAD, *[line(reference=str(n)) for n in range(columns.MOST + 1)]]), "At most 500 listings at once"),
    ):
        page = await post(client, PAGE, {"text": text, "event": "fair"})
        assert page.status_code == 422
        assert said in page.text
    page = await post(client, PAGE, {"event": "fair"}, files={"file": ("l.xlsx", b"PK\x03\x04 no workbook")})
    assert page.status_code == 422
    assert await stored() == []


async def test_half_of_a_table_is_never_stored(client: httpx.AsyncClient, event: int, monkeypatch: Any) -> None:
    made = services.create_listing
    calls = 0

    async def breaks(*args: Any, **given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("the connection is gone")
        return await made(*args, **given)

    monkeypatch.setattr(services, "create_listing", breaks)
    answer = await send(client, *[line(reference=str(n)) for n in range(5)], confirm="publish")
    assert answer.status_code == 500
    assert await stored() == []


async def test_drafts_of_an_employer_that_is_not_approved_stay_drafts(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, (await fair.employer(state="pending")).actor)
    page = await send(client, line())
    assert "the listings are kept as drafts" in page.text
    assert "Store and publish" not in page.text
    await send(client, line(), confirm="publish")
    assert (await stored())[0][2] == "draft"
    assert "All is stored; 0 are published, 1 are not. Row 2: " in (await client.get("/employer/listings")).text
