"""Builds the demo edition through the same services that people use; deterministic for a seed, passwords excepted."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from fairs.core import jobs
from fairs.demo import access, crowd, ground, parties, signing, talks, wanted
from fairs.demo.content import build
from fairs.demo.stage import Progress, Stage
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
    """Fill an empty, migrated database; the pool is open. What `demo.json` holds is returned.

    `shift` moves every date of the edition, so that a day of it can be today; what lies after `now` (the present moment
    unless given) has not happened. `progress(what, done, of)`.
    """
    content, rng = build(seed, scale), random.Random(seed)
    stage = Stage(content=content, rng=rng, shift=shift, now=now or datetime.now(UTC), progress=progress)
    for name, step in (
        ("edition", ground.lay),
        ("employers", parties.employers),
        ("listings", wanted.publish),
        ("people", parties.candidates),
        ("registrations", crowd.register),
        ("texts", talks.read_texts),
        ("scans", crowd.scan),
        ("meetings", talks.meet),
        ("agreements", signing.agree),
    ):
        progress(name, 0, 0)
        await step(stage)
    progress("accounts", 0, 0)
    with stage.at(stage.now):
        shown = await access.give(stage, found.base_url)
    progress("mail", 0, 0)
    await jobs.drain(found.session_url)
    return shown
