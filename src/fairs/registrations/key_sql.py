"""SQL that reads key ranges of people (`registration_key`), for the look-up at the gate and for lists.

A search is a row of JSON, so that one prepared statement with one plan serves all: `low` and `high` bound the keys that
begin with the whole text, `length` is its number of letters, `marks` are those of a phone that ends with it, `words` are its
words if it has several, each with the same, and with the bits of the other words (`starts`, `longer`).

`shared < length` meets a person once, by the first of their keys that begin so. The bits are in the index, so most people who
lack another word are left out before anything else is read.
"""

from functools import cache

SOME = 2_000  # keys of each word that the gate counts to begin with the rarest: it stops when it has found enough
FEW = 10_000  # keys that begin with a word: of so many each is tried; of more, those of all words are put together
MARKS = "string_to_array(split_part(r.search_key, E'\\n', 5), ' ')"
WORD = "(at int, low text, high text, length int, starts bigint, longer bigint, marks text[])"
SEARCH = (
    "(at int, event bigint, low text, high text, length int, marks text[], words json, phones bool, size int, skip int)"
)
_RANGE = "k.key >= {a}.low AND k.key < {a}.high"
_ONCE = f"{_RANGE} AND k.shared < {{a}}.length"
_BITS = "(k.starts & {a}.starts) = {a}.starts AND (k.longer & {a}.longer) = {a}.longer"
_PARTS = "k.part = ANY('{0,1,2}'::smallint[])"
# Conditions that other indexes serve stay outside: the planner would read a whole event by those.
PHONES = f"(SELECT * FROM registration r WHERE {MARKS} && {{marks}} OFFSET 0)"  # noqa: S608 - constants of the code; values are named arguments
_HAS_PHONE = f"EXISTS (SELECT 1 FROM registration r WHERE r.id = {{id}} AND {MARKS} && o.marks)"  # noqa: S608 - constants of the code; values are named arguments


def lead(event: str, words: str, most: int) -> str:
    """The word that the fewest keys begin with, and how `few`, at most `most`; one that may be the end of a phone only if all are."""
    keys = f"FROM registration_key k WHERE {event} AND {_PARTS} AND {_RANGE.format(a='w')}"
    return (
        f"SELECT w.*, f.few FROM json_to_recordset({words}) AS w {WORD} CROSS JOIN LATERAL"  # noqa: S608 - constants of the code; values are named arguments
        f" (SELECT count(*) AS few FROM (SELECT 1 {keys} LIMIT {most}) c) f ORDER BY w.marks IS NOT NULL, f.few, w.at LIMIT 1"
    )


def has_others(registration: str, words: str, *, phones: bool) -> str:
    """Whether each word but the lead `l` begins a key of a person, or ends their phone."""
    key = f"SELECT 1 FROM registration_key k WHERE k.registration = {registration} AND {_RANGE.format(a='o')}"  # noqa: S608 - constants of the code; values are named arguments
    phone = f" AND NOT (o.marks IS NOT NULL AND {_HAS_PHONE.format(id=registration)})" if phones else ""
    return (
        f"NOT EXISTS (SELECT 1 FROM json_to_recordset({words}) AS o {WORD}"  # noqa: S608 - constants of the code; values are named arguments
        f" WHERE o.at <> l.at AND NOT EXISTS ({key}){phone})"
    )


def matching(event: str, q: str, *, several: bool, marked: bool, phones: bool) -> str:
    """SELECT of registration and rank of all who match the search `q`, one row each.

    `event`: condition on `k.event`. `several`: the text has words; `phones`: one of them may end a phone; `marked`: the whole may.
    """
    of_event = event.replace("k.event", "r.event")
    parts = [
        f"SELECT k.registration, k.part::int AS rank FROM registration_key k WHERE {event} AND {_PARTS} AND {_ONCE.format(a=q)}"  # noqa: S608 - constants of the code; values are named arguments
    ]
    if several:
        parts += _by_words(event, of_event, f"{q}.words", phones=phones)
    if marked:
        parts.append(f"SELECT r.id, 2 FROM {PHONES.format(marks=f'{q}.marks')} r WHERE {of_event}")  # noqa: S608 - constants of the code; values are named arguments
    if len(parts) == 1:
        return parts[0]
    begun = f"WITH l AS MATERIALIZED ({lead(event, f'{q}.words', FEW)}) " if several else ""
    return f"{begun}SELECT registration, min(rank) AS rank FROM ({' UNION ALL '.join(parts)}) f GROUP BY registration"  # noqa: S608 - constants of the code; values are named arguments


