"""Badges: issued with the place, revoked with it, replaced when lost. Keys: created on first use, rotated on demand."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.badges import printing, tokens
from fairs.badges.rows import SigningKey
from fairs.badges.sealed import PURPOSE
from fairs.badges.tables import BadgeKey
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_one_as, fetch_value, fetch_values
from fairs.notifications import calendars
from fairs.notifications.services import Attachment, base_url
from fairs.registrations import emails
from fairs.registrations.domain_events import PlacesGiven, RegistrationCancelled
from fairs.registrations.tables import Registration, RegistrationState

MAX_KEYS = 255
GRACE = timedelta(hours=12)  # a badge is valid until this long after the event, when the last guest has left
NOT_CONFIRMED = N_("Only a confirmed registration has a badge")


@lru_cache(maxsize=16)
def _private_key(sealed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(crypto.decrypt(sealed, PURPOSE))


async def _make_key(number: int) -> None:
    """Create a key pair; does nothing when a concurrent caller has created this number."""
    key = Ed25519PrivateKey.generate()
    await execute(
        "INSERT INTO badge_key (number, public_key, private_key_sealed, created_at)"
        " VALUES (:number, :public_key, :sealed, :now) ON CONFLICT (number) DO NOTHING",
        number=number,
        public_key=key.public_key().public_bytes_raw(),
        sealed=crypto.encrypt(key.private_bytes_raw(), PURPOSE),
        now=clock.now(),
    )


async def _next_number() -> int:
    number = await fetch_value(int, "SELECT coalesce(max(number), 0) + 1 FROM badge_key")
    if number > MAX_KEYS:
        raise Conflict(N_("All key numbers are used up"))
    return number


async def rotate_key(*, by: Actor) -> int:
    """Sign with a new key from now on; badges of former keys stay valid. Returns the new number."""
    async with db.transaction_or_join():
        await execute("LOCK TABLE badge_key IN SHARE ROW EXCLUSIVE MODE")
        number = await _next_number()
        await BadgeKey.update(retired_at=clock.now()).where(BadgeKey.retired_at.is_null())
        await _make_key(number)
        await record("badge_key.rotate", "badge_key", number, by=by, after={"number": number})
    return number


async def issue_badge(registration_id: int) -> str:
    """The code of a confirmed registration's badge; the same on every call. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        return (await _issue([registration_id]))[registration_id].code


@dataclass(frozen=True, slots=True)
class Issued:
    """A valid badge. `promoted`: its person had been in the waiting list."""

    id: int
    code: str
    promoted: bool


@dataclass(frozen=True, slots=True)
class _Lacking:
    """A confirmed registration without a badge."""

    registration: int
    event: int
    ends_at: datetime
    promoted: bool


async def _issue(registration_ids: Sequence[int]) -> dict[int, Issued]:
    """The valid badges, created where missing. The registrations' locks serialise concurrent calls.

    Raw driver rows: this runs in every registration.

    Raises NotFound when one of them does not exist, Conflict when it has no place.
    """
    ids = list(registration_ids)
    lock = "SELECT 1 FROM registration WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE"
    await db.execute(lock, ids)  # a separate statement: data read in the same one would be older than the lock
    found = await db.fetch(
        "SELECT r.id AS registration, r.state, r.event, coalesce(r.confirmed_at > r.created_at, false) AS promoted,"
        " e.ends_at, b.id, b.code FROM registration r JOIN event e ON e.id = r.event"
        " LEFT JOIN badge b ON b.registration = r.id AND b.revoked_at IS NULL AND b.until IS NULL"
        " WHERE r.id = ANY($1::bigint[])",
        ids,
    )
    if len(found) < len(set(ids)):
        raise NotFound
    if any(row["state"] != RegistrationState.CONFIRMED for row in found):
        raise Conflict(NOT_CONFIRMED, code="not_confirmed")
    issued = {row["registration"]: Issued(row["id"], row["code"], row["promoted"]) for row in found if row["id"]}
    lacking = [
        _Lacking(row["registration"], row["event"], row["ends_at"], row["promoted"])
        for row in found
        if row["id"] is None
    ]
    return issued | await _make(lacking) if lacking else issued


async def _signing_key() -> SigningKey:
    """Created with the first badge of an installation."""
    sql = "SELECT id, number, private_key_sealed FROM badge_key WHERE retired_at IS NULL ORDER BY number DESC LIMIT 1"
    key = await fetch_one_as(SigningKey, sql)
    if key is None:
        await _make_key(await _next_number())
        key = await fetch_one_as(SigningKey, sql)
    assert key is not None
    return key


