"""From suggestion to meeting: encode texts, record wishes of both sides, schedule the hall, report outcomes.

Some meetings take place before the fair, so that their results exist on its first day.
"""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict
from fairs.core.rows import execute, fetch_as, fetch_value, fetch_values
from fairs.core.wishes import Level, Side
from fairs.demo.context import DemoContext
from fairs.demo.rows import Met, OpenListing, Planned
from fairs.matching import encoding
from fairs.matching import services as matching
from fairs.meetings import services as meetings
from fairs.meetings.forms import OutcomeForm
from fairs.meetings.scheduling import runs, slots_and_tables
from fairs.meetings.tables import MeetingOutcome, MeetingState, RunState

AHEAD = (
    203,
    112,
    36,
)  # days before the fair: the early rounds, enough for the longest course of an agreement
ROUND = ("15:00", 6)  # first slot of a round, number of slots
ROUND_SHARE = 0.8  # of the employers
MANY = 60  # suggestions searched for a person who has registered already
BLOCKS = ((0, "14:00", 10), (1, "09:00", 8), (1, "13:30", 6))  # day, first slot, number of slots
MINUTES = 20
WANTED_BY_EMPLOYER = 7  # of the suggestions of a listing
LATE = 0.12  # share of the people who answer after the hall was scheduled
Answer = Callable[[], Awaitable[object]]
NOTES = (
    "双方就研究方向和到岗时间交换了意见。",
    "人才介绍了现有成果，单位介绍了平台条件。",
    "待遇和住房安排需内部商议后答复。",
    "约定两周内提交合作方案。",
    "人才希望先来豫访问一次。",
)


@dataclass(frozen=True)
class Held:
    """A meeting that took place, with its outcome."""

    id: int
    listing: str
    candidate: str
    outcome: str
    ended: datetime


async def read_texts(stage: DemoContext) -> None:
    """Vectors of every profile and listing."""
    await encoding.encode_missing(lambda done, of: stage.progress("texts", done, of))
    await execute("DELETE FROM pgqueuer WHERE entrypoint LIKE 'matching.encode%'")  # the queued work is done


async def create_meetings(stage: DemoContext) -> None:
    """Wishes, the organiser's scheduling, agreements after it, outcomes."""
    conference = stage.events[stage.content.conference.slug]
    starts = stage.moment(stage.content.conference.starts_at)
    await _create_slots_and_tables(stage)
    for days in AHEAD:
        await _talk_ahead(stage, starts - timedelta(days=days))
    late = await _wishes(stage, starts)
    stage.progress("scheduling", 0, 0)
    with stage.at(starts - timedelta(days=4)):
        run = await runs.open_run(conference, by=stage.organiser)
        await runs.run(run)
    ended = await fetch_value(str, "SELECT state FROM schedule_run WHERE id = :id", id=run)
    if ended != RunState.DONE:
        raise RuntimeError(f"the hall was not scheduled: {ended}")
    for answer in late:
        with stage.at(starts - timedelta(days=2)):
            await answer()
    await _hold(stage)


async def _create_slots_and_tables(stage: DemoContext) -> None:
    conference = stage.events[stage.content.conference.slug]
    midnight = stage.moment(stage.content.conference.starts_at).replace(hour=0, minute=0)
    with stage.at(midnight - timedelta(days=20)):
        await slots_and_tables.create_tables(conference, per_organisation=2, by=stage.organiser)
        for day, first, count in BLOCKS:
            hours, minutes = first.split(":")
            start = midnight + timedelta(days=day, hours=int(hours), minutes=int(minutes))
            await slots_and_tables.create_slots(conference, start, MINUTES, count, by=stage.organiser)


async def _talk_ahead(stage: DemoContext, starts: datetime) -> None:
    """An early round: each employer's first suggestion among the listings and people that exist by then."""
    conference = stage.events[stage.content.conference.slug]
    hours, minutes = ROUND[0].split(":")
    begins = starts.replace(hour=int(hours), minute=int(minutes))
    keys = {talent: key for key, talent in stage.talents.items()}
    employer_of = {item.key: item.employer for item in stage.content.listings}
    listings = {value: key for key, value in stage.listings.items()}
    with stage.at(starts - timedelta(days=1)):
        await slots_and_tables.create_slots(conference, begins, MINUTES, ROUND[1], ahead=True, by=stage.organiser)
        open_ones = await fetch_as(
            OpenListing,
            "SELECT DISTINCT ON (l.organisation) l.id FROM listing l WHERE l.state = 'published' AND l.created_at <= :now"
            " AND NOT EXISTS (SELECT FROM meeting m WHERE m.listing = l.id) ORDER BY l.organisation, l.id",
            now=clock.now(),
        )
        known = set(await fetch_values(int, "SELECT id FROM talent WHERE created_at <= :now", now=clock.now()))
        for row in open_ones:
            employer = stage.employers[employer_of[listings[row.id]]]
            found = await matching.suggestions_for_listing(row.id, MANY, balanced=False)
            talent = next((item.talent_id for item in found if item.talent_id in known), None)
            if talent is not None and stage.rng.random() < ROUND_SHARE:
                await _agree_to_meet(stage, row.id, talent, keys[talent], employer)


