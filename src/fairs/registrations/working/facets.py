"""The filters of the working list whose values are offered with their counts.

A filter with one value a registration is an SQL expression; one with several is a statement of pairs. A higher slice offers
more of both, and more columns, through `EXTRAS`: answers of forms, for example.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairs.core.i18n import N_, current_lang, pick
from fairs.core.rows import fetch_as
from fairs.events.rows import EventRow
from fairs.registrations import rules
from fairs.registrations.labels import STATE_LABELS, category_label
from fairs.registrations.working.joins import TALENT, UNIT
from fairs.registrations.working.rows import SessionName
from fairs.units import catalogues

NONE = "-"  # the value of those without one
Words = Callable[[EventRow], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Facet:
    """`value`: SQL of a text, with its `joins`. `pairs`: instead, a statement that returns registration and value.

    `words`: the names of the values in their order; a value without a name is shown as it is. `arguments`: of its own SQL.
    `apart`: counted in the second of two statements, so that both take about as long.
    """

    name: str
    label: object
    words: Words
    value: str = ""
    joins: tuple[str, ...] = ()
    pairs: str = ""
    apart: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def condition(self) -> str:
        """What a registration with one of the chosen values fulfils; the argument has the facet's name."""
        if self.pairs:
            return f"r.id IN (SELECT x.registration FROM ({self.pairs}) x WHERE x.value = ANY(:f_{self.name}::text[]))"  # noqa: S608 - constants of the code; values are named arguments
        return f"{self.value} = ANY(:f_{self.name}::text[])"


def _catalogue(kind: str) -> Words:
    async def words(event: EventRow) -> Mapping[str, str]:
        return {value: text for value, text, _ in catalogues.choices(kind, current_lang())}

    return words


async def _states(event: EventRow) -> Mapping[str, str]:
    return {state: str(word) for state, word in STATE_LABELS.items()}


async def _categories(event: EventRow) -> Mapping[str, str]:
    return {name: category_label(name) for name in rules.categories()}


async def _units(event: EventRow) -> Mapping[str, str]:
    return {unit.code: pick(unit.zh, unit.en) for unit in catalogues.units()}


async def _sessions(event: EventRow) -> Mapping[str, str]:
    rows = await fetch_as(
        SessionName,
        "SELECT code, title_zh, title_en FROM event_session WHERE event = :event ORDER BY starts_at, code",
        event=event.id,
    )
    return {row.code: pick(row.title_zh, row.title_en) for row in rows}


async def _as_they_are(event: EventRow) -> Mapping[str, str]:
    return {}


async def _companions(event: EventRow) -> Mapping[str, str]:
    found = {"with": N_("brings somebody along"), "is": N_("is a companion"), NONE: N_("comes alone")}
    return {value: str(word) for value, word in found.items()}


def _or_none(sql: str) -> str:
    return f"coalesce(nullif({sql}, ''), '{NONE}')"


FACETS = (
    Facet("state", N_("State"), _states, "r.state"),
    Facet("category", N_("Category"), _categories, "r.category"),
    Facet("country", N_("Country"), _catalogue("countries"), _or_none("r.nationality")),
    Facet("unit", N_("Unit"), _units, _or_none("u.code"), UNIT),
    Facet("degree", N_("Degree"), _catalogue("degrees"), _or_none("t.degree"), (TALENT,)),
    Facet("field", N_("Field"), _catalogue("disciplines"), _or_none("t.discipline"), (TALENT,)),
    Facet(
        "session",
        N_("Session"),
        _sessions,
        pairs="SELECT y.registration, s.code AS value FROM registration_session y JOIN event_session s ON s.id = y.session"
        " WHERE s.event = :event",
        apart=True,
    ),
    Facet(
        "tag",
        N_("Tag"),
        _as_they_are,
        pairs="SELECT y.registration, y.tag AS value FROM registration_tag y",
        apart=True,
    ),
    Facet(
        "companions",
        N_("Companions"),
        _companions,
        f"CASE WHEN r.companion_of IS NOT NULL THEN 'is' WHEN EXISTS (SELECT 1 FROM registration y WHERE y.companion_of = r.id"  # noqa: S608 - a constant: the ended states
        f" AND y.state NOT IN {rules.ENDED_STATES}) THEN 'with' ELSE '{NONE}' END",
    ),
)