async def _make(people: Sequence[_Lacking]) -> dict[int, Issued]:
    """Badges for registrations that have none, in one statement."""
    key = await _signing_key()
    private_key, address = _private_key(key.private_key_sealed), base_url()
    uids = [secrets.token_bytes(tokens.UID) for _ in people]
    codes = []
    for uid, person in zip(uids, people, strict=True):
        token = tokens.Token(event=person.event, uid=uid, expires_at=person.ends_at + GRACE, key=key.number)
        codes.append(tokens.qr_text(tokens.encode(token, private_key), address))
    with db.constraint_errors({"uq_badge_live": Conflict(N_("This registration already has a badge"))}):
        rows = await db.fetch(
            "INSERT INTO badge (uid, registration, key, code, issued_at) SELECT t.uid, t.registration, $3, t.code, $4"
            " FROM unnest($1::bytea[], $2::bigint[], $5::text[]) AS t (uid, registration, code)"
            " RETURNING id, registration, code",
            uids,
            [person.registration for person in people],
            key.id,
            clock.now(),
            codes,
        )
    promoted = {person.registration: person.promoted for person in people}
    return {row["registration"]: Issued(row["id"], row["code"], promoted[row["registration"]]) for row in rows}


async def make_temporary(registration_id: int, event_id: int, until: datetime) -> int:
    """A second badge that expires; returns its id. The caller holds the registration. Raises Conflict when there is one."""
    key = await _signing_key()
    token = tokens.Token(event=event_id, uid=secrets.token_bytes(tokens.UID), expires_at=until, key=key.number)
    code = tokens.qr_text(tokens.encode(token, _private_key(key.private_key_sealed)), base_url())
    with db.constraint_errors({"uq_badge_temporary": Conflict(N_("There is a temporary badge already"))}):
        return await fetch_value(
            int,
            "INSERT INTO badge (uid, registration, key, code, issued_at, until)"
            " VALUES (:uid, :registration, :key, :code, :now, :until) RETURNING id",
            uid=token.uid,
            registration=registration_id,
            key=key.id,
            code=code,
            now=clock.now(),
            until=until,
        )


async def revoke_badge(registration_id: int, *, reason: str) -> bool:
    """Revoke the badge of a registration; False without a valid one."""
    changed = await execute(
        "UPDATE badge SET revoked_at = :now, revoked_reason = :reason WHERE registration = :id AND revoked_at IS NULL",
        id=registration_id,
        now=clock.now(),
        reason=reason[:200],
    )
    return changed > 0


async def reissue_badge(registration_id: int, *, by: Actor, reason: str = "lost") -> str:
    """Replace a lost badge and mail the new one; the old one is refused from now on. Returns the new code."""
    async with db.transaction_or_join():
        await Registration.select(Registration.id).where(Registration.id == registration_id).lock_rows("NO KEY UPDATE")
        await revoke_badge(registration_id, reason=reason)
        badge = (await _issue([registration_id]))[registration_id]
        await Registration.update(updated_at=clock.now()).where(Registration.id == registration_id)
        await record("badge.reissue", "registration", registration_id, by=by, after={"reason": reason})
        await emails.send("badge_reissued", registration_id, attachments=badge_files(badge.id))
    return badge.code


def badge_files(badge_id: int) -> tuple[Attachment, ...]:
    """The badge as attachments, drawn when the mail is sent."""
    return (
        Attachment("badge.pdf", "application/pdf", generator=printing.PDF, argument=str(badge_id)),
        Attachment("badge.png", "image/png", generator=printing.PNG, argument=str(badge_id)),
    )


async def on_places_given(event: PlacesGiven) -> None:
    """Issue badges and queue mails, in the transaction that gives the places."""
    given = event.registration_ids
    if event.again:  # looked at once more: the badge is valid again as it is
        sql = "SELECT registration FROM badge WHERE registration = ANY(:ids::bigint[]) AND revoked_at IS NULL AND until IS NULL"
        valid = set(await fetch_values(int, sql, ids=list(given)))
        await emails.send_all([emails.Mail("registration_reviewed", number) for number in given if number in valid])
        given = [number for number in given if number not in valid]
    if not given:
        return
    issued = await _issue(given)
    if not event.told:
        return
    mails = []
    for number in given:
        kind = "registration_promoted" if issued[number].promoted else "registration_confirmed"
        mails.append(emails.Mail(kind, number, calendars.Method.REQUEST, badge_files(issued[number].id)))
    await emails.send_all(mails)


async def on_registration_cancelled(event: RegistrationCancelled) -> None:
    """Revoke the badge with its registration, in the same transaction."""
    await revoke_badge(event.registration_id, reason="registration cancelled")
