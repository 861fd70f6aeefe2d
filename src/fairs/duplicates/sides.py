"""Both sides of a pair as the staff compares them, what a merge would do, and why it cannot be."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fairs.core import clock
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.duplicates import queries
from fairs.duplicates.rows import AccountRow, PairRow, SideEntry
from fairs.events.rules import is_over
from fairs.registrations.tables import RegistrationState
from fairs.talents.rows import TalentRow

LIVE = (  # the best first
    RegistrationState.CONFIRMED,
    RegistrationState.PENDING,
    RegistrationState.OFFERED,
    RegistrationState.WAITLISTED,
)
FIELDS: tuple[str, ...] = (
    "name_passport",
    "name_native",
    "nationality",
    "residence_country",
    "phone",
    "degree",
    "institution",
    "grad_year",
    "current_employer",
    "discipline",
    "headline",
    "summary",
    "skills",
    "languages",
    "engagement",
    "cities",
    "available_from",
    "pay_min",
    "has_project",
    "abroad_country",
    "abroad_from",
    "abroad_to",
    "abroad_degree",
    "photo",
)
"""Of two profiles, chosen one by one; the address is chosen beside them where no account decides it."""
HAS_ROLES = N_("%(email)s has a role. Keep that record, or take the role away first.")
TWO_ROLES = N_("Both accounts have roles: such accounts are not merged.")
NOT_PROVED = N_(
    "The address %(email)s has never been proved, so its account cannot receive the other's data. Keep the other record,"
    " or let the person use a sign-in link first."
)
SUSPENDED = N_("The account %(email)s is closed or suspended.")


@dataclass(frozen=True)
class Side:
    """One record: a profile with its registrations, or a registration without one."""

    record: int
    profile: TalentRow | None
    entries: tuple[SideEntry, ...]
    account: AccountRow | None
    counts: dict[str, int]

    @property
    def live(self) -> list[SideEntry]:
        """Registrations of events to come that stand."""
        now = clock.now()
        return [
            entry for entry in self.entries if entry.state in LIVE and not is_over(entry.ends_at, now, demo=entry.demo)
        ]


@dataclass(frozen=True)
class Double:
    """An event for which both are registered: one registration stays. `best`: which one unless the staff says otherwise."""

    event: int
    entries: tuple[SideEntry, ...]

    @property
    def best(self) -> int:
        return min(self.entries, key=lambda e: (not e.arrived, LIVE.index(RegistrationState(e.state)), e.id)).id


async def side(record: int, *, lock: bool = False) -> Side:
    """A record as it is now."""
    profile = await queries.profile(record, lock=lock) if record > 0 else None
    entries = tuple(await queries.entries(record))
    holder = profile.account if profile else entries[0].registrant if entries and record < 0 else None
    account = await queries.account(holder) if holder is not None else None
    return Side(record, profile, entries, account, await queries.counts(record))


async def both(pair: PairRow, *, lock: bool = False) -> tuple[Side, Side]:
    """The two sides of a pair."""
    return await side(pair.one, lock=lock), await side(pair.other, lock=lock)


def doubles(one: Side, other: Side) -> list[Double]:
    """Events to come for which there is more than one registration, by the event's id."""
    found: dict[int, list[SideEntry]] = defaultdict(list)
    for entry in (*one.live, *other.live):
        found[entry.event].append(entry)
    return [Double(event, tuple(entries)) for event, entries in sorted(found.items()) if len(entries) > 1]


def keeps(one: Side, other: Side) -> Side:
    """Which record stays unless the staff says otherwise: a profile, the one with an account, with more to it, the older."""

    def rank(of: Side) -> tuple[Any, ...]:
        proved = of.account is not None and of.account.active and of.account.proved
        return (
            of.profile is None,
            not (of.account and of.account.roles),
            not proved,
            -sum(of.counts.values()),
            abs(of.record),
        )

    return min((one, other), key=rank)


def digest(*sides: Side) -> str:
    """Of all that the staff was shown: the same when nothing has changed since."""
    shown = [
        (s.record, s.profile, s.entries, s.counts, s.account and (s.account.email, s.account.roles)) for s in sides
    ]
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]


def require_mergeable(kept: Side, gone: Side) -> None:
    """Raises Conflict when the accounts forbid it: nobody gets another's data by an address that is not proved."""
    accounts = [account for account in (kept.account, gone.account) if account is not None]
    for account in accounts:
        if not account.active:
            raise Conflict(SUSPENDED(email=account.email), code="suspended")
    if kept.account is not None and not kept.account.proved:
        raise Conflict(NOT_PROVED(email=kept.account.email), code="not_proved")
    if kept.account is None and gone.account is not None and not gone.account.proved:
        raise Conflict(NOT_PROVED(email=gone.account.email), code="not_proved")
    if len(accounts) == 2 and accounts[0].id != accounts[1].id and gone.account is not None and gone.account.roles:
        if kept.account is not None and kept.account.roles:
            raise Conflict(TWO_ROLES, code="roles")
        raise Conflict(HAS_ROLES(email=gone.account.email), code="roles")


def problem(kept: Side, gone: Side) -> object:
    """The same as a sentence; empty when nothing is in the way."""
    try:
        require_mergeable(kept, gone)
    except Conflict as refused:
        return refused.message
    return ""


def differing(one: Side, other: Side) -> Sequence[str]:
    """The fields of two profiles that have different values."""
    if one.profile is None or other.profile is None:
        return ()
    first, second = one.profile, other.profile
    return [name for name in FIELDS if getattr(first, name) != getattr(second, name)]
