"""Search people of an event: by beginnings of names first, then numbers and phones, organisations and addresses.

Each search reads a key range of an index, so it reads as much among 200,000 people as among 200. Words match as typed:
`smith john` is one beginning; when no key begins so, it is two words that the same person must have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from fairs.core import batching, db
from fairs.core.rows import fetch_as, fetch_value
from fairs.core.search_keys import LONGEST, bounds, found_in, squash, words_of
from fairs.registrations import phones
from fairs.registrations.rows import FoundPerson

WORDS = 6
KEYS_OF_ONE = 12  # most keys of one person in one part with the same beginning
FEW = 300  # keys that begin with a word
MANY = 30_000  # keys that begin with each of several words: above this, all are read and joined
TOGETHER = 32  # searches in one statement
MARKS = "string_to_array(split_part(r.search_key, E'\\n', 5), ' ')"


def keys_of(typed: str) -> list[str]:
    """Key prefixes to search for: the whole text as one, then its words when there are several."""
    whole = squash(typed)[:LONGEST]
    words = [word[:LONGEST] for part in typed.split() for word in _words(part)][:WORDS]
    return [whole, *(words if len(words) > 1 else [])] if whole else []


def _words(part: str) -> list[str]:
    """The words of a part between two spaces; a number or a phone is one word, whatever its signs."""
    return [squash(part)] if any(sign.isdigit() for sign in part) else words_of(part)


def rarest_first(words: Sequence[str]) -> list[str]:
    """Words in search order: longest first, as it is the rarest."""
    return sorted(dict.fromkeys(words), key=lambda word: (word.isdigit(), -len(word)))


class Matches:
    """SQL for the registrations that match the typed text, with a rank from 0, the best, to 3.

    Its arguments are added to those of the enclosing statement. `events`: SQL of an array. Only for text with a letter
    or a digit (`keys_of`).
    """

    def __init__(self, typed: str, arguments: dict[str, Any], events: str) -> None:
        self.arguments, self.events = arguments, events
        self.keys = keys_of(typed)
        self.marks = phones.marks_of(typed)

    def _add(self, value: Any) -> str:
        name = f"m{len(self.arguments)}"
        self.arguments[name] = value
        return f":{name}"

    def _range(self, name: str, key: str) -> str:
        low, high = bounds(key)
        return f"{name}.key >= {self._add(low)}::text AND {name}.key < {self._add(high)}::text"

    def _of_event(self, name: str) -> str:
        return f"{name}.event = ANY({self.events}) AND {name}.part = ANY('{{0,1,2}}'::smallint[])"

    def sql(self) -> str:
        """SELECT of registration and rank, one row each."""
        parts = [
            "SELECT k.registration, k.part::int AS rank FROM registration_key k"  # noqa: S608 - names of ours and of arguments
            f" WHERE {self._of_event('k')} AND {self._range('k', self.keys[0])}",
            *self._by_words(),
        ]
        if self.marks:
            parts.append(
                f"SELECT r.id, 2 FROM registration r WHERE {MARKS} && {self._add(self.marks)}::text[]"  # noqa: S608 - names of ours and of arguments
                f" AND r.event = ANY({self.events})"
            )
        return f"SELECT registration, min(rank) AS rank FROM ({' UNION ALL '.join(parts)}) f GROUP BY registration"  # noqa: S608 - names of ours and of arguments

    def _by_words(self) -> list[str]:
        """SQL for people for whom each word begins a key; none for a single word.

        Few keys that begin with the rarest word are tried one by one. With many, the keys of all words are read and
        joined: even with wrong row estimates of the database, the time depends only on the number of keys.
        """
        words = rarest_first(self.keys[1:])
        if not words:
            return []
        lead = f"FROM registration_key k WHERE {self._of_event('k')} AND {self._range('k', words[0])}"
        few = f"(SELECT count(*) FROM (SELECT 1 {lead} LIMIT {FEW}) f) < {FEW}"  # noqa: S608 - names of ours and of arguments
        others = "".join(f" AND {self._holds(at, word)}" for at, word in enumerate(words[1:]))
        return [
            f"SELECT k.registration, k.part + 1 {lead}{others} AND {few}",
            self.with_all(words, "k.part + 1", f" AND NOT {few}"),
        ]

    def with_all(self, words: Sequence[str], best: str, when: str = "") -> str:
        """SELECT of registration and the least `best` of its keys that begin with the first word; all words match."""
        sources = []
        for at, word in enumerate(words):
            keys = f"FROM registration_key k WHERE {self._of_event('k')} AND {self._range('k', word)}{when}"
            sources.append(f"SELECT k.registration, {best if at == 0 else 'NULL'} AS best, {1 << at} AS bit {keys}")
            if at and (marks := phones.marks_of(word)):
                where = f"{MARKS} && {self._add(marks)}::text[] AND r.event = ANY({self.events}){when}"
                sources.append(f"SELECT r.id, NULL, {1 << at} FROM registration r WHERE {where}")  # noqa: S608 - names of ours and of arguments
        return (
            f"SELECT w.registration, min(w.best) AS best FROM ({' UNION ALL '.join(sources)}) w"  # noqa: S608 - names of ours and of arguments
            f" GROUP BY w.registration HAVING bit_or(w.bit) = {(1 << len(words)) - 1}"
        )

    def with_rare(self, words: Sequence[str], rare: str, best: str) -> str:
        """As `with_all`, when few keys begin with `rare`: the other words are checked for those people only."""
        rest = "".join(f" AND {self._first_of(word, 'true')}" for word in words if word != rare)
        return (
            f"SELECT c.registration, {self._first_of(words[0], f'min({best})')} AS best FROM (SELECT DISTINCT"  # noqa: S608 - constants of the code; values are named arguments
            f" k.registration FROM registration_key k WHERE {self._of_event('k')} AND {self._range('k', rare)} OFFSET 0) c"
            f" WHERE true{rest}"
        )

    def _first_of(self, word: str, shown: str) -> str:
        """Of person `c`'s keys that begin with a word; never planned as a join, which would read all people's keys."""
        where = f"k.registration = c.registration AND {self._range('k', word)}"
        return f"(SELECT {shown} FROM registration_key k WHERE {where} LIMIT 1)"  # noqa: S608 - constants of the code; values are named arguments

    def counted(self, word: str, most: int) -> str:
        """How many keys begin with a word; stops counting at `most`."""
        where = f"{self._of_event('k')} AND {self._range('k', word)}"
        return f"(SELECT count(*) FROM (SELECT 1 FROM registration_key k WHERE {where} LIMIT {most}) f)"  # noqa: S608 - constants of the code; values are named arguments

    def _holds(self, at: int, word: str) -> str:
        key = (
            f"EXISTS (SELECT 1 FROM registration_key o{at} WHERE o{at}.registration = k.registration"  # noqa: S608 - names of ours and of arguments
            f" AND {self._range(f'o{at}', word)})"
        )
        if not (marks := phones.marks_of(word)):
            return key
        phone = f"EXISTS (SELECT 1 FROM registration r WHERE r.id = k.registration AND {MARKS} && {self._add(marks)}::text[])"  # noqa: S608 - names of ours and of arguments
        return f"({key} OR {phone})"


_TOLD = (
    "r.id, r.number, r.name_passport AS name, r.name_native, r.category,"
    " coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation, r.phone"
)
_FROM = "FROM registration r LEFT JOIN organisation o ON o.id = r.organisation"
_KEYS = (
    "(SELECT k.registration FROM registration_key k WHERE k.event = q.event AND k.part = {part} AND k.key >= q.low"  # noqa: S608 - names of ours and of arguments
    f" AND k.key < q.high ORDER BY k.key, k.registration LIMIT {KEYS_OF_ONE} * q.most)"
)
_OTHERS = """
        WHERE NOT EXISTS (
            SELECT 1 FROM json_to_recordset(q.others) AS o (low text, high text) WHERE NOT EXISTS (
                SELECT 1 FROM registration_key x WHERE x.registration = b.registration AND x.key >= o.low AND x.key < o.high
            )
        )"""
_IN_ORDER = f"""
        SELECT b.place, {_TOLD}
        FROM (SELECT registration, min(place) AS place FROM k GROUP BY registration ORDER BY 2 OFFSET 0) b
        CROSS JOIN LATERAL (SELECT * FROM registration x WHERE x.id = b.registration AND x.state = 'confirmed' OFFSET 0) r
        LEFT JOIN organisation o ON o.id = r.organisation ORDER BY b.place LIMIT """  # noqa: S608 - names of ours and of arguments
# One statement for concurrent searches. Its argument is one text, so that a custom plan of the database is no better
# than the generic one, and the plan is kept. Keys are read from the index alone, names first, as many as hold the
# people wanted when all of them have a place; `read` is how many were read, also when no person matches.
_BEGUN = f"""
SELECT q.at, p.* FROM json_to_recordset($1::json) AS q (at int, event bigint, low text, high text, others json, most int)
CROSS JOIN LATERAL (
    WITH b AS MATERIALIZED (
        SELECT f.registration, row_number() OVER () AS place
        FROM ({" UNION ALL ".join(_KEYS.format(part=part) for part in range(3))} LIMIT {KEYS_OF_ONE} * q.most) f
    ), k AS (SELECT b.registration, b.place FROM b%s)
    SELECT counted.read, f.* FROM (SELECT count(*) AS read FROM b) counted LEFT JOIN ({_IN_ORDER}q.most) f ON true
) p"""  # noqa: S608 - names of ours and of arguments
_BEGUN_ALL = _BEGUN % _OTHERS  # each of the other words begins a key of the same person
_BEGUN_ONE = _BEGUN % ""
_MARKED = (
    f"SELECT {_TOLD} {_FROM} WHERE {MARKS} && :marks::text[] AND r.event = :event AND r.state = 'confirmed'"
    " ORDER BY r.id LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A search in an event: the first word begins a key, the other words begin others; how many people."""

    event: int
    words: tuple[str, ...]
    most: int

    def asked(self, at: int) -> dict[str, Any]:
        (low, high), *others = map(bounds, self.words)
        more = [{"low": first, "high": last} for first, last in others]
        return {"at": at, "event": self.event, "low": low, "high": high, "others": more, "most": self.most}


