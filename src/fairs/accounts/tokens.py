"""Bearer tokens of integrations and scanners: issued, opened by a link, used, revoked."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.rows import OpenLink
from fairs.accounts.tables import AccessToken, DeviceLink, TokenKind
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.errors import NotFound
from fairs.core.rows import execute, fetch_one_as, fetch_values
from fairs.core.scopes import OF_DEVICES, OF_INTEGRATIONS, Scope
from fairs.core.services import Service

LINK_LIFE = timedelta(hours=24)  # of a link that makes a phone the scanner
TOUCH = 60  # seconds between two updates of a token's last use
PREFIXES = {TokenKind.API: "fapi_", TokenKind.DEVICE: "fdev_"}


async def issue_token(
    kind: str,
    name: str,
    *,
    by: Actor,
    account_id: int | None = None,
    event_id: int | None = None,
    scopes: Iterable[Scope] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new bearer token, returned only once: `api` for an account, `device` for an event's scanner.

    It ends with its account: for a scanner the account that created it, none when the installation did. `scopes` None:
    all of its kind. An integration's token with an event reaches nothing of other events.
    """
    token = PREFIXES[TokenKind(kind)] + crypto.new_token()
    await _insert(kind, name, token, by, account_id, event_id, scopes, expires_at)
    return token


async def _insert(
    kind: str,
    name: str,
    token: str,
    by: Actor,
    account_id: int | None,
    event_id: int | None,
    scopes: Iterable[Scope] | None,
    expires_at: datetime | None,
) -> int:
    if kind == TokenKind.DEVICE and account_id is None:
        account_id = by.account_id
    held = tuple(scopes) if scopes is not None else OF_DEVICES if kind == TokenKind.DEVICE else OF_INTEGRATIONS
    async with db.transaction_or_join():
        issued = AccessToken(
            kind=kind,
            name=name,
            token_hash=crypto.hash_token(token),
            account=account_id,
            event_id=event_id,
            scopes=[scope.value for scope in held],
            created_at=clock.now(),
            expires_at=expires_at,
        )
        await issued.save()
        after: dict[str, Any] = {"kind": kind, "name": name, "event": event_id, "scopes": held}
        await record("token.issue", "access_token", issued.id, by=by, after=after)
    return int(issued.id)


async def issue_device_link(name: str, *, by: Actor, event_id: int, expires_at: datetime | None = None) -> str:
    """A new scanner of an event, and the code of the link that makes a phone it. Nobody knows its token before."""
    async with db.transaction_or_join():
        unknown = PREFIXES[TokenKind.DEVICE] + crypto.new_token()
        token_id = await _insert(TokenKind.DEVICE, name, unknown, by, by.account_id, event_id, None, expires_at)
        return await _link(token_id)


async def renew_device_link(token_id: int, *, by: Actor) -> str:
    """Another link of a scanner, for its next phone; its earlier links end. Raises NotFound when it is switched off."""
    async with db.transaction_or_join():
        live = await execute(
            "UPDATE device_link SET used_at = :now WHERE token = :token AND used_at IS NULL",
            token=token_id,
            now=clock.now(),
        )
        exists = await AccessToken.exists().where(
            AccessToken.id == token_id, AccessToken.kind == TokenKind.DEVICE.value, AccessToken.revoked_at.is_null()
        )
        if not exists:
            raise NotFound
        await record("token.link", "access_token", token_id, by=by, after={"replaced": live})
        return await _link(token_id)


async def _link(token_id: int) -> str:
    code = crypto.new_token()
    now = clock.now()
    link = DeviceLink(token=token_id, code_hash=crypto.hash_token(code), created_at=now, expires_at=now + LINK_LIFE)
    await link.save()
    return code


_OPEN = (
    "SELECT l.id, l.token, t.name, t.event_id FROM device_link l JOIN access_token t ON t.id = l.token"
    " WHERE l.code_hash = :hash AND l.used_at IS NULL AND l.expires_at > :now AND t.revoked_at IS NULL"
    " AND t.event_id IS NOT NULL AND (t.expires_at IS NULL OR t.expires_at > :now)"
)


async def open_link(code: str) -> OpenLink:
    """The scanner that a link makes. Raises NotFound when it is unknown, used, expired or switched off."""
    row = await fetch_one_as(OpenLink, _OPEN, hash=crypto.hash_token(code), now=clock.now())
    if row is None:
        raise NotFound
    return row


async def use_device_link(code: str) -> str:
    """The scanner's new token; the link is used up, and a phone that was this scanner before is none any more.

    Raises NotFound as `open_link` does.
    """
    token = PREFIXES[TokenKind.DEVICE] + crypto.new_token()
    async with db.DB.transaction():
        row = await fetch_one_as(OpenLink, _OPEN + " FOR UPDATE OF l", hash=crypto.hash_token(code), now=clock.now())
        if row is None:
            raise NotFound
        await DeviceLink.update(used_at=clock.now()).where(DeviceLink.id == row.id)
        await AccessToken.update(token_hash=crypto.hash_token(token)).where(AccessToken.id == row.token)
        await record(
            "token.open", "access_token", row.token, by=SYSTEM, after={"name": row.name, "event": row.event_id}
        )
        await _tell()
    return token


async def revoke_token(token_id: int, *, by: Actor) -> None:
    """Revoke a token at once, for good."""
    async with db.transaction_or_join():
        changed = await execute(
            "UPDATE access_token SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL",
            id=token_id,
            now=clock.now(),
        )
        if not changed:
            raise NotFound
        await record("token.revoke", "access_token", token_id, by=by)
        await _tell()


async def gates_of_device(token_id: int) -> list[int]:
    """The gates to which a scanner is limited; none: all of its event, or none is left."""
    return await fetch_values(int, "SELECT gate_id FROM device_gate WHERE token = :id ORDER BY gate_id", id=token_id)


async def limit_device(token_id: int, gates: Sequence[int], *, by: Actor) -> None:
    """Choose the gates where a scanner may be used, at once; none chosen: all of its event.

    The caller has checked that token and gates are of one event.
    """
    async with db.transaction_or_join():
        before = await gates_of_device(token_id)
        await execute("UPDATE access_token SET limited = :limited WHERE id = :id", limited=bool(gates), id=token_id)
        await execute("DELETE FROM device_gate WHERE token = :id", id=token_id)
        for gate in gates:
            await execute("INSERT INTO device_gate (token, gate_id) VALUES (:id, :gate)", id=token_id, gate=gate)
        after = {"gates": list(gates)}
        await record("token.gates", "access_token", token_id, by=by, before={"gates": before}, after=after)
        await _tell()


async def _tell() -> None:
    """Every process forgets the tokens that it has cached."""
    await db.notify("fairs", '{"topic": "tokens", "data": {}}')


_touched: Service[dict[int, float]] = Service(dict)


async def touch(token_id: int) -> None:
    """Update a token's last use, at most once a minute."""
    now = time.monotonic()
    touched = _touched()
    if now - touched.get(token_id, -TOUCH) >= TOUCH:
        touched[token_id] = now
        await db.execute("UPDATE access_token SET last_used_at = $2 WHERE id = $1", token_id, clock.now())
