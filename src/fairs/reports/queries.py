"""Numbers and their rows, for those who may see them: a bureau its own units, the province all."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.pagination import Page, paged, window
from fairs.core.search_keys import like_words
from fairs.reports.counting import SCOPE, Measure
from fairs.reports.measures import MEASURES, UNIT_COLUMNS

MAX_EXPORT = 100_000  # rows of a spreadsheet


@dataclass(frozen=True)
class Scope:
    """What is counted: an event, and the units (None: all). `zone` says when a day or a year begins."""

    event: int
    units: tuple[int, ...] | None
    zone: str
    year: int

    @property
    def today(self) -> date:
        return clock.now().astimezone(ZoneInfo(self.zone)).date()

    @property
    def arguments(self) -> tuple[Any, ...]:
        """For SCOPE's $1 to $5."""
        units = None if self.units is None else list(self.units)
        return self.event, units, self.today, self.year, self.zone


async def scope_for(actor: Actor, event: asyncpg.Record, unit: str = "") -> Scope:
    """The scope of an actor, narrowed to a unit's code. Raises NotFound for a unit that is not theirs."""
    units = None if actor.sees_everything else tuple(sorted(actor.unit_ids))
    if unit:
        found = await db.fetchval("SELECT id FROM unit WHERE code = $1", unit.replace("\x00", ""))
        if found is None or (units is not None and found not in units):
            raise NotFound
        units = (int(found),)
    year = event["starts_at"].astimezone(ZoneInfo(event["timezone"])).year
    return Scope(event["id"], units, event["timezone"], year)


def measure_named(key: str) -> Measure:
    """The measure of a key. Raises NotFound."""
    if key not in MEASURES:
        raise NotFound
    return MEASURES[key]


async def numbers(scope: Scope) -> dict[str, int]:
    """Every measure's number, in one statement, so that they fit each other."""
    parts = ", ".join(f"({measure.number_sql()}) AS {key}" for key, measure in MEASURES.items())
    row = await db.fetchrow(f"{SCOPE}SELECT {parts}", *scope.arguments)
    assert row is not None
    return {key: int(value) for key, value in row.items()}


async def number(scope: Scope, measure: Measure) -> int:
    """One measure's number."""
    return int(await db.fetchval(SCOPE + measure.number_sql(), *scope.arguments))


async def by_unit(scope: Scope, keys: tuple[str, ...] = UNIT_COLUMNS) -> dict[int | None, dict[str, int]]:
    """unit id (None: of no unit) → measure → number; units without anything are left out."""
    parts = " UNION ALL ".join(
        f"SELECT '{key}' AS key, unit, number FROM ({MEASURES[key].by_unit_sql()}) AS {key}"  # noqa: S608 - parts of a Measure, which are constants; keys of MEASURES
        for key in keys
    )
    found: dict[int | None, dict[str, int]] = {}
    for row in await db.fetch(SCOPE + parts, *scope.arguments):
        found.setdefault(row["unit"], {})[row["key"]] = int(row["number"])
    return found


_ROWS = (
    "SELECT c.*, u.code AS unit_code, u.name_zh AS unit_zh, u.name_en AS unit_en FROM ({things}) AS c"
    " LEFT JOIN unit u ON u.id = c.unit WHERE lower(c.keys || ' ' || c.label_zh) LIKE ALL ($6::text[]) ORDER BY {order}"
)
_SORTS = {"label": "c.label_zh", "at": "c.at", "unit": "u.position", "value": "c.value"}


def _rows_sql(measure: Measure, sort: str) -> str:
    column = _SORTS.get(sort.removeprefix("-"), "c.at")
    direction = "DESC" if sort.startswith("-") or not sort else "ASC"
    return SCOPE + _ROWS.format(things=measure.things(), order=f"{column} {direction} NULLS LAST, c.identity")


