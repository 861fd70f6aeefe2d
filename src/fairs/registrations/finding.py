"""Looking for people of an event: names first, each by its beginning, then numbers and phones, organisations and addresses.

A key range of an index answers each question, so a look-up reads as much among 200,000 people as among 200. Words are read
as typed: `smith john` is one beginning, and where nobody has it, two words that the same person must have.
"""

from typing import Any

import asyncpg

from fairs.core import db
from fairs.core.search_keys import LONGEST, bounds, found_in, squash, words_of
from fairs.registrations import phones

WORDS = 6
KEYS_OF_ONE = 12  # keys of a person that begin alike, at most, in one part
MARKS = "string_to_array(split_part(r.search_key, E'\\n', 5), ' ')"


def keys_of(typed: str) -> list[str]:
    """The beginnings of keys to look for: everything typed as one, then its words when there are several."""
    whole = squash(typed)[:LONGEST]
    words = [word[:LONGEST] for part in typed.split() for word in _words(part)][:WORDS]
    return [whole, *(words if len(words) > 1 else [])] if whole else []


def _words(part: str) -> list[str]:
    """The words of what stands between two spaces; a number or a phone is one, whatever its signs."""
    return [squash(part)] if any(sign.isdigit() for sign in part) else words_of(part)


class Matches:
    """SQL for the registrations that fit what was typed, with a rank from 0, the best, to 3.

    Its arguments are appended to those of the statement that it becomes a part of. `events` is SQL of an array. For what
    has a letter or a digit only (`keys_of`).
    """

    def __init__(self, typed: str, args: list[Any], events: str) -> None:
        self.args, self.events = args, events
        self.keys = keys_of(typed)
        self.marks = phones.marks_of(typed)

    def _add(self, value: Any) -> str:
        self.args.append(value)
        return f"${len(self.args)}"

    def _range(self, name: str, key: str) -> str:
        low, high = bounds(key)
        return f"{name}.key >= {self._add(low)}::text AND {name}.key < {self._add(high)}::text"

    def _of_event(self, name: str) -> str:
        return f"{name}.event = ANY({self.events}) AND {name}.part = ANY('{{0,1,2}}'::smallint[])"

    def sql(self) -> str:
        """SELECT of registration and rank, one row each."""
        parts = [
            "SELECT k.registration, k.part::int AS rank FROM registration_key k"
            f" WHERE {self._of_event('k')} AND {self._range('k', self.keys[0])}",
            *self._by_words(),
        ]
        if self.marks:
            parts.append(
                f"SELECT r.id, 2 FROM registration r WHERE {MARKS} && {self._add(self.marks)}::text[]"
                f" AND r.event = ANY({self.events})"
            )
        return f"SELECT registration, min(rank) AS rank FROM ({' UNION ALL '.join(parts)}) f GROUP BY registration"

    def _by_words(self) -> list[str]:
        """Those of whom each word begins a key; nothing for a single word. The longest word is the rarest."""
        words = sorted(dict.fromkeys(self.keys[1:]), key=lambda word: (word.isdigit(), -len(word)))
        if not words:
            return []
        others = "".join(f" AND {self._holds(at, word)}" for at, word in enumerate(words[1:]))
        return [
            f"SELECT k.registration, k.part + 1 FROM registration_key k WHERE {self._of_event('k')}"
            f" AND {self._range('k', words[0])}{others}"
        ]

    def _holds(self, at: int, word: str) -> str:
        key = (
            f"EXISTS (SELECT 1 FROM registration_key o{at} WHERE o{at}.registration = k.registration"
            f" AND {self._range(f'o{at}', word)})"
        )
        if not (marks := phones.marks_of(word)):
            return key
        phone = f"EXISTS (SELECT 1 FROM registration r WHERE r.id = k.registration AND {MARKS} && {self._add(marks)}::text[])"
        return f"({key} OR {phone})"


_PERSON = (
    "SELECT r.id, r.number, r.name_passport AS name, r.name_native, r.category,"
    " coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation, r.phone FROM registration r"
    " LEFT JOIN organisation o ON o.id = r.organisation WHERE r.id = ANY($1::bigint[]) ORDER BY array_position($1, r.id)"
)
_BEGIN = """
SELECT k.registration, k.part, k.key FROM registration_key k JOIN registration r ON r.id = k.registration
WHERE k.event = $1 AND k.part = {part} AND k.key >= $2 AND k.key < $3 AND r.state = 'confirmed'
ORDER BY k.key, k.registration LIMIT $4
"""
_FIRST = " UNION ALL ".join(f"({_BEGIN.format(part=part)})" for part in range(3)) + " LIMIT $4"  # names may do
_MARKED = (
    f"SELECT r.id FROM registration r WHERE {MARKS} && $2::text[] AND r.event = $1 AND r.state = 'confirmed'"
    " ORDER BY r.id LIMIT $3"
)


async def _ids(event_id: int, typed: str, most: int) -> list[int]:
    """Registrations with a place in the order in which they are shown: at most `most`."""
    found: dict[int, None] = {}
    marks = phones.marks_of(typed)
    if marks:
        found |= dict.fromkeys(row["id"] for row in await db.fetch(_MARKED, event_id, marks, most))
    keys = keys_of(typed)
    if keys:
        rows = await db.fetch(_FIRST, event_id, *bounds(keys[0]), most * KEYS_OF_ONE)
        best_first = sorted(rows, key=lambda row: (row["part"], row["key"], row["registration"]))
        found |= dict.fromkeys(row["registration"] for row in best_first)
    if len(keys) > 1 and len(found) < most:
        args: list[Any] = [event_id, most]
        several = Matches(typed, args, "ARRAY[$1::bigint]").sql()
        rows = await db.fetch(
            f"SELECT r.id FROM ({several}) m JOIN registration r ON r.id = m.registration WHERE r.state = 'confirmed'"
            " ORDER BY m.rank, r.id LIMIT $2",
            *args,
        )
        found |= dict.fromkeys(row["id"] for row in rows)
    return list(found)[:most]


async def people(event_id: int, typed: str, *, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """(people with a place, best first; whether there are more). `marks`: field → (start, end) of what was typed."""
    ids = await _ids(event_id, typed, limit + 1)
    rows = await db.fetch(_PERSON, ids[:limit]) if ids else []
    return [_shown(row, typed) for row in rows], len(ids) > limit


def _shown(row: asyncpg.Record, typed: str) -> dict[str, Any]:
    marks = {field: place for field in ("name_native", "name") if (place := found_in(row[field], typed))}
    if not marks:
        marks = {field: place for field in ("organisation", "number") if (place := found_in(row[field], typed))}
    person = {name: row[name] for name in ("number", "name", "name_native", "category", "organisation")}
    return {**person, "phone_tail": phones.opened(row["phone"])[-4:], "marks": marks}
