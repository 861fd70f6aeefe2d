"""Search people of an event: by beginnings of names first, then numbers and phones, organisations and addresses.

Each search reads a key range of an index, so it reads as much among 200,000 people as among 200. Words match as typed:
`smith john` is one beginning; when no key begins so, it is two words that the same person must have.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar

import msgspec

from fairs.core import batching, db
from fairs.core.rows import fetch_as
from fairs.core.search_keys import LONGEST, bounds, found_in, squash, starts_of, words_of
from fairs.registrations import key_sql, phones
from fairs.registrations.rows import FoundPerson

Item = TypeVar("Item")
Answer = TypeVar("Answer")
WORDS = 6
TOGETHER = 32  # searches in one statement


def keys_of(typed: str) -> list[str]:
    """Key prefixes to search for: the whole text as one, then its words when there are several."""
    whole = squash(typed)[:LONGEST]
    words = [word[:LONGEST] for part in typed.split() for word in _words(part)][:WORDS]
    return [whole, *(words if len(words) > 1 else [])] if whole else []


def _words(part: str) -> list[str]:
    """The words of a part between two spaces; a number or a phone is one word, whatever its signs."""
    return [squash(part)] if any(sign.isdigit() for sign in part) else words_of(part)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, as `key_sql` reads it."""

    asked: dict[str, Any]
    several: bool
    marked: bool
    phones: bool

    @property
    def shape(self) -> dict[str, bool]:
        """Which statement reads it."""
        return {"several": self.several, "marked": self.marked, "phones": self.phones}


def _range(key: str) -> dict[str, Any]:
    low, high = bounds(key)
    return {"low": low, "high": high, "length": len(key), "marks": phones.marks_of(key) or None}


@lru_cache(maxsize=256)
def search_of(typed: str) -> Search:
    """Read a typed text that has a letter or a digit (`keys_of`). The longest of several words is the first."""
    whole, *words = keys_of(typed)
    ordered = sorted(dict.fromkeys(words), key=lambda word: (word.isdigit(), -len(word)))
    told = [_range(word) for word in ordered]
    bits = [(0, 0) if one["marks"] else starts_of(word) for one, word in zip(told, ordered, strict=True)]
    for at, one in enumerate(told):
        starts = longer = 0
        for other, (first, more) in enumerate(bits):
            starts, longer = (starts | first, longer | more) if other != at else (starts, longer)
        one |= {"at": at, "starts": starts, "longer": longer}
    marks = phones.marks_of(typed) or None
    asked = _range(whole) | {"marks": marks, "words": told}
    return Search(asked, bool(told), bool(marks), any(one["marks"] for one in told))


