"""Write webhooks: made, changed, paused, ended, tested; deliveries sent, tried again, replayed."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, crypto, db, jobs, versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as
from fairs.core.services import SETTINGS
from fairs.webhooks import client, emails, queries, rules
from fairs.webhooks.forms import WebhookForm
from fairs.webhooks.publishing import DELIVER, body_of, keep_collecting
from fairs.webhooks.rows import Id, ToSend
from fairs.webhooks.sealed import SECRET
from fairs.webhooks.tables import TEST, DeliveryState, Topic, Webhook

PREFIX = "whsec_"


async def make_webhook(
    name: str, url: str, topics: Sequence[Topic], *, by: Actor, event_id: int | None = None
) -> tuple[int, str]:
    """A new webhook: its id, and the secret that signs its deliveries, returned only once."""
    secret = PREFIX + crypto.new_token()
    async with db.transaction_or_join():
        made = Webhook(
            name=name,
            url=url,
            secret_sealed=crypto.seal_text(secret, SECRET),
            topics=[topic.value for topic in topics],
            event=event_id,
            made_by=by.account_id,
            created_at=clock.now(),
        )
        await made.save()
        await _begin_with_new_scans(made.id)
        if Topic.CHECK_IN in topics:
            await keep_collecting()
        after = {"name": name, "url": url, "topics": list(topics), "event": event_id}
        await record("webhook.create", "webhook", made.id, by=by, after=after)
    return made.id, secret


async def _begin_with_new_scans(webhook_id: int) -> None:
    """Scans of before are not told."""
    await execute(
        "INSERT INTO webhook_scan_place (webhook, event, through) SELECT w.id, e.id, coalesce((SELECT max(last.id) FROM"
        " gate g CROSS JOIN LATERAL (SELECT s.id FROM scan s WHERE s.gate = g.id ORDER BY s.id DESC LIMIT 1) last"
        " WHERE g.event = e.id), 0) FROM webhook w JOIN event e ON w.event IS NULL OR w.event = e.id WHERE w.id = :id"
        " ON CONFLICT (webhook, event) DO UPDATE SET through = excluded.through",
        id=webhook_id,
    )


async def pause_webhook(webhook_id: int, *, by: Actor) -> None:
    """Nothing is sent until it is resumed. Raises NotFound, Conflict when it is paused already."""
    async with db.transaction_or_join():
        await queries.webhook_by_id(webhook_id)
        if not await _pause(webhook_id):
            raise Conflict(N_("This webhook is paused already."))
        await record("webhook.pause", "webhook", webhook_id, by=by)


async def _pause(webhook_id: int) -> int:
    return await execute(
        "UPDATE webhook SET active = false, paused_at = :now WHERE id = :id AND active", id=webhook_id, now=clock.now()
    )


async def update_webhook(
    webhook_id: int, form: WebhookForm, event_id: int | None, *, by: Actor, seen: str = ""
) -> None:
    """Change where to and about what; deliveries that wait go to the new address. Raises NotFound, Outdated."""
    async with db.DB.transaction():
        await Webhook.select(Webhook.id).where(Webhook.id == min(webhook_id, 2**63 - 1)).lock_rows("UPDATE")
        found = await queries.webhook_by_id(webhook_id)
        versions.require_current(form, found.stored, seen)
        topics = [topic.value for topic in form.wanted]
        await Webhook.update(name=form.name, url=form.url, topics=topics, event=event_id).where(Webhook.id == found.id)
        after = (await queries.webhook_by_id(webhook_id)).stored
        if after == found.stored:
            return
        if Topic.CHECK_IN in form.wanted:
            if Topic.CHECK_IN not in found.topics or after["event"] != found.stored["event"]:
                await _begin_with_new_scans(found.id)
            await keep_collecting()
        await record("webhook.update", "webhook", found.id, by=by, before=found.stored, after=after)


async def resume_webhook(webhook_id: int, *, by: Actor, drop: bool = False) -> None:
    """Tell again, beginning with what waited and what happened meanwhile; with `drop` without the latter.

    Raises NotFound, Conflict.
    """
    async with db.transaction_or_join():
        found = await queries.webhook_by_id(webhook_id)
        if found.active:
            raise Conflict(N_("This webhook is not paused."))
        await execute("UPDATE webhook SET active = true, paused_at = NULL, failures = 0 WHERE id = :id", id=webhook_id)
        if drop:
            await execute(
                "DELETE FROM webhook_delivery WHERE webhook = :id AND state = 'waiting' AND attempts = 0 AND created_at >= :since",
                id=webhook_id,
                since=found.paused_at,
            )
            await _begin_with_new_scans(webhook_id)
        waiting = await fetch_as(
            Id,
            "SELECT id FROM webhook_delivery WHERE webhook = :webhook AND state IN ('waiting', 'retry') ORDER BY id",
            webhook=webhook_id,
        )
        await jobs.enqueue_all(DELIVER, [{"delivery": row.id} for row in waiting])
        if Topic.CHECK_IN in found.topics:
            await keep_collecting()
        after = {"missed": "dropped" if drop else "told"}
        await record("webhook.resume", "webhook", webhook_id, by=by, after=after)


async def end_webhook(webhook_id: int, *, by: Actor) -> None:
    """End a webhook for good; its log stays in the database. Raises NotFound."""
    async with db.transaction_or_join():
        found = await queries.webhook_by_id(webhook_id)
        await execute(
            "UPDATE webhook SET active = false, ended_at = :now, secret_sealed = '' WHERE id = :id",
            id=webhook_id,
            now=clock.now(),
        )
        await record("webhook.end", "webhook", webhook_id, by=by, before={"name": found.name, "url": found.url})


async def send_test(webhook_id: int, *, by: Actor) -> None:
    """A delivery that says only that it is a test; it is tried once. Raises NotFound, Conflict when paused."""
    async with db.transaction_or_join():
        found = await queries.webhook_by_id(webhook_id)
        if not found.active:
            raise Conflict(N_("This webhook is paused: resume it first."))
        await _deliver(webhook_id, TEST, body_of(TEST, None, [], clock.now()))
        await record("webhook.test", "webhook", webhook_id, by=by)


async def replay(webhook_id: int, delivery_id: int, *, by: Actor) -> None:
    """Send a delivery again, as a new one that names it in `replay_of`. Raises NotFound, Conflict when paused."""
    async with db.transaction_or_join():
        found = await queries.webhook_by_id(webhook_id)
        if not found.active:
            raise Conflict(N_("This webhook is paused: resume it first."))
        earlier = await queries.deliveries(webhook_id, size=1, before=min(max(delivery_id, 0), 2**63 - 2) + 1)
        if not earlier or earlier[0].id != delivery_id:
            raise NotFound
        body = msgspec.json.decode(earlier[0].body) | {"replay_of": delivery_id}
        await _deliver(webhook_id, earlier[0].topic, msgspec.json.encode(body).decode())
        await record("webhook.replay", "webhook", webhook_id, by=by, after={"delivery": delivery_id})


async def _deliver(webhook_id: int, topic: str, body: str) -> None:
    rows = await fetch_as(
        Id,
        "INSERT INTO webhook_delivery (webhook, topic, body, state, next_at, created_at)"
        " VALUES (:webhook, :topic, :body::jsonb, 'waiting', :now, :now) RETURNING id",
        webhook=webhook_id,
        topic=topic,
        body=body,
        now=clock.now(),
    )
    await jobs.enqueue_all(DELIVER, [{"delivery": row.id} for row in rows])


@jobs.job(DELIVER)
async def deliver(payload: dict[str, Any]) -> None:
    """Job that sends one delivery: {"delivery": id}. The network is waited for outside any transaction."""
    row = await queries.to_send(payload["delivery"])
    if row is None:
        return
    body = msgspec.json.encode({"id": row.id} | msgspec.json.decode(row.body))
    headers = {
        "x-fairs-delivery": str(row.id),
        "x-fairs-topic": row.topic,
        "x-fairs-signature": rules.signature(crypto.open_text(row.secret_sealed, SECRET), int(time.time()), body),
    }
    outcome = await client.post(row.url, body, headers, loopback=SETTINGS().webhooks_loopback)
    async with db.transaction_or_join():
        await _note(row, outcome)


async def _note(row: ToSend, outcome: client.Outcome) -> None:
    """The answer in the log, and what follows: nothing, another attempt, or giving up."""
    attempts = row.attempts + 1
    pause = None if outcome.ok or row.topic == TEST else rules.pause_after(attempts)
    state = DeliveryState.SENT if outcome.ok else DeliveryState.RETRY if pause else DeliveryState.FAILED
    now = clock.now()
    noted = await execute(
        "UPDATE webhook_delivery SET state = :state, attempts = :attempts, status = :status, milliseconds = :ms,"
        " error = :error, next_at = :next, ended_at = :ended WHERE id = :id AND attempts = :before",
        id=row.id,
        state=state.value,
        attempts=attempts,
        before=row.attempts,
        status=outcome.status,
        ms=outcome.milliseconds,
        error=outcome.error,
        next=now + pause if pause else None,
        ended=None if pause else now,
    )
    if not noted:  # the same job ran twice: the other run has noted its answer
        return
    if pause:
        await jobs.enqueue(DELIVER, {"delivery": row.id}, after=pause)
    elif outcome.ok:
        await execute("UPDATE webhook SET failures = 0 WHERE id = :id AND failures > 0", id=row.webhook)
    elif row.topic != TEST:
        await _given_up(row.webhook)


async def _given_up(webhook_id: int) -> None:
    """Count it; after GIVE_UP in a row the webhook is paused and its maker is told."""
    reached = await execute(
        "UPDATE webhook SET failures = failures + 1 WHERE id = :id AND failures + 1 >= :most",
        id=webhook_id,
        most=rules.GIVE_UP,
    )
    if not reached:
        await execute("UPDATE webhook SET failures = failures + 1 WHERE id = :id", id=webhook_id)
    elif await _pause(webhook_id):
        await record("webhook.pause", "webhook", webhook_id, by=SYSTEM, after={"failures": rules.GIVE_UP})
        await emails.send_paused(webhook_id, await queries.owner_of(webhook_id))
