"""Give places: a batch of applications, decided in order of arrival under the event's lock.

Concurrent registrations for an event share a transaction (core.batching): the event is locked, counted and published
once for all, and their rows, badges and mails are written in one statement each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import msgspec

from fairs.accounts import idempotency
from fairs.accounts.idempotency import Answer
from fairs.audit.services import record_for
from fairs.core import clock, db, events_bus, i18n
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.i18n import N_, pick
from fairs.core.rows import execute
from fairs.registrations import counting, filling, linking, moderation, phones, queries, rules, summaries
from fairs.registrations.applying import Application, Outcome, Registered, Repeated, refusal
from fairs.registrations.asking import keeping
from fairs.registrations.codes.queries import keep_uses, typed_codes
from fairs.registrations.codes.rows import CodeFacts
from fairs.registrations.codes.rules import NOT_CHOSEN, mark_of
from fairs.registrations.codes.rules import refusal as code_refusal
from fairs.registrations.domain_events import RegistrationsMade
from fairs.registrations.pools.ledger import Ledger
from fairs.registrations.rows import Counts, LockedEvent, OpenSession, RegistrationRow, Written
from fairs.registrations.tables import RegistrationState

BATCH = 50  # applications in a transaction: with more, the first would wait for the mails of the last
ALREADY = N_("This person is already registered for this event")
PLACE_GIVEN = N_(
    "The place was given to the next person meanwhile: this registration cannot come back. Register again."
)
SIGN_UP_OVER = N_("Sign-up to “%(title)s” is over.")
ONES_OWN = (DomainError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)


@dataclass(slots=True)
class Standing:
    """The state a batch decides by, updated with each decision. `last`: queue number."""

    ledger: Ledger
    waiting: int
    last: int
    numbers: dict[str, str]  # address → number of its registration
    sessions: dict[str, OpenSession]
    taken: dict[int, int]  # session → places taken
    options: keeping.Counts
    codes: dict[str, CodeFacts] = field(default_factory=dict)  # mark → code
    applied: set[str] = field(default_factory=set)  # addresses of this batch


@dataclass(frozen=True, slots=True)
class Place:
    """A granted place. `queue` orders the waiting list, None with a place."""

    queue: int | None
    position: int | None
    sessions: tuple[int, ...]
    code: int | None = None
    took: bool = False  # a place that the code kept

    review: bool = False  # an answer waits for the staff

    @property
    def state(self) -> RegistrationState:
        if self.queue is not None:
            return RegistrationState.WAITLISTED
        return RegistrationState.PENDING if self.review else RegistrationState.CONFIRMED


async def register_batch(event_id: int, applications: Sequence[Application]) -> list[Outcome]:
    """Places in a transaction of their own. One failing application does not affect the others: the batch is halved."""
    try:
        async with db.DB.transaction():
            return await _once_each(event_id, applications)
    except ONES_OWN as error:
        if len(applications) == 1:
            return [error]
    middle = len(applications) // 2
    return [
        *await register_batch(event_id, applications[:middle]),
        *await register_batch(event_id, applications[middle:]),
    ]


async def _once_each(event_id: int, applications: Sequence[Application]) -> list[Outcome]:
    """Place those whose keys are free, and store their answers with the keys."""
    if not any(application.once for application in applications):
        return await place(event_id, applications)
    claims = await idempotency.claim([application.once for application in applications])
    fresh = [at for at, who in enumerate(applications) if who.once is None or claims[at] is not None]
    outcomes: list[Outcome] = [Repeated()] * len(applications)
    if not fresh:
        return outcomes
    for at, outcome in zip(fresh, await place(event_id, [applications[at] for at in fresh]), strict=True):
        outcomes[at] = outcome
    held = [
        (at, what, claim) for at, (what, claim) in enumerate(zip(outcomes, claims, strict=True)) if claim is not None
    ]
    granted = [(at, what, claim) for at, what, claim in held if isinstance(what, Registered)]
    texts = [
        msgspec.json.encode(shown) for shown in await summaries.json_by_ids(0, [what.id for _, what, _ in granted])
    ]
    for (at, what, _), text in zip(granted, texts, strict=True):
        outcomes[at] = replace(what, answer=text)
    await idempotency.keep([Answer(claim, 201, text) for (_, _, claim), text in zip(granted, texts, strict=True)])
    await idempotency.give_back([claim for _, what, claim in held if not isinstance(what, Registered)])
    return outcomes


async def place(event_id: int, applications: Sequence[Application]) -> list[Outcome]:
    """The result of each, in order, inside the open transaction. A refusal is returned and writes nothing."""
    event, decided, standing = await decide(event_id, applications)
    if standing is None:
        return [found for found in decided if isinstance(found, DomainError)]
    for who, what in zip(applications, decided, strict=True):
        if isinstance(what, Place):
            moderation.require(
                moderation.NEW, what.state, moderation.by_of_new(who.by, own=who.own, grouped=who.grouped is not None)
            )
    admitted = [(who, what) for who, what in zip(applications, decided, strict=True) if isinstance(what, Place)]
    rows = await _insert(event, admitted) if admitted else []
    made = list(zip(rows, admitted, strict=True))
    await _sign_up([(row.id, what.sessions) for row, (_, what) in made])
    await keep_uses([(row.id, what.code, what.took) for row, (_, what) in made if what.code is not None])
    await keeping.keep([(row.id, who.answers) for row, (who, _) in made if who.answers is not None])
    given = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.PENDING)
    afters: dict[str, dict[str, Any]] = {state: {"event": event_id, "state": state} for state in given}
    entries = [(row.id, afters[what.state], who.by, who.origin) for row, (who, what) in made]
    await record_for("registration.create", "registration", entries)
    if admitted:
        await events_bus.publish(RegistrationsMade([row.id for row in rows]))
    for told in (True, False):
        placed = [(row.id, what.state) for row, (who, what) in made if who.told is told]
        await filling.notify_placed(placed, event_id, told=told)
    numbers = standing.numbers | {who.email: row.number for row, (who, _) in made}
    positions = await _positions(made) if standing.ledger.pools else {}
    written = iter(rows)
    return [_outcome(who, what, written, numbers, positions) for who, what in zip(applications, decided, strict=True)]


async def decide(
    event_id: int, applications: Sequence[Application]
) -> tuple[LockedEvent, list[Place | DomainError | None], Standing | None]:
    """What each would get: nothing of it is written, but who waits may have been promoted. No standing: all are refused."""
    event = await counting.lock_event(event_id)
    codes = await typed_codes(event_id, [who.form.code for who in applications if who.form.code])
    refused = [refusal(event, who, codes.get(mark_of(who.form.code))) for who in applications]
    if all(refused):
        return event, list(refused), None
    standing = await _standing(event, applications)
    standing.codes = codes
    return event, [found or _decide(who, standing) for found, who in zip(refused, applications, strict=True)], standing


async def _positions(made: Sequence[tuple[Written, tuple[Application, Place]]]) -> dict[int, int]:
    """Of those who wait in an event with pools: only who waits for the same places stands before them."""
    return await queries.positions_of([row.id for row, (_, what) in made if what.queue is not None])


def _outcome(
    who: Application,
    what: Place | DomainError | None,
    rows: Iterator[Written],
    numbers: dict[str, str],
    positions: dict[int, int],
) -> Outcome:
    """`rows` of those that got a place, in the order of their applications."""
    if what is None:
        return Conflict(ALREADY, code="already_registered", number=numbers[who.email])
    if isinstance(what, DomainError):
        return what
    row = next(rows)
    return Registered(row.id, row.number, what.state, positions.get(row.id, what.position))


def _decide(who: Application, standing: Standing) -> Place | DomainError | None:
    """A place, or one in the waiting list, or the refusal; None when the address is registered."""
    if who.email and (who.email in standing.numbers or who.email in standing.applied):
        return None
    ledger = standing.ledger
    code = standing.codes.get(mark_of(who.form.code)) if who.form.code else None
    number = code.id if code is not None else None
    if code is not None and (again := code_refusal(code, who.email, who.form.category, clock.now())) is not None:
        return again  # used up by somebody of the same batch
    try:
        with i18n.language(who.lang):
            sessions = _sessions(who.sessions, standing)
            wanted = ledger.wanted(who.form.category, sessions)
            if code is not None and code.pool is not None and code.pool not in wanted:
                return Conflict(NOT_CHOSEN, code="code_not_chosen")
            full = ledger.full(wanted, number)
            if full and not ledger.keeps_waiting(full):
                return counting.no_waiting(ledger, full)
            options = keeping.check(who.answers, standing.options)
    except DomainError as refused:
        return refused
    standing.applied.add(who.email)
    for session in sessions:
        standing.taken[session] += 1
    for option in options:
        standing.options[option] = standing.options.get(option, 0) + 1
    if code is not None:
        code.used += 1
    review = who.reviewed
    if not full:
        return Place(None, None, sessions, number, ledger.take(wanted, number), review)
    standing.last += 1
    standing.waiting += 1
    return Place(standing.last, standing.waiting, sessions, number, review=review)


def _sessions(codes: Sequence[str], standing: Standing) -> tuple[int, ...]:
    """Ids of the sessions wanted. Raises Invalid for one that cannot be signed up for, Conflict for a full one."""
    wanted = list(dict.fromkeys(codes))
    unknown = [code for code in wanted if code not in standing.sessions]
    if unknown:
        raise Invalid(fields={"sessions": [N_("There is no session %(code)s to sign up for", code=unknown[0])]})
    chosen = [standing.sessions[code] for code in wanted]
    for session in chosen:
        check_session(session, standing.taken[session.id])
    return tuple(session.id for session in chosen)


def check_session(session: OpenSession, taken: int) -> None:
    """Check that one more person can sign up to a session of `open_sessions`. Raises Conflict: sign-up over, full."""
    title = pick(session.title_zh, session.title_en)
    if not rules.may_change(session, clock.now()):
        raise Conflict(SIGN_UP_OVER(title=title), code="session_closed")
    if session.capacity is not None and taken >= session.capacity:
        raise Conflict(N_("No place is left in “%(title)s”", title=title), code="session_full")


async def _standing(event: LockedEvent, applications: Sequence[Application]) -> Standing:
    """Counts under the lock; the waiting list comes first: free places are filled before a new person gets one."""
    emails_given = list({application.email for application in applications if application.email})
    found = await counting.counts(event, emails_given)
    if found.waiting and _may_fill(event, found):
        await filling.fill_places(event, found)
        found = await counting.counts(event, emails_given)
    wanted = any(application.sessions for application in applications)
    sessions = {row.code: row for row in await queries.open_sessions(event.id)} if wanted else {}
    return Standing(
        ledger=await counting.ledger_of(event, found),
        waiting=found.waiting,
        last=found.last,
        numbers=dict(zip(found.emails, found.numbers, strict=True)),
        sessions=sessions,
        taken={row.id: row.taken for row in sessions.values()},
        options=await keeping.counts_for([application.answers for application in applications]),
    )


def _may_fill(event: LockedEvent, found: Counts) -> bool:
    """Whether the event itself has a place for who waits."""
    return event.capacity is None or found.taken < event.capacity


_INSERT = f"""
INSERT INTO registration (id, number, event, talent, organisation, category, state, queue, email, name_passport,
    name_native, nationality, organisation_name, phone, lang, search_key, demo, created_at, confirmed_at, updated_at,
    registrant, entered_by, badge_name, days, to_review, companion_of, relation)
