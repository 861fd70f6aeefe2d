"""What statements about accounts return."""

from datetime import datetime

from fairs.core.rows import Row


class Credential(Row, frozen=True):
    """What a password is checked against; None: the account has none."""

    id: int
    password_hash: str | None


class AccountRow(Credential, frozen=True):
    """An account as it signs in."""

    email: str
    name: str
    lang: str
    active: bool


class ActorRow(Row, frozen=True):
    """An account with its memberships: a JSON list of [role, unit, employer, event]."""

    id: int
    email: str
    name: str
    lang: str
    timezone: str
    email_confirmed_at: datetime | None
    review_since: datetime | None
    grants: str


class SessionActorRow(ActorRow, frozen=True):
    """The account behind a cookie."""

    session_id: int


class TokenActorRow(ActorRow, frozen=True):
    """The account behind an integration's token."""

    token_hash: bytes
    token_id: int


class DeviceRow(Row, frozen=True):
    """A scanner's token."""

    id: int
    name: str
    event_id: int
    account: int | None


class Viewer(Row, frozen=True):
    """A session that lives, with its account."""

    id: int
    account: int


class SessionRow(Row, frozen=True):
    """A browser that is signed in."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    ip: str
    user_agent: str


class Link(Row, frozen=True):
    """A mailed link that can still be used. Only one that confirms an address may have no account."""

    id: int
    account: int | None
    email: str

    @property
    def owner(self) -> int:
        """The account of a link of any other kind."""
        assert self.account is not None
        return self.account


class Unproved(Row, frozen=True):
    """An account whose address nobody has proved."""

    email: str
    has_password: bool


class Address(Row, frozen=True):
    """An address that has been proved."""

    email: str


class Hits(Row, frozen=True):
    """Where a counter of attempts stands."""

    key: str
    hits: int
    next_at: datetime | None


class StoredAnswerRow(Row, frozen=True):
    """What an earlier call was answered, sealed."""

    body_hash: bytes
    status: int
    text: str
