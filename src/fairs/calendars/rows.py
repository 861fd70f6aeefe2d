"""What statements about personal calendars return."""

from datetime import datetime

from fairs.core.rows import Row


class FeedRow(Row, frozen=True):
    """An address of a personal calendar."""

    id: int
    account: int
    name: str
    lang: str
    created_at: datetime
    changed_at: datetime
    last_read_at: datetime | None


class LineRow(Row, frozen=True):
    """A stored line; `content` is JSON."""

    uid: str
    sequence: int
    content: str
    changed_at: datetime
    gone_at: datetime | None
