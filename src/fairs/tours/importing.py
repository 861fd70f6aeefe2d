"""Stops and people from a spreadsheet: columns, reading what was pasted, and the template."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args
from zoneinfo import ZoneInfo

from fairs.core import sheet_tables
from fairs.core.errors import DomainError, Invalid
from fairs.core.forms import Bound, Form, bind
from fairs.core.i18n import N_, Lang, gettext, language
from fairs.core.sheets import Column, write_xlsx
from fairs.events.rows import EventRow
from fairs.tours.forms import PersonForm, StopForm
from fairs.tours.labels import STOP_KINDS
from fairs.tours.rows import Employer, StopRow
from fairs.tours.tables import StopState
from fairs.units import catalogues

MOST = 400  # rows
F = TypeVar("F", bound=Form)
STOP_COLUMNS: dict[str, tuple[object, int, object]] = {  # field → head, width, what to write
    "kind": (N_("Kind"), 14, N_("As in the form, in either language")),
    "title_zh": (N_("Title in Chinese"), 30, N_("One of the two titles is enough")),
    "title_en": (N_("Title in English"), 30, ""),
    "starts_at": (N_("Begins"), 18, N_("Day and hour in the event's time, like 2027-10-23 09:00")),
    "ends_at": (N_("Ends"), 18, N_("As the beginning")),
    "unit": (N_("City"), 16, N_("Code or name of a reporting unit")),
    "employer": (N_("Employer that receives"), 24, N_("Its name in either language; empty: the bureau of the city")),
    "place_zh": (N_("Address in Chinese"), 30, ""),
    "place_en": (N_("Address in English"), 30, ""),
    "host_name": (N_("Contact there"), 14, ""),
    "host_phone": (N_("Telephone there"), 16, ""),
    "host_email": (N_("E-mail address there"), 20, ""),
    "interpreters": (N_("Interpreters for"), 16, N_("Codes or names of languages, separated by semicolons")),
    "places": (N_("People at once"), 8, N_("A number; empty for no limit")),
    "bring_zh": (N_("What to bring, in Chinese"), 24, ""),
    "bring_en": (N_("What to bring, in English"), 24, ""),
    "note_zh": (N_("Note in Chinese"), 30, ""),
    "note_en": (N_("Note in English"), 30, ""),
    "groups": (N_("For the groups"), 14, N_("Names of groups, separated by semicolons; empty for everybody")),
}
PEOPLE_COLUMNS: dict[str, tuple[object, int, object]] = {
    "name_passport": (N_("Name in Latin letters"), 24, N_("As in the passport")),
    "name_native": (N_("Name in own script"), 14, ""),
    "email": (N_("E-mail address"), 26, N_("The invitation goes here")),
    "phone": (N_("Telephone"), 18, ""),
    "unit": (N_("Comes for the city"), 16, N_("Code or name of a reporting unit; may be empty")),
    "discipline": (N_("Field"), 20, N_("Code or name; may be empty")),
    "lang": (N_("Language of the mails"), 8, N_("en or zh")),
}
_SEVERAL = ("interpreters", "groups")


@dataclass
class Table(Generic[F]):
    """Rows of a table as forms with their numbers, and what is wrong with it."""

    columns: sheet_tables.Columns
    rows: sheet_tables.Rows
    forms: list[tuple[int, F]] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The table as it can be pasted again."""
        return sheet_tables.as_text(self.rows, self.columns)


async def stored(table: Table[Any], storing: Awaitable[int]) -> int:
    """How many rows were stored; what a row is refused for joins the errors of the table, and nothing is stored."""
    try:
        return await storing
    except Invalid as refused:
        table.errors += [(int(row), str(message)) for row, found in refused.fields.items() for message in found]
    except DomainError as refused:
        table.errors.append((0, str(refused.message)))
    return 0


def read_stops(text: str, event: EventRow, employers: Sequence[Employer]) -> Table[StopForm]:
    """A pasted itinerary. Raises Invalid for the field `text`."""
    named = {name.casefold(): str(one.id) for one in employers for name in (one.name_zh, one.name_en) if name}
    words = {"kind": _kinds(), "unit": _words("units"), "employer": named, "interpreters": _words("languages")}
    return _read(text, STOP_COLUMNS, StopForm, words, event.timezone)


