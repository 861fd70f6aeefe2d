"""What statements about people and invitations return."""

from datetime import datetime
from enum import StrEnum

import msgspec

from fairs.accounts.actor import Grant
from fairs.core import clock
from fairs.core.roles import Role
from fairs.core.rows import Row


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class GateName(msgspec.Struct, frozen=True):
    """A gate by name."""

    name_zh: str
    name_en: str


class RoleView(msgspec.Struct, frozen=True):
    """A role of a person with the names of its scope; `unit_zh` is the unit it belongs to."""

    id: int
    role: Role
    unit: int | None
    organisation_id: int | None
    event_id: int | None
    limited: bool
    scope_zh: str
    scope_en: str
    unit_zh: str
    unit_en: str
    gates: tuple[GateName, ...]

    @property
    def grant(self) -> Grant:
        """The role for comparisons."""
        return Grant(self.role, self.unit, self.organisation_id, self.event_id)


_roles = msgspec.json.Decoder(list[RoleView])


class PersonRow(Row, frozen=True):
    """An account in the list; `roles` is a JSON list of `RoleView`."""

    id: int
    email: str
    name: str
    active: bool
    last_sign_in_at: datetime | None
    created_at: datetime
    second: bool
    demanded: bool
    roles: str

    @property
    def held(self) -> list[RoleView]:
        """All roles, in the order in which they were given."""
        return _roles.decode(self.roles)

    @property
    def state(self) -> AccountState:
        return AccountState.ACTIVE if self.active else AccountState.SUSPENDED

    @property
    def factor(self) -> "SecondState":
        """Whether signing in takes two factors, or should."""
        if self.second:
            return SecondState.ON
        return SecondState.MISSING if self.demanded else SecondState.OFF


class SecondState(StrEnum):
    """Two-factor authentication of an account; `missing`: off, although a role of it demands it."""

    ON = "on"
    OFF = "off"
    MISSING = "missing"


class SecondCount(Row, frozen=True):
    """How many active accounts have a role, and how many of them two factors."""

    role: Role
    accounts: int
    protected: int


class InvitedRow(Row, frozen=True):
    """An invitation in the list."""

    id: int
    email: str
    name: str
    role: Role
    unit: int | None
    organisation_id: int | None
    event_id: int | None
    limited: bool
    scope_zh: str
    scope_en: str
    inviter: str | None
    sent_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    gates: int
    hands_over: str | None

    @property
    def grant(self) -> Grant:
        """The role for comparisons."""
        return Grant(self.role, self.unit, self.organisation_id, self.event_id)

    @property
    def state(self) -> InvitationState:
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.withdrawn_at is not None:
            return InvitationState.WITHDRAWN
        return InvitationState.EXPIRED if self.expires_at <= clock.now() else InvitationState.OPEN

    @property
    def waits(self) -> bool:
        """Whether it was neither accepted nor withdrawn."""
        return self.accepted_at is None and self.withdrawn_at is None


class EventChoice(Row, frozen=True):
    """An event at which somebody may have a role."""

    id: int
    slug: str
    title_zh: str
    title_en: str


class GateChoice(Row, frozen=True):
    """A gate to which staff may be limited."""

    id: int
    event: int
    name_zh: str
    name_en: str
    title_zh: str
    title_en: str


class OrganisationChoice(Row, frozen=True):
    """An employer whose owner the viewer is."""

    id: int
    name_zh: str
    name_en: str


class Names(Row, frozen=True):
    """A name in both languages."""

    zh: str
    en: str


class WorkEvent(Row, frozen=True):
    """An event at which the viewer reviews or interprets."""

    id: int
    slug: str
    title_zh: str
    title_en: str
    place_zh: str
    place_en: str
    timezone: str
    starts_at: datetime
    ends_at: datetime


class WantedRow(Row, frozen=True):
    """What an employer wants, for a reviewer."""

    id: int
    kind: str
    title_zh: str
    title_en: str
    urgent: bool
    urgent_reason: str
    organisation_zh: str
    organisation_en: str
    unit_zh: str
    unit_en: str


class TalkRow(Row, frozen=True):
    """A meeting, for an interpreter: no name of a candidate."""

    id: int
    starts_at: datetime
    ends_at: datetime
    table_number: int
    organisation_zh: str
    organisation_en: str
    title_zh: str
    title_en: str
    candidate_languages: list[str]
    listing_languages: list[str]
