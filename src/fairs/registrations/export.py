"""The organiser's list as a spreadsheet."""

from typing import Any

from fairs.core.i18n import N_, current_lang
from fairs.core.pagination import MAX_PAGE_SIZE
from fairs.core.sheets import Column, write_xlsx
from fairs.files import queries as files
from fairs.registrations import queries
from fairs.registrations.asking import queries as asking
from fairs.registrations.asking.content import Question
from fairs.registrations.asking.labels import said
from fairs.registrations.labels import category_label, state_label
from fairs.units.catalogues import label

Questions = dict[str, tuple[str, Question]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    Column(N_("Registration number"), 14),
    Column(N_("Registration state"), 14),
    Column(N_("Position in the waiting list"), 10),
    Column(N_("Category"), 14),
    Column(N_("Name in Latin letters"), 26),
    Column(N_("Native name"), 16),
    Column(N_("Nationality or region"), 18),
    Column(N_("University, company or institute"), 36),
    Column(N_("E-mail address"), 30),
    Column(N_("Phone"), 18),
    Column(N_("Sessions signed up for"), 24),
    Column(N_("Registered on"), 17),
    Column(N_("Confirmed on"), 17),
    Column(N_("Cancelled on"), 17),
)


async def workbook(event_id: int, filters: dict[str, Any]) -> bytes:
    """All rows that match the filters, in order of registration."""
    questions = await asking.questions_of(event_id)
    rows: list[list[Any]] = []
    number, last = 1, 1
    while number <= last:
        window = (number, MAX_PAGE_SIZE, (number - 1) * MAX_PAGE_SIZE)
        page = await queries.search(event=event_id, window=window, order="r.id", ranked=False, **filters)
        items = await queries.as_json(list(page.rows))
        given = await _answers([item["id"] for item in items], questions) if questions else {}
        rows += [[*_row(item), *given.get(item["id"], [None] * len(questions))] for item in items]
        number, last = number + 1, page.pages
    return write_xlsx((*COLUMNS, *_columns(questions)), rows)


def _columns(questions: Questions) -> list[Column]:
    """A column for each question, over all versions; one whose words stand in another column too is named by its key."""
    words = [question.label for _, question in questions.values()]
    known = {str(column.label) for column in COLUMNS}
    return [
        Column(f"{word} ({key})" if words.count(word) > 1 or word in known else word, 24)
        for key, word in zip(questions, words, strict=True)
    ]


async def _answers(registrations: list[int], questions: Questions) -> dict[int, list[Any]]:
    """Registration → a cell for each question; numbers of documents are masked, files are named."""
    held = await asking.files_of(registrations)
    known = await files.files_of([file for of in held.values() for file in of.values()])
    found: dict[int, list[Any]] = {}
    for number, row in (await asking.answers_of(registrations)).items():
        values = asking.opened(row)
        named = {key: known[file].name for key, file in held.get(number, {}).items() if file in known}
        found[number] = [_cell(question, values.get(key)) or named.get(key) for key, (_, question) in questions.items()]
    return found


def _cell(question: Question, value: Any) -> Any:
    """A number as such, everything else as text."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else said(question, value)


def _row(item: dict[str, Any]) -> list[Any]:
    person = item["person"]
    country = label("countries", person["nationality"], current_lang()) if person["nationality"] else ""
    return [
        item["number"],
        state_label(item["state"]),
        item["position"],
        category_label(item["category"]),
        person["name_passport"],
        person["name_native"],
        country,
        person["organisation"],
        person["email"],
        person["phone"],
        ", ".join(item["sessions"]),
        item["created_at"],
        item["confirmed_at"],
        item["cancelled_at"],
    ]
