"""Many badges in few steps: each scanned badge is handed out at once, or an organisation's badges together by a tick list."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.badges import codes
from fairs.badges import queries as badge_queries
from fairs.badges import services as badges
from fairs.badges.desk import queries, services
from fairs.badges.desk.rows import BadgeGroup, GroupMember
from fairs.core import clock, db
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as, fetch_values
from fairs.core.search_keys import fold, search_key
from fairs.registrations.entering.queries import event_to_enter, person_at
from fairs.registrations.rows import RegistrationRow

MOST = 500  # badges of one step
NAMES = 5_000  # organisations that are searched
UNKNOWN = N_("This is no valid badge of this event")
MISTYPED = N_("Not readable: check the scanner's keyboard setting, or find the person by name")
NOBODY = N_("Tick the people first")
NO_GROUP = "—"  # people who name no organisation
_GROUP = "coalesce(nullif(r.organisation_name, ''), o.name_zh, '')"
_PEOPLE = (
    "registration r LEFT JOIN organisation o ON o.id = r.organisation"
    " LEFT JOIN badge b ON b.registration = r.id AND b.revoked_at IS NULL AND b.until IS NULL"
    " WHERE r.event = :event AND r.state = 'confirmed'"
)


async def groups_of(event_id: int, typed: str) -> list[BadgeGroup]:
    """Organisations with people who have a place, those with badges to hand out first; at most MOST.

    Each word of a typed text must be in the name, its pinyin or initials.
    """
    words = fold(typed).split()
    groups = await fetch_as(
        BadgeGroup,
        f"SELECT {_GROUP} AS name, count(*) AS people, count(b.handed_at) AS handed FROM {_PEOPLE}"  # noqa: S608 - constants above; values are named arguments
        " GROUP BY 1 ORDER BY count(*) = count(b.handed_at), count(*) DESC, 1 LIMIT :most",
        event=event_id,
        most=NAMES,
    )
    if words:
        found = await asyncio.to_thread(
            lambda: [one for one in groups if all(word in _key(one.name) for word in words)]
        )
        return found[:MOST]
    return groups[:MOST]


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return search_key(name)


async def members_of(event_id: int, group: str) -> list[GroupMember]:
    """The people of an organisation with a place, by name; at most MOST."""
    return await fetch_as(
        GroupMember,
        f"SELECT r.number, r.name_passport, r.name_native, r.category, b.handed_at FROM {_PEOPLE} AND {_GROUP} = :group"  # noqa: S608 - constants above; values are named arguments
        " ORDER BY b.handed_at IS NOT NULL, r.search_key, r.id LIMIT :most",
        event=event_id,
        group=group,
        most=MOST,
    )


async def is_mistyped(text: str) -> bool:
    """Whether a code that we did not sign was typed under another keyboard layout."""
    keys = await badge_queries.public_keys()
    if await asyncio.to_thread(codes.genuine_reading, text, keys) is not None:
        return False  # a badge of another event
    [found] = await badge_queries.typed_otherwise([text])
    return found


async def hand_out_scanned(slug: str, text: str, *, by: Actor) -> RegistrationRow:
    """Hand out the badge that was scanned; returns the person.

    Raises NotFound for strangers, Conflict for what is no valid badge of the event or was handed out before.
    """
    event = await event_to_enter(by, slug)
    scan = await queries.scanned(event.id, text.strip())
    if scan is None and await is_mistyped(text.strip()):
        raise Conflict(MISTYPED, code="keyboard")
    if scan is None or scan.revoked:
        raise Conflict(UNKNOWN, code="unknown")
    _, row = await person_at(by, slug, scan.number)
    await services.hand_out(slug, scan.number, by=by)
    return row


async def hand_out_many(slug: str, numbers: Sequence[str], *, by: Actor) -> int:
    """Hand out the badges of these people, all or none; returns how many had none in hand before.

    Raises NotFound for strangers, Conflict when nobody of the event is named.
    """
    async with db.transaction_or_join():
        people = await _named(slug, numbers, by=by)
        for registration in people:
            await badges.issue_badge(registration)
        handed = await fetch_values(
            int,
            "UPDATE badge SET handed_at = :now, handed_by = :by WHERE registration = ANY(:people::bigint[])"
            " AND revoked_at IS NULL AND until IS NULL AND handed_at IS NULL RETURNING registration",
            people=people,
            now=clock.now(),
            by=by.account_id,
        )
        for registration in handed:
            await record("badge.hand_out", "registration", registration, by=by)
    return len(handed)


async def hand_back_many(slug: str, numbers: Sequence[str], *, by: Actor) -> int:
    """Undo the hand-out to these people; returns how many. Raises as `hand_out_many`."""
    async with db.transaction_or_join():
        people = await _named(slug, numbers, by=by)
        undone = await fetch_values(
            int,
            "UPDATE badge SET handed_at = NULL, handed_by = NULL WHERE registration = ANY(:people::bigint[])"
            " AND revoked_at IS NULL AND until IS NULL AND handed_at IS NOT NULL RETURNING registration",
            people=people,
        )
        for registration in undone:
            await record("badge.hand_back", "registration", registration, by=by)
    return len(undone)


async def _named(slug: str, numbers: Sequence[str], *, by: Actor) -> list[int]:
    """The people with a place whom these numbers name, locked in one order."""
    event = await event_to_enter(by, slug)
    found = await fetch_values(
        int,
        "SELECT id FROM registration WHERE event = :event AND state = 'confirmed' AND number = ANY(:numbers::text[])"
        " ORDER BY id FOR NO KEY UPDATE",
        event=event.id,
        numbers=[number for number in numbers[:MOST] if "\0" not in number],
    )
    if not found:
        raise Conflict(NOBODY, code="nobody")
    return found
