"""What the audit log returns."""

from datetime import datetime

from fairs.core.rows import Row


class Entry(Row, frozen=True):
    """One act. `before` and `after` are JSON texts, without sensitive values."""

    id: int
    at: datetime
    actor_account_id: int | None
    actor_label: str
    action: str
    object_kind: str
    object_id: str
    before: str | None
    after: str | None
    request_id: str
    ip: str
