"""The working list as its template shows it: chips with their values and counts, heads, views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fairs.core.i18n import N_
from fairs.events.rows import EventRow
from fairs.registrations.working.columns import ListColumn, Offer
from fairs.registrations.working.facets import NONE, Facet
from fairs.registrations.working.queries import Counted
from fairs.registrations.working.rows import ViewRow
from fairs.registrations.working.wanted import Wanted

MOST = 60  # values of a chip


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a chip; its link chooses it, or no longer."""

    label: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter with its values. `said`: what is chosen; `clear`: the list without this filter; `more`: values not shown."""

    name: str
    label: str
    said: str
    clear: str
    values: Sequence[Value]
    more: int


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; `place`: among the keys that the list is sorted by, from 1; `down`: downwards."""

    name: str
    label: str
    href: str
    place: int
    down: bool


class Addresses:
    """Addresses of the list."""

    def __init__(self, base: str, view: int | None) -> None:
        self.base, self.view = base, view

    def of(self, wanted: Wanted, **changes: str) -> str:
        """That of what is wanted; without any filter it says so, or the first view would come instead."""
        query = wanted.query(view=str(self.view) if self.view else "", **changes)
        return f"{self.base}?{urlencode(query or {'view': '0'})}"


async def chips_of(event: EventRow, wanted: Wanted, offer: Offer, counted: Counted, at: Addresses) -> list[Chip]:
    """The chips that have something to choose."""
    found = [await _chip(facet, event, wanted, counted.values[facet.name], at) for facet in offer.facets.values()]
    return [chip for chip in found if chip.said or len(chip.values) > 1 or (chip.name == "tag" and chip.values)]


async def _chip(facet: Facet, event: EventRow, wanted: Wanted, counts: Mapping[str, int], at: Addresses) -> Chip:
    words = await facet.words(event)
    chosen = wanted.values(facet.name)
    known = [value for value in words if value in counts or value in chosen]
    if len(known) > 12:  # a long catalogue: what is frequent comes first
        known.sort(key=lambda value: -counts.get(value, 0))
    others = sorted({*counts, *chosen} - set(known), key=lambda value: (value == NONE, -counts.get(value, 0), value))
    names = {NONE: str(N_("Not given"))} | dict(words)
    values = [
        Value(
            str(names.get(value, value)),
            counts.get(value, 0),
            value in chosen,
            at.of(wanted.toggled(facet.name, value)),
        )
        for value in [*known, *others]
    ]
    values = [*(one for one in values if one.chosen), *(one for one in values if not one.chosen)]
    said = ", ".join(one.label for one in values if one.chosen)
    clear = at.of(wanted.choosing(facet.name, ()))
    return Chip(facet.name, str(facet.label), said, clear, values[:MOST], max(0, len(values) - MOST))


def heads_of(wanted: Wanted, columns: Sequence[ListColumn], at: Addresses) -> list[Head]:
    """The heads; a click sorts by the column first, and by those of before after it."""
    keys = [key.removeprefix("-") for key in wanted.sort]
    return [
        Head(
            column.name,
            str(N_("Name of the person") if column.name == "name" else column.label),  # the cell has both names
            at.of(wanted.sorted_by(column.name)) if column.sort else "",
            keys.index(column.name) + 1 if column.name in keys else 0,
            f"-{column.name}" in wanted.sort,
        )
        for column in columns
    ]


def tabs_of(views: Sequence[ViewRow], wanted: Wanted, at: Addresses) -> list[dict[str, Any]]:
    """Everybody, and the saved views."""
    everybody = replace(wanted, q="", chosen=(), sort=())
    base = at.base
    found: list[dict[str, Any]] = [
        {
            "label": N_("Everybody"),
            "href": f"{base}?{urlencode(everybody.query() | {'view': '0'})}",
            "current": not at.view and not wanted.filters,
        }
    ]
    for view in views:
        href = f"{base}?{view.query}{'&' if view.query else ''}view={view.id}"
        found.append({"label": view.name, "href": href, "current": at.view == view.id})
    return found
