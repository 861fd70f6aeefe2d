"""What is asked of the working list: the address of the page carries all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fairs.registrations.working.columns import Offer

LONGEST_SEARCH = 100
MOST_VALUES = 40  # of one filter
MOST_SORTS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Search, chosen values by filter, keys to sort by (`-` in front: downwards), columns; empty: the standard ones."""

    q: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """The chosen values of a filter."""
        return dict(self.chosen).get(name, ())

    @property
    def filters(self) -> bool:
        """Whether less than everybody is wanted."""
        return bool(self.q or self.chosen)

    def query(self, **changes: str) -> dict[str, str]:
        """The parameters of the address, with changes; empty ones are left out."""
        found = {"q": self.q} | {name: ",".join(values) for name, values in self.chosen}
        found |= {"sort": ",".join(self.sort), "columns": ",".join(self.columns)} | changes
        return {name: value for name, value in found.items() if value}

    def toggled(self, name: str, value: str) -> "Wanted":
        """With this value of a filter chosen, or without it."""
        values = self.values(name)
        return self.choosing(name, tuple(v for v in values if v != value) if value in values else (*values, value))

    def choosing(self, name: str, values: Sequence[str]) -> "Wanted":
        """With exactly these values of a filter."""
        rest = dict(self.chosen) | {name: tuple(values)}
        return replace(self, chosen=tuple((key, kept) for key, kept in rest.items() if kept))

    def sorted_by(self, name: str) -> "Wanted":
        """As a click on a head does: this one first, then those of before; downwards when it was first and upwards."""
        key = f"-{name}" if self.sort[:1] == (name,) else name
        rest = tuple(kept for kept in self.sort if kept.lstrip("-") != name)
        return replace(self, sort=(key, *rest)[:MOST_SORTS])


def read(given: Mapping[str, Any], offer: Offer) -> Wanted:
    """The parameters of an address; unknown ones are left out."""
    q = str(given.get("q", "")).replace("\0", " ")[:LONGEST_SEARCH].strip()
    chosen = [(name, _values(given.get(name, ""))) for name in offer.facets]
    sort = [key for key in _values(given.get("sort", "")) if _sorts(key, offer)]
    columns = [name for name in _values(given.get("columns", "")) if name in offer.columns]
    return Wanted(
        q, tuple((name, values) for name, values in chosen if values), tuple(sort[:MOST_SORTS]), tuple(columns)
    )


def _sorts(key: str, offer: Offer) -> bool:
    column = offer.columns.get(key.removeprefix("-"))
    return column is not None and bool(column.sort)


def _values(text: Any) -> tuple[str, ...]:
    parts = str(text).replace("\0", "")[:2000].split(",")
    return tuple(dict.fromkeys(part[:60] for part in parts if part))[:MOST_VALUES]


def read_text(text: str, offer: Offer) -> Wanted:
    """As `read`, of the stored text of a view."""
    return read(dict(parse_qsl(text)), offer)


def text_of(wanted: Wanted) -> str:
    """The text of a view."""
    return urlencode(wanted.query())
