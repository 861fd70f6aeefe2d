"""What the questions of an event add to its working list: a column each, and a filter for those with one option to choose."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairs.core import crypto
from fairs.events.rows import EventRow
from fairs.registrations.asking import queries
from fairs.registrations.asking.content import Kind, Question
from fairs.registrations.asking.labels import said
from fairs.registrations.asking.sealed import SEALED
from fairs.registrations.working.columns import COLUMNS, Extras, ListColumn
from fairs.registrations.working.facets import NONE, Facet

PREFIX = "q_"  # before the short name of a question: its column, its filter, and the argument of its SQL
MOST_FILTERS = 6  # chips: each is counted with every page


def _value(question: Question, name: str) -> str:
    """SQL of an answer as JSON text; of a file its name, of the number of a document what is sealed."""
    if question.kind == Kind.SESSION:
        return (
            "(SELECT to_jsonb(array_agg(s.code ORDER BY s.starts_at, s.code))::text FROM registration_session x"  # noqa: S608 - the name of an argument
            f" JOIN event_session s ON s.id = x.session WHERE x.registration = r.id AND :{name} <> '')"
        )
    if question.takes_file:
        return (
            "(SELECT f.name FROM registration_file x JOIN file f ON f.id = x.file"  # noqa: S608 - the name of an argument
            f" WHERE x.registration = r.id AND x.question = :{name})"
        )
    if question.kind == Kind.IDENTITY:
        return f"(SELECT a.sealed FROM registration_answers a WHERE a.registration = r.id AND :{name} <> '')"  # noqa: S608 - the name of an argument
    return (
        f"(SELECT coalesce(a.given -> :{name}, a.brief -> :{name})::text FROM registration_answers a"  # noqa: S608 - the name of an argument
        " WHERE a.registration = r.id)"
    )


def _column(key: str, question: Question, label: str) -> ListColumn:
    def show(value: Any) -> Any:
        if value in (None, ""):
            return None
        if question.takes_file:
            return value
        plain = crypto.open_text(value, SEALED) if question.kind == Kind.IDENTITY else value
        found = msgspec.json.decode(plain) if plain else None
        found = found.get(key) if question.kind == Kind.IDENTITY and found else found
        return found if isinstance(found, int | float) and not isinstance(found, bool) else said(question, found)

    name = PREFIX + key
    return ListColumn(name, label, _value(question, name), 24, show=show, arguments={name: key})


def _facet(key: str, question: Question) -> Facet:
    async def words(event: EventRow) -> Mapping[str, str]:
        return {option.key: option.label for option in question.options}

    name = PREFIX + key
    value = (
        f"coalesce((SELECT coalesce(a.given ->> :{name}, a.brief ->> :{name}) FROM registration_answers a"  # noqa: S608 - the name of an argument
        f" WHERE a.registration = r.id), '{NONE}')"
    )
    return Facet(name, question.label, words, value, arguments={name: key})


async def extras(event_id: int) -> Extras:
    """Columns over all versions of the event's forms; one whose words stand in another column too is named by its key as well."""
    questions = await queries.questions_of(event_id)
    words = [str(column.label) for column in COLUMNS] + [question.label for _, question in questions.values()]
    columns = [
        _column(key, question, f"{question.label} ({key})" if words.count(question.label) > 1 else question.label)
        for key, (_, question) in questions.items()
    ]
    chosen = [(key, question) for key, (_, question) in questions.items() if question.kind == Kind.CHOICE]
    return Extras(tuple(_facet(key, question) for key, question in chosen[:MOST_FILTERS]), tuple(columns))