def _by_words(event: str, of_event: str, words: str, *, phones: bool) -> list[str]:
    """SELECTs of those who have all words, of which `l` is the rarest.

    Few keys begin with it: its people are looked up one by one. Many: the people of each word are put together.
    """
    keys = f"FROM registration_key k WHERE {event} AND {_PARTS}"
    rare = f"(SELECT k.registration, k.part {keys} AND {_ONCE.format(a='l')} AND {_BITS.format(a='l')} OFFSET 0)"
    parts = [
        f"SELECT b.registration, b.part + 1 FROM l CROSS JOIN LATERAL {rare} b"  # noqa: S608 - constants of the code; values are named arguments
        f" WHERE l.few < {FEW} AND {has_others('b.registration', words, phones=phones)}"
    ]
    each = f"SELECT k.registration, k.part {keys} AND {_ONCE.format(a='w')} AND {_BITS.format(a='w')}"
    if phones:
        each += f" UNION ALL SELECT r.id, 2 FROM {PHONES.format(marks='w.marks')} r WHERE {of_event}"  # noqa: S608 - constants of the code; values are named arguments
        parts.append(
            f"SELECT r.id, 3 FROM l CROSS JOIN LATERAL {PHONES.format(marks='l.marks')} r"  # noqa: S608 - constants of the code; values are named arguments
            f" WHERE l.few < {FEW} AND {of_event} AND {has_others('r.id', words, phones=phones)}"
        )
    parts.append(
        "SELECT c.registration, c.rank FROM l CROSS JOIN LATERAL (SELECT b.registration, min(b.part) + 1 AS rank"  # noqa: S608 - constants of the code; values are named arguments
        f" FROM json_to_recordset({words}) AS w {WORD} CROSS JOIN LATERAL ({each} OFFSET 0) b"
        f" GROUP BY b.registration HAVING bit_or(1 << w.at) = (1 << json_array_length({words})) - 1) c WHERE l.few >= {FEW}"
    )
    return parts


_OF_PART = "k.event = q.event AND k.part = {part}"


def _in_order(source: str, where: str) -> str:
    """Registrations, names first, in the order of keys; read as far as wanted."""
    keys = "SELECT k.registration FROM registration_key k WHERE {of} AND {where} ORDER BY k.key, k.registration"
    parts = (f"({keys.format(of=_OF_PART.format(part=part), where=where)})" for part in range(3))
    return f"SELECT b.registration FROM {source}({' UNION ALL '.join(parts)}) b"  # noqa: S608 - constants of the code; values are named arguments


@cache
def listed(*, several: bool, marked: bool, phones: bool) -> str:
    """The ids of a page and the total, for each search of the argument: `at`, `total`, `ids`."""
    event = "k.event = q.event"
    if several or marked:
        found = matching(event, "q", several=several, marked=marked, phones=phones)
        one = (
            f"WITH m AS MATERIALIZED ({found}) SELECT (SELECT count(*) FROM m) AS total,"  # noqa: S608 - constants of the code; values are named arguments
            " ARRAY(SELECT m.registration FROM m ORDER BY m.rank, m.registration LIMIT q.size OFFSET q.skip) AS ids"
        )
    else:
        keys = f"FROM registration_key k WHERE {event} AND {_PARTS} AND {_ONCE.format(a='q')}"
        page = _in_order("", _ONCE.format(a="q"))
        one = f"SELECT (SELECT count(*) {keys}) AS total, ARRAY({page} LIMIT q.size OFFSET q.skip) AS ids"
    return f"SELECT q.at, p.* FROM json_to_recordset($1::json) AS q {SEARCH} CROSS JOIN LATERAL ({one}) p"  # noqa: S608 - constants of the code; values are named arguments


@cache
def at_gate(told: str, *, several: bool) -> str:
    """The first people with a place, for each search of the argument: `at`, `place` and the columns `told`.

    `several`: the words of the text are searched, else the whole. None of the words may be the end of a phone.
    """
    if several:
        lead_of = f"WITH l AS MATERIALIZED ({lead('k.event = q.event', 'q.words', SOME)}) "
        keys = _in_order("l CROSS JOIN LATERAL ", f"{_ONCE.format(a='l')} AND {_BITS.format(a='l')}")
        keys += f" WHERE {has_others('b.registration', 'q.words', phones=False)}"
    else:
        lead_of, keys = "", _in_order("", _ONCE.format(a="q"))
    return f"""
SELECT q.at, p.* FROM json_to_recordset($1::json) AS q {SEARCH} CROSS JOIN LATERAL (
    {lead_of}SELECT f.place, {told} FROM (
        SELECT b.registration, row_number() OVER () AS place FROM (
            SELECT b.registration FROM ({keys}) b CROSS JOIN LATERAL
                (SELECT 1 FROM registration x WHERE x.id = b.registration AND x.state = 'confirmed' OFFSET 0) x
            LIMIT q.size
        ) b
    ) f CROSS JOIN LATERAL (SELECT * FROM registration x WHERE x.id = f.registration OFFSET 0) r
    LEFT JOIN LATERAL (SELECT * FROM organisation x WHERE x.id = r.organisation OFFSET 0) o ON true
) p"""  # noqa: S608 - constants of the code; values are named arguments
