"""Read accounts: the owner of a cookie, a token or an address."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace

from fairs.accounts.actor import Actor, Device, Grant
from fairs.accounts.rows import (
    AccountRow,
    ActorRow,
    Credential,
    DeviceRow,
    SessionActorRow,
    SessionRow,
    TokenActorRow,
    Viewer,
)
from fairs.accounts.tables import Account
from fairs.core import batching, clock, crypto
from fairs.core.mailboxes import looked_up
from fairs.core.roles import Role
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_values
from fairs.core.search_keys import like_words

_GRANTS = (
    "(SELECT coalesce(json_agg(json_build_array(m.role, m.unit, m.organisation_id, m.event_id) ORDER BY m.id), '[]')"
    " FROM membership m WHERE m.account = a.id) AS grants"
)
_ACCOUNT = f"a.id, a.email, a.name, a.lang, a.timezone, a.email_confirmed_at, a.review_since, {_GRANTS}"

HAS_SECOND = (
    "(EXISTS (SELECT 1 FROM two_factor f WHERE f.account = a.id AND f.confirmed_at IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM passkey p WHERE p.account = a.id))"
)
"""Whether the account `a` signs in with a second factor; a passkey that was stopped counts too."""
_SECOND = f"{HAS_SECOND} AS second, (SELECT min(d.since) FROM two_factor_demand d JOIN membership n ON n.role = d.role WHERE n.account = a.id) AS second_from"  # noqa: S608 - a constant of the code


def _actor(
    row: ActorRow,
    *,
    session_id: int | None = None,
    event_id: int | None = None,
    token: TokenActorRow | None = None,
) -> Actor:
    grants = tuple(
        Grant(Role(role), unit, organisation, event) for role, unit, organisation, event in json.loads(row.grants)
    )
    return Actor(
        row.id,
        row.email,
        row.name,
        row.lang,
        row.timezone,
        grants,
        session_id,
        token.token_id if token else None,
        event_id,
        frozenset(token.scopes) if token else frozenset(),
        token.only_event if token else None,
        proved=row.email_confirmed_at is not None,
        reviews=row.review_since is not None,
    )


async def actor_by_session(cookie: str) -> Actor | None:
    """The account signed in with this cookie, if the session is live."""
    row = await fetch_one_as(
        SessionActorRow,
        f"SELECT s.id AS session_id, s.event_id, s.proved_at, {_SECOND}, {_ACCOUNT} FROM sign_in_session s JOIN account a ON a.id = s.account"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE s.token_hash = :hash AND s.expires_at > :now AND a.active",
        hash=crypto.hash_token(cookie),
        now=clock.now(),
    )
    if row is None:
        return None
    actor = _actor(row, session_id=row.session_id, event_id=row.event_id)
    return replace(actor, second=row.second, second_from=row.second_from, proved_at=row.proved_at)


async def actor_by_token(token: str) -> Actor | None:
    """The account behind an integration's token."""
    [actor] = await batching.enqueue(0, [crypto.hash_token(token)], _by_token_hashes)
    return actor


async def _by_token_hashes(_: int, hashes: Sequence[bytes]) -> list[Actor | None]:
    """For a batcher: one statement looks up the tokens of calls that arrive together."""
    rows = await fetch_as(
        TokenActorRow,
        f"SELECT t.token_hash, t.id AS token_id, t.scopes, t.event_id AS only_event, {_ACCOUNT} FROM access_token t JOIN account a ON a.id = t.account"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE t.token_hash = ANY(:hashes::bytea[]) AND t.kind = 'api' AND t.revoked_at IS NULL AND a.active"
        " AND (t.expires_at IS NULL OR t.expires_at > :now)",
        hashes=list(dict.fromkeys(hashes)),
        now=clock.now(),
    )
    found = {row.token_hash: _actor(row, token=row) for row in rows}
    return [found.get(one) for one in hashes]


_DEVICE = (
    "SELECT t.id, t.name, t.event_id, t.account, t.scopes, t.account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM membership m"
    " WHERE m.account = t.account AND (m.role IN ('admin', 'organiser')"
    " OR (m.role = 'staff' AND m.event_id = t.event_id AND NOT m.limited))) AS limited,"
    " ARRAY(SELECT g.gate_id FROM membership_gate g JOIN membership m ON m.id = g.membership"
    " WHERE m.account = t.account AND m.role = 'staff' AND m.event_id = t.event_id) AS gate_ids,"
    " t.limited AS own_limit, ARRAY(SELECT d.gate_id FROM device_gate d WHERE d.token = t.id) AS own_gates,"
    " t.token_hash, t.expires_at"
    " FROM access_token t WHERE t.kind = 'device'"
    " AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)"
    " AND (t.account IS NULL OR EXISTS (SELECT 1 FROM account a JOIN membership m ON m.account = a.id"
    " WHERE a.id = t.account AND a.active"
    " AND (m.role IN ('admin', 'organiser') OR (m.role = 'staff' AND m.event_id = t.event_id))))"
)