def read_people(text: str) -> Table[PersonForm]:
    """A pasted list of people. Raises Invalid for the field `text`."""
    words = {
        "unit": _words("units"),
        "discipline": _words("disciplines"),
        "lang": {"english": "en", "中文": "zh", "英文": "en"},
    }
    found = _read(text, PEOPLE_COLUMNS, PersonForm, words, "")
    seen: dict[str, int] = {}
    for number, form in found.forms:
        email = form.email.casefold()
        if email in seen:
            found.errors.append((number, gettext("This address is also in row %(row)s", row=seen[email])))
        seen.setdefault(email, number)
    return found


def _kinds() -> dict[str, str]:
    found: dict[str, str] = {}
    for lang in get_args(Lang):
        with language(lang):
            found |= {str(word).casefold(): kind for kind, word in STOP_KINDS.items()}
    return found


def _words(kind: str) -> dict[str, str]:
    """What people write → the code."""
    return {label.casefold(): value for lang in get_args(Lang) for value, label, _ in catalogues.choices(kind, lang)}


def _read(
    text: str, columns: sheet_tables.Columns, form: type[F], words: Mapping[str, Mapping[str, str]], zone: str
) -> Table[F]:
    return read_rows(sheet_tables.read_text(text, columns), columns, form, words, zone)


def read_rows(
    rows: sheet_tables.Rows,
    columns: sheet_tables.Columns,
    form: type[F],
    words: Mapping[str, Mapping[str, str]],
    zone: str,
) -> Table[F]:
    """The rows of a table as forms. `words`: field → what people write → the code. Raises Invalid for the field `text`."""
    if not rows:
        raise Invalid(fields={"text": [N_("There are no rows. Paste the table.")]})
    if len(rows) > MOST:
        raise Invalid(fields={"text": [N_("At most %(limit)s rows at once", limit=MOST)]})
    table: Table[F] = Table(columns, rows)
    for number, values in rows:
        bound = _bound(form, values, words, zone)
        for name, messages in bound.errors.items():
            label = bound.fields[name].label if name in bound.fields else ""
            table.errors += [(number, f"{label}: {message}" if label else str(message)) for message in messages]
        table.errors += [(number, str(message)) for message in bound.form_errors]
        if bound.ok:
            table.forms.append((number, bound.value))
    return table


def _bound(form: type[F], values: Mapping[str, str], words: Mapping[str, Mapping[str, str]], zone: str) -> Bound[F]:
    plain: dict[str, Any] = {name: value for name, value in values.items() if value}
    for name in _SEVERAL:
        if name in plain:
            parts = [part.strip() for part in plain[name].replace("；", ";").split(";") if part.strip()]
            known = words.get(name, {})
            plain[name] = [known.get(part.casefold(), part) for part in parts]
    for name, known in words.items():
        if name in plain and name not in _SEVERAL:
            plain[name] = known.get(plain[name].casefold(), plain[name])
    return bind(form, plain, zone=zone) if zone else bind(form, plain)


def stops_workbook(event: EventRow, stops: Sequence[StopRow]) -> bytes:
    """The itinerary as a workbook; without a stop one line as an example."""
    zone = ZoneInfo(event.timezone)
    rows = [_cells(stop, zone) for stop in stops if stop.state != StopState.CANCELLED]
    if not rows:
        day = event.starts_at.astimezone(zone).strftime("%Y-%m-%d")
        example = {"kind": "visit", "title_zh": "参观企业", "title_en": "Visit of an employer", "unit": event.unit_code}
        example |= {"starts_at": f"{day} 09:00", "ends_at": f"{day} 10:30"}
        rows = [[example.get(name, "") for name in STOP_COLUMNS]]
    return write_xlsx([Column(head, width) for head, width, _ in STOP_COLUMNS.values()], rows)


def _cells(stop: StopRow, zone: ZoneInfo) -> list[Any]:
    shown: dict[str, Any] = {name: getattr(stop, name) for name in STOP_COLUMNS if hasattr(stop, name)}
    shown |= {
        name: getattr(stop, name).astimezone(zone).strftime("%Y-%m-%d %H:%M") for name in ("starts_at", "ends_at")
    }
    shown |= {"employer": stop.organisation_zh or stop.organisation_en, "groups": "; ".join(stop.group_names)}
    shown |= {"interpreters": "; ".join(stop.interpreters), "places": "" if stop.places is None else stop.places}
    return [shown[name] for name in STOP_COLUMNS]
