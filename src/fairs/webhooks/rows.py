"""What statements about webhooks return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.webhooks.tables import DeliveryState, Topic


class WebhookRow(Row, frozen=True):
    """A webhook without its secret. `waiting`: deliveries on their way."""

    id: int
    name: str
    url: str
    topics: list[Topic]
    active: bool
    failures: int
    paused_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    account: str | None
    slug: str | None
    title_zh: str | None
    title_en: str | None
    waiting: int
    last_at: datetime | None
    last_state: DeliveryState | None

    @property
    def stored(self) -> dict[str, object]:
        """The values that its form changes."""
        topics = [str(topic) for topic in self.topics]
        return {"name": self.name, "url": self.url, "topics": topics, "event": self.slug or ""}


class Told(Row, frozen=True):
    """A new delivery, and whether its webhook is told now."""

    id: int
    active: bool


class DeliveryRow(Row, frozen=True):
    """One delivery in the log."""

    id: int
    topic: str
    body: str
    state: DeliveryState
    attempts: int
    status: int | None
    milliseconds: int | None
    error: str
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


class ToSend(Row, frozen=True):
    """A delivery with all that is needed to send it."""

    id: int
    webhook: int
    topic: str
    body: str
    attempts: int
    url: str
    secret_sealed: str


class Id(Row, frozen=True):
    """The key of a row."""

    id: int


class Owner(Row, frozen=True):
    """Who is told that a webhook was paused."""

    account: int | None
    email: str | None
    account_name: str | None
    lang: str | None
    name: str


class Teller(Row, frozen=True):
    """A webhook that is told of the scans of an event, and the last one it was told of."""

    webhook: int
    event: int
    slug: str
    through: int


class ScanFact(Row, frozen=True):
    """A scan by ids: nothing about the person."""

    id: int
    gate: str
    registration: int | None
    direction: str
    outcome: str
    reason: str | None
    scanned_at: datetime


class RegistrationFact(Row, frozen=True):
    """A registration by ids."""

    id: int
    number: str
    state: str
    event: int
    slug: str


class EventFact(Row, frozen=True):
    """An event by ids."""

    id: int
    slug: str
