"""What statements about accounts return."""

from datetime import date, datetime

from fairs.accounts.actor import Grant
from fairs.core.i18n import Lang
from fairs.core.roles import Role
from fairs.core.rows import Row
from fairs.core.scopes import Scope


class Credential(Row, frozen=True):
    """What a password is checked against; None: no password."""

    id: int
    password_hash: str | None


class AccountRow(Credential, frozen=True):
    """An account for sign-in."""

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
    event_id: int | None
    proved_at: datetime | None
    second: bool
    second_from: date | None


class SecondRow(Row, frozen=True):
    """An account's authenticator app. `confirmed_at` None: being set up; `codes`: unused recovery codes."""

    account: int
    secret: str
    confirmed_at: datetime | None
    codes: int


class Factors(Row, frozen=True):
    """What an account may show as second factor: an app, so many passkeys that work here, so many recovery codes."""

    app: bool
    passkeys: int
    codes: int

    @property
    def on(self) -> bool:
        """Whether one of them is left that can be used again and again."""
        return self.app or self.passkeys > 0


class PasskeyRow(Row, frozen=True):
    """A passkey. `stopped_at`: its counter went back."""

    id: int
    account: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    handle: bytes
    rp_id: str
    transports: list[str]
    name: str
    created_at: datetime
    last_used_at: datetime | None
    stopped_at: datetime | None


class ChallengeRow(Row, frozen=True):
    """What a passkey was asked to sign: for which account, by which session or half sign-in."""

    account: int | None
    bound: int
    handle: bytes


class HalfSignInRow(Row, frozen=True):
    """A sign-in that awaits the second factor."""

    id: int
    account: int
    by_link: bool
    target: str


class DemandRow(Row, frozen=True):
    """A role that needs a second factor from a day on."""

    role: Role
    since: date


class TokenActorRow(ActorRow, frozen=True):
    """The account behind an integration's token."""

    token_hash: bytes
    token_id: int
    scopes: list[Scope]
    only_event: int | None


class DeviceRow(Row, frozen=True):
    """A scanner's token. `limited`: it works at the gates `gate_ids` only, as the staff who made it; `own_limit`: at its own only."""

    id: int
    name: str
    event_id: int
    account: int | None
    limited: bool
    gate_ids: list[int]
    own_limit: bool
    own_gates: list[int]
    scopes: list[Scope]
    token_hash: bytes
    expires_at: datetime | None


class StoredGrant(Row, frozen=True):
    """A role with its scope, as memberships and invitations store it."""

    id: int
    role: Role
    unit: int | None
    organisation_id: int | None
    event_id: int | None
    limited: bool

    @property
    def grant(self) -> Grant:
        """The role for comparisons."""
        return Grant(self.role, self.unit, self.organisation_id, self.event_id)

    @property
    def told(self) -> dict[str, object]:
        """The role for the audit log."""
        return {"role": self.role, "unit": self.unit, "organisation": self.organisation_id, "event": self.event_id}


class HeldRole(StoredGrant, frozen=True):
    """A role that an account holds."""

    account: int


class EventRun(Row, frozen=True):
    """An event that a bureau runs, with its unit."""

    unit: int
    event: int


class StandingRow(Row, frozen=True):
    """An account that others decide about."""

    id: int
    email: str
    active: bool


class InvitationRow(StoredGrant, frozen=True):
    """An invitation, for those who manage it and for the one invited."""

    email: str
    name: str
    lang: Lang
    replaces: int | None
    invited_by: int | None
    inviter: str | None
    created_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None


class OpenedLink(Row, frozen=True):
    """A link of an invitation as it was opened."""

    invitation: int
    mailed: bool
    expires_at: datetime
    replaced_at: datetime | None


class OpenLink(Row, frozen=True):
    """A link that still makes a phone the scanner of this name."""

    id: int
    token: int
    name: str
    event_id: int


class Viewer(Row, frozen=True):
    """A live session with its account."""

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
    """A mailed link that can still be used. Only an address confirmation may have no account."""

    id: int
    account: int | None
    email: str

    @property
    def owner(self) -> int:
        """The account; every kind but a confirmation has one."""
        assert self.account is not None
        return self.account


class Unproved(Row, frozen=True):
    """An account whose address is not proved."""

    email: str
    has_password: bool


class Address(Row, frozen=True):
    """An address that has been proved."""

    email: str


class Hits(Row, frozen=True):
    """The state of a counter of attempts."""

    key: str
    hits: int
    next_at: datetime | None


class StoredAnswerRow(Row, frozen=True):
    """The sealed answer to an earlier call."""

    body_hash: bytes
    status: int
    text: str
