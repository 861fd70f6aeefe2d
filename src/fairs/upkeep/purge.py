"""What may no longer be kept goes: every night, and by `fairs purge`. The periods are in the catalogue of retention."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, db, i18n, retention
from fairs.core.i18n import N_
from fairs.core.retention import Rule
from fairs.core.schedule import Daily, periodic
from fairs.core.services import Service
from fairs.units import catalogues

RULES: Service[tuple[Rule, ...]] = Service(tuple)
"""The rules of all slices, in order of application; `wiring` sets them."""
NOT_STORED = frozenset({"identity_numbers", "travel"})
"""Periods of the catalogue for data that this version does not ask for: there is nothing to delete."""
_MONTH = timedelta(days=30)
OWN = (
    retention.rows(
        N_("jobs that have failed for good"),
        N_("their last attempt"),
        "pgqueuer",
        "status = 'failed' AND updated < :before",
        after=_MONTH,
    ),
    retention.rows(N_("the log of finished jobs"), N_("their end"), "pgqueuer_log", "created < :before", after=_MONTH),
    retention.rows(
        N_("runs of scheduled jobs"), N_("their end"), "periodic_run", "finished_at < :before", after=12 * _MONTH
    ),
)


@dataclass(frozen=True)
class Expired:
    """A rule and the number of rows that go, or went."""

    rule: Rule
    period: timedelta
    number: int


def period_of(rule: Rule) -> timedelta:
    """How long the rule lets rows be kept. Raises KeyError for a key that the catalogue does not have."""
    if not rule.key:
        return rule.after
    return timedelta(days={one.key: one.days for one in catalogues.retention()}[rule.key])


async def expired(now: datetime) -> list[Expired]:
    """What the next purge would let go, rule by rule. Deletes nothing."""
    return [Expired(rule, period_of(rule), await rule.count(now - period_of(rule))) for rule in RULES()]


async def apply(now: datetime, *, by: Actor = SYSTEM) -> list[Expired]:
    """Let go what has expired, each rule in a transaction of its own; a rule with effect is recorded."""
    met = []
    for rule in RULES():
        before = now - period_of(rule)
        done = await rule.apply(before) if rule.alone else None
        async with db.DB.transaction():
            number = await rule.apply(before) if done is None else done
            if number:
                with i18n.language("en"):
                    what = str(rule.what)
                after = {"what": what, "before": before.isoformat(timespec="seconds"), "rows": number}
                await record("purge", "retention", rule.key or "-", by=by, after=after)
        met.append(Expired(rule, period_of(rule), number))
    return met


@periodic(
    "upkeep-purge",
    Daily(time(2, 30)),
    title=N_("Delete what has expired"),
    does=N_("Deletes or empties what the retention periods no longer allow to keep."),
    counts=N_("Rows"),
    question=N_("Delete now what has expired? It cannot be brought back."),
)
async def purge_nightly() -> int:
    """The number of rows that went."""
    return sum(one.number for one in await apply(clock.now()))