async def device_by_token(token: str) -> Device | None:
    """The scanner behind a device token.

    A token ends when its creator's account is closed or may no longer send scanners to this event. Tokens made by the
    installation (a command, the demo) have no account and last until switched off.
    """
    sql = f"{_DEVICE} AND t.token_hash = :hash"
    row = await fetch_one_as(DeviceRow, sql, hash=crypto.hash_token(token), now=clock.now())
    return None if row is None else _device(row)


async def devices_of_event(event_id: int) -> list[tuple[Device, DeviceRow]]:
    """Every scanner that may be used at an event now, with the hash of its token."""
    sql = f"{_DEVICE} AND t.event_id = :event ORDER BY t.id"
    return [(_device(row), row) for row in await fetch_as(DeviceRow, sql, event=event_id, now=clock.now())]


def _device(row: DeviceRow) -> Device:
    gates = frozenset(row.gate_ids) if row.limited else None
    if row.own_limit:
        own = frozenset(row.own_gates)
        gates = own if gates is None else gates & own
    return Device(row.id, row.name, row.event_id, row.account, gates, frozenset(row.scopes))


async def actor_by_id(account_id: int) -> Actor | None:
    """An account by key, for jobs that act on behalf of an account."""
    row = await fetch_one_as(ActorRow, f"SELECT {_ACCOUNT} FROM account a WHERE a.id = :id", id=account_id)  # noqa: S608 - constants of the code; values are named arguments
    return _actor(row) if row else None


async def active_actor(account_id: int) -> Actor | None:
    """An account by key, unless it is suspended or closed."""
    active = await Account.exists().where(Account.id == account_id, Account.active.eq(True))
    return await actor_by_id(account_id) if active else None


async def living_sessions(viewers: Collection[tuple[int | None, int | None]]) -> set[tuple[int | None, int | None]]:
    """Those of the given (session, account) pairs that are still signed in, by one statement."""
    rows = await fetch_as(
        Viewer,
        "SELECT s.id, s.account FROM unnest(:sessions::bigint[], :accounts::bigint[]) AS v (session, account)"
        " JOIN sign_in_session s ON s.id = v.session AND s.account = v.account AND s.expires_at > :now"
        " JOIN account a ON a.id = s.account AND a.active",
        sessions=[session for session, _ in viewers],
        accounts=[account for _, account in viewers],
        now=clock.now(),
    )
    return {(row.id, row.account) for row in rows}


async def session_lives(session_id: int | None, account_id: int | None) -> bool:
    """Whether a browser is still signed in; signing out anywhere ends its streams."""
    return await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM sign_in_session s JOIN account a ON a.id = s.account AND a.active"
        " WHERE s.id = :session AND s.account = :account AND s.expires_at > :now)",
        session=session_id,
        account=account_id,
        now=clock.now(),
    )


async def account_by_email(email: str) -> AccountRow | None:
    """The account of an address."""
    return await fetch_one_as(
        AccountRow,
        "SELECT id, password_hash, email, name, lang, active FROM account WHERE email = :email",
        email=looked_up(email),
    )


async def accounts_like(typed: str) -> list[int]:
    """Accounts, also closed ones, with all these words in name or address: at most fifty."""
    return await fetch_values(
        int,
        "SELECT id FROM account WHERE (lower(email) || ' ' || search_key) LIKE ALL (:words::text[]) ORDER BY id LIMIT 50",
        words=like_words(typed),
    )


async def another_admin(account_id: int) -> bool:
    """Whether another administrator exists who can sign in."""
    return await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM membership m JOIN account a ON a.id = m.account AND a.active"
        " WHERE m.role = 'admin' AND a.id <> :id)",
        id=account_id,
    )


async def owned_organisations(actor: Actor) -> list[int]:
    """The employers whose owner this account is: their first member who may sign in."""
    return await fetch_values(
        int,
        "SELECT o.id FROM unnest(:organisations::bigint[]) AS o (id) WHERE (SELECT m.account FROM membership m"
        " JOIN account a ON a.id = m.account AND a.active WHERE m.organisation_id = o.id AND m.role = 'employer'"
        " ORDER BY m.id LIMIT 1) = :account",
        organisations=actor.organisation_ids,
        account=actor.account_id,
    )


async def account_by_id(account_id: int) -> Credential | None:
    """The credential against which an account's password is checked."""
    return await fetch_one_as(Credential, "SELECT id, password_hash FROM account WHERE id = :id", id=account_id)


async def has_password(account_id: int) -> bool:
    """Whether the account can sign in without a mailed link."""
    return await Account.exists().where(Account.id == account_id, Account.password_hash.is_not_null())


async def sessions_of(account_id: int) -> list[SessionRow]:
    """Where an account is signed in, newest first."""
    return await fetch_as(
        SessionRow,
        "SELECT id, created_at, last_seen_at, ip, user_agent FROM sign_in_session"
        " WHERE account = :account AND expires_at > :now ORDER BY last_seen_at DESC, id DESC",
        account=account_id,
        now=clock.now(),
    )


async def token_name(token_id: int) -> str:
    """The name of an integration or a scanner."""
    return await fetch_value(str, "SELECT name FROM access_token WHERE id = :id", id=token_id)
