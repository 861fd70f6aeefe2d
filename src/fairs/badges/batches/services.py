"""Batches are asked for, drawn by a job, and logged.

A batch is a row (tables.BadgeBatch). Its worker writes after each few badges how far it is, and reads with the same statement
whether it was cancelled. A batch whose worker died begins again when the queue gives its job to another one.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import structlog

from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.badges import printing
from fairs.badges.batches import photos, queries
from fairs.badges.batches.forms import BatchForm
from fairs.badges.batches.queries import Wanted
from fairs.badges.batches.rows import BatchBadge, Claimed
from fairs.badges.designing import layout
from fairs.badges.designing import queries as designs
from fairs.badges.designing.boxes import Design
from fairs.badges.designing.rows import DesignRow
from fairs.badges.tables import BadgeBatch, BatchOrder, BatchState, Chosen, PrintWay
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_, current_lang
from fairs.core.ink.paper import Paper
from fairs.core.rows import execute, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.core.tasks import spawn
from fairs.events import queries as events
from fairs.events.rows import EventRow
from fairs.files.services import keep_made, let_go
from fairs.files.tables import Purpose
from fairs.registrations.working.bulk_queries import print_selection

JOB = "badges.print"
TAKEN_AFTER = 10  # seconds of silence after which another worker may begin anew
TOGETHER = 24  # badges between two looks at the row
PDF = "application/pdf"
Beat = Callable[[int], Awaitable[None]]
ALREADY = N_("A batch of this event is being made already.")
NOBODY = N_("No badge matches: there is nothing to print.")
ENDED = N_("This batch has already ended.")
log = structlog.get_logger("badges")


class Stopped(Exception):
    """The batch was cancelled, or another worker has taken it."""


async def wanted_by(event: EventRow, form: BatchForm) -> Wanted:
    """What a form asks for. Raises NotFound for a session or a selection of another event."""
    unit = (
        await fetch_value_or_none(int, "SELECT id FROM unit WHERE code = :code", code=form.unit) if form.unit else None
    )
    session = None
    if form.session:
        sql = "SELECT id FROM event_session WHERE event = :event AND id = :id"
        session = await fetch_value_or_none(int, sql, event=event.id, id=int(form.session))
        if session is None:
            raise NotFound
    selection = await print_selection(event.id, int(form.selection)) if form.selection else None
    return Wanted(event.id, form.category, unit, session, selection, Chosen(form.chosen), BatchOrder(form.ordered))


async def ask(slug: str, form: BatchForm, *, by: Actor) -> int:
    """Begin a batch; returns its id. Raises NotFound, and Conflict when there is nothing to print or one is under way."""
    async with db.transaction_or_join():
        event = await events.event_for(by, slug)
        wanted = await wanted_by(event, form)
        total = await queries.count(wanted)
        if not total:
            raise Conflict(NOBODY, code="nobody")
        with db.constraint_errors({"uq_badge_batch_live": Conflict(ALREADY, code="already")}):
            batch = await fetch_value(
                int,
                "INSERT INTO badge_batch (event, category, unit, session, selection, chosen, ordered, asked_by, asked_at, seen_at, total)"
                " VALUES (:event, :category, :unit, :session, :selection, :chosen, :ordered, :by, :now, now(), :total) RETURNING id",
                **wanted.arguments(),
                ordered=str(wanted.ordered),
                by=by.account_id,
                now=clock.now(),
                total=total,
            )
        after = {"event": event.id, "badges": total, "category": form.category, "chosen": form.chosen}
        await record("badge_batch.ask", "badge_batch", batch, by=by, after=after)
        await jobs.enqueue(JOB, {"batch": batch, "lang": current_lang()})
    return batch


async def cancel(slug: str, batch_id: int, *, by: Actor) -> None:
    """Stop a batch; nothing counts as printed. Raises NotFound, Conflict when it has ended."""
    event = await events.event_for(by, slug)
    async with db.transaction_or_join():
        if await queries.batch(event.id, batch_id) is None:
            raise NotFound
        stopped = await execute(
            "UPDATE badge_batch SET state = 'cancelled', ended_at = :now WHERE id = :id AND state IN ('waiting', 'running')",
            id=batch_id,
            now=clock.now(),
        )
        if not stopped:
            raise Conflict(ENDED)
        await record("badge_batch.cancel", "badge_batch", batch_id, by=by)


async def remove_file(slug: str, batch_id: int, *, by: Actor) -> None:
    """Delete the finished file; the print log stays. Raises NotFound."""
    event = await events.event_for(by, slug)
    async with db.transaction_or_join():
        row = await queries.batch(event.id, batch_id)
        if row is None or row.file is None:
            raise NotFound
        await execute("UPDATE badge_batch SET file = NULL WHERE id = :id", id=batch_id)
        await let_go(row.file)
        await record("badge_batch.remove_file", "badge_batch", batch_id, by=by)


@jobs.job(JOB)
async def make_batch(payload: dict[str, Any]) -> None:
    """Job: draw a batch; one that has ended, or that another worker draws, is skipped."""
    batch_id, lang = int(payload["batch"]), str(payload.get("lang", "zh"))
    claimed = await _claim(batch_id)
    if claimed is None:
        if await BadgeBatch.exists().where(BadgeBatch.id == batch_id, BadgeBatch.state == BatchState.RUNNING):
            await jobs.enqueue(JOB, payload, after=timedelta(seconds=TAKEN_AFTER + 1))  # its worker may have died
        return
    try:
        await _make(batch_id, claimed, lang)
    except Stopped:
        log.info("batch_stopped", batch=batch_id)
    except Exception:
        await BadgeBatch.update(state=BatchState.FAILED, error="unexpected", ended_at=clock.now()).where(
            BadgeBatch.id == batch_id, BadgeBatch.attempt == claimed.attempt, BadgeBatch.state == BatchState.RUNNING
        )
        raise


async def _claim(batch_id: int) -> Claimed | None:
    return await fetch_one_as(
        Claimed,
        "UPDATE badge_batch SET state = 'running', started_at = :now, seen_at = now(), attempt = attempt + 1, done = 0"
        " WHERE id = :id AND (state = 'waiting' OR (state = 'running' AND seen_at < now() - make_interval(secs => :silence)))"
        " RETURNING event, category, unit, session, selection, chosen, ordered, asked_by, attempt",
        id=batch_id,
        now=clock.now(),
        silence=TAKEN_AFTER,
    )


async def _beat(batch_id: int, attempt: int, done: int) -> None:
    """Write how far the batch is. Raises Stopped when it is no longer ours."""
    ours = await execute(
        "UPDATE badge_batch SET seen_at = now(), done = :done WHERE id = :id AND attempt = :attempt AND state = 'running'",
        id=batch_id,
        attempt=attempt,
        done=done,
    )
    if not ours:
        raise Stopped


async def _make(batch_id: int, claimed: Claimed, lang: str) -> None:
    wanted = Wanted(
        claimed.event,
        claimed.category,
        claimed.unit,
        claimed.session,
        claimed.selection,
        claimed.chosen,
        claimed.ordered,
    )
    badges = await queries.badges_of(wanted)
    with tempfile.TemporaryDirectory(prefix="fairs-badges-") as folder:
        path = Path(folder) / "badges.pdf"
        await draw(badges, path, lang, lambda done: _beat(batch_id, claimed.attempt, done))
        event = await events.event_by_id(claimed.event)
        by = (await actor_by_id(claimed.asked_by) if claimed.asked_by else None) or SYSTEM
        file_id = await keep_made(path, f"badges-{event.slug}-{batch_id}.pdf", PDF, Purpose.BADGES, by=by)
        async with db.transaction_or_join():
            await _beat(batch_id, claimed.attempt, len(badges))
            await BadgeBatch.update(state=BatchState.DONE, ended_at=clock.now(), total=len(badges), file=file_id).where(
                BadgeBatch.id == batch_id
            )
            await execute(
                "INSERT INTO badge_print (badge, batch, way, printed_by, at) SELECT t.id, :batch, :way, :by, :now"
                " FROM unnest(:ids::bigint[]) WITH ORDINALITY AS t (id, place) ORDER BY t.place",
                ids=[badge.id for badge in badges],
                batch=batch_id,
                way=PrintWay.BATCH.value,
                by=claimed.asked_by,
                now=clock.now(),
            )
            await record("badge_batch.done", "badge_batch", batch_id, by=by, after={"badges": len(badges)})


async def draw(badges: Sequence[BatchBadge], path: Path, lang: str, beat: Beat) -> None:
    """Draw the badges into a file. `beat(done)` is awaited after every few; what it raises ends the work."""
    rows = await designs.designs_of(badges[0].event) if badges else []
    with ThreadPoolExecutor(2, thread_name_prefix="photos") as pool, path.open("wb") as out:
        paper = Paper(out, title=badges[0].number if badges else "", lang=lang, made_at=clock.now())
        parts = [part async for part in _parts(badges, rows)]
        ahead: asyncio.Task[list[layout.Content]] | None = None  # the next photos are read while these are drawn
        try:
            for at, (design, some) in enumerate(parts):
                contents = await (ahead or photos.with_photos(some, design, pool))
                if at + 1 < len(parts):
                    ahead = spawn(
                        photos.with_photos(parts[at + 1][1], parts[at + 1][0], pool), name="photos", logged=False
                    )
                await asyncio.to_thread(_draw, paper, design, contents)
                await beat(sum(len(part) for _, part in parts[: at + 1]))
        finally:
            if ahead is not None:
                ahead.cancel()
        await asyncio.to_thread(paper.close)


async def _parts(
    badges: Sequence[BatchBadge], rows: Sequence[DesignRow]
) -> AsyncIterator[tuple[Design, list[BatchBadge]]]:
    """A few badges of one design at a time: whole sheets."""
    for row, group in _by_design(badges, rows):
        design = await designs.opened(row)
        places = len(layout.grid(design).places)
        few = places * max(1, TOGETHER // places)
        for at in range(0, len(group), few):
            yield design, group[at : at + few]


def _by_design(
    badges: Sequence[BatchBadge], rows: Sequence[DesignRow]
) -> Iterator[tuple[DesignRow | None, list[BatchBadge]]]:
    """The badges in order, from one design to the next; where several share a sheet, all of a design together."""

    def place(badge: BatchBadge) -> int:
        row = designs.chosen(rows, badge.category)
        return rows.index(row) if row else -1

    ordered = sorted(badges, key=place) if any(row.sheet != "own" for row in rows) else badges
    for at, group in groupby(ordered, place):
        yield rows[at] if at >= 0 else None, list(group)


def _draw(paper: Paper, design: Design, contents: list[layout.Content]) -> None:
    """A few sheets of one design."""
    logo = printing.picture(design.logo)
    places = len(layout.grid(design).places)
    for at in range(0, len(contents), places):
        printing.draw_pages(paper, design, contents[at : at + places], logo)


async def may_read_batch(actor: Actor, file_id: Any) -> bool:
    """Whether the file belongs to a batch of an event that this actor runs."""
    slug = await fetch_value_or_none(
        str, "SELECT e.slug::text FROM badge_batch b JOIN event e ON e.id = b.event WHERE b.file = :file", file=file_id
    )
    if slug is None:
        return False
    with contextlib.suppress(NotFound):
        await events.event_for(actor, slug)
        return True
    return False
