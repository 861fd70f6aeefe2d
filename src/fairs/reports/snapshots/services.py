"""Freeze a month: its numbers, rows and rules, once and for good. A correction is a further snapshot with a reason."""

from datetime import date

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, locks, rows
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.events.queries import event_by_id
from fairs.events.tables import EventState
from fairs.reports.queries import Scope
from fairs.reports.snapshots import queries, rules
from fairs.reports.tables import Snapshot

FROZEN_ALREADY = N_("This month is frozen. A correction is a new count beside it, and needs a reason.")
NOT_BEGUN = N_("This month has not begun")
IS_DRAFT = N_("Nothing is counted for a draft")
_FREEZE = (
    f"{queries.COUNTED}, kept AS (INSERT INTO snapshot_row (snapshot, measure, whole, unit, identity, mark, at, value)"  # noqa: S608 - constants of the code; values are named arguments
    " SELECT :snapshot::bigint, measure, whole, unit, identity, coalesce(mark, ''), at, value FROM counted WHERE inside)"
    f" INSERT INTO snapshot_number (snapshot, measure, whole, unit, in_month, so_far) SELECT :snapshot::bigint, n.* FROM ({queries.SUMS}) AS n"
)


async def freeze_month(event_id: int, month: date, *, by: Actor, reason: str = "") -> int:
    """Count a month (given by its first day) and keep it for good; returns the snapshot's id.

    Numbers and rows come from one statement, so they agree. Raises NotFound for others than organisers and the system,
    Invalid for a month that has not begun, and Conflict (`frozen`) for a frozen month without a reason to correct it.
    """
    if not by.sees_everything:
        raise NotFound
    month = month.replace(day=1)
    async with db.transaction_or_join():
        event = await event_by_id(event_id)
        if event.state == EventState.DRAFT:
            raise Conflict(IS_DRAFT, code="draft")
        await locks.hold(Lock.SNAPSHOT, event_id)
        since, until = rules.bounds(month, event.timezone)
        now = clock.now()
        if since > now:
            raise Invalid(fields={"month": [NOT_BEGUN]})
        number = 1 + await queries.last_number(event_id, month)
        if number > 1 and not reason:
            raise Conflict(FROZEN_ALREADY, code="frozen")
        snapshot = Snapshot(
            event=event_id,
            month=month,
            number=number,
            reason=reason if number > 1 else "",
            rules_version=rules.version_of_all(),
            complete=until <= now,
            taken_at=now,
            taken_by=by.account_id,
            taken_label=by.label[:200],
        )
        await snapshot.save()
        scope = Scope(event_id, None, event.timezone, month.year)
        await rows.execute(_FREEZE, **queries.arguments(scope, month), snapshot=snapshot.id)
        await _keep_rules(snapshot.id)
        after = {"month": rules.written(month), "number": number, "reason": reason, "rules": rules.version_of_all()}
        await record("month.freeze", "event", event_id, by=by, after=after)
    return int(snapshot.id)


async def _keep_rules(snapshot_id: int) -> None:
    await db.executemany(
        "INSERT INTO snapshot_rule (snapshot, measure, version, name_zh, name_en, counted, rule_zh, rule_en)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (snapshot_id, one.key, rules.version_of(one), one.zh, one.en, one.counted, one.rule_zh, one.rule_en)
            for one in rules.FROZEN
        ],
    )
