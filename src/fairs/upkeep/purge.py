"""What may no longer be kept goes: every night, and by `fairs purge`. The periods are in the catalogue of retention."""

import time as time_of
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import msgspec

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, db, i18n, retention
from fairs.core.i18n import N_
from fairs.core.retention import Rule
from fairs.core.rows import execute
from fairs.core.schedule import Daily, periodic
from fairs.core.services import Service
from fairs.upkeep import periods

RULES: Service[tuple[Rule, ...]] = Service(tuple)
"""The rules of all slices, in order of application; `wiring` sets them."""
NOT_STORED: frozenset[str] = frozenset()
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
    retention.rows(N_("reports of purges"), N_("the purge"), "purge_report", "at < :before", after=36 * _MONTH),
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


def period_of(rule: Rule, days: Mapping[str, int]) -> timedelta:
    """How long the rule lets rows be kept. Raises KeyError for a key that the catalogue does not have."""
    return timedelta(days=days[rule.key]) if rule.key else rule.after


async def expired(now: datetime, days: Mapping[str, int] | None = None) -> list[Expired]:
    """What the next purge would let go, rule by rule; with other periods if `days` are given. Deletes nothing."""
    days = days or await periods.in_force()
    met = []
    for rule in RULES():
        period = period_of(rule, days)
        met.append(Expired(rule, period, await rule.count(now - period)))
    return met


async def apply(now: datetime, *, by: Actor = SYSTEM) -> list[Expired]:
    """Let go what has expired, each rule in a transaction of its own; a rule with effect is recorded, and the whole reported."""
    met, days, began = [], await periods.in_force(), time_of.perf_counter()
    for rule in RULES():
        period = period_of(rule, days)
        before = now - period
        done = await rule.apply(before) if rule.alone else None
        async with db.DB.transaction():
            number = await rule.apply(before) if done is None else done
            if number:
                after = {"what": english(rule), "before": before.isoformat(timespec="seconds"), "rows": number}
                await record("purge", "retention", rule.key or "-", by=by, after=after)
        met.append(Expired(rule, period, number))
    await _report(met, time_of.perf_counter() - began)
    return met


def english(rule: Rule) -> str:
    """The name of a rule, as the log and the reports have it."""
    with i18n.language("en"):
        return str(rule.what)


async def _report(met: list[Expired], seconds: float) -> None:
    """What went, rule by rule, for the page; a purge without effect leaves none."""
    lines = [{"what": english(one.rule), "rows": one.number} for one in met if one.number]
    if lines:
        await execute(
            "INSERT INTO purge_report (at, seconds, number, lines) VALUES (:now, :seconds, :number, :lines::jsonb)",
            now=clock.now(),
            seconds=seconds,
            number=sum(one.number for one in met),
            lines=msgspec.json.encode(lines).decode(),
        )


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