def _person(row: Any) -> FoundPerson:
    """From a driver row of `_BEGUN`: not validated, since every search at a gate runs this."""
    return FoundPerson(
        row["id"],
        row["number"],
        row["name"],
        row["name_native"],
        row["category"],
        row["organisation"],
        row["phone"],
    )


async def _begun(several: int, wanted: Sequence[_Wanted]) -> list[list[FoundPerson] | None]:
    """For a batcher: those with a place, best first; None when so many do not match that more keys must be read."""
    asked = msgspec.json.encode([one.asked(at) for at, one in enumerate(wanted)]).decode()
    rows = await db.fetch(_BEGUN_ALL if several else _BEGUN_ONE, asked)
    found: list[list[FoundPerson] | None] = [[] for _ in wanted]
    for at, group in groupby(sorted(rows, key=lambda row: (row["at"], row["place"] or 0)), lambda row: row["at"]):
        told, most = list(group), wanted[at].most
        people = [_person(row) for row in told if row["id"] is not None]
        found[at] = None if len(people) < most and told[0]["read"] >= KEYS_OF_ONE * most else people
    return found


async def _rarest(wanted: _Wanted) -> tuple[str, int]:
    """The word that begins the fewest keys, and how many; stops counting at MANY."""
    if any(phones.marks_of(word) for word in wanted.words):  # found by more than keys
        return wanted.words[0], MANY
    arguments: dict[str, Any] = {"event": wanted.event}
    matches = Matches("", arguments, "ARRAY[:event::bigint]")
    counted = ", ".join(matches.counted(word, MANY) for word in wanted.words)
    counts = await fetch_value(list[int], f"SELECT ARRAY[{counted}]", **arguments)
    return min(zip(wanted.words, counts, strict=True), key=lambda one: one[1])


