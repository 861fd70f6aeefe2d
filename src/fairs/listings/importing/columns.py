"""The columns of the workbook, what may be written in them in either language, and a listing as a row of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fairs.core import clock, sheet_tables
from fairs.core.errors import Invalid
from fairs.core.fields import NO, YES, Choice
from fairs.core.forms import specification
from fairs.core.i18n import N_
from fairs.core.sheet_tables import as_text
from fairs.core.sheet_words import Unknown, Words, as_day
from fairs.listings import labels
from fairs.listings.forms import PeopleForm
from fairs.listings.rows import ListingRow
from fairs.listings.tables import ListingKind

MOST = 500  # rows
REFERENCE, KIND = "reference", "kind"
OWN = "#"  # before the number that a listing has here, where the employer gave it none
SEVERAL = frozenset({"engagement", "languages"})
COLUMNS: dict[str, tuple[object, int, object]] = {  # field → head, width, what to write
    REFERENCE: (
        N_("Your number"),
        14,
        N_("Your own number of the post or project. The same number changes it later, a new one adds it."),
    ),
    KIND: (N_("Post or project"), 12, N_("People wanted, or project wanted; empty: people")),
    "title_zh": (N_("Title in Chinese"), 34, ""),
    "title_en": (N_("Title in English"), 34, N_("May be empty")),
    "discipline": (N_("Field"), 24, N_("From the list")),
    "degree": (N_("Lowest degree"), 14, N_("From the list; may be empty for a project")),
    "engagement": (N_("Ways of working together"), 24, N_("From the list, several separated by semicolons")),
    "city": (N_("City"), 14, N_("From the list")),
    "languages": (N_("Languages needed"), 18, N_("From the list, several separated by semicolons; may be empty")),
    "headcount": (N_("Heads wanted"), 10, N_("A number; not for projects")),
    "pay_min": (
        N_("Pay from (10,000 CNY)"),
        12,
        N_("10,000 CNY a year, for a project its whole budget; may be empty"),
    ),
    "pay_max": (N_("Pay up to (10,000 CNY)"), 12, N_("May be empty")),
    "sponsors_permit": (N_("Work permit for foreigners"), 20, N_("Whether you apply for it; may be empty")),
    "start_by": (N_("Start by"), 12, N_("A day like 2027-03-01; may be empty")),
    "valid_to": (N_("Open until"), 12, N_("The last day on which it is shown; empty: until you close it")),
    "urgent_reason": (N_("Why it is urgent"), 30, N_("With it you ask the province to mark it as urgent and scarce")),
    "description_zh": (N_("Description in Chinese"), 60, N_("Suggestions are based on this text")),
    "description_en": (N_("Description in English"), 60, N_("May be empty")),
}


@dataclass
class Table:
    """Rows with their numbers in the spreadsheet, as texts by field; what is wrong: (row, column, sentence)."""

    rows: list[tuple[int, dict[str, str]]]
    errors: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The table as it can be pasted again, with the columns that it had."""
        return as_text(self.rows, [name for name in COLUMNS if any(name in values for _, values in self.rows)])


def _choices(name: str) -> Callable[[], Sequence[Choice]]:
    if name == KIND:
        return lambda: [(kind, str(word), "") for kind, word in labels.KINDS.items()]
    (_, spec, _) = specification(PeopleForm)[name]
    assert spec.choices is not None
    return spec.choices


CHOSEN = {name: _choices(name) for name in (KIND, "discipline", "degree", *SEVERAL, "city", "sponsors_permit")}


def read_text(text: str) -> Table:
    """A pasted table."""
    return _limited(Table(sheet_tables.read_text(text, COLUMNS)))


async def read_file(content: bytes, filename: str) -> Table:
    """An uploaded spreadsheet. Raises Invalid for the field `file`, and TooLarge."""
    rows, problems = await sheet_tables.read_file(content, filename, COLUMNS)
    return _limited(Table(rows, [(row, "", sentence) for row, sentence in problems]))


def _limited(table: Table) -> Table:
    if not table.rows:
        raise Invalid(fields={"file": [N_("There are no rows. Paste the table with your listings, or choose a file.")]})
    if not any("title_zh" in values for _, values in table.rows) or not any("discipline" in v for _, v in table.rows):
        raise Invalid(fields={"file": [N_("The columns are not those of the workbook. Begin with it.")]})
    if len(table.rows) > MOST:
        raise Invalid(fields={"file": [N_("At most %(limit)s listings at once", limit=MOST)]})
    return table


def words() -> Words:
    """What people write in the columns with a list."""
    return Words(CHOSEN, yes_no=("sponsors_permit",))


def inputs(values: Mapping[str, str], words: Words) -> tuple[dict[str, Any], dict[str, str]]:
    """A row as a form is sent, and the columns whose words are unknown."""
    sent: dict[str, Any] = {name: text for name, text in values.items() if name not in CHOSEN}
    wrong: dict[str, str] = {}
    for name in CHOSEN:
        if name in values:
            try:
                sent[name] = words.codes(name, values[name]) if name in SEVERAL else words.code(name, values[name])
            except Unknown as unknown:
                wrong[name] = str(unknown)
    for name in ("start_by", "valid_to"):
        if name in sent:
            sent[name] = as_day(sent[name])
    if "urgent_reason" in sent:
        sent["urgent_asked"] = "on" if sent["urgent_reason"] else ""
    return sent, wrong


def cells(row: ListingRow) -> dict[str, Any]:
    """A listing as a row of the workbook, in the reader's language."""
    shown: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    for name, choices in CHOSEN.items():
        if name == KIND or name in SEVERAL:
            continue
        value = shown[name]
        code = {True: YES, False: NO, None: ""}.get(value, value)
        shown[name] = next((label for key, label, _ in choices() if key == code), code) if code else ""
    for name in SEVERAL:
        known = {key: label for key, label, _ in CHOSEN[name]()}
        shown[name] = "; ".join(known.get(code, code) for code in shown[name])
    shown[KIND] = labels.kind_word(row.kind)
    shown[REFERENCE] = row.reference or f"{OWN}{row.id}"
    if row.kind == ListingKind.PROJECT:
        shown["headcount"] = None
    if not row.urgent_asked:
        shown["urgent_reason"] = ""
    return shown


def example() -> dict[str, Any]:
    """The line of a workbook without listings."""
    first = {name: next((label for code, label, _ in choices() if code), "") for name, choices in CHOSEN.items()}
    day: date = clock.now().date() + timedelta(days=180)
    return (
        dict.fromkeys(COLUMNS, "")
        | first
        | {
            REFERENCE: "A-01",
            "title_zh": "（示例）固态电池研究员",
            "title_en": "(Example) Researcher in solid-state batteries",
            "headcount": 2,
            "pay_min": 30,
            "pay_max": 50,
            "valid_to": day,
            "description_zh": "（示例，请删除本行）研究固态电解质的界面稳定性。",
        }
    )
