"""What a relay needs of its event: rules, hashes of the scanners' tokens, badges, passages; persons sealed, no code of a badge."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import fairs
from fairs.accounts.queries import devices_of_event
from fairs.badges import tokens
from fairs.checkin import snapshot
from fairs.checkin.relay.wire import (
    FORMAT,
    Feed,
    FeedAdmission,
    FeedBadge,
    FeedDevice,
    FeedEvent,
    FeedGate,
    FeedKey,
    FeedPassage,
    FeedPerson,
    FeedRoom,
    FeedSession,
    Frame,
    People,
)
from fairs.checkin.rules import Person
from fairs.core.errors import NotFound
from fairs.core.rows import Row, fetch_as, fetch_one_as, fetch_value, fetch_value_or_none, fetch_values

PAGE = 1000  # registrations
_EVENT = (
    "SELECT e.id, e.slug, e.kind, e.state, u.code AS unit, e.title_zh, e.title_en, e.timezone, e.starts_at, e.ends_at,"
    " e.ended_at FROM event e JOIN unit u ON u.id = e.unit WHERE e.id = :event"
)
_ROOMS = "SELECT id, code, name_zh, name_en, capacity FROM room WHERE event = :event ORDER BY id"
_SESSIONS = (
    "SELECT id, room, code, kind, title_zh, title_en, starts_at, ends_at, capacity, sign_up, cancelled_at"
    " FROM event_session WHERE event = :event ORDER BY id"
)
_GATES = (
    "SELECT id, session, room, code, kind, name_zh, name_en, opens_at, closes_at, categories, capacity, rule, ways,"
    " inactive_since FROM gate WHERE event = :event ORDER BY id"
)
_HAS_BADGE = "EXISTS (SELECT 1 FROM badge b WHERE b.registration = r.id)"
_PEOPLE = f"""
SELECT r.id, r.number, r.category, r.state = 'confirmed' AS confirmed, r.name_passport, r.name_native,
    coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation,
    ARRAY(SELECT x.session FROM registration_session x WHERE x.registration = r.id ORDER BY x.session) AS sessions
FROM registration r LEFT JOIN organisation o ON o.id = r.organisation
WHERE r.event = :event AND r.id > :after AND {_HAS_BADGE} AND (:since::timestamptz IS NULL OR r.updated_at > :since
    OR EXISTS (SELECT 1 FROM badge b WHERE b.registration = r.id AND (b.issued_at > :since OR b.revoked_at > :since))
    OR EXISTS (SELECT 1 FROM scan s WHERE s.registration = r.id AND s.received_at > :since)
    OR EXISTS (SELECT 1 FROM scan s JOIN scan_correction c ON c.scan = s.id WHERE s.registration = r.id AND c.at > :since))
