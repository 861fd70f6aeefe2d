"""One-time links by mail: what each does, how long it lives, where it leads. Only the hash of its token is stored."""

from datetime import timedelta
from urllib.parse import urljoin

import asyncpg

from fairs.accounts.tables import LinkKind
from fairs.core import clock, crypto, db
from fairs.core.errors import NotFound
from fairs.core.i18n import N_
from fairs.core.mailboxes import looked_up
from fairs.notifications.services import base_url

LIFE = {
    LinkKind.SIGN_IN: timedelta(minutes=30),
    LinkKind.RESET: timedelta(minutes=30),
    LinkKind.ADDRESS: timedelta(hours=24),
    LinkKind.CONFIRM: timedelta(days=7),
}
_PATHS = {  # every mailed link of an account begins with /login/link/<token>
    LinkKind.SIGN_IN: "",
    LinkKind.RESET: "/reset",
    LinkKind.ADDRESS: "/address",
    LinkKind.CONFIRM: "/confirm",
}
SPARE = timedelta(minutes=10)  # a link that is good for longer than this spares another mail
ANSWER = 0.25  # seconds after which a request for a link is answered, whether or not there was one to send
GONE = N_("This link has expired or was used already.")


def gone() -> NotFound:
    """What is raised for a link that leads nowhere any more."""
    return NotFound(GONE)


def address_of(kind: LinkKind, token: str) -> str:
    """The link as it is in the mail."""
    return urljoin(base_url(), f"/login/link/{token}{_PATHS[kind]}")


async def enough(kind: LinkKind, account_id: int, *, most: int = 5) -> bool:
    """Whether `most` links of a kind went out within an hour and one of them, unused, is good for a while longer.

    Locks the account, so that those who ask at once are answered in turn.
    """
    now = clock.now()
    await db.execute("SELECT 1 FROM account WHERE id = $1 FOR UPDATE", account_id)
    return bool(
        await db.fetchval(
            "SELECT count(*) >= $5 AND count(*) FILTER (WHERE used_at IS NULL AND expires_at >= $4) > 0"
            " FROM sign_in_link WHERE account = $1 AND kind = $2 AND created_at > $3",
            account_id,
            kind.value,
            now - timedelta(hours=1),
            now + SPARE,
            most,
        )
    )


async def new_link(kind: LinkKind, *, account_id: int | None, email: str = "", target: str = "") -> str:
    """The token of a fresh link; `email` is the address that it proves, `target` the path that it leads on to."""
    token, now = crypto.new_token(), clock.now()
    await db.execute(
        "INSERT INTO sign_in_link (token_hash, kind, email, account, created_at, expires_at, target)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        crypto.hash_token(token),
        kind.value,
        looked_up(email),
        account_id,
        now,
        now + LIFE[kind],
        target[:1000],
    )
    return token


async def read(kind: LinkKind, token: str) -> asyncpg.Record:
    """id, account and email of a link that can still be used. Raises NotFound."""
    row = await db.fetchrow(
        "SELECT l.id, l.account, l.email FROM sign_in_link l LEFT JOIN account a ON a.id = l.account"
        " WHERE l.token_hash = $1 AND l.kind = $2 AND l.used_at IS NULL AND l.expires_at > $3"
        " AND (l.account IS NULL OR a.active)",
        crypto.hash_token(token),
        kind.value,
        clock.now(),
    )
    if row is None:
        raise gone()
    return row


async def use(kind: LinkKind, token: str) -> asyncpg.Record:
    """As `read`, and the link is used up. Of two callers at once one gets it, the other NotFound."""
    row = await db.fetchrow(
        "UPDATE sign_in_link l SET used_at = $3 WHERE l.token_hash = $1 AND l.kind = $2 AND l.used_at IS NULL"
        " AND l.expires_at > $3 AND (l.account IS NULL OR EXISTS (SELECT 1 FROM account a WHERE a.id = l.account"
        " AND a.active)) RETURNING l.id, l.account, l.email",
        crypto.hash_token(token),
        kind.value,
        clock.now(),
    )
    if row is None:
        raise gone()
    return row


async def void(account_id: int, email: str = "") -> None:
    """End every link of an account that was not used yet, and those that were sent to the address without one."""
    await db.execute(
        "UPDATE sign_in_link SET used_at = $2 WHERE used_at IS NULL AND (account = $1 OR ($3 <> '' AND email = $3))",
        account_id,
        clock.now(),
        looked_up(email),
    )


async def asked_lately(email: str) -> bool:
    """Whether a confirmation was sent to this address within a day: one reminder is enough."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT 1 FROM sign_in_link WHERE email = $1 AND kind = 'confirm' AND used_at IS NULL"
            " AND created_at > $2)",
            email,
            clock.now() - timedelta(days=1),
        )
    )
