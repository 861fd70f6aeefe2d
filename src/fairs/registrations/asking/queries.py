"""Read forms, versions and answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts.actor import Actor
from fairs.core import batching, crypto, db
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.registrations import queries as registrations
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import nights
from fairs.registrations.asking.content import Content, Question, SeenBy
from fairs.registrations.asking.rows import (
    AnsweredRow,
    AnswerFile,
    AskedContent,
    AskedFor,
    DraftRow,
    FormRow,
    PartRow,
    Taken,
    VersionRow,
)
from fairs.registrations.asking.sealed import SEALED, TYPED
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.rules import ENDED_STATES

_ANSWERED = f"registration_answers a JOIN registration r ON r.id = a.registration AND r.state NOT IN {ENDED_STATES}"
_ASKING = (  # the event with its forms, and the one above where it asks those too
    "(SELECT :event::bigint UNION SELECT parent FROM event WHERE id = :event AND forms_above AND parent IS NOT NULL)"
)
_FORM = f"""
SELECT f.id, f.event, f.category, f.draft::text AS draft, f.in_use, f.answers_until, coalesce(v.number, 0) AS number, v.published_at,
    coalesce(v.content::text, '{{}}') AS content,
    (SELECT count(*) FROM {_ANSWERED} JOIN registration_form_version o ON o.id = a.version WHERE o.form = f.id) AS answered,
    (SELECT count(*) FROM {_ANSWERED} JOIN registration_form_version o ON o.id = a.version
        WHERE o.form = f.id AND o.number < v.number) AS earlier
FROM registration_form f LEFT JOIN LATERAL (SELECT number, published_at, content FROM registration_form_version
    WHERE form = f.id ORDER BY number DESC LIMIT 1) v ON true
