"""The caller of a request: an account with its memberships, a scanner, or the system itself."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from fairs.core.roles import Role
from fairs.core.scopes import OF_DEVICES, Scope


@dataclass(frozen=True)
class Grant:
    """A role with its scope, by id."""

    role: Role
    unit_id: int | None = None
    organisation_id: int | None = None
    event_id: int | None = None


class OfUnit(Protocol):
    """An event with its unit; `run_by_unit`: the unit's bureau runs it."""

    @property
    def unit(self) -> int: ...
    @property
    def run_by_unit(self) -> bool: ...


@dataclass(frozen=True)
class Actor:
    """An account as services see it: its grants decide which rows it can fetch."""

    account_id: int | None
    email: str
    name: str
    lang: str = "en"
    timezone: str = "Asia/Shanghai"
    grants: tuple[Grant, ...] = ()
    session_id: int | None = None
    token_id: int | None = None
    chosen_event_id: int | None = None  # in this sign-in; see `events.choosing`
    scopes: frozenset[Scope] = frozenset()  # of the token
    only_event: int | None = None  # the token reaches nothing of other events
    proved: bool = True  # by a mailed link: the address belongs to the account
    reviews: bool = False  # the owner must still keep or discard what was entered before the proof
    second: bool = False  # signs in with a second factor
    second_from: date | None = None  # the day from which one of the roles demands it
    proved_at: datetime | None = None  # when the person last showed a password or a code in this session
    roles: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(grant.role for grant in self.grants))

    @property
    def label(self) -> str:
        """The actor's name in the audit log."""
        return f"{self.name} <{self.email}>" if self.email else self.name

    @property
    def sees_everything(self) -> bool:
        """True for the province: organisers and administrators."""
        return bool(self.roles & {Role.ADMIN, Role.ORGANISER})

    def runs(self, event: OfUnit) -> bool:
        """Whether the actor runs this event: the province every one, a bureau what the province released to it."""
        return self.sees_everything or (event.run_by_unit and event.unit in self.unit_ids)

    def reaches(self, event_id: int) -> bool:
        """Whether this event is in reach: every one, unless the token is limited to another."""
        return self.only_event is None or self.only_event == event_id

    @property
    def unit_ids(self) -> list[int]:
        """Units for whose bureau this account works."""
        return [grant.unit_id for grant in self.grants if grant.role == Role.BUREAU and grant.unit_id]

    @property
    def organisation_ids(self) -> list[int]:
        """Employers this account acts for."""
        return [grant.organisation_id for grant in self.grants if grant.role == Role.EMPLOYER and grant.organisation_id]

    @property
    def event_ids(self) -> list[int]:
        """Events where this account is on-site staff."""
        return self.events_as(Role.STAFF)

    def events_as(self, role: Role) -> list[int]:
        """Events where this account has a role: on-site staff, reviewer or interpreter."""
        return [grant.event_id for grant in self.grants if grant.role == role and grant.event_id]


@dataclass(frozen=True)
class Device:
    """A scanner's token. `gate_ids`: the only gates where it may scan; None: all of its event."""

    token_id: int
    name: str
    event_id: int
    account_id: int | None = None
    gate_ids: frozenset[int] | None = None
    scopes: frozenset[Scope] = frozenset(OF_DEVICES)

    @property
    def label(self) -> str:
        return f"device {self.name}"

    @property
    def roles(self) -> frozenset[Role]:
        """Empty: a device has no role."""
        return frozenset()


SYSTEM = Actor(account_id=None, email="", name="system", grants=(Grant(Role.ADMIN),))
