"""Stores answers inside the transaction that gives a place; limited options are counted under the lock of the event."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from fairs.core import clock, crypto
from fairs.core.errors import Conflict
from fairs.core.i18n import N_, format_day
from fairs.core.rows import execute
from fairs.files.services import attach
from fairs.files.tables import Purpose
from fairs.registrations.asking import queries
from fairs.registrations.asking.content import PREFIX, Kind, Question, read
from fairs.registrations.asking.reading import Answers
from fairs.registrations.asking.sealed import SEALED

Counts = dict[tuple[int, str, str], int]
"""(form, question, option) → places taken."""


async def counts_for(answers: Sequence[Answers | None]) -> Counts:
    """What is taken of the forms in which somebody chose an option; the caller has locked the event."""
    forms = {found.form for found in answers if found is not None and found.options()}
    return await queries.taken_of(sorted(forms)) if forms else {}


def check(answers: Answers | None, counts: Counts, held: Sequence[tuple[str, str]] = ()) -> list[tuple[int, str, str]]:
    """The options that were chosen. Raises Conflict when a limited one, besides those `held`, has no place left."""
    chosen = answers.options() if answers is not None else []
    for key, option_key in chosen:
        assert answers is not None
        question = answers.content.question(key)
        limit, label = _limit(question, option_key) if question else (None, "")
        if (
            limit is not None
            and (key, option_key) not in held
            and counts.get((answers.form, key, option_key), 0) >= limit
        ):
            message = N_("No place is left for “%(option)s”", option=label)
            raise Conflict(message, code="option_full", question=key, option=option_key)
    return [(answers.form, *pair) for pair in chosen] if answers is not None else []


def _limit(question: Question, key: str) -> tuple[int | None, str]:
    """How many may choose an option or a night, and what it is called."""
    if question.kind == Kind.NIGHTS:
        return question.places, format_day(date.fromisoformat(key))
    option = question.option(key)
    return (option.limit, option.label) if option else (None, "")


async def require_options(registration_id: int) -> None:
    """Check that a cancelled registration can have its limited options again. Raises Conflict."""
    row = (await queries.answers_of([registration_id])).get(registration_id)
    if row is not None:
        content = read(row.content)
        given = {key: value for key, value in queries.opened(row).items() if content.question(key) is not None}
        answers = Answers(row.form, row.version, content, given)
        check(answers, await counts_for([answers]))


async def keep(made: Sequence[tuple[int, Answers]]) -> None:
    """Store the answers of new registrations."""
    if not made:
        return
    now = clock.now()
    await execute(
        "INSERT INTO registration_answers (registration, version, given, brief, sealed, created_at, updated_at)"
        " SELECT n.registration, n.version, n.given::jsonb, n.brief::jsonb, n.sealed, :now, :now FROM unnest(:registrations::bigint[],"
        " :versions::bigint[], :given::text[], :brief::text[], :sealed::text[]) AS n (registration, version, given, brief, sealed)",
        now=now,
        registrations=[number for number, _ in made],
        versions=[answers.version for _, answers in made],
        given=[as_json(answers.given) for _, answers in made],
        brief=[as_json(answers.brief) for _, answers in made],
        sealed=[seal(answers.sealed) for _, answers in made],
    )
    await keep_options([(number, answers.form, *pair) for number, answers in made for pair in answers.options()])
    for number, answers in made:
        for key, token in answers.files.items():
            if token:
                await keep_file(number, answers, key, token)


async def keep_options(chosen: Sequence[tuple[int, int, str, str]]) -> None:
    """Store what was chosen: (registration, form, question, option)."""
    if chosen:
        registrations, forms, questions, options = (list(column) for column in zip(*chosen, strict=True))
        await execute(
            "INSERT INTO registration_option (registration, form, question, option) SELECT * FROM unnest(:registrations::bigint[],"
            " :forms::bigint[], :questions::text[], :options::text[])",
            registrations=registrations,
            forms=forms,
            questions=questions,
            options=options,
        )


async def keep_file(registration: int, answers: Answers, key: str, token: str) -> None:
    """Attach a held file to the question that it answers; an earlier one makes place."""
    question = answers.content.question(key)
    assert question is not None
    purpose = Purpose.PORTRAIT if question.kind == Kind.PHOTO else Purpose.ANSWER
    file_id = await attach(token, purpose, field=PREFIX + key)
    await execute(
        "INSERT INTO registration_file (registration, question, brief, on_badge, file)"
        " VALUES (:registration, :question, :brief, :on_badge, :file)"
        " ON CONFLICT ON CONSTRAINT uq_registration_file DO UPDATE SET file = excluded.file, brief = excluded.brief, on_badge = excluded.on_badge",
        registration=registration,
        question=key,
        brief=question.brief,
        on_badge=question.on_badge and question.kind == Kind.PHOTO,
        file=file_id,
    )


def as_json(values: Mapping[str, Any]) -> str:
    """The stored text of answers."""
    return msgspec.json.encode(dict(values)).decode()


def seal(values: Mapping[str, str]) -> str:
    """The stored text of numbers of documents; empty without any."""
    return crypto.seal_text(as_json(values), SEALED) if values else ""