"""  # noqa: S608 - constants of this file


async def forms_of(event_id: int) -> list[FormRow]:
    """The forms of an event, the one for everybody first."""
    return await fetch_as(FormRow, f"{_FORM} WHERE f.event = :event ORDER BY f.category, f.id", event=event_id)


async def form_of(actor: Actor, slug: str, form_id: int) -> tuple[EventRow, FormRow]:
    """A form of an event that this actor runs. Raises NotFound."""
    event = await event_for(actor, slug)
    row = None
    if 0 < form_id < 2**63:
        row = await fetch_one_as(FormRow, f"{_FORM} WHERE f.id = :id AND f.event = :event", id=form_id, event=event.id)
    if row is None:
        raise NotFound
    return event, row


async def versions_of(form_id: int) -> list[VersionRow]:
    """The history of a form, the newest first."""
    return await fetch_as(
        VersionRow,
        "SELECT v.id, v.number, v.content::text AS content, v.published_at, p.name AS published_by,"  # noqa: S608 - constants of this file
        f" (SELECT count(*) FROM {_ANSWERED} WHERE a.version = v.id) AS answered FROM registration_form_version v"
        " LEFT JOIN account p ON p.id = v.published_by WHERE v.form = :form ORDER BY v.number DESC",
        form=form_id,
    )


async def asked_of(event_id: int, category: str) -> AskedFor | None:
    """What is asked of people of a category: its own form, else that for everybody, else where the event says so those of the
    event above; None: the standard registration only."""
    wanted = [(event_id, category)]
    # Other connections cannot see a transaction's uncommitted rows; concurrent callers outside share one statement.
    [row] = await (_asked_of_all(0, wanted) if db.in_transaction() else batching.enqueue(0, wanted, _asked_of_all))
    return row


async def _asked_of_all(_: int, wanted: Sequence[tuple[int, str]]) -> list[AskedFor | None]:
    """For a batcher: what is asked of each (event, category), in order."""
    different = list(dict.fromkeys(wanted))
    rows = await fetch_as(
        AskedFor,
        "SELECT t.event, t.category, x.* FROM unnest(:events::bigint[], :categories::text[]) AS t (event, category)"
        " JOIN event e ON e.id = t.event CROSS JOIN LATERAL (SELECT f.id AS form, v.id AS version, v.number, v.content::text AS content, f.answers_until FROM registration_form f"
        " JOIN registration_form_version v ON v.form = f.id WHERE f.event = ANY(ARRAY[t.event, CASE WHEN e.forms_above THEN e.parent END])"
        " AND f.in_use AND f.category IN (t.category, '') ORDER BY (f.event = t.event) DESC, (f.category = '') ASC, v.number DESC LIMIT 1) x",
        events=[event for event, _ in different],
        categories=[category for _, category in different],
    )
    found = {(row.event, row.category): row for row in rows}
    return [found.get(one) for one in wanted]


async def asked_by(rows: Sequence[RegistrationRow]) -> dict[int, str]:
    """Registration → "open" when something required is not answered, else "done"; those that are asked nothing are left out."""
    answered = await answers_of([row.id for row in rows])
    found: dict[int, str] = {}
    for row in rows:
        current = await asked_of(row.event, row.category)
        given = answered.get(row.id)
        if current is None:
            if given is not None:
                found[row.id] = "done"
            continue
        values = opened(given) if given else {}
        files = (await files_of([row.id])).get(row.id, {})
        content = asked.read(current.content)
        asks = asked.shown(content, {key: asked.as_texts(value) for key, value in values.items()})
        missing = [q for q in content if q.required and q.key in asks and not values.get(q.key) and q.key not in files]
        found[row.id] = "open" if missing else "done"
    return found


async def categories_with_forms(event_id: int) -> bool:
    """Whether what is asked depends on the category."""
    found = await fetch_value_or_none(
        bool,
        f"SELECT true FROM registration_form WHERE event IN {_ASKING} AND in_use AND category <> '' LIMIT 1",  # noqa: S608 - a constant of this file
        event=event_id,
    )
    return bool(found)


async def answers_of(registration_ids: Sequence[int]) -> dict[int, AnsweredRow]:
    """Registration → its answers; those without are left out."""
    rows = await fetch_as(
        AnsweredRow,
        "SELECT a.registration, v.form, a.version, v.number, v.content::text AS content, a.given::text AS given,"
        " a.brief::text AS brief, a.sealed, a.updated_at, ARRAY(SELECT s.code::text FROM registration_session x"
        " JOIN event_session s ON s.id = x.session WHERE x.registration = a.registration ORDER BY s.starts_at, s.code) AS sessions FROM registration_answers a"
        " JOIN registration_form_version v ON v.id = a.version WHERE a.registration = ANY(:ids::bigint[])",
        ids=list(registration_ids),
    )
    return {row.registration: row for row in rows}


async def files_of(registration_ids: Sequence[int]) -> dict[int, dict[str, UUID]]:
    """Registration → question → its file."""
    rows = await fetch_as(
        AnswerFile,
        "SELECT registration, question, brief, file FROM registration_file WHERE registration = ANY(:ids::bigint[])",
        ids=list(registration_ids),
    )
    found: dict[int, dict[str, UUID]] = {}
    for row in rows:
        found.setdefault(row.registration, {})[row.question] = row.file
    return found


def opened(row: AnsweredRow) -> dict[str, Any]:
    """Question → answer, with the numbers of documents: for whoever may read them."""
    return {**plainly(row), **unsealed(row)}


def plainly(row: AnsweredRow) -> dict[str, Any]:
    """Question → answer, without the numbers of documents."""
    found: dict[str, Any] = {**msgspec.json.decode(row.given), **msgspec.json.decode(row.brief)}
    if row.sessions and (question := asked.read(row.content).sessions) is not None:
        found[question.key] = list(row.sessions)
    return found


def unsealed(row: AnsweredRow) -> dict[str, str]:
    """Question → number of a document."""
    plain = crypto.open_text(row.sealed, SEALED)
    return msgspec.json.decode(plain, type=dict[str, str]) if plain else {}


async def questions_of(event_id: int) -> dict[str, tuple[str, Question]]:
    """Key → (category of the form, the question as it was asked last), over all versions of an event's forms, in their order, and those of the
    event above that it asks."""
    rows = await fetch_as(
        AskedContent,
        "SELECT f.category, v.content::text AS content FROM registration_form f JOIN registration_form_version v ON v.form = f.id"  # noqa: S608 - a constant of this file
        f" WHERE f.event IN {_ASKING} ORDER BY f.event <> :event, f.category, f.id, v.number DESC",
        event=event_id,
    )
    found: dict[str, tuple[str, Question]] = {}
    for row in rows:
        for question in asked.read(row.content):
            found.setdefault(question.key, (row.category, question))
    return found


async def once_asked(form_id: int) -> Content:
    """Questions of all versions of a form as one section, the newest wording of each: for answers to what is no longer asked."""
    found: dict[str, Question] = {}
    for version in await versions_of(form_id):
        for question in asked.read(version.content):
            found.setdefault(question.key, question)
    return Content((asked.Section("all", questions=tuple(found.values())),))


async def taken_of(forms: Sequence[int]) -> dict[tuple[int, str, str], int]:
    """(form, question, option) → how many live registrations chose it."""
    rows = await fetch_as(
        Taken,
        "SELECT o.form, o.question, o.option, count(*) AS taken FROM registration_option o"  # noqa: S608 - a constant: the ended states
        f" JOIN registration r ON r.id = o.registration WHERE o.form = ANY(:forms::bigint[]) AND r.state NOT IN {ENDED_STATES}"
        " GROUP BY o.form, o.question, o.option",
        forms=list(forms),
    )
    return {(row.form, row.question, row.option): row.taken for row in rows}


async def zone_of(event_id: int) -> str:
    """The time zone of an event."""
    return await fetch_value(str, "SELECT timezone::text FROM event WHERE id = :id", id=event_id)


async def taken_from_above(event: EventRow) -> list[FormRow]:
    """The forms in use of the event above, of those who have none here; empty where the event does not ask them."""
    if not event.forms_above or event.parent is None:
        return []
    own = {row.category for row in await forms_of(event.id) if row.in_use}
    return [row for row in await forms_of(event.parent) if row.in_use and row.category not in own and "" not in own]


async def asking_below(event_id: int) -> list[PartRow]:
    """The parts of an event that ask its forms."""
    return await fetch_as(
        PartRow,
        "SELECT slug::text, title_zh, title_en FROM event WHERE parent = :event AND forms_above ORDER BY starts_at, id",
        event=event_id,
    )


async def left_of(form_id: int, content: Content) -> dict[tuple[str, str], int]:
    """(question, option) → places left, of the limited options."""
    limits = {(q.key, option.key): option.limit for q in content for option in q.options if option.limit is not None}
    limits |= {(q.key, night): q.places for q in content if q.places is not None for night in nights.all_of(q)}
    if not limits:
        return {}
    taken = await taken_of([form_id])
    return {key: max(0, limit - taken.get((form_id, *key), 0)) for key, limit in limits.items()}


async def draft_of(event_id: int, account_id: int) -> tuple[dict[str, list[str]], DraftRow] | None:
    """What somebody typed and has not sent."""
    row = await fetch_one_as(
        DraftRow,
        "SELECT typed, updated_at FROM registration_draft WHERE event = :event AND account = :account",
        event=event_id,
        account=account_id,
    )
    if row is None:
        return None
    return msgspec.json.decode(crypto.open_text(row.typed, TYPED), type=dict[str, list[str]]), row


def level_of(actor: Actor, row: RegistrationRow) -> SeenBy | None:
    """As whom the actor reads the answers of a registration that it may fetch; None: its own, all of them."""
    if registrations.is_own(actor, row):
        return None
    if registrations.runs_event(actor, row):
        return SeenBy.ORGANISER
    if row.event_unit in actor.unit_ids or row.entered_by == actor.account_id:
        return SeenBy.BUREAU
    return SeenBy.EMPLOYER


async def may_read_file(actor: Actor, file_id: UUID) -> bool:
    """Whether the file answers a question of a registration, and this actor may read the answer."""
    row = await fetch_one_as(
        AnswerFile, "SELECT registration, question, brief, file FROM registration_file WHERE file = :file", file=file_id
    )
    if row is None:
        return False
    try:
        seen = await registrations.registration_for(actor, row.registration)
    except NotFound:
        return False
    level = level_of(actor, seen)
    answered = (await answers_of([row.registration])).get(row.registration)
    if level is None or answered is None:
        return level is None
    question = asked.read(answered.content).question(row.question) or (await once_asked(answered.form)).question(
        row.question
    )
    return question is None or asked.readable(question, level)