async def _agree_to_meet(stage: DemoContext, listing: int, talent: int, key: str, employer: Actor) -> None:
    """Both want to meet, and the employer books; nothing happens when no slot is left."""
    await meetings.express(listing, talent, Level.MEET, side=Side.EMPLOYER, by=employer)
    await meetings.express(listing, talent, Level.MEET, side=Side.TALENT, by=stage.candidates[key])
    with contextlib.suppress(Conflict):
        await meetings.book(listing, talent, by=employer)


async def _wishes(stage: DemoContext, starts: datetime) -> list[Answer]:
    """Employers choose among their suggestions; most of the chosen agree to meet. Returns the late answers."""
    keys = {talent: key for key, talent in stage.talents.items()}
    published = set(await fetch_values(int, "SELECT id FROM listing WHERE state = 'published'"))
    chosen = [key for key in stage.listings if stage.listings[key] in published]
    listed = {item.key: item for item in stage.content.listings}
    met = {(row.organisation, row.talent) for row in await fetch_as(Met, "SELECT organisation, talent FROM meeting")}
    late: list[Answer] = []
    with stage.at(starts - timedelta(days=9)):
        for number, key in enumerate(chosen):
            if number % 10 == 0:
                stage.progress("wishes", number, len(chosen))
            found = await matching.suggestions_for_listing(stage.listings[key], WANTED_BY_EMPLOYER, balanced=False)
            employer = stage.employers[listed[key].employer]
            organisation = stage.organisations[listed[key].employer]
            for item in (one for one in found if (organisation, one.talent_id) not in met):
                answer = await _chosen(stage, key, keys[item.talent_id], item.score, employer)
                if answer is not None and stage.rng.random() < LATE:
                    late.append(answer)
                elif answer is not None:
                    await answer()
    return late


async def _chosen(stage: DemoContext, listing: str, candidate: str, score: float, employer: Actor) -> Answer | None:
    """The employer chooses a person; returns the person's later answer, if any."""
    listing_id, talent_id = stage.listings[listing], stage.talents[candidate]
    eager = score / 100
    if stage.rng.random() > 0.35 + 0.5 * eager:
        return None
    level = Level.MUST if stage.rng.random() < 0.25 else Level.MEET
    try:
        await meetings.express(listing_id, talent_id, level, side=Side.EMPLOYER, by=employer)
    except Conflict:  # must meet is said as often as it may be
        await meetings.express(listing_id, talent_id, Level.MEET, side=Side.EMPLOYER, by=employer)
    if stage.rng.random() > 0.25 + 0.6 * eager:
        return None
    said = stage.rng.choices(tuple(Level), weights=(3, 6, 1))[0]
    return partial(meetings.express, listing_id, talent_id, said, side=Side.TALENT, by=stage.candidates[candidate])


async def _hold(stage: DemoContext) -> None:
    """Report the outcome of each past meeting; some are not reported yet."""
    listings = {value: key for key, value in stage.listings.items()}
    candidates = {value: key for key, value in stage.talents.items()}
    employer_of = {item.key: item.employer for item in stage.content.listings}
    rows = await fetch_as(
        Planned, "SELECT id, listing, talent, ends_at FROM meeting WHERE state = 'scheduled' ORDER BY starts_at, id"
    )
    for row in rows:
        told = row.ends_at + timedelta(minutes=2)
        chance = stage.rng.random()
        if chance < 0.07 or not stage.past(told):
            continue
        listing = listings[row.listing]
        held = chance > 0.16
        outcome = stage.rng.choices(tuple(MeetingOutcome), weights=(45, 35, 20))[0] if held else ""
        form = OutcomeForm(
            state=MeetingState.HELD if held else MeetingState.NO_SHOW,
            outcome=outcome,
            note=stage.rng.choice(NOTES) if held else "",
        )
        with stage.at(told):
            await meetings.record_outcome(row.id, form, by=stage.employers[employer_of[listing]])
        if held:
            stage.held.append(Held(row.id, listing, candidates[row.talent], outcome, row.ends_at))
