"""The accounts and tokens of the demo, written to DATA/demo.json."""

import random
from collections import Counter
from typing import Any

import msgspec

from fairs.accounts import tokens
from fairs.accounts.actor import Actor, Grant
from fairs.accounts.invitations import Offer
from fairs.accounts.tables import TokenKind
from fairs.core import clock
from fairs.core.roles import Role
from fairs.core.rows import fetch_as
from fairs.demo import people
from fairs.demo.context import DemoContext
from fairs.demo.registrations_and_scans import add_scanner
from fairs.demo.rows import MeetingCount, Pairs, ShownGate
from fairs.talents.tables import Visibility

WORDS = (
    "river",
    "loess",
    "peony",
    "bronze",
    "cinnabar",
    "jade",
    "wheat",
    "shaolin",
    "grotto",
    "kiln",
    "lotus",
    "crane",
)
SHOWN_UNITS = ("410300", "410100")  # Luoyang and Zhengzhou: bureaus and employers of different units


def password(rng: random.Random) -> str:
    """Four words and a number: easy to type on a phone. Only demo.json contains it."""
    return "-".join([*rng.sample(WORDS, 4), str(rng.randrange(10, 100))])


async def create_accounts(stage: DemoContext, base_url: str) -> dict[str, Any]:
    """Set the passwords and issue the tokens; returns the content of demo.json. Passwords differ by installation."""
    secret = random.SystemRandom()
    conference = stage.events[stage.content.conference.slug]
    shown: list[tuple[str, Actor, str]] = [(Role.ORGANISER, stage.organiser, "410000")]
    shown.append((Role.ADMIN, stage.admin, "410000"))
    work, meetings = await _employers_work(), await _meetings("talent")
    for unit in SHOWN_UNITS:
        shown.append((Role.BUREAU, stage.bureaus[unit], unit))
        shown.append((Role.EMPLOYER, stage.employers[_busiest(stage, unit, work)], unit))
    for locale in ("en", "zh"):
        shown.append(_candidate(stage, locale, meetings))
    volunteer = Offer("gate@example.org", Grant(Role.STAFF, event_id=conference), "志愿者 01")
    [staff] = await people.join([volunteer], by=stage.organiser)
    shown.append((Role.STAFF, staff, "410000"))
    listed = []
    for role, actor, unit in shown:
        chosen = password(secret)
        await people.choose_password(actor, chosen)
        listed.append({"role": str(role), "email": actor.email, "password": chosen, "unit": unit, "locale": actor.lang})
    facts = (stage.content.conference, stage.content.tour)
    gates = await fetch_as(
        ShownGate,
        "SELECT e.slug AS event, g.code, g.kind FROM gate g JOIN event e ON e.id = g.event ORDER BY e.id, g.id",
    )
    return {
        "base_url": base_url,
        "events": [{"slug": item.slug, "kind": item.kind} for item in facts],
        "accounts": listed,
        "api_token": await tokens.issue_token(
            TokenKind.API, "示范接口", by=stage.organiser, account_id=stage.organiser.account_id
        ),
        "device_token": await add_scanner(conference, "示范扫码机", by=stage.organiser),
        "gates": [msgspec.structs.asdict(gate) for gate in gates],
    }


# A pair in which both want to meet and that has no meeting yet can be booked at once.
WAITING = """
SELECT l.organisation, e.talent FROM preference e JOIN listing l ON l.id = e.listing
JOIN preference t ON t.side = 'talent' AND t.talent = e.talent AND t.listing = e.listing AND t.level <> 'no'
WHERE e.side = 'employer' AND e.level <> 'no' AND NOT EXISTS (
    SELECT FROM meeting m WHERE m.talent = e.talent AND m.organisation = l.organisation AND m.state <> 'cancelled')
"""


async def _employers_work() -> Counter[int]:
    """Amount of work per organisation: up to two bookable pairs count first, then meetings."""
    found = await _meetings("organisation")
    waiting = await fetch_as(
        Pairs,
        f"SELECT w.organisation, least(count(*), 2) AS pairs FROM ({WAITING}) w GROUP BY 1",  # noqa: S608 - a constant above
    )
    found.update({row.organisation: 1000 * row.pairs for row in waiting})
    return found


async def _meetings(side: str) -> Counter[int]:
    """Active meetings by organisation or by talent; having one to come weighs as much as 100 past ones."""
    rows = await fetch_as(
        MeetingCount,
        f"SELECT {side} AS id, count(*) + 100 * least(1, count(*) FILTER (WHERE ends_at > :now)) AS meetings"  # noqa: S608 - one of two column names, see the callers
        " FROM meeting WHERE state <> 'cancelled' GROUP BY 1",
        now=clock.now(),
    )
    return Counter({row.id: row.meetings for row in rows})


def _busiest(stage: DemoContext, unit: str, work: Counter[int]) -> str:
    """The unit's employer with the most work."""
    ours = [item.key for item in stage.content.employers if item.unit == unit]
    return max(ours, key=lambda key: (work[stage.organisations[key]], key))


def _candidate(stage: DemoContext, locale: str, meetings: Counter[int]) -> tuple[str, Actor, str]:
    """The candidate with the most meetings who writes in this language."""
    fitting = [
        item
        for item in stage.content.candidates
        if item.text_locale == locale and item.visibility == Visibility.EMPLOYERS
    ]
    chosen = max(fitting, key=lambda item: (meetings[stage.talents[item.key]], item.key))
    return Role.CANDIDATE, stage.candidates[chosen.key], chosen.wanted_units[0] if chosen.wanted_units else "410100"
