"""The columns of the working list and of its exports: how each is read, shown and sorted by."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairs.core.i18n import N_, current_lang, pick
from fairs.core.services import Service
from fairs.registrations import phones
from fairs.registrations.labels import category_label, state_label
from fairs.registrations.working.facets import FACETS, Facet
from fairs.registrations.working.joins import ENTERED_BY, TALENT, UNIT
from fairs.units import catalogues

Show = Callable[[Any], Any]


def _plain(value: Any) -> Any:
    return value


def _named(kind: str) -> Show:
    return lambda value: catalogues.label(kind, value, current_lang()) if value else ""


def _unit(code: Any) -> Any:
    found = next((unit for unit in catalogues.units() if unit.code == code), None)
    return pick(found.zh, found.en) if found else code or ""


def _days(value: Any) -> Any:
    return ", ".join(day.isoformat() for day in value)


@dataclass(frozen=True, slots=True)
class ListColumn:
    """`value`: SQL, with its `joins`; `show` makes of it what a cell says; `sort`: SQL to sort by, none when it cannot be.

    `sort_joins`: of that. `width`: in characters, of a spreadsheet. `moment`: a time. `arguments`: of its own SQL.
    """

    name: str
    label: object
    value: str
    width: int = 16
    joins: tuple[str, ...] = ()
    sort: str = ""
    sort_joins: tuple[str, ...] = ()
    show: Show = _plain
    moment: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


_PINYIN = (  # Chinese names by pinyin, which is the second part of the key
    "CASE WHEN r.name_native NOT IN ('', r.name_passport) THEN split_part(split_part(r.search_key, E'\\n', 1), ' | ', 2)"
    ' ELSE lower(r.name_passport) END COLLATE "C"'
)
_SIGNED_UP = (
    "coalesce((SELECT string_agg(s.code, ', ' ORDER BY s.starts_at, s.code) FROM registration_session x"
    " JOIN event_session s ON s.id = x.session WHERE x.registration = r.id), '')"
)
_TAGS = (
    "coalesce((SELECT string_agg(x.tag, ', ' ORDER BY x.tag) FROM registration_tag x WHERE x.registration = r.id), '')"
)
_POSITION = (
    "CASE WHEN r.state = 'waitlisted' THEN (SELECT count(*) FROM registration q WHERE q.event = r.event"
    " AND q.state = 'waitlisted' AND q.queue <= r.queue) END"
)
COLUMNS = (
    ListColumn("number", N_("Registration number"), "r.number", 14, sort="r.id"),
    ListColumn("native", N_("Native name"), "r.name_native", 16),
    ListColumn("name", N_("Name in Latin letters"), "r.name_passport", 26, sort=_PINYIN),
    ListColumn("state", N_("State"), "r.state", 14, sort="r.state", show=state_label),
    ListColumn("position", N_("Position in the waiting list"), _POSITION, 10, sort="r.queue"),
    ListColumn("category", N_("Category"), "r.category", 14, sort="r.category", show=category_label),
    ListColumn(
        "organisation",
        N_("University, company or institute"),
        "r.organisation_name",
        36,
        sort="nullif(r.organisation_name, '')",
    ),
    ListColumn(
        "country",
        N_("Nationality or region"),
        "r.nationality",
        18,
        sort="nullif(r.nationality, '')",
        show=_named("countries"),
    ),
    ListColumn("unit", N_("Unit"), "u.code", 24, UNIT, sort="u.position", sort_joins=UNIT, show=_unit),
    ListColumn(
        "degree",
        N_("Degree"),
        "t.degree",
        12,
        (TALENT,),
        sort="nullif(t.degree, '')",
        sort_joins=(TALENT,),
        show=_named("degrees"),
    ),
    ListColumn(
        "field",
        N_("Field"),
        "t.discipline",
        24,
        (TALENT,),
        sort="nullif(t.discipline, '')",
        sort_joins=(TALENT,),
        show=_named("disciplines"),
    ),
    ListColumn("email", N_("E-mail address"), "r.email", 30, sort="nullif(r.email, '')"),
    ListColumn("phone", N_("Phone"), "r.phone", 18, show=phones.opened),
    ListColumn("sessions", N_("Sessions signed up for"), _SIGNED_UP, 24),
    ListColumn("days", N_("Days"), "r.days", 24, show=_days),
    ListColumn("badge_name", N_("Name on the badge"), "r.badge_name", 20),
    ListColumn(
        "companion_of",
        N_("Companion of"),
        "coalesce((SELECT h.number FROM registration h WHERE h.id = r.companion_of), '')",
        14,
        sort="r.companion_of",
    ),
    ListColumn("relation", N_("Relation"), "r.relation", 14),
    ListColumn("tags", N_("Tags"), _TAGS, 20),
    ListColumn("registered", N_("Registered on"), "r.created_at", 17, sort="r.created_at", moment=True),
    ListColumn("confirmed", N_("Confirmed on"), "r.confirmed_at", 17, sort="r.confirmed_at", moment=True),
    ListColumn("cancelled", N_("Cancelled on"), "r.cancelled_at", 17, sort="r.cancelled_at", moment=True),
    ListColumn("reason", N_("Reason of the cancellation"), "r.cancel_reason", 24),
    ListColumn("changed", N_("Changed on"), "r.updated_at", 17, sort="r.updated_at", moment=True),
    ListColumn("entered", N_("Registered by"), "by_account.name", 20, (ENTERED_BY,)),
)
FIRST = ("number", "name")  # always there, and the first ones
STANDARD = ("state", "category", "organisation", "email", "registered")
APART = frozenset(
    {"companion_of", "relation", "changed", "entered", "unit", "degree", "field"}
)  # exported only when they are chosen


@dataclass(frozen=True, slots=True)
class Extras:
    """What a higher slice adds to the list of an event."""

    facets: tuple[Facet, ...] = ()
    columns: tuple[ListColumn, ...] = ()


Provider = Callable[[int], Awaitable[Extras]]
EXTRAS: Service[tuple[Provider, ...]] = Service(tuple)
"""Of an event's id, the facets and columns that a higher slice adds: answers to the questions of its form."""


@dataclass(frozen=True, slots=True)
class Offer:
    """All facets and columns of an event's list, by name."""

    facets: Mapping[str, Facet]
    columns: Mapping[str, ListColumn]

    @property
    def exported(self) -> tuple[str, ...]:
        """The columns of an export for which none was chosen."""
        return tuple(name for name in self.columns if name not in APART)

    def shown(self, names: Sequence[str]) -> list[ListColumn]:
        """The columns of the list with these names, after those that are always there."""
        return [self.columns[name] for name in dict.fromkeys((*FIRST, *names)) if name in self.columns]


async def offer(event_id: int) -> Offer:
    """What the list of an event offers."""
    extras = [await provider(event_id) for provider in EXTRAS()]
    facets = [*FACETS, *(facet for extra in extras for facet in extra.facets)]
    columns = [*COLUMNS, *(column for extra in extras for column in extra.columns)]
    return Offer({facet.name: facet for facet in facets}, {column.name: column for column in columns})
