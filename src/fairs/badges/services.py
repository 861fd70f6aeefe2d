"""Badges: issued with the place, revoked with it, replaced when lost. Keys: made on first use, rotated at will."""

import secrets
from datetime import timedelta
from functools import lru_cache

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.badges import printing, tokens
from fairs.badges.queries import PURPOSE
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.notifications.services import Attachment, base_url
from fairs.registrations import emails
from fairs.registrations.services import ON_CANCELLED, ON_CONFIRMED

MAX_KEYS = 255
GRACE = timedelta(hours=12)  # a badge lives until the event is over and the last guest has gone
NOT_CONFIRMED = N_("Only a confirmed registration has a badge")


@lru_cache(maxsize=16)
def _private_key(sealed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(crypto.decrypt(sealed, PURPOSE))


async def _make_key(number: int) -> None:
    """A key pair; nothing when somebody else has just made this number."""
    key = Ed25519PrivateKey.generate()
    await db.execute(
        "INSERT INTO badge_key (number, public_key, private_key_sealed, created_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (number) DO NOTHING",
        number,
        key.public_key().public_bytes_raw(),
        crypto.encrypt(key.private_bytes_raw(), PURPOSE),
        clock.now(),
    )


async def _next_number() -> int:
    number = int(await db.fetchval("SELECT coalesce(max(number), 0) + 1 FROM badge_key"))
    if number > MAX_KEYS:
        raise Conflict(N_("All key numbers are used up"))
    return number


async def rotate_key(*, by: Actor) -> int:
    """Sign with a fresh key from now on; badges of the former ones stay valid. The new number."""
    async with db.transaction_or_join():
        await db.execute("LOCK TABLE badge_key IN SHARE ROW EXCLUSIVE MODE")
        number = await _next_number()
        await db.execute("UPDATE badge_key SET retired_at = $1 WHERE retired_at IS NULL", clock.now())
        await _make_key(number)
        await record("badge_key.rotate", "badge_key", number, by=by, after={"number": number})
    return number


async def issue_badge(registration_id: int) -> str:
    """The code of a confirmed registration's badge; asked again, the same. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        return str((await _issue(registration_id))["code"])


async def _issue(registration_id: int) -> asyncpg.Record:
    """id, code, promoted of the badge that counts, made if there is none. The registration's lock keeps two calls apart."""
    found = await db.fetchrow(
        "SELECT r.state, r.event, r.confirmed_at > r.created_at AS promoted, e.ends_at, b.id, b.code,"
        " k.id AS key, k.number, k.private_key_sealed FROM registration r JOIN event e ON e.id = r.event"
        " LEFT JOIN badge b ON b.registration = r.id AND b.revoked_at IS NULL LEFT JOIN LATERAL (SELECT * FROM badge_key"
        " WHERE retired_at IS NULL ORDER BY number DESC LIMIT 1) k ON true WHERE r.id = $1 FOR NO KEY UPDATE OF r",
        registration_id,
    )
    if found is None:
        raise NotFound
    if found["state"] != "confirmed":
        raise Conflict(NOT_CONFIRMED, code="not_confirmed")
    if found["id"] is not None:
        return found
    if found["key"] is None:  # the first badge of this installation
        await _make_key(await _next_number())
        return await _issue(registration_id)
    uid = secrets.token_bytes(tokens.UID)
    token = tokens.Token(event=found["event"], uid=uid, expires_at=found["ends_at"] + GRACE, key=found["number"])
    code = tokens.qr_text(tokens.encode(token, _private_key(found["private_key_sealed"])), base_url())
    with db.constraint_errors({"uq_badge_live": Conflict(N_("This registration has a badge already"))}):
        row = await db.fetchrow(
            "INSERT INTO badge (uid, registration, key, code, issued_at) VALUES ($1, $2, $3, $4, $5) RETURNING id, code,"
            " $6::bool AS promoted",
            uid,
            registration_id,
            found["key"],
            code,
            clock.now(),
            found["promoted"],
        )
    assert row is not None
    return row


async def revoke_badge(registration_id: int, *, reason: str) -> bool:
    """End the badge of a registration; False when it has none that counts."""
    changed = await db.execute(
        "UPDATE badge SET revoked_at = $2, revoked_reason = $3 WHERE registration = $1 AND revoked_at IS NULL",
        registration_id,
        clock.now(),
        reason[:200],
    )
    return changed > 0


async def reissue_badge(registration_id: int, *, by: Actor, reason: str = "lost") -> str:
    """A new badge in place of a lost one, mailed; the old one is refused from now on. Its code."""
    async with db.transaction_or_join():
        await db.execute("SELECT 1 FROM registration WHERE id = $1 FOR NO KEY UPDATE", registration_id)
        await revoke_badge(registration_id, reason=reason)
        badge = await _issue(registration_id)
        await db.execute("UPDATE registration SET updated_at = $2 WHERE id = $1", registration_id, clock.now())
        await record("badge.reissue", "registration", registration_id, by=by, after={"reason": reason})
        await emails.send("badge_reissued", registration_id, attachments=badge_files(badge["id"]))
    return str(badge["code"])


def badge_files(badge_id: int) -> tuple[Attachment, ...]:
    """The badge as attachments, drawn when the mail leaves."""
    return (
        Attachment("badge.pdf", "application/pdf", generator=printing.PDF, argument=str(badge_id)),
        Attachment("badge.png", "image/png", generator=printing.PNG, argument=str(badge_id)),
    )


async def _on_confirmed(registration_id: int) -> None:
    """Badge and mail, in the transaction that gives the place."""
    badge = await _issue(registration_id)
    kind = "registration_promoted" if badge["promoted"] else "registration_confirmed"
    await emails.send(kind, registration_id, calendar="REQUEST", attachments=badge_files(badge["id"]))


async def _on_cancelled(registration_id: int) -> None:
    await revoke_badge(registration_id, reason="registration cancelled")


for _hooks, _hook in ((ON_CONFIRMED, _on_confirmed), (ON_CANCELLED, _on_cancelled)):
    if _hook not in _hooks:
        _hooks.append(_hook)