async def _of_words(wanted: _Wanted) -> list[FoundPerson]:
    """People with a place who match all words, ordered by their keys that begin with the first word."""
    several = int(len(wanted.words) > 1)
    if not any(phones.marks_of(word) for word in wanted.words[1:]):
        if db.in_transaction():  # other connections cannot see its uncommitted rows
            [found] = await _begun(several, [wanted])
        else:
            [found] = await batching.enqueue(several, [wanted], _begun, batch=TOGETHER)
        if found is not None:
            return found
    arguments: dict[str, Any] = {"event": wanted.event}
    matches, best = Matches("", arguments, "ARRAY[:event::bigint]"), """k.part || k.key COLLATE "C\""""
    rarest, counted = await _rarest(wanted)
    if counted == 0:
        return []
    rare = several and counted < MANY
    everybody = matches.with_rare(wanted.words, rarest, best) if rare else matches.with_all(wanted.words, best)
    return await fetch_as(
        FoundPerson,
        "SELECT f.id, f.number, f.name, f.name_native, f.category, f.organisation, f.phone FROM (WITH k AS MATERIALIZED"  # noqa: S608 - names of ours and of arguments
        " (SELECT m.registration, row_number() OVER (ORDER BY m.best COLLATE"
        f' "C", m.registration) AS place FROM ({everybody}) m) {_IN_ORDER}{wanted.most}) f ORDER BY f.place',
        **arguments,
    )


async def _found(event_id: int, typed: str, most: int) -> list[FoundPerson]:
    """Registrations with a place in display order: at most `most`."""
    found: dict[int, FoundPerson] = {}
    if marks := phones.marks_of(typed):
        marked = await fetch_as(FoundPerson, _MARKED, event=event_id, marks=marks, most=most)
        found |= {row.id: row for row in marked}
    whole, *words = keys_of(typed) or [""]
    for asked in ((whole,) if whole else (), rarest_first(words)):
        if asked and len(found) < most:
            rows = await _of_words(_Wanted(event_id, tuple(asked), most))
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