class Matches:
    """SQL for the registrations that match the typed text, with a rank from 0, the best, to 3.

    Its argument is added to those of the enclosing statement. `events`: SQL of an array. Only for text with a letter
    or a digit (`keys_of`).
    """

    def __init__(self, typed: str, arguments: dict[str, Any], events: str) -> None:
        self.arguments, self.events = arguments, events
        self.search = search_of(typed)

    def sql(self) -> str:
        """SELECT of registration and rank, one row each."""
        name = f"m{len(self.arguments)}"
        self.arguments[name] = msgspec.json.encode(self.search.asked).decode()
        found = key_sql.matching(f"k.event = ANY({self.events})", "q", **self.search.shape)
        return f"SELECT p.* FROM json_to_record(:{name}::json) AS q {key_sql.SEARCH} CROSS JOIN LATERAL ({found}) p"  # noqa: S608 - constants of the code; values are named arguments


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search in an event: how many people, after how many."""

    event: int
    search: Search
    size: int
    skip: int = 0

    def asked(self, at: int) -> dict[str, Any]:
        return {**self.search.asked, "at": at, "event": self.event, "size": self.size, "skip": self.skip}


def _as_json(wanted: Sequence[Wanted]) -> str:
    return msgspec.json.encode([one.asked(at) for at, one in enumerate(wanted)]).decode()


async def _together(
    shape: int, wanted: Item, work: Callable[[int, Sequence[Item]], Awaitable[Sequence[Answer]]]
) -> Answer:
    """The answer to one of the searches that a statement reads together."""
    if db.in_transaction():  # other connections cannot see its uncommitted rows
        [found] = await work(shape, [wanted])
    else:
        [found] = await batching.enqueue(shape, [wanted], work, batch=TOGETHER)
    return found


async def _listed(_: int, wanted: Sequence[tuple[int, str, int, int]]) -> list[tuple[list[int], int]]:
    """For a batcher: the ids of a page and the total, of (event, text, size, skip). What is the same is read once."""
    found: dict[tuple[int, str, int, int], tuple[list[int], int]] = {}
    asked = {one: Wanted(one[0], search_of(one[1]), *one[2:]) for one in dict.fromkeys(wanted)}
    for shape in dict.fromkeys(tuple(one.search.shape.items()) for one in asked.values()):
        same = [key for key, one in asked.items() if tuple(one.search.shape.items()) == shape]
        for row in await db.fetch(key_sql.listed(**dict(shape)), _as_json([asked[key] for key in same])):
            found[same[row["at"]]] = (row["ids"], row["total"])
    return [found[one] for one in wanted]


async def listed(event_id: int, typed: str, *, size: int, skip: int) -> tuple[list[int], int]:
    """(ids of a page, total) of those who match a text with a letter or a digit, names first."""
    return await _together(0, (event_id, typed, size, skip), _listed)


_TOLD = (
    "r.id, r.number, r.name_passport AS name, r.name_native, r.category,"
    " coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation, r.phone"
)
_BEGUN = key_sql.at_gate(_TOLD, several=False)
_BEGUN_ALL = key_sql.at_gate(_TOLD, several=True)
_CONFIRMED = "r.state = 'confirmed'"
_FROM = "registration r LEFT JOIN organisation o ON o.id = r.organisation"
_MARKED = (
    f"SELECT {_TOLD} FROM {key_sql.PHONES.format(marks=':marks::text[]')} r LEFT JOIN organisation o"  # noqa: S608 - constants of the code; values are named arguments
    f" ON o.id = r.organisation WHERE r.event = :event AND {_CONFIRMED} ORDER BY r.id LIMIT :most"
)


def _person(row: Any) -> FoundPerson:
    """From a driver row of `key_sql.at_gate`: not validated, since every search at a gate runs this."""
    return FoundPerson(
        row["id"],
        row["number"],
        row["name"],
        row["name_native"],
        row["category"],
        row["organisation"],
        row["phone"],
    )


async def _begun(several: int, wanted: Sequence[Wanted]) -> list[list[FoundPerson]]:
    """For a batcher: those with a place, best first."""
    rows = await db.fetch(_BEGUN_ALL if several else _BEGUN, _as_json(wanted))
    found: list[list[FoundPerson]] = [[] for _ in wanted]
    for at, group in groupby(sorted(rows, key=lambda row: (row["at"], row["place"])), lambda row: row["at"]):
        found[at] = [_person(row) for row in group]
    return found


async def _with_phones(wanted: Wanted) -> list[FoundPerson]:
    """People with a place who have all words, one of which may end their phone."""
    arguments: dict[str, Any] = {"asked": msgspec.json.encode(wanted.asked(0)).decode()}
    found = key_sql.matching("k.event = q.event", "q", **wanted.search.shape)
    return await fetch_as(
        FoundPerson,
        f"SELECT {_TOLD} FROM json_to_record(:asked::json) AS q {key_sql.SEARCH} CROSS JOIN LATERAL ({found}) m"  # noqa: S608 - constants of the code; values are named arguments
        f" JOIN {_FROM} ON r.id = m.registration WHERE {_CONFIRMED} ORDER BY m.rank, r.id LIMIT :most",
        **arguments,
        most=wanted.size,
    )


async def _found(event_id: int, typed: str, most: int) -> list[FoundPerson]:
    """Registrations with a place in display order: at most `most`."""
    if not keys_of(typed):
        return []
    search = search_of(typed)
    wanted = Wanted(event_id, search, most)
    found: dict[int, FoundPerson] = {}
    if search.marked:
        marked = await fetch_as(FoundPerson, _MARKED, event=event_id, marks=search.asked["marks"], most=most)
        found |= {row.id: row for row in marked}
    for several in (0, 1) if search.several else (0,):
        if len(found) >= most:
            break
        rows = await _with_phones(wanted) if several and search.phones else await _together(several, wanted, _begun)
        found |= {row.id: row for row in rows if row.id not in found}
    return list(found.values())[:most]


async def people(event_id: int, typed: str, *, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """(people with a place, best first; whether there are more). `marks`: field → (start, end) of the typed text."""
    rows = await _found(event_id, typed, limit + 1)
    return [_shown(row, typed) for row in rows[:limit]], len(rows) > limit


def _shown(row: FoundPerson, typed: str) -> dict[str, Any]:
    marks = {field: place for field in ("name_native", "name") if (place := found_in(getattr(row, field), typed))}
    if not marks:
        marks = {
            field: place for field in ("organisation", "number") if (place := found_in(getattr(row, field), typed))
        }
    person = {name: getattr(row, name) for name in ("number", "name", "name_native", "category", "organisation")}
    return {**person, "id": row.id, "phone_tail": phones.opened(row.phone)[-4:], "marks": marks}
