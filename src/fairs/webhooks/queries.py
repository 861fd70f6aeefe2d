"""Read webhooks, their log, and what deliveries tell: ids and public facts, nothing about a person."""

from collections.abc import Sequence

from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value
from fairs.webhooks.rows import (
    DeliveryRow,
    EventFact,
    Owner,
    RegistrationFact,
    ScanFact,
    Teller,
    ToSend,
    WebhookRow,
)
from fairs.webhooks.tables import Topic

_WEBHOOK = (
    "SELECT w.id, w.name, w.url, w.topics, w.active, w.failures, w.paused_at, w.ended_at, w.created_at,"
    " a.name AS account, e.slug, e.title_zh, e.title_en,"
    " (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state IN ('waiting', 'retry')) AS waiting,"
    " last.created_at AS last_at, last.state AS last_state"
    " FROM webhook w LEFT JOIN account a ON a.id = w.made_by LEFT JOIN event e ON e.id = w.event"
    " LEFT JOIN LATERAL (SELECT d.created_at, d.state FROM webhook_delivery d WHERE d.webhook = w.id"
    " ORDER BY d.id DESC LIMIT 1) last ON true"
)
_LIVE = "w.active AND w.ended_at IS NULL"


async def webhooks() -> list[WebhookRow]:
    """Every webhook that has not ended; there are a few."""
    return await fetch_as(WebhookRow, f"{_WEBHOOK} WHERE w.ended_at IS NULL ORDER BY w.id DESC LIMIT 200")


async def webhook_by_id(webhook_id: int) -> WebhookRow:
    """A webhook that has not ended. Raises NotFound."""
    row = None
    if 0 < webhook_id < 2**63:
        row = await fetch_one_as(WebhookRow, f"{_WEBHOOK} WHERE w.id = :id AND w.ended_at IS NULL", id=webhook_id)
    if row is None:
        raise NotFound
    return row


async def deliveries(webhook_id: int, *, size: int, before: int | None = None) -> list[DeliveryRow]:
    """The log of a webhook, the latest first; those older than `before`."""
    return await fetch_as(
        DeliveryRow,
        "SELECT id, topic, body::text AS body, state, attempts, status, milliseconds, error, next_at, created_at, ended_at"
        " FROM webhook_delivery WHERE webhook = :webhook AND id < :before ORDER BY id DESC LIMIT :size",
        webhook=webhook_id,
        before=before or 2**63 - 1,
        size=size,
    )


async def to_send(delivery_id: int) -> ToSend | None:
    """A delivery that still has to be sent; None once it arrived, was given up, or its webhook is paused or ended."""
    return await fetch_one_as(
        ToSend,
        "SELECT d.id, d.webhook, d.topic, d.body::text AS body, d.attempts, w.url, w.secret_sealed"  # noqa: S608 - constants of the code; values are named arguments
        f" FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook WHERE d.id = :id AND {_LIVE}"
        " AND d.state IN ('waiting', 'retry')",
        id=delivery_id,
    )


async def is_wanted(topic: Topic) -> bool:
    """Whether any webhook is about this, also a paused one."""
    return await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM webhook w WHERE w.ended_at IS NULL AND :topic = ANY(w.topics))",
        topic=topic.value,
    )


async def scans_are_wanted() -> bool:
    """Whether a webhook that is not paused is about check-in."""
    return await fetch_value(
        bool,
        f"SELECT EXISTS (SELECT 1 FROM webhook w WHERE {_LIVE} AND :topic = ANY(w.topics))",  # noqa: S608 - constants of the code; values are named arguments
        topic=Topic.CHECK_IN.value,
    )


async def registrations(ids: Sequence[int]) -> list[RegistrationFact]:
    """Registrations with their event, by ids."""
    return await fetch_as(
        RegistrationFact,
        "SELECT r.id, r.number, r.state, r.event, e.slug FROM registration r JOIN event e ON e.id = r.event"
        " WHERE r.id = ANY(:ids::bigint[]) ORDER BY r.event, r.id",
        ids=list(ids),
    )


async def event_fact(event_id: int) -> EventFact:
    """An event as deliveries name it. Raises NotFound."""
    row = await fetch_one_as(EventFact, "SELECT id, slug FROM event WHERE id = :id", id=event_id)
    if row is None:
        raise NotFound
    return row


async def scan_tellers() -> list[Teller]:
    """Each webhook about check-in with each of its events, and how far it has been told."""
    return await fetch_as(
        Teller,
        "SELECT w.id AS webhook, e.id AS event, e.slug, coalesce(p.through, 0) AS through FROM webhook w"  # noqa: S608 - constants of the code; values are named arguments
        " JOIN event e ON e.id = w.event OR (w.event IS NULL AND e.state <> 'draft')"
        " LEFT JOIN webhook_scan_place p ON p.webhook = w.id AND p.event = e.id"
        f" WHERE {_LIVE} AND :topic = ANY(w.topics) ORDER BY w.id, e.id",
        topic=Topic.CHECK_IN.value,
    )


async def scans_after(event_id: int, through: int, most: int) -> list[ScanFact]:
    """Scans at the gates of an event after one, in order. They get their ids under the event's lock, so none is missed."""
    return await fetch_as(
        ScanFact,
        "SELECT s.id, g.code AS gate, s.registration, s.direction, s.outcome, s.reason, s.scanned_at FROM gate g"
        " CROSS JOIN LATERAL (SELECT * FROM scan x WHERE x.gate = g.id AND x.id > :through ORDER BY x.id LIMIT :most) s"
        " WHERE g.event = :event ORDER BY s.id LIMIT :most",
        event=event_id,
        through=through,
        most=most,
    )


async def owner_of(webhook_id: int) -> Owner:
    """Who made a webhook."""
    row = await fetch_one_as(
        Owner,
        "SELECT a.id AS account, a.email, a.name AS account_name, a.lang, w.name FROM webhook w"
        " LEFT JOIN account a ON a.id = w.made_by AND a.active WHERE w.id = :id",
        id=webhook_id,
    )
    if row is None:
        raise NotFound
    return row
