"""What waits for a bureau or the province: one line each, with the list that it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as
from fairs.events.rows import EventRow
from fairs.events.rules import days_of
from fairs.home import talent_list
from fairs.home.rows import DeskCounts

SILENT = timedelta(minutes=15)  # a scanner that has not called for so long on a day of the fair
_COUNTS = """
SELECT
  (SELECT count(*) FROM organisation o WHERE o.state = 'pending' AND (:all OR o.unit = ANY(:units::bigint[]))) AS approvals,
  (SELECT min(o.created_at) FROM organisation o WHERE o.state = 'pending' AND (:all OR o.unit = ANY(:units::bigint[])))
    AS oldest_approval,
  (SELECT count(*) FROM agreement a WHERE a.state = 'signed_intent' AND a.verified_at IS NULL
    AND (:all OR a.unit = ANY(:units::bigint[]))) AS to_verify,
  (SELECT count(*) FROM agreement a WHERE a.next_step_by < :today AND a.state NOT IN ('lapsed', 'terminated', 'evaluated')
    AND (:all OR a.unit = ANY(:units::bigint[]))) AS overdue,
  (SELECT count(*) FROM outgoing_mail m WHERE :all AND m.state = 'failed') AS failed_mails,
  (SELECT count(*) FROM access_token d WHERE :all AND d.kind = 'device' AND d.event_id = :event AND d.revoked_at IS NULL
    AND (d.expires_at IS NULL OR d.expires_at > :now) AND (d.last_used_at IS NULL OR d.last_used_at < :silent)) AS silent_devices,
  (SELECT count(*) FROM unit u WHERE :all AND NOT EXISTS (SELECT 1 FROM listing l JOIN organisation o ON o.id = l.organisation
    WHERE o.unit = u.id AND l.event = :event AND l.state = 'published')) AS units_without_listings
"""


@dataclass(frozen=True)
class Line:
    """Something that waits: how many, the oldest `since` when, the route (with a query) of its list."""

    text: object
    number: int
    route: str
    query: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()
    since: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Countdown:
    """Where the fair stands today. `days` to its first day; `day` of `length` while it is on; both 0 once it is over."""

    days: int
    day: int
    length: int


def countdown(event: EventRow) -> Countdown:
    """Counted in calendar days of the place."""
    days = days_of(event.starts_at, event.ends_at, event.timezone)
    today = days_of(clock.now(), clock.now() + timedelta(seconds=1), event.timezone)[0]
    if today < days[0]:
        return Countdown((days[0] - today).days, 0, len(days))
    return Countdown(0, (today - days[0]).days + 1 if today <= days[-1] else 0, len(days))


async def desk_lines(actor: Actor, event: EventRow | None) -> Sequence[Line]:
    """The lines of this account's desk, urgent ones first; those with nothing in them are left out."""
    now = clock.now()
    (found,) = await fetch_as(
        DeskCounts,
        _COUNTS,
        all=actor.sees_everything,
        units=actor.unit_ids,
        event=event.id if event else None,
        now=now,
        silent=now - SILENT,
        today=now.date(),
    )
    lines = [
        Line(
            N_("Employers to approve"),
            found.approvals,
            "bureau_home",
            "?state=pending",
            since=found.oldest_approval,
            urgent=bool(found.oldest_approval and now - found.oldest_approval > timedelta(days=3)),
        ),
        Line(N_("Agreements to verify"), found.to_verify, "bureau_agreements", "?due=verify"),
        Line(N_("Steps of agreements overdue"), found.overdue, "bureau_agreements", "?due=overdue", urgent=True),
        Line(N_("Mails that failed"), found.failed_mails, "outbox", "?state=failed", urgent=True),
    ]
    if event:
        lines += await _of_event(actor, event, found)
    return sorted((line for line in lines if line.number), key=lambda line: not line.urgent)


async def _of_event(actor: Actor, event: EventRow, found: DeskCounts) -> list[Line]:
    here = (("slug", event.slug),)
    if not actor.sees_everything:
        wanting = await talent_list.wanting(actor, event.id, await talent_list.own_cities(actor))
        return [Line(N_("People at the fair who want your city"), wanting, "bureau_talents", "?comes=yes")]
    on = countdown(event).day > 0
    return [
        Line(N_("Scanners that are silent"), found.silent_devices if on else 0, "devices", "", here, urgent=True),
        Line(N_("Units without a listing"), found.units_without_listings, "edition", "#delegations", here),
    ]
