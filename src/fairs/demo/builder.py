"""Builds the demo edition through the product's services; deterministic for a seed, except passwords."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from fairs.core import jobs
from fairs.demo import (
    accounts,
    agreements,
    employers_and_candidates,
    events,
    exhibits,
    forms,
    listings,
    meetings,
    outreach,
    registrations_and_scans,
    tour,
)
from fairs.demo.content import build
from fairs.demo.context import DemoContext, Progress
from fairs.settings import Settings


async def build_demo(
    found: Settings,
    *,
    scale: int,
    progress: Progress,
    seed: int = 2018,
    shift: timedelta = timedelta(0),
    now: datetime | None = None,
) -> dict[str, Any]:
    """Fill an empty, migrated database; the pool is open. Returns the content of `demo.json`.

    `shift` moves every date of the edition, so that one of its days can be today; what is dated after `now` (default:
    the present) has not happened. `progress(what, done, of)`.
    """
    content, rng = build(seed, scale), random.Random(seed)
    stage = DemoContext(content=content, rng=rng, shift=shift, now=now or datetime.now(UTC), progress=progress)
    for name, step in (
        ("edition", events.create_events),
        ("employers", employers_and_candidates.create_employers),
        ("listings", listings.create_listings),
        ("people", employers_and_candidates.create_candidates),
        ("forms", forms.create_forms),
        ("registrations", registrations_and_scans.create_registrations),
        ("delegation", forms.create_group),
        ("texts", meetings.read_texts),
        ("scans", registrations_and_scans.create_scans),
        ("meetings", meetings.create_meetings),
        ("agreements", agreements.create_agreements),
        ("tour", tour.create_tour),
        ("exhibits", exhibits.create_exhibits),
        ("visits", outreach.create_visits),
    ):
        progress(name, 0, 0)
        await step(stage)
    progress("accounts", 0, 0)
    with stage.at(stage.now):
        shown = await accounts.create_accounts(stage, found.base_url)
    progress("mail", 0, 0)
    await jobs.drain(found.session_url)
    return shown
