"""Read the working list: who is in it, in which order, how many have which value, and what a row shows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from fairs.core import db
from fairs.core.pagination import Page, last_page
from fairs.core.rows import Row, fetch_as, fetch_bulk, fetch_value, fetch_values
from fairs.registrations import finding
from fairs.registrations.working.columns import ListColumn, Offer
from fairs.registrations.working.facets import Facet
from fairs.registrations.working.joins import joined
from fairs.registrations.working.rows import ValueCount
from fairs.registrations.working.wanted import Wanted

ROWS = 50  # of a page
_NEWEST = "r.id DESC"  # ids rise with time
_FIXED = "r.id, r.number, r.state, r.name_native, r.name_passport, r.registrant"


@dataclass(frozen=True, slots=True)
class Selection:
    """People of an event: those with these ids, or with None all that match what is wanted."""

    event: int
    wanted: Wanted
    picked: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many match, and for each facet how many would with a value, in place of those chosen in this facet."""

    total: int
    values: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: `cells` in the order of the columns, as they are shown."""

    id: int
    number: str
    state: str
    name_native: str
    name_passport: str
    registrant: int | None
    cells: tuple[Any, ...]


def chosen_people(selection: Selection, offer: Offer, joins: Sequence[str] = ()) -> tuple[str, dict[str, Any]]:
    """`FROM … WHERE …` of the chosen registrations `r`, with its arguments: the selection as a part of any statement."""
    wanted, picked = selection.wanted, selection.picked
    if picked is not None:
        sql = f" FROM registration r{joined(joins)} WHERE r.event = :event AND r.id = ANY(:picked::bigint[])"
        return sql, {"event": selection.event, "picked": list(picked)}
    source, arguments = _searched(selection.event, wanted.q)
    conditions = ["r.event = :event"]
    needed = list(joins)
    for facet in _active(wanted, offer):
        conditions.append(facet.condition)
        needed += facet.joins
        arguments |= _arguments(facet, wanted)
    return f" FROM {source}{joined(needed)} WHERE {' AND '.join(conditions)}", arguments


def _searched(event_id: int, q: str) -> tuple[str, dict[str, Any]]:
    """The registrations that match a text, as the source of a statement."""
    arguments: dict[str, Any] = {"event": event_id}
    if not q:
        return "registration r", arguments
    if not finding.keys_of(q):
        return "(SELECT x.*, 0 AS rank FROM registration x WHERE false) r", arguments
    arguments["events"] = [event_id]
    matches = finding.Matches(q, arguments, ":events::bigint[]").sql()
    return f"registration r JOIN ({matches}) m ON m.registration = r.id", arguments


def _active(wanted: Wanted, offer: Offer) -> list[Facet]:
    return [offer.facets[name] for name, _ in wanted.chosen if name in offer.facets]


def _arguments(facet: Facet, wanted: Wanted) -> dict[str, Any]:
    return {f"f_{facet.name}": list(wanted.values(facet.name)), **facet.arguments}


async def ids_of(selection: Selection, offer: Offer) -> list[int]:
    """The ids of all chosen people, in the order of the list."""
    order, joins = _order(selection.wanted, offer, searched=selection.picked is None)
    sql, arguments = chosen_people(selection, offer, joins)
    return await fetch_values(int, f"SELECT r.id{sql} ORDER BY {order}", **arguments)


async def count(selection: Selection, offer: Offer) -> int:
    """How many people are chosen."""
    sql, arguments = chosen_people(selection, offer)
    return await fetch_value(int, f"SELECT count(*){sql}", **arguments)


def _order(wanted: Wanted, offer: Offer, *, searched: bool = True) -> tuple[str, list[str]]:
    """ORDER BY, and the joins that it needs."""
    keys: list[str] = []
    joins: list[str] = []
    for key in wanted.sort:
        column = offer.columns[key.removeprefix("-")]
        keys.append(f"{column.sort} {'DESC' if key.startswith('-') else 'ASC'} NULLS LAST")
        joins += column.sort_joins
    if not keys and wanted.q and searched and finding.keys_of(wanted.q):
        keys.append("m.rank")
    return ", ".join((*keys, _NEWEST)), joins


async def page_of(
    event_id: int, wanted: Wanted, offer: Offer, number: int
) -> tuple[Page[Listed], Counted, list[ListColumn]]:
    """A page of the list with all counts, and its columns. A page past the end is the last one."""
    columns = offer.shown(wanted.columns)
    offset = (number - 1) * ROWS
    if db.in_transaction():
        ids, counted = await _page(event_id, wanted, offer, offset), await counts(event_id, wanted, offer)
    else:
        ids, counted = await asyncio.gather(_page(event_id, wanted, offer, offset), counts(event_id, wanted, offer))
    shown = last_page(number, ROWS, counted.total)
    if shown != number:
        ids = await _page(event_id, wanted, offer, (shown - 1) * ROWS)
    rows = await rows_of(ids, columns)
    return Page(rows, shown, ROWS, counted.total), counted, columns


async def _page(event_id: int, wanted: Wanted, offer: Offer, offset: int) -> list[int]:
    order, joins = _order(wanted, offer)
    sql, arguments = chosen_people(Selection(event_id, wanted), offer, joins)
    sql = f"SELECT r.id{sql} ORDER BY {order} LIMIT :size OFFSET :offset"
    return await fetch_values(int, sql, **arguments, size=ROWS, offset=offset)


async def rows_of(ids: Sequence[int], columns: Sequence[ListColumn]) -> list[Listed]:
    """What these registrations show, in this order; those that are gone meanwhile are left out."""
    if not ids:
        return []
    values = ", ".join(f"{column.value} AS c{at}" for at, column in enumerate(columns))
    needed = [name for column in columns for name in column.joins]
    arguments: dict[str, Any] = {"ids": list(ids)}
    for column in columns:
        arguments |= column.arguments
    sql = f"SELECT {_FIXED}, {values} FROM registration r{joined(needed)} WHERE r.id = ANY(:ids::bigint[])"  # noqa: S608 - constants of the code; values are named arguments
    found = {row.id: row for row in await fetch_bulk(_shape(len(columns)), sql, **arguments)}
    return [_listed(found[key], columns) for key in ids if key in found]


@lru_cache
def _shape(columns: int) -> Any:
    """The struct of a statement with so many chosen columns."""
    fixed = [("id", int), ("number", str), ("state", str), ("name_native", str), ("name_passport", str)]
    chosen = [(f"c{at}", Any) for at in range(columns)]
    return msgspec.defstruct("Chosen", [*fixed, ("registrant", int | None), *chosen], bases=(Row,), frozen=True)


def _listed(row: Any, columns: Sequence[ListColumn]) -> Listed:
    cells = tuple(
        column.show(value) if (value := getattr(row, f"c{at}")) is not None else "" for at, column in enumerate(columns)
    )
    return Listed(row.id, row.number, row.state, row.name_native, row.name_passport, row.registrant, cells)


async def counts(event_id: int, wanted: Wanted, offer: Offer) -> Counted:
    """The counts of all facets: two statements side by side, each of which marks what a row misses of the filters."""
    near = [facet for facet in offer.facets.values() if not facet.apart]
    apart = [facet for facet in offer.facets.values() if facet.apart]
    parts: Sequence[list[ValueCount]]
    if db.in_transaction():
        parts = [await _counted(event_id, wanted, offer, near), await _counted(event_id, wanted, offer, apart)]
    else:
        parts = await asyncio.gather(_counted(event_id, wanted, offer, near), _counted(event_id, wanted, offer, apart))
    found: dict[str, dict[str, int]] = {name: {} for name in offer.facets}
    total = 0
    for row in (row for part in parts for row in part):
        if row.facet:
            found[row.facet][row.value] = row.count
        else:
            total = row.count
    return Counted(total, found)


async def _counted(event_id: int, wanted: Wanted, offer: Offer, facets: Sequence[Facet]) -> list[ValueCount]:
    """The counts of some facets, and the total as that of the facet without a name."""
    source, arguments = _searched(event_id, wanted.q)
    active = _active(wanted, offer)
    joins: list[str] = []
    missed = []
    for at, facet in enumerate(active):
        missed.append(f"CASE WHEN {facet.condition} THEN 0 ELSE {1 << at} END")
        joins += facet.joins
        arguments |= _arguments(facet, wanted)
    for facet in facets:
        joins += facet.joins
        arguments |= facet.arguments
    bits = {facet.name: 1 << at for at, facet in enumerate(active)}
    values = "".join(f", {facet.value} AS v_{facet.name}" for facet in facets if not facet.pairs)
    base = f"SELECT r.id, {' + '.join(missed) or '0'} AS missed{values} FROM {source}{joined(joins)} WHERE r.event = :event"  # noqa: S608 - constants of the code; values are named arguments
    parts = ["SELECT '' AS facet, '' AS value, count(*) AS count FROM base WHERE missed = 0"]
    for facet in facets:
        within = f"missed IN (0, {bits[facet.name]})" if facet.name in bits else "missed = 0"
        read = (
            f"x.value, count(*) FROM base JOIN ({facet.pairs}) x ON x.registration = base.id"
            if facet.pairs
            else f"v_{facet.name}, count(*) FROM base"
        )
        parts.append(f"SELECT '{facet.name}', {read} WHERE {within} GROUP BY 2")
    return await fetch_as(
        ValueCount,
        f"WITH base AS MATERIALIZED ({base}) {' UNION ALL '.join(parts)}",
        **arguments,
    )
