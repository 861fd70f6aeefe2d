"""Numbers and their rows within the actor's scope: a bureau its own units, the province all."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.pagination import Page, paged, window
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.core.search_keys import like_words
from fairs.events.rows import EventRow
from fairs.reports.counting import SCOPE, Measure
from fairs.reports.measures import MEASURES, UNIT_COLUMNS
from fairs.reports.rows import Counted, Day, Numbers, Slot, TargetRow, UnitNumber, by_measure
from fairs.units.rows import UnitRow

MAX_EXPORT = 100_000  # rows of a spreadsheet


@dataclass(frozen=True)
class Scope:
    """What is counted: an event, and the units (None: all). `zone` defines when a day or a year begins."""

    event: int
    units: tuple[int, ...] | None
    zone: str
    year: int

    @property
    def today(self) -> date:
        return clock.now().astimezone(ZoneInfo(self.zone)).date()

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments named in SCOPE."""
        return {
            "event": self.event,
            "units": None if self.units is None else list(self.units),
            "today": self.today,
            "year": self.year,
            "zone": self.zone,
        }


async def scope_for(actor: Actor, event: EventRow, unit: str = "") -> Scope:
    """The scope of an actor, narrowed to a unit's code. Raises NotFound for a unit outside it."""
    units = None if actor.sees_everything else tuple(sorted(actor.unit_ids))
    if unit:
        found = await fetch_value_or_none(int, "SELECT id FROM unit WHERE code = :code", code=unit.replace("\x00", ""))
        if found is None or (units is not None and found not in units):
            raise NotFound
        units = (found,)
    year = event.starts_at.astimezone(ZoneInfo(event.timezone)).year
    return Scope(event.id, units, event.timezone, year)


def measure_named(key: str) -> Measure:
    """The measure with a key. Raises NotFound."""
    if key not in MEASURES:
        raise NotFound
    return MEASURES[key]


_NUMBERS = f"{SCOPE}SELECT " + ", ".join(f"({measure.number_sql()}) AS {key}" for key, measure in MEASURES.items())


async def numbers(scope: Scope) -> dict[str, int]:
    """Every measure's number, in one statement, so that they are consistent."""
    row = await fetch_one_as(Numbers, _NUMBERS, **scope.arguments)
    assert row is not None
    return by_measure(row)


async def number(scope: Scope, measure: Measure) -> int:
    """One measure's number."""
    return await fetch_value(int, SCOPE + measure.number_sql(), **scope.arguments)


async def by_unit(scope: Scope, keys: tuple[str, ...] = UNIT_COLUMNS) -> dict[int | None, dict[str, int]]:
    """unit id (None: no unit) → measure → number; empty units are left out."""
    parts = " UNION ALL ".join(
        f"SELECT '{key}' AS key, unit, number FROM ({MEASURES[key].by_unit_sql()}) AS {key}"  # noqa: S608 - names of measures, which are constants
        for key in keys
    )
    found: dict[int | None, dict[str, int]] = {}
    for row in await fetch_as(UnitNumber, SCOPE + parts, **scope.arguments):
        found.setdefault(row.unit, {})[row.key] = row.number
    return found


_COUNTED = (
    "c.label_zh, c.label_en, c.detail_zh, c.detail_en, c.at, c.value, c.ref, u.code AS unit_code, u.name_zh AS unit_zh,"
    " u.name_en AS unit_en"
)
_SORTS = {"label": "c.label_zh", "at": "c.at", "unit": "u.position", "value": "c.value"}


def _counted(scope: Scope, measure: Measure, q: str) -> Select:
    """The counted things; `q` matches names, pinyin and initials."""
    source = f"({SCOPE}{measure.things()}) AS c LEFT JOIN unit u ON u.id = c.unit"
    return Select(_COUNTED, source, **scope.arguments).where(
        "lower(c.keys || ' ' || c.label_zh) LIKE ALL (:words::text[])", words=like_words(q.replace("\x00", ""))
    )


