"""Answers are changed by the person until a date, and by those who run the event until it is over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict
from fairs.core.forms import Form
from fairs.core.i18n import N_, format_moment
from fairs.core.pubsub import publish
from fairs.core.rows import execute, fetch_values
from fairs.events.rules import is_over
from fairs.files.services import let_go
from fairs.registrations import counting, filling, moderation, queries, rules
from fairs.registrations.applying import OVER
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import keeping
from fairs.registrations.asking import queries as forms
from fairs.registrations.asking.content import COUNTED, PREFIX
from fairs.registrations.asking.reading import Answers
from fairs.registrations.changing import NOT_LIVE, change_sessions
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState

TOO_LATE = N_("Your answers could be changed until %(when)s. Write to the organiser if something is wrong.")
OTHERS = N_("Only the person and those who run the event change these answers")


def closed_for(actor: Actor, row: RegistrationRow, until: datetime | None) -> Conflict | None:
    """Why this actor cannot change the answers of a registration now; None: it can."""
    now = clock.now()
    if row.state in rules.ENDED:
        return Conflict(NOT_LIVE, code="already_cancelled")
    if is_over(row.ends_at, now, demo=row.event_demo):
        return Conflict(OVER, code="over")
    if queries.runs_event(actor, row) or row.entered_by == actor.account_id is not None:
        return None
    if not queries.is_own(actor, row):
        return Conflict(OTHERS, code="others")
    last = until or row.starts_at
    if now >= last and not row.event_demo:
        return Conflict(TOO_LATE(when=format_moment(last, row.timezone)), code="too_late")
    return None


@dataclass(frozen=True)
class Opened:
    """The form as it was sent, the version of the answers that its page showed, and the questions that it did not show."""

    form: Form
    version: str
    hidden: Collection[str] = ()


def shown_values(kind: type[Form], answers: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """Stored answers that a page shows, by the names of its fields."""
    keys = (name.removeprefix(PREFIX) for name in kind.__struct_fields__)
    return {PREFIX + key: None if key in hidden else answers.get(key) for key in keys}


async def change_answers(
    registration_id: int, answers: Answers, *, by: Actor, without: Collection[str] = (), page: Opened | None = None
) -> bool:
    """Store other answers, to the version that is asked now; False when nothing changed. `without`: questions whose file goes.

    Answers to what is no longer asked stay. Raises NotFound for strangers, Conflict (too late, cancelled, over, no place left
    for an option), Invalid for a file that is gone, Outdated when others were stored since `page` was opened.
    """
    async with db.transaction_or_join():
        seen = await queries.registration_for(by, registration_id)
        event = await counting.lock_event(seen.event)
        row = await queries.registration_by_id(registration_id)
        current = await forms.asked_of(row.event, row.category)
        if refused := closed_for(by, row, current.answers_until if current else None):
            raise refused
        if page is not None:
            await _require_current(row, page)
        if not await store_answers(row, answers, by=by, without=without):
            return False
        await publish(f"event:{event.id}", {"what": "registration"})
    return True


async def store_answers(row: RegistrationRow, answers: Answers, *, by: Actor, without: Collection[str] = ()) -> bool:
    """As `change_answers`, inside the transaction of a caller that has locked the event and knows that this actor may."""
    changed = await _store(row, answers, set(without))
    if answers.sessions is not None and (signed := answers.content.sessions) is not None:
        changed = changed | {signed.key} if await _sign_up(row, answers.sessions, by) else changed
    if changed:
        await execute("UPDATE registration SET updated_at = :now WHERE id = :id", id=row.id, now=clock.now())
        await record("registration.answers", "registration", row.id, by=by, after={"questions": sorted(changed)})
        await _review_again(row, answers, changed, by)
    return bool(changed)


async def _sign_up(row: RegistrationRow, codes: Collection[str], by: Actor) -> bool:
    """The sessions that were chosen; those whose sign-up is over stay."""
    held = {session.code for session in await queries.sessions_signed_up(row.id)}
    now = clock.now()
    closed = [
        one.code
        for one in await queries.open_sessions(row.event)
        if one.code in held and not rules.may_change(one, now)
    ]
    return await change_sessions(row.id, [*codes, *closed], by=by)


async def _require_current(row: RegistrationRow, page: Opened) -> None:
    stored = (await forms.answers_of([row.id])).get(row.id)
    answers = forms.opened(stored) if stored else {}
    unseen = {PREFIX + key: None for key in page.hidden}
    sent = msgspec.structs.replace(page.form, **unseen)
    versions.require_current(sent, shown_values(type(page.form), answers, page.hidden), page.version)


async def _review_again(row: RegistrationRow, answers: Answers, changed: set[str], by: Actor) -> None:
    """A changed answer that the staff reviews puts a confirmed registration under review; it keeps its place."""
    asked_again = any(question.reviewed and question.key in changed for question in answers.content)
    who = moderation.by_of(by, row)
    if not asked_again or not moderation.may(RegistrationState.CONFIRMED, RegistrationState.PENDING, who):
        return
    again = row.state == RegistrationState.CONFIRMED
    await execute(
        "UPDATE registration SET to_review = true, state = CASE WHEN :again THEN 'pending' ELSE state END WHERE id = :id",
        again=again,
        id=row.id,
    )
    if again:
        states: dict[str, Any] = {"before": {"state": row.state}, "after": {"state": RegistrationState.PENDING}}
        await record("registration.review", "registration", row.id, by=by, **states)
        await filling.notify_placed([(row.id, RegistrationState.PENDING)], row.event)


async def _store(row: RegistrationRow, answers: Answers, without: set[str]) -> set[str]:
    """Write what differs; the keys of the questions that changed."""
    stored = (await forms.answers_of([row.id])).get(row.id)
    before = forms.opened(stored) if stored else {}
    if stored and (signed := asked.read(stored.content).sessions) is not None:
        before.pop(signed.key, None)
    kept = {key: value for key, value in before.items() if answers.content.question(key) is None}
    given, brief, sealed = dict(answers.given), dict(answers.brief), dict(answers.sealed)
    if stored and kept:
        known = await forms.once_asked(stored.form)
        for key, value in kept.items():
            question = known.question(key)
            where = given
            if question is not None:
                where = sealed if question.kind == asked.Kind.IDENTITY else brief if question.brief else given
            where[key] = value
    after = given | brief | sealed
    files = await forms.files_of([row.id])
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    changed |= {key for key, token in answers.files.items() if token} | (without & files.get(row.id, {}).keys())
    if not changed and stored and stored.version == answers.version:
        return set()
    await _choose(row.id, answers)
    await execute(
        "INSERT INTO registration_answers (registration, version, given, brief, sealed, created_at, updated_at)"
        " VALUES (:id, :version, :given::text::jsonb, :brief::text::jsonb, :sealed, :now, :now) ON CONFLICT (registration) DO UPDATE SET"
        " version = excluded.version, given = excluded.given, brief = excluded.brief, sealed = excluded.sealed,"
        " updated_at = excluded.updated_at",
        id=row.id,
        version=answers.version,
        given=keeping.as_json(given),
        brief=keeping.as_json(brief),
        sealed=keeping.seal(sealed),
        now=clock.now(),
    )
    await _files(row.id, answers, without, files.get(row.id, {}))
    return changed or {"*"}


async def _choose(registration: int, answers: Answers) -> None:
    """Options are let go and taken. Raises Conflict when no place is left."""
    held = await fetch_values(
        str,
        "SELECT question || '=' || option FROM registration_option WHERE registration = :id AND form = :form",
        id=registration,
        form=answers.form,
    )
    pairs = [(key, option) for key, _, option in (text.partition("=") for text in held)]
    keeping.check(answers, await keeping.counts_for([answers]), pairs)
    asks = [question.key for question in answers.content if question.kind in COUNTED]
    await execute(
        "DELETE FROM registration_option WHERE registration = :id AND (form <> :form OR question = ANY(:questions::text[]))",
        id=registration,
        form=answers.form,
        questions=asks,
    )
    await keeping.keep_options([(registration, answers.form, *pair) for pair in answers.options()])


async def _files(registration: int, answers: Answers, without: set[str], held: dict[str, Any]) -> None:
    for key, token in answers.files.items():
        if token:
            await keeping.keep_file(registration, answers, key, token)
            await let_go(held.get(key))
        elif key in without and key in held:
            await execute(
                "DELETE FROM registration_file WHERE registration = :id AND question = :key", id=registration, key=key
            )
            await let_go(held[key])