ORDER BY r.id LIMIT :limit
"""  # noqa: S608 - constants of the code
_BADGES = (
    "SELECT id, registration, uid, key, issued_at, revoked_at, until, right(code, :length) AS token FROM badge"
    " WHERE registration = ANY(:people::bigint[]) ORDER BY revoked_at IS NULL, id"
)
_PASSAGES = (
    "SELECT s.uuid, s.gate, s.badge, s.registration, s.device_id AS device, s.direction, s.scanned_at, s.received_at,"
    " s.offline, EXISTS (SELECT 1 FROM scan_correction c WHERE c.scan = s.id AND c.kind = 'undone') AS undone FROM scan s"
    " WHERE s.registration = ANY(:people::bigint[]) AND s.outcome = 'admitted' AND s.gate IS NOT NULL"
    " AND s.scanned_at >= :morning ORDER BY s.id"
)
_ADMISSIONS = (
    "SELECT gate, registration, day, first_scanned_at FROM admission WHERE registration = ANY(:people::bigint[])"
    " ORDER BY id"
)
_WITH_BADGE = f"FROM registration r WHERE r.event = :event AND {_HAS_BADGE}"


class _Person(Row, frozen=True):
    """A registration with its person."""

    id: int
    number: str
    category: str
    confirmed: bool
    name_passport: str
    name_native: str
    organisation: str
    sessions: list[int]

    @property
    def person(self) -> Person:
        return Person(self.name_passport, self.name_native, self.category, self.organisation)


class _Badge(Row, frozen=True):
    """A badge with the text that opens its person."""

    id: int
    registration: int
    uid: bytes
    key: int
    issued_at: datetime
    revoked_at: datetime | None
    until: datetime | None
    token: str


async def _frame(event_id: int) -> Frame:
    event = await fetch_one_as(FeedEvent, _EVENT, event=event_id)
    if event is None:
        raise NotFound
    devices = [
        FeedDevice(
            id=device.token_id,
            name=device.name,
            token_hash=row.token_hash,
            expires_at=row.expires_at,
            gates=None if device.gate_ids is None else sorted(device.gate_ids),
        )
        for device, row in await devices_of_event(event_id)
    ]
    return Frame(
        event=event,
        rooms=await fetch_as(FeedRoom, _ROOMS, event=event_id),
        sessions=await fetch_as(FeedSession, _SESSIONS, event=event_id),
        gates=await fetch_as(FeedGate, _GATES, event=event_id),
        keys=await fetch_as(FeedKey, "SELECT id, number, public_key FROM badge_key ORDER BY id"),
        devices=devices,
    )


def _sealed(badge: _Badge, person: Person) -> FeedBadge:
    return FeedBadge(
        id=badge.id,
        registration=badge.registration,
        uid=badge.uid,
        key=badge.key,
        issued_at=badge.issued_at,
        revoked_at=badge.revoked_at,
        until=badge.until,
        sealed=snapshot.seal(badge.token, badge.uid, person),
    )


async def _people(event: FeedEvent, after: int, since: datetime | None, now: datetime) -> tuple[int | None, People]:
    found = await fetch_as(_Person, _PEOPLE, event=event.id, after=after, since=since, limit=PAGE)
    people = [row.id for row in found]
    persons = {row.id: row.person for row in found}
    badges = await fetch_as(_Badge, _BADGES, people=people, length=tokens.LENGTH)
    sealed = await asyncio.to_thread(lambda: [_sealed(badge, persons[badge.registration]) for badge in badges])
    morning = now.astimezone(ZoneInfo(event.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    page = People(
        people=[
            FeedPerson(
                id=row.id, number=row.number, category=row.category, confirmed=row.confirmed, sessions=row.sessions
            )
            for row in found
        ],
        badges=sealed,
        passages=await fetch_as(FeedPassage, _PASSAGES, people=people, morning=morning),
        admissions=await fetch_as(FeedAdmission, _ADMISSIONS, people=people),
    )
    return people[-1] if len(people) == PAGE else None, page


async def feed(
    event_id: int, token_id: int, *, after: int, since: datetime | None, now: datetime, next_since: datetime
) -> Feed:
    """A page of what has changed. Raises NotFound when the event is gone."""
    frame = await _frame(event_id)
    last, page = await _people(frame.event, after, since, now)
    until = max(frame.event.ends_at, now) + snapshot.KEPT
    expires = await fetch_value_or_none(datetime, "SELECT expires_at FROM access_token WHERE id = :id", id=token_id)
    return Feed(
        format=FORMAT,
        version=fairs.__version__,
        next_since=next_since.isoformat(),
        next_after=last,
        keep_until=until if expires is None else min(until, expires),
        total=await fetch_value(int, f"SELECT count(*) {_WITH_BADGE}", event=event_id),
        frame=frame,
        page=page,
    )


async def ids(event_id: int) -> Sequence[int]:
    """Registrations with a badge: what a relay has beside them is gone here."""
    return await fetch_values(int, f"SELECT r.id {_WITH_BADGE} ORDER BY r.id", event=event_id)
