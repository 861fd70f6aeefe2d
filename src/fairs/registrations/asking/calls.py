"""Answers outside of pages: in calls of the API, and in what a person takes along."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType

from fairs.core import crypto
from fairs.core.errors import Invalid
from fairs.core.rows import fetch_as
from fairs.files import queries as files
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import labels, queries, reading
from fairs.registrations.asking.reading import Answers
from fairs.registrations.asking.rows import NumberRow, TypedRow
from fairs.registrations.asking.sealed import TYPED

SCHEMA = Schema(
    type=OpenAPIType.OBJECT,
    description="Answers to the event's own form, by the short names of its questions: texts, numbers, `true`, days as "
    "`2026-10-24`, the short name of an option or a list of them, nights as `2026-10-24/2026-10-26`, sessions as a list of their codes. Files come by the page only.",
)


async def read_answers(event_id: int, category: str, data: object, *, complete: bool = True) -> Answers | None:
    """The answers of a call; None when the event asks nothing of its own. Raises Invalid with `answers.<key>`."""
    row = await queries.asked_of(event_id, category)
    if row is None:
        _, wrong = reading.call_errors(asked.EMPTY, data)
        if wrong:
            raise Invalid(fields=wrong)
        return None
    answers, wrong = reading.read_call(row.form, row.version, asked.read(row.content), data, complete=complete)
    if wrong:
        raise Invalid(fields=wrong)
    return answers


async def answers_told(registration_id: int) -> dict[str, Any]:
    """Key → answer for programs of the organiser; numbers of documents are masked, files are named."""
    row = (await queries.answers_of([registration_id])).get(registration_id)
    if row is None:
        return {}
    found = queries.plainly(row)
    found |= {key: labels.mask(number) for key, number in queries.unsealed(row).items()}
    held = (await queries.files_of([registration_id])).get(registration_id, {})
    known = await files.files_of(list(held.values()))
    return found | {key: known[file].name for key, file in held.items() if file in known}


async def answers_held(registration_ids: Sequence[int]) -> list[dict[str, Any]]:
    """All that a person answered, with the questions as they were asked and the numbers of documents."""
    numbers = await fetch_as(
        NumberRow,
        "SELECT id, number FROM registration WHERE id = ANY(:ids::bigint[]) ORDER BY id",
        ids=list(registration_ids),
    )
    answered = await queries.answers_of(registration_ids)
    held = await queries.files_of(registration_ids)
    told = []
    for row in numbers:
        given = answered.get(row.id)
        if given is None:
            continue
        content, values = asked.read(given.content), queries.opened(given)
        known = await files.files_of(list(held.get(row.id, {}).values()))
        values |= {key: known[file].name for key, file in held.get(row.id, {}).items() if file in known}
        questions = [
            (key, content.question(key) or (await queries.once_asked(given.form)).question(key)) for key in values
        ]
        told.append(
            {
                "registration": row.number,
                "version": given.number,
                "answered_at": given.updated_at,
                "answers": [
                    {
                        "key": key,
                        "question": question.label if question else key,
                        "answer": values[key]
                        if question is None or question.takes_file
                        else labels.said(question, values[key], masked=False),
                    }
                    for key, question in questions
                ],
            }
        )
    return told


async def drafts_of(account: int) -> list[dict[str, Any]]:
    """What the person typed into forms of registration and has not sent."""
    rows = await fetch_as(
        TypedRow,
        "SELECT e.slug::text AS event, d.typed, d.updated_at FROM registration_draft d JOIN event e ON e.id = d.event"
        " WHERE d.account = :account ORDER BY d.id",
        account=account,
    )
    return [
        {
            "event": row.event,
            "at": row.updated_at,
            "typed": msgspec.json.decode(crypto.open_text(row.typed, TYPED)),
        }
        for row in rows
    ]
