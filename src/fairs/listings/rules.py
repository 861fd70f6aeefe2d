"""Filters of a list, and their counts. No database."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from fairs.core.search_keys import fold
from fairs.core.services import Service
from fairs.listings.tables import ListingKind

SORTS = ("", "new", "pay", "heads", "closing")
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
MAX_QUERY = 100  # characters read of a search


@dataclass(frozen=True)
class Filters:
    """The reader's filters; empty text: no filter. `category` is 2 digits, `discipline` 4."""

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
        """As address parameters, without empty ones."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name))}

    def without(self, name: str) -> dict[str, str]:
        """The parameters without one filter."""
        return replace(self, **{name: ""}).query

    @property
    def patterns(self) -> list[str]:
        """Regular expressions, one per typed word: each must match, or a translation of it or of a term that it is part of.

        Reads dictionaries: do not call in the event loop.
        """
        words = fold(self.q).split()[:8]
        return [_pattern(word, _terms(words, at)) for at, word in enumerate(words)]


Words = Callable[[str], Sequence[str]]


def _none(word: str) -> Sequence[str]:
    return ()


OTHER_WORDS: Service[Words] = Service(lambda: _none)
"""Translations of a word, from the slice that has dictionaries."""


def _terms(words: Sequence[str], at: int) -> list[str]:
    """Runs of two or three English words, one of which is the word at this place: `machine learning` is 机器学习."""
    runs = [words[start : start + size] for size in (3, 2) for start in range(max(0, at - size + 1), at + 1)]
    return [" ".join(run) for run in runs if len(run) > 1 and all(word.isascii() for word in run)]


def _pattern(word: str, terms: Sequence[str]) -> str:
    """Matches the word anywhere; its translations only at the start of a word, or anywhere in Chinese."""
    others = dict.fromkeys(fold(other) for text in (*terms, word) for other in OTHER_WORDS()(text))
    parts = [re.escape(word), *((r"\m" if other.isascii() else "") + re.escape(other) for other in others if other)]
    return f"(?:{'|'.join(parts)})"


def read_filters(parameters: Mapping[str, str]) -> Filters:
    """Filters from an address. Unknown values are left out, so that no link ever fails."""
    values = {item.name: plain(parameters.get(item.name, "")) for item in fields(Filters)}
    values["kind"] = values["kind"] if values["kind"] in set(ListingKind) else ""
    values["urgent"] = "1" if values["urgent"] else ""
    values["sort"] = values["sort"] if values["sort"] in SORTS else ""
    for name, digits in (("category", 2), ("discipline", 4), ("city", 6)):
        values[name] = values[name] if re.fullmatch(rf"[0-9]{{{digits}}}", values[name]) else ""
    for name in ("degree", "engagement"):
        values[name] = values[name] if re.fullmatch(r"[a-z_]{2,20}", values[name]) else ""
    return Filters(**values)


def plain(text: str) -> str:
    """A typed search without characters that the database refuses, single spaces, cut to a sensible length."""
    return " ".join(_UNSTORABLE.sub(" ", text).split())[:MAX_QUERY]


@dataclass(frozen=True)
class Totals:
    """Listings, heads wanted (of people listings) and employers: three units of counting, never mixed."""

    listings: int
    heads: int
    employers: int


@dataclass(frozen=True)
class Counts:
    """`values`: filter → value → number of listings with it, while the other filters stay."""

    totals: Totals
    values: Mapping[str, Mapping[str, int]]


def is_over(valid_to: date | None, today: date) -> bool:
    """Whether the last day of a listing has passed."""
    return valid_to is not None and valid_to < today