SELECT n.id, $1 || '-' || lpad(n.id::text, greatest(6, length(n.id::text)), '0'), $2,
    {linking.PROFILE},
    CASE WHEN n.organisation IS NOT NULL THEN n.organisation WHEN n.category = 'employer' THEN (SELECT m.organisation_id FROM membership m JOIN account a ON a.id = m.account
        WHERE a.email = n.email AND m.role = 'employer' ORDER BY m.id LIMIT 1) END,
    n.category, CASE WHEN n.queue IS NOT NULL THEN 'waitlisted' WHEN n.review THEN 'pending' ELSE 'confirmed' END, n.queue, n.email, n.name_passport,
    n.name_native, n.nationality, n.organisation_name, n.phone, n.lang, n.search_key, n.demo, $3,
    CASE WHEN n.queue IS NULL AND NOT n.review THEN $3::timestamptz END, $3, n.registrant,
    n.entered_by, n.badge_name, string_to_array(n.days, ',')::date[], n.review, n.companion_of, n.relation
FROM (
    SELECT nextval(pg_get_serial_sequence('registration', 'id')) AS id, t.* FROM unnest($4::bigint[], $5::text[],
        $6::int[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
        $15::boolean[], $16::bigint[], $17::bigint[], $18::bigint[], $19::text[], $20::text[], $21::boolean[], $22::bigint[], $23::text[]) AS t (talent, category,
        queue, email, name_passport, name_native, nationality, organisation_name, phone, lang, search_key, demo,
        registrant, entered_by, organisation, badge_name, days, review, companion_of, relation)
) n
RETURNING id, number
"""  # noqa: S608 - column names of linking.PROFILE


async def _insert(event: LockedEvent, admitted: Sequence[tuple[Application, Place]]) -> list[Written]:
    """Ids and numbers, which rise in the order of arrival."""
    rows = [_row(who, what, demo=event.demo) for who, what in admitted]
    columns = [list(column) for column in zip(*rows, strict=True)]
    with db.constraint_errors({"uq_registration_of_address": Conflict(ALREADY, code="already_registered")}):
        written = await db.fetch(  # raw driver rows: this runs in every registration
            _INSERT, rules.number_prefix(event.slug, event.starts_at), event.id, clock.now(), *columns
        )
    return sorted((Written(row["id"], row["number"]) for row in written), key=lambda row: row.id)


def _row(who: Application, what: Place, *, demo: bool) -> tuple[Any, ...]:
    form = who.form
    found_by = phones.search_text(form.name_native, form.name_passport, form.organisation, who.email, form.phone)
    return (
        who.talent_id,
        form.category,
        what.queue,
        who.email,
        form.name_passport,
        form.name_native,
        form.nationality,
        form.organisation,
        phones.seal(form.phone),
        form.lang,
        found_by,
        who.demo or demo,
        who.by.account_id if who.own else None,
        None if who.own else who.by.account_id,
        who.organisation,
        who.badge_name,
        ",".join(day.isoformat() for day in who.days),
        what.review,
        who.companion_of,
        who.relation,
    )


async def _sign_up(chosen: Sequence[tuple[int, tuple[int, ...]]]) -> None:
    pairs = [(registration, session) for registration, sessions in chosen for session in sessions]
    if pairs:
        await execute(
            "INSERT INTO registration_session (registration, session)"
            " SELECT * FROM unnest(:registrations::bigint[], :sessions::bigint[])",
            registrations=[registration for registration, _ in pairs],
            sessions=[session for _, session in pairs],
        )


async def require_place(event: LockedEvent, row: RegistrationRow, state: str) -> None:
    """Check that a cancelled registration can have its place, its sessions and its options again. Raises Conflict."""
    await keeping.require_options(row.id)
    held = {session.id for session in await queries.sessions_signed_up(row.id)}
    if state in rules.HOLDING:
        await filling.fill_places(event)  # who waits comes first
        ledger = await counting.ledger_of(event)
        if ledger.full(ledger.wanted(row.category, held)):
            raise Conflict(PLACE_GIVEN, code="place_given")
    for session in await queries.open_sessions(event.id) if held else []:
        if session.id in held and session.capacity is not None and session.taken >= session.capacity:
            title = pick(session.title_zh, session.title_en)
            raise Conflict(N_("No place is left in “%(title)s”", title=title), code="session_full")
