"""Reading accounts: who a cookie, a token or an address belongs to."""

import json
from collections.abc import Collection

import asyncpg

from fairs.accounts.actor import Actor, Device, Grant
from fairs.core import clock, crypto, db
from fairs.core.mailboxes import looked_up

_GRANTS = (
    "(SELECT coalesce(json_agg(json_build_array(m.role, m.unit, m.organisation_id, m.event_id) ORDER BY m.id), '[]')"
    " FROM membership m WHERE m.account = a.id) AS grants"
)
_ACCOUNT = f"a.id, a.email, a.name, a.lang, a.timezone, a.email_confirmed_at, a.review_since, {_GRANTS}"


def _actor(row: asyncpg.Record, *, session_id: int | None = None, token_id: int | None = None) -> Actor:
    grants = tuple(
        Grant(role, unit, organisation, event) for role, unit, organisation, event in json.loads(row["grants"])
    )
    return Actor(
        row["id"],
        row["email"],
        row["name"],
        row["lang"],
        row["timezone"],
        grants,
        session_id,
        token_id,
        proved=row["email_confirmed_at"] is not None,
        reviews=row["review_since"] is not None,
    )


async def actor_by_session(cookie: str) -> Actor | None:
    """The account signed in with this cookie, if the session lives."""
    row = await db.fetchrow(
        f"SELECT s.id AS session_id, {_ACCOUNT} FROM sign_in_session s JOIN account a ON a.id = s.account"  # noqa: S608 - a constant list of columns
        " WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.active",
        crypto.hash_token(cookie),
        clock.now(),
    )
    return _actor(row, session_id=row["session_id"]) if row else None


async def actor_by_token(token: str) -> Actor | None:
    """The account behind an integration's token."""
    row = await db.fetchrow(
        f"SELECT t.id AS token_id, {_ACCOUNT} FROM access_token t JOIN account a ON a.id = t.account"  # noqa: S608 - a constant list of columns
        " WHERE t.token_hash = $1 AND t.kind = 'api' AND t.revoked_at IS NULL AND a.active"
        " AND (t.expires_at IS NULL OR t.expires_at > $2)",
        crypto.hash_token(token),
        clock.now(),
    )
    return _actor(row, token_id=row["token_id"]) if row else None


async def device_by_token(token: str) -> Device | None:
    """The scanner behind a device token.

    A token ends with the account that made it: when that is closed, or may no longer send scanners to this event. What
    the installation itself made (a command, the demo) has no account and lasts until it is switched off.
    """
    row = await db.fetchrow(
        "SELECT t.id, t.name, t.event_id, t.account FROM access_token t WHERE t.token_hash = $1 AND t.kind = 'device'"
        " AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)"
        " AND (t.account IS NULL OR EXISTS (SELECT 1 FROM account a JOIN membership m ON m.account = a.id"
        " WHERE a.id = t.account AND a.active"
        " AND (m.role IN ('admin', 'organiser') OR (m.role = 'staff' AND m.event_id = t.event_id))))",
        crypto.hash_token(token),
        clock.now(),
    )
    return Device(row["id"], row["name"], row["event_id"], row["account"]) if row else None


async def actor_by_id(account_id: int) -> Actor | None:
    """An account by key: jobs act on behalf of somebody."""
    row = await db.fetchrow(f"SELECT {_ACCOUNT} FROM account a WHERE a.id = $1", account_id)  # noqa: S608 - a constant list of columns
    return _actor(row) if row else None


async def living_sessions(viewers: Collection[tuple[int | None, int | None]]) -> set[tuple[int | None, int | None]]:
    """Of some (session, account) those that are still signed in, in one look."""
    rows = await db.fetch(
        "SELECT s.id, s.account FROM unnest($1::bigint[], $2::bigint[]) AS v (session, account)"
        " JOIN sign_in_session s ON s.id = v.session AND s.account = v.account AND s.expires_at > $3"
        " JOIN account a ON a.id = s.account AND a.active",
        [session for session, _ in viewers],
        [account for _, account in viewers],
        clock.now(),
    )
    return {(row["id"], row["account"]) for row in rows}


async def session_lives(session_id: int | None, account_id: int | None) -> bool:
    """Whether a signed-in browser is still that: signing out anywhere ends its streams."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT 1 FROM sign_in_session s JOIN account a ON a.id = s.account AND a.active"
            " WHERE s.id = $1 AND s.account = $2 AND s.expires_at > $3)",
            session_id,
            account_id,
            clock.now(),
        )
    )


async def account_by_email(email: str) -> asyncpg.Record | None:
    """id, email, name, lang, password_hash, active of an address."""
    return await db.fetchrow(
        "SELECT id, email, name, lang, password_hash, active FROM account WHERE email = $1",
        looked_up(email),
    )


async def awaits_review(email: str) -> bool:
    """Whether the owner of this address has proved it and not yet decided about what was entered before."""
    return bool(await db.fetchval("SELECT true FROM account WHERE email = $1 AND review_since IS NOT NULL", email))


async def another_admin(account_id: int) -> bool:
    """Whether there is an administrator besides this one who can sign in."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT 1 FROM membership m JOIN account a ON a.id = m.account AND a.active"
            " WHERE m.role = 'admin' AND a.id <> $1)",
            account_id,
        )
    )


async def account_by_id(account_id: int) -> asyncpg.Record | None:
    """id and password_hash of an account."""
    return await db.fetchrow("SELECT id, password_hash FROM account WHERE id = $1", account_id)


async def has_password(account_id: int) -> bool:
    """Whether the account can sign in without a mailed link."""
    return bool(await db.fetchval("SELECT password_hash IS NOT NULL FROM account WHERE id = $1", account_id))


async def sessions_of(account_id: int) -> list[asyncpg.Record]:
    """Where an account is signed in, newest first."""
    return await db.fetch(
        "SELECT id, created_at, last_seen_at, ip, user_agent FROM sign_in_session"
        " WHERE account = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC",
        account_id,
        clock.now(),
    )
