"""Rules: switched on and off by people, followed by the clock, exactly once for each person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.core.schedule import Every, periodic
from fairs.events.queries import require_run
from fairs.mailings import queries, services
from fairs.mailings.queries import ARRIVED
from fairs.mailings.rows import Filters, MailingRow
from fairs.mailings.rules import Span, is_due, is_missed, span_of
from fairs.mailings.services import NOT_NOW
from fairs.mailings.tables import MailingState, Trigger
from fairs.registrations.tables import RegistrationState

STUCK = timedelta(minutes=3)  # after which a mailing whose job was lost begins again
_MEETS = (
    "EXISTS (SELECT 1 FROM meeting m WHERE m.event = r.event AND m.state = 'scheduled' AND m.starts_at >= :day_from"
    " AND m.starts_at < :day_to AND (m.talent = r.talent OR (r.category = 'employer' AND m.organisation = r.organisation)))"
)
_EARLIER = services.ADD.replace(
    "CASE WHEN reason = '' THEN 'waiting' ELSE 'excluded' END, reason", "'excluded', 'earlier'"
)


@dataclass(frozen=True)
class Planned:
    """A rule in the timeline: when it is due, and how many would get it if that were now."""

    rule: MailingRow
    span: Span | None
    people: int
    missed: bool


def whom(rule: MailingRow, now: datetime) -> tuple[Filters, list[str], dict[str, Any]]:
    """The filters of a rule, and what its trigger adds. Without a state it is for those who have a place."""
    filters = rule.wanted
    if not filters.state:
        filters = msgspec.structs.replace(filters, state=RegistrationState.CONFIRMED.value)
    if rule.trigger == Trigger.ABSENT:
        return filters, [f"NOT {ARRIVED}"], {}
    if rule.trigger == Trigger.BEFORE and (span := span_of(rule)):
        return filters, ["coalesce(r.confirmed_at, r.created_at) <= :since"], {"since": span.begins}
    if rule.trigger == Trigger.MEETING:
        zone = ZoneInfo(rule.timezone)
        today = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
        days = {"day_from": today + timedelta(days=1), "day_to": today + timedelta(days=2)}
        return filters, [_MEETS], days
    return filters, [], {}


async def timeline(event_id: int) -> list[Planned]:
    """The rules of an event in the order in which they are due."""
    now, found = clock.now(), []
    for rule in await queries.rules_of(event_id):
        filters, conditions, values = whom(rule, now)
        people = await queries.count_new(rule, filters, conditions, **values)
        span = span_of(rule)
        on = rule.state is MailingState.SENDING
        found.append(Planned(rule, span, people, bool(span and (is_missed(rule, span) if on else span.begins < now))))
    return sorted(found, key=lambda one: (one.span is None, one.span.begins if one.span else now, one.rule.id))


async def switch_on(rule_id: int, *, by: Actor) -> None:
    """From now on the clock follows the rule. Who is in the state already is not told of it. Raises NotFound, Conflict."""
    async with db.DB.transaction():
        rule = await queries.locked_mailing(rule_id)
        await require_run(by, rule.event)
        if not rule.trigger or rule.state not in (MailingState.DRAFT, MailingState.PAUSED):
            raise Conflict(NOT_NOW)
        now = clock.now()
        if rule.trigger == Trigger.STATE:
            sql, values = queries.audience(rule.event, rule.wanted, newsletter=rule.newsletter)
            await execute(_EARLIER.replace("{audience}", sql), mailing=rule.id, now=now, **values)
        await execute(
            "UPDATE mailing SET state = 'sending', started_at = :now, next_at = NULL, turn = turn + 1 WHERE id = :id",
            id=rule.id,
            now=now,
        )
        await record("mailing.rule_on", "mailing", rule.id, by=by)


async def switch_off(rule_id: int, *, by: Actor) -> None:
    """The clock no longer follows the rule; whoever waits gets nothing. Raises NotFound, Conflict."""
    async with db.DB.transaction():
        rule = await queries.locked_mailing(rule_id)
        await require_run(by, rule.event)
        if not rule.trigger or rule.state is not MailingState.SENDING:
            raise Conflict(N_("This rule is off already."))
        await execute("UPDATE mailing SET state = 'paused', next_at = NULL, turn = turn + 1 WHERE id = :id", id=rule.id)
        await execute("DELETE FROM mailing_recipient WHERE mailing = :id AND state = 'waiting'", id=rule.id)
        await record("mailing.rule_off", "mailing", rule.id, by=by)


@periodic(
    "mailings-follow",
    Every(10),
    title=N_("Rules for mails"),
    does=N_("Sends what the rules of events say, once to each person, and goes on with mailings that stand still."),
    counts=N_("People"),
    question=N_("Follow the rules for mails now?"),
)
async def follow() -> int:
    """How many people were entered."""
    count = 0
    for found in await queries.running():
        async with db.DB.transaction():
            row, now = await queries.locked_mailing(found.id), clock.now()
            if row.state is not MailingState.SENDING:
                continue
            if row.trigger and is_due(row, now):
                filters, conditions, values = whom(row, now)
                count += await services.add_people(row, filters, conditions, **values)
            stands = row.next_at is None or row.next_at < now - STUCK
            if stands and (not row.trigger or await queries.waiting_in(row.id)):
                await services.begin(row)
    return count