def _order(sort: str) -> str:
    column = _SORTS.get(sort.removeprefix("-"), "c.at")
    direction = "DESC" if sort.startswith("-") or not sort else "ASC"
    return f"{column} {direction} NULLS LAST, c.identity"


async def rows(
    scope: Scope,
    measure: Measure,
    *,
    q: str = "",
    sort: str = "",
    page: int | None = None,
    page_size: int | None = None,
) -> Page[Counted]:
    """A page of the counted things. `q` matches names, pinyin and initials."""
    select = _counted(scope, measure, q)
    return await paged(window(page, page_size), select.count, select.reader(Counted, order=_order(sort)))


async def all_rows(scope: Scope, measure: Measure, *, q: str = "", sort: str = "") -> list[Counted]:
    """All rows for a spreadsheet. Raises Invalid above MAX_EXPORT rows."""
    found = await _counted(scope, measure, q).rows(Counted, order=_order(sort), size=MAX_EXPORT + 1)
    if len(found) > MAX_EXPORT:
        raise Invalid(N_("More than %(limit)s rows: narrow the search first.", limit=MAX_EXPORT))
    return found


async def entry_days(scope: Scope) -> list[date]:
    """Days with entries, the newest first."""
    sql = f"{SCOPE}SELECT DISTINCT (at AT TIME ZONE scope.zone)::date AS day FROM ({MEASURES['entries'].things()}) AS c"  # noqa: S608 - constants of the code; values are named arguments
    return [row.day for row in await fetch_as(Day, f"{sql}, scope ORDER BY day DESC", **scope.arguments)]


async def entries_by_time(scope: Scope, day: date) -> list[tuple[datetime, int]]:
    """Entries of a day per ten minutes, in whole hours from the first to the last, in the event's own time."""
    slots = await fetch_as(
        Slot,
        f"{SCOPE}, c AS (SELECT date_bin('10 minutes', at AT TIME ZONE scope.zone, '2000-01-01'::timestamp) AS slot,"  # noqa: S608 - constants of the code; values are named arguments
        f" count(*) AS number FROM ({MEASURES['entries'].things()}) AS e, scope"
        " WHERE (at AT TIME ZONE scope.zone)::date = :day GROUP BY slot)"
        " SELECT s.slot, coalesce(c.number, 0) AS number FROM generate_series((SELECT date_trunc('hour',"
        " min(slot)) FROM c), (SELECT date_trunc('hour', max(slot)) + '50 minutes' FROM c), '10 minutes'::interval) AS s (slot) LEFT JOIN c ON c.slot = s.slot ORDER BY s.slot",
        **scope.arguments,
        day=day,
    )
    return [(row.slot, row.number) for row in slots]


async def targets(actor: Actor, scope: Scope) -> list[TargetRow]:
    """Targets of the year for the visible units: the province's when all are visible, else of those units."""
    return await fetch_as(
        TargetRow,
        "SELECT g.measure, sum(g.value)::bigint AS value, min(g.counted_in) AS counted_in,"
        " min(g.source) AS source FROM target g JOIN unit u ON u.id = g.unit WHERE g.year = :year"
        " AND (CASE WHEN :units::bigint[] IS NULL THEN u.kind = 'province' ELSE u.id = ANY(:units) END)"
        " GROUP BY g.measure ORDER BY g.measure",
        year=scope.year,
        units=None if scope.units is None else list(scope.units),
    )


async def units_in(scope: Scope) -> list[UnitRow]:
    """The visible delegations, in official order."""
    return await fetch_as(
        UnitRow,
        "SELECT id, code, kind, name_zh, name_en FROM unit WHERE kind <> 'province'"
        " AND (:units::bigint[] IS NULL OR id = ANY(:units)) ORDER BY position, code",
        units=None if scope.units is None else list(scope.units),
    )