async def rows(
    scope: Scope,
    measure: Measure,
    *,
    q: str = "",
    sort: str = "",
    page: int | None = None,
    page_size: int | None = None,
) -> Page[asyncpg.Record]:
    """A page of the things counted: label, detail, unit, at, value, ref. `q` reads names, pinyin and initials."""
    sql = _rows_sql(measure, sort)
    arguments = (*scope.arguments, like_words(q.replace("\x00", "")))
    return await paged(
        window(page, page_size),
        lambda: db.fetchval(f"SELECT count(*) FROM ({sql}) AS matched", *arguments),  # noqa: S608 - a Measure; the order is looked up in _SORTS
        lambda *part: db.fetch(f"{sql} LIMIT $7 OFFSET $8", *arguments, *part),
    )


async def all_rows(scope: Scope, measure: Measure, *, q: str = "", sort: str = "") -> list[asyncpg.Record]:
    """All rows for a spreadsheet. Raises Invalid when there are more than it should hold."""
    sql = f"{_rows_sql(measure, sort)} LIMIT {MAX_EXPORT + 1}"
    found = await db.fetch(sql, *scope.arguments, like_words(q.replace("\x00", "")))
    if len(found) > MAX_EXPORT:
        raise Invalid(N_("More than %(limit)s rows: narrow the search first.", limit=MAX_EXPORT))
    return found


async def entry_days(scope: Scope) -> list[date]:
    """Days with entries, the newest first."""
    sql = f"{SCOPE}SELECT DISTINCT (at AT TIME ZONE scope.zone)::date AS day FROM ({MEASURES['entries'].things()}) AS c"  # noqa: S608 - parts of a Measure, which are constants; keys of MEASURES
    return [row["day"] for row in await db.fetch(f"{sql}, scope ORDER BY day DESC", *scope.arguments)]


async def entries_by_time(scope: Scope, day: date) -> list[tuple[datetime, int]]:
    """Entries of a day in steps of ten minutes, whole hours from the first to the last, in the event's own hours."""
    rows_ = await db.fetch(
        f"{SCOPE}, c AS (SELECT date_bin('10 minutes', at AT TIME ZONE scope.zone, '2000-01-01'::timestamp) AS slot,"  # noqa: S608 - parts of a Measure, which are constants; keys of MEASURES
        f" count(*) AS number FROM ({MEASURES['entries'].things()}) AS e, scope"
        " WHERE (at AT TIME ZONE scope.zone)::date = $6 GROUP BY slot)"
        " SELECT s.slot, coalesce(c.number, 0) AS number FROM generate_series((SELECT date_trunc('hour',"
        " min(slot)) FROM c), (SELECT date_trunc('hour', max(slot)) + '50 minutes' FROM c), '10 minutes'::interval) AS s (slot) LEFT JOIN c ON c.slot = s.slot ORDER BY s.slot",
        *scope.arguments,
        day,
    )
    return [(row["slot"], int(row["number"])) for row in rows_]


async def targets(actor: Actor, scope: Scope) -> list[asyncpg.Record]:
    """Targets of the year for the units in view: of the province when all are, else of those units."""
    return await db.fetch(
        "SELECT g.measure, sum(g.value)::bigint AS value, min(g.counted_in) AS counted_in,"
        " min(g.source) AS source FROM target g JOIN unit u ON u.id = g.unit WHERE g.year = $1"
        " AND (CASE WHEN $2::bigint[] IS NULL THEN u.kind = 'province' ELSE u.id = ANY($2) END)"
        " GROUP BY g.measure ORDER BY g.measure",
        scope.year,
        None if scope.units is None else list(scope.units),
    )


async def units_in(scope: Scope) -> list[asyncpg.Record]:
    """The delegations in view, in official order."""
    return await db.fetch(
        "SELECT id, code, kind, name_zh, name_en FROM unit WHERE kind <> 'province'"
        " AND ($1::bigint[] IS NULL OR id = ANY($1)) ORDER BY position, code",
        None if scope.units is None else list(scope.units),
    )
