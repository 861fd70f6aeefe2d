"""The lines of a desk: what waits for a bureau or the province, as the morning mail has it, and what a fair lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fairs.accounts.actor import Actor
from fairs.checkin.conflicts import open_conflicts
from fairs.core import clock
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as
from fairs.events.rows import EventRow
from fairs.events.rules import days_of
from fairs.home import talent_list
from fairs.home.rows import DeskCounts
from fairs.upkeep.digest import Waiting, waiting_for

SILENT = timedelta(minutes=15)  # a scanner that has not called for so long on a day of the fair
_OF_EVENT = """
SELECT
  (SELECT count(*) FROM access_token d WHERE d.kind = 'device' AND d.event_id = :event AND d.revoked_at IS NULL AND NOT 'print' = ANY(d.scopes)
    AND (d.expires_at IS NULL OR d.expires_at > :now) AND (d.last_used_at IS NULL OR d.last_used_at < :silent)) AS silent_devices,
  (SELECT count(*) FROM unit u WHERE NOT EXISTS (SELECT 1 FROM listing l JOIN organisation o ON o.id = l.organisation
    WHERE o.unit = u.id AND l.event = :event AND l.state = 'published')) AS units_without_listings
"""


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


async def desk_lines(actor: Actor, event: EventRow | None) -> Sequence[Waiting]:
    """The lines of this account's desk, urgent ones first; those with nothing in them are left out."""
    lines = [
        *await waiting_for(actor),
        *(await _of_event(actor, event) if event else []),
        *await _wanting(actor, event),
    ]
    return sorted((line for line in lines if line.number), key=lambda line: not line.urgent)


async def _wanting(actor: Actor, event: EventRow | None) -> list[Waiting]:
    """People who want a city of the actor's bureaus: those who come to the fair, and all of them."""
    cities = [] if actor.sees_everything else await talent_list.own_cities(actor)
    if not cities:
        return []
    all_of_them = await talent_list.wanting(actor, cities)
    coming = await talent_list.wanting(actor, cities, event.id) if event and all_of_them else 0
    return [
        Waiting(coming, N_("People at the fair who want your city"), "/bureau/talents?comes=yes"),
        Waiting(all_of_them, N_("People who want your city"), "/bureau/talents"),
    ]


async def _of_event(actor: Actor, event: EventRow) -> list[Waiting]:
    return [*await _conflicts(actor, event), *await _missing(actor, event)]


async def _conflicts(actor: Actor, event: EventRow) -> list[Waiting]:
    """Conflicts of scans that nobody has decided about, for those who run the event."""
    number = await open_conflicts(event.id) if actor.runs(event) else 0
    return [
        Waiting(number, N_("Conflicts of scans to settle"), f"/organise/editions/{event.slug}/conflicts?state=open")
    ]


async def _missing(actor: Actor, event: EventRow) -> list[Waiting]:
    if not actor.sees_everything:
        return []
    now = clock.now()
    (found,) = await fetch_as(DeskCounts, _OF_EVENT, event=event.id, now=now, silent=now - SILENT)
    silent = found.silent_devices if countdown(event).day else 0
    here = f"/organise/editions/{event.slug}"
    return [
        Waiting(silent, N_("Scanners that are silent"), f"{here}/devices", urgent=True),
        Waiting(found.units_without_listings, N_("Units without a listing"), f"{here}#delegations"),
    ]
