"""What the product holds about a person: each module says what it has, reads it, and forgets it. `fairs.wiring` lists all of them.

A person is more than an account: the same address may stand in a profile and in registrations that others entered.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from markupsafe import escape

from fairs.core.rows import execute, fetch_value, fetch_values, positional

GONE = "***"
SHORTEST = 7  # digits of a telephone number that is looked for
NEVER = r"\m\M"
"""Matches no text."""
Entries = list[dict[str, Any]]


class Person(msgspec.Struct, frozen=True):
    """Somebody, by the ids of their rows. `words`: names and telephone numbers by which texts about others mention them."""

    account: int | None = None
    emails: tuple[str, ...] = ()
    talents: tuple[int, ...] = ()
    registrations: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


class Fate(StrEnum):
    """What forgetting does: rows go; they stay without the person; or a law keeps them."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    KEPT = "kept"


class Outcome(msgspec.Struct, frozen=True):
    """How many rows were deleted, emptied and kept, and how many cannot go yet because something is under way."""

    deleted: int = 0
    emptied: int = 0
    kept: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Stay:
    """A row that stays: what it is, under which key of the retention catalogue, and until when."""

    name: str
    key: str
    until: datetime


Reader = Callable[[Person], Awaitable[Entries]]
Forgetter = Callable[[Person], Awaitable[Outcome]]
Stays = Callable[[Person], Awaitable[list[Stay]]]
Finder = Callable[[Person], Awaitable[Person]]


@dataclass(frozen=True)
class Kind:
    """One kind of data about people. `covers`: the columns `table.column` that lead to the person.

    `after`: a sentence on what is left after the person is forgotten. `forget` may be called again: it then finds nothing to do.
    """

    key: str
    title: object
    covers: tuple[str, ...]
    read: Reader
    forget: Forgetter
    fate: Fate = Fate.DELETED
    after: object = ""
    stays: Stays | None = None


def arguments(sql: str, person: Person, **more: Any) -> dict[str, Any]:
    """The person's ids under the names that the statement uses."""
    known: dict[str, Any] = {
        "account": person.account or 0,
        "emails": list(person.emails),
        "talents": list(person.talents),
        "registrations": list(person.registrations),
        "organisations": list(person.organisations),
        "words": list(person.words),
        **more,
    }
    return {name: known[name] for name in positional(sql)[1]}


def reader(sql: str, opened: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> Reader:
    """Reads a statement's rows as JSON; `opened` shows what is sealed in them."""

    async def read(person: Person) -> Entries:
        text = f"SELECT to_jsonb(x)::text FROM ({sql}) x"  # noqa: S608 - a constant of the code
        rows = [msgspec.json.decode(row) for row in await fetch_values(str, text, **arguments(text, person))]
        return [opened(row) for row in rows] if opened else rows

    return read


async def change(sql: str, person: Person, **more: Any) -> int:
    """Run a statement about the person; returns how many rows it changed."""
    return await execute(sql, **arguments(sql, person, **more))


async def number(sql: str, person: Person, **more: Any) -> int:
    """The count that a statement returns."""
    return await fetch_value(int, sql, **arguments(sql, person, **more))


def deleter(*statements: str) -> Forgetter:
    """Runs statements that delete rows."""

    async def forget(person: Person) -> Outcome:
        return Outcome(deleted=sum([await change(sql, person) for sql in statements]))

    return forget


async def nothing(_: Person) -> Outcome:
    """For rows that stay as they are, because they name nobody once the rest is forgotten."""
    return Outcome()


async def allow_emptying() -> None:
    """In this transaction append-only tables let the person be taken out of their rows, and let unsigned agreements go."""
    await fetch_value(str, "SELECT set_config('privacy.forgets', 'on', true)")


def _word(text: str) -> str:
    """A word as a regular expression of PostgreSQL. Latin letters must begin and end as words, whatever the database's locale."""
    escaped = re.sub(r"([^\w\s])", r"\\\1", text.strip())
    escaped = re.sub(r"\s+", r"\\s+", escaped)
    first, last = (r"\m" if _latin(text.strip()[:1]) else ""), (r"\M" if _latin(text.strip()[-1:]) else "")
    return f"{first}{escaped}{last}"


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _phone(digits: str, *, json: bool) -> str:
    """In JSON only with its plus sign: digits alone may be a number, which must stay one."""
    return (r"\+" if json else r"\+?") + r"[ ().-]*".join(digits)


def _forms(word: str) -> set[str]:
    """A word as it is, and as a page or a mail writes it."""
    return {word, str(escape(word))}


def pattern(person: Person, *, every: bool = False, json: bool = False) -> str:
    """A regular expression that finds the person's addresses, telephone numbers and full names in texts.

    `every`: also names of one Latin word, which may be a word of any text: for rows that are known to be about the person.
    `json`: in JSON, where only what stands in quotation marks may be replaced.
    """
    parts = [_word(email) for email in person.emails]
    for word in person.words:
        digits = re.sub(r"\D", "", word)
        if re.fullmatch(r"[+\d ().-]+", word):
            parts += [_phone(digits, json=json)] if len(digits) >= SHORTEST else []
        elif every or not word.isascii() or len(word.split()) > 1 or "@" in word:
            parts += [_word(form) for form in _forms(word) if word.lower() not in ("true", "false", "null")]
    return "|".join(sorted(set(parts), key=lambda part: (-len(part), part))) or NEVER


def exact(person: Person, *, json: bool = False) -> str:
    """The same for addresses and telephone numbers alone, which belong to nobody else."""
    sure = tuple(word for word in person.words if "@" in word or re.fullmatch(r"[+\d ().-]+", word))
    return pattern(Person(emails=person.emails, words=sure), json=json)


def words_of(values: Sequence[str]) -> tuple[str, ...]:
    """Names and numbers worth looking for: each once, none empty."""
    return tuple(dict.fromkeys(found for value in values if len(found := value.strip()) > 1 and found != GONE))
