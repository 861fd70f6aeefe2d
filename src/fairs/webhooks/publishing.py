"""What happened becomes deliveries: rows and jobs in the transaction of the act. Scans are collected beside their path."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec

from fairs.agreements.domain_events import AgreementStepped
from fairs.core import clock, db, jobs
from fairs.core.locks import Lock, hold
from fairs.core.rows import execute, fetch_as
from fairs.listings.domain_events import ListingClosed, ListingPublished
from fairs.registrations.domain_events import RegistrationCancelled, RegistrationsMade, RegistrationsPromoted
from fairs.webhooks import queries
from fairs.webhooks.rows import EventFact, Id, RegistrationFact, Teller, Told
from fairs.webhooks.tables import Topic

DELIVER = "webhooks.deliver"
COLLECT = "webhooks.collect_scans"
EVERY = timedelta(seconds=10)  # between two collections of scans
SCANS = 500  # in one delivery


def body_of(topic: str, event: EventFact | None, items: Sequence[Any], at: datetime) -> str:
    """The body of a delivery without its id, which is known once it is stored."""
    named = {"id": event.id, "slug": event.slug} if event else None
    return msgspec.json.encode({"topic": topic, "at": at, "event": named, "items": items}).decode()


async def _tell(topic: Topic, event: EventFact, items: Sequence[dict[str, Any]]) -> None:
    """A delivery for each webhook that is about this, and its job; that of a paused webhook waits until it is resumed."""
    now = clock.now()
    rows = await fetch_as(
        Told,
        "INSERT INTO webhook_delivery (webhook, topic, body, state, next_at, created_at)"
        " SELECT w.id, :topic::varchar, :body::jsonb, 'waiting', :now, :now FROM webhook w WHERE w.ended_at IS NULL"
        " AND :topic::varchar = ANY(w.topics) AND (w.event IS NULL OR w.event = :event)"
        " RETURNING id, (SELECT w.active FROM webhook w WHERE w.id = webhook) AS active",
        topic=topic.value,
        body=body_of(topic, event, items, now),
        now=now,
        event=event.id,
    )
    await jobs.enqueue_all(DELIVER, [{"delivery": row.id} for row in rows if row.active])


async def _tell_registrations(topic: Topic, ids: Sequence[int]) -> None:
    if not ids or not await queries.is_wanted(topic):
        return

    def event_of(row: RegistrationFact) -> tuple[int, str]:
        return row.event, row.slug

    for (event_id, slug), rows in groupby(await queries.registrations(ids), event_of):
        items = [{"registration": row.id, "number": row.number, "state": row.state} for row in rows]
        await _tell(topic, EventFact(event_id, slug), items)


async def on_registrations_made(event: RegistrationsMade) -> None:
    await _tell_registrations(Topic.REGISTRATION_MADE, event.registration_ids)


async def on_registrations_promoted(event: RegistrationsPromoted) -> None:
    await _tell_registrations(Topic.REGISTRATION_PROMOTED, event.registration_ids)


async def on_registration_cancelled(event: RegistrationCancelled) -> None:
    await _tell_registrations(Topic.REGISTRATION_CANCELLED, [event.registration_id])


async def on_agreement_stepped(event: AgreementStepped) -> None:
    if await queries.is_wanted(Topic.AGREEMENT):
        item = {"agreement": event.agreement_id, "number": event.number, "from": event.before, "to": event.after}
        await _tell(Topic.AGREEMENT, await queries.event_fact(event.event_id), [item])


async def on_listing_published(event: ListingPublished) -> None:
    await _tell_listing(Topic.LISTING_PUBLISHED, event.listing_id, event.event_id)


async def on_listing_closed(event: ListingClosed) -> None:
    await _tell_listing(Topic.LISTING_CLOSED, event.listing_id, event.event_id)


async def _tell_listing(topic: Topic, listing_id: int, event_id: int) -> None:
    if await queries.is_wanted(topic):
        await _tell(topic, await queries.event_fact(event_id), [{"listing": listing_id}])


async def keep_collecting(turn: int = 0, *, after: timedelta = EVERY) -> None:
    """The next collection of scans. A running job still holds its key, so two keys take turns."""
    await jobs.enqueue(COLLECT, {"turn": turn}, after=after, key=f"{COLLECT}:{turn}")


@jobs.job(COLLECT)
async def collect_scans(payload: dict[str, Any]) -> None:
    """Job that tells webhooks of the latest scans: {"turn": 0 or 1}. It ends when no webhook is about check-in."""
    async with db.transaction_or_join():
        await hold(Lock.WEBHOOK_SCANS)
        tellers = await queries.scan_tellers()
        more = False
        for teller in tellers:
            more |= await _tell_scans(teller)
        if await queries.scans_are_wanted():
            await keep_collecting(1 - int(payload.get("turn", 0)), after=timedelta(0) if more else EVERY)


async def _tell_scans(teller: Teller) -> bool:
    """One delivery with the scans since the last one; whether there may be more."""
    scans = await queries.scans_after(teller.event, teller.through, SCANS)
    if not scans:
        return False
    now = clock.now()
    body = body_of(Topic.CHECK_IN, EventFact(teller.event, teller.slug), scans, now)
    rows = await fetch_as(
        Id,
        "INSERT INTO webhook_delivery (webhook, topic, body, state, next_at, created_at)"
        " VALUES (:webhook, :topic, :body::jsonb, 'waiting', :now, :now) RETURNING id",
        webhook=teller.webhook,
        topic=Topic.CHECK_IN.value,
        body=body,
        now=now,
    )
    await execute(
        "INSERT INTO webhook_scan_place (webhook, event, through) VALUES (:webhook, :event, :through)"
        " ON CONFLICT (webhook, event) DO UPDATE SET through = excluded.through",
        webhook=teller.webhook,
        event=teller.event,
        through=scans[-1].id,
    )
    await jobs.enqueue_all(DELIVER, [{"delivery": row.id} for row in rows])
    return len(scans) == SCANS
