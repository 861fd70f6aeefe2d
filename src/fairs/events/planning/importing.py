"""A programme from a spreadsheet: columns, reading what was pasted or uploaded, and the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args
from zoneinfo import ZoneInfo

from fairs.core import sheet_tables
from fairs.core.errors import Invalid
from fairs.core.i18n import N_, Lang, gettext
from fairs.core.sheets import Column, write_xlsx
from fairs.events.forms import SessionForm, read_session
from fairs.events.planning.rules import Item
from fairs.events.rows import EventRow, RoomRow
from fairs.units import catalogues

MOST = 2000  # rows
LANGS = get_args(Lang)
COLUMNS: dict[str, tuple[object, int, object]] = {  # field → head, width, what to write
    "code": (N_("Code"), 14, N_("Finds the session again: the same code changes it, a new one adds it")),
    "kind": (N_("Kind of session"), 16, N_("As in the form, in either language")),
    "title_zh": (N_("Title in Chinese"), 34, ""),
    "title_en": (N_("Title in English"), 34, ""),
    "starts_at": (N_("Begins"), 18, N_("Day and hour in the event's time, like 2027-10-23 09:00")),
    "ends_at": (N_("Ends"), 18, N_("As the beginning")),
    "room": (N_("Room"), 16, N_("Code or name of a room of this event; may be empty")),
    "unit": (N_("Reporting unit in charge"), 18, N_("Code or name; may be empty")),
    "capacity": (N_("Seats"), 8, N_("A number; empty for no limit")),
    "sign_up": (N_("People sign up to this session"), 10, N_("Yes or no")),
    "changes_until": (N_("Sign-up changes until"), 18, N_("Empty: until the session begins")),
    "speakers": (N_("Speakers"), 34, N_("Codes or names, separated by semicolons; (host) after who hosts")),
}
_YES = {"yes", "y", "true", "1", "是", "on", "√", "✓"}
_NO = {"no", "n", "false", "0", "否", "", "-"}


@dataclass
class Table:
    """Rows with their numbers in the spreadsheet, as texts by field, and what is wrong with them."""

    rows: list[tuple[int, dict[str, str]]]
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The table as it can be pasted again."""
        return sheet_tables.as_text(self.rows, COLUMNS)


def read_text(text: str) -> Table:
    """A pasted table."""
    return _limited(Table(sheet_tables.read_text(text, COLUMNS)))


async def read_file(content: bytes, filename: str) -> Table:
    """An uploaded spreadsheet. Raises Invalid for the field `file`, and TooLarge."""
    return _limited(Table(*await sheet_tables.read_file(content, filename, COLUMNS)))


def _limited(table: Table) -> Table:
    if not table.rows:
        raise Invalid(fields={"file": [N_("There are no rows. Paste the table with its sessions, or choose a file.")]})
    if len(table.rows) > MOST:
        raise Invalid(fields={"file": [N_("At most %(limit)s sessions at once", limit=MOST)]})
    return table


def forms_of(table: Table, event: EventRow, rooms: Sequence[RoomRow]) -> list[tuple[int, SessionForm]]:
    """The forms of the rows; what is wrong is added to the errors of the table."""
    words = _words(rooms)
    seen: dict[str, int] = {}
    found = []
    for number, values in table.rows:
        bound = read_session(_plain(values, words), event.timezone)
        for name, messages in bound.errors.items():
            label = bound.fields[name].label if name in bound.fields else ""
            table.errors += [(number, f"{label}: {message}" if label else str(message)) for message in messages]
        code = values.get("code", "").casefold()
        if code and code in seen:
            message = gettext("The code %(code)s is also in row %(row)s", code=values["code"], row=seen[code])
            table.errors.append((number, message))
        seen.setdefault(code, number)
        if bound.ok:
            found.append((number, bound.value))
    return found


def _words(rooms: Sequence[RoomRow]) -> dict[str, dict[str, str]]:
    """field → what people write → what is stored."""
    kinds, units = {}, {}
    for lang in LANGS:
        for code in catalogues.keys("session_kinds"):
            kinds[catalogues.label("session_kinds", code, lang).casefold()] = code
        for value, label, _ in catalogues.choices("units", lang):
            units[label.casefold()] = value
    named = {name.casefold(): room.code for room in rooms for name in (room.name_zh, room.name_en)}
    return {"kind": kinds, "unit": units, "room": named}


def _plain(values: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    plain: dict[str, Any] = dict(values)
    for name, known in words.items():
        typed = values.get(name, "")
        plain[name] = known.get(typed.casefold(), typed)
    typed = values.get("sign_up", "").casefold()
    plain["sign_up"] = "yes" if typed in _YES else "no" if typed in _NO else typed
    return plain


def template(event: EventRow, items: Sequence[Item]) -> bytes:
    """The draft as a workbook to fill in and to paste back; without a session one line as an example."""
    columns = [Column(head, width) for head, width, _ in COLUMNS.values()]
    rows = [_cells(item, event) for item in items if not item.plan.removed]
    if not rows:
        day = event.starts_at.astimezone(ZoneInfo(event.timezone)).strftime("%Y-%m-%d")
        rows = [["opening", "opening", "开幕式", "Opening", f"{day} 09:00", f"{day} 10:00", "", "", "", "no", "", ""]]
    return write_xlsx(columns, rows)


def _cells(item: Item, event: EventRow) -> list[Any]:
    plan, zone = item.plan, ZoneInfo(event.timezone)
    shown: dict[str, Any] = {name: getattr(plan, name) for name in COLUMNS}
    for name in ("starts_at", "ends_at", "changes_until"):
        shown[name] = shown[name].astimezone(zone).strftime("%Y-%m-%d %H:%M") if shown[name] else ""
    shown |= {"room": plan.room_code, "unit": plan.unit_code, "sign_up": "yes" if plan.sign_up else "no"}
    shown["speakers"] = plan.speakers.replace("\n", "; ")
    return list(shown.values())
