"""Filters of a list, what may be published, and counts for the choices of a filter. No database."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from fairs.core.search_keys import like

SORTS = ("", "new", "pay", "heads", "closing")
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
MAX_QUERY = 100  # characters of a search that are read


@dataclass(frozen=True)
class Filters:
    """What a reader asked for; an empty text asks for nothing. `category` is 2 digits, `discipline` 4."""

    q: str = ""
    kind: str = ""
    category: str = ""
    discipline: str = ""
    city: str = ""
    degree: str = ""
    engagement: str = ""
    urgent: str = ""
    sort: str = ""

    @property
    def query(self) -> dict[str, str]:
        """As parameters of an address, without what is empty."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name))}

    def without(self, name: str) -> dict[str, str]:
        """The parameters with one filter taken off."""
        return replace(self, **{name: ""}).query

    @property
    def patterns(self) -> list[str]:
        """LIKE patterns, one a typed word: all must be found."""
        return [like(word) for word in self.q.split()[:8]]


def read_filters(parameters: Mapping[str, str]) -> Filters:
    """Filters from an address. Whatever is not one of ours is left out, so that no link ever fails."""
    values = {item.name: plain(parameters.get(item.name, "")) for item in fields(Filters)}
    values["kind"] = values["kind"] if values["kind"] in ("people", "project") else ""
    values["urgent"] = "1" if values["urgent"] else ""
    values["sort"] = values["sort"] if values["sort"] in SORTS else ""
    for name, digits in (("category", 2), ("discipline", 4), ("city", 6)):
        values[name] = values[name] if re.fullmatch(rf"[0-9]{{{digits}}}", values[name]) else ""
    for name in ("degree", "engagement"):
        values[name] = values[name] if re.fullmatch(r"[a-z_]{2,20}", values[name]) else ""
    return Filters(**values)


def plain(text: str) -> str:
    """A typed search without what the database cannot hold, single spaces, cut to a sensible length."""
    return " ".join(_UNSTORABLE.sub(" ", text).split())[:MAX_QUERY]


@dataclass(frozen=True)
class Totals:
    """Listings, heads wanted (of people listings) and employers: three units of counting that are never mixed."""

    listings: int
    heads: int
    employers: int


def totals(rows: Iterable[Any], filters: Filters) -> Totals:
    """What the list counts."""
    found = [row for row in rows if matches(row, filters)]
    heads = sum(row["headcount"] for row in found if row["kind"] == "people")
    return Totals(len(found), heads, len({row["organisation"] for row in found}))


_READ: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "kind": lambda row: [row["kind"]],
    "category": lambda row: [row["discipline"][:2]],
    "discipline": lambda row: [row["discipline"]],
    "city": lambda row: [row["city"]],
    "degree": lambda row: [row["degree"]],
    "engagement": lambda row: row["engagement"],
    "urgent": lambda row: ["1" if row["urgent"] else ""],
}


def matches(row: Mapping[str, Any], filters: Filters, *, but: Collection[str] = ()) -> bool:
    """Whether a row passes every filter (but some). The search itself is the database's."""
    return all(
        name in but or not getattr(filters, name) or getattr(filters, name) in read(row) for name, read in _READ.items()
    )


def facets(rows: Iterable[Any], filters: Filters) -> dict[str, Counter[str]]:
    """For each filter: how many listings each of its values would show with the other filters as they are."""
    found: dict[str, Counter[str]] = {name: Counter() for name in _READ}
    for row in rows:
        for name, read in _READ.items():
            if matches(row, filters, but=("category", "discipline") if name == "category" else (name,)):
                found[name].update(value for value in read(row) if value)
    return found


def is_over(valid_to: date | None, today: date) -> bool:
    """Whether the last day of a listing has passed."""
    return valid_to is not None and valid_to < today
