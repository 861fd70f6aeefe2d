"""Accounts: sign-up, sign-in by password or by link, sessions, roles, tokens."""

from datetime import timedelta
from typing import Any

from fairs.accounts import attempts, emails, passwords, proved, queries
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import SignInForm, SignUpForm
from fairs.accounts.tables import Role
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, current_lang, known_zone

SESSION_LIFE = timedelta(days=14)
LINK_LIFE = timedelta(minutes=30)
LINK_SPARE = timedelta(minutes=10)  # a link that is good for longer than this spares another mail
LINK_ANSWER = 0.25  # seconds after which a request for a link is answered, whether or not there was one to send
EMAIL_TAKEN = N_("There is already an account with this address. Sign in, or ask for a sign-in link.")


async def create_account(
    *,
    email: str,
    name: str,
    lang: str,
    timezone: str = "Asia/Shanghai",
    password: str | None = None,
    by: Actor = SYSTEM,
) -> int:
    """A new account's id. Raises Conflict when the address has one."""
    hashed = await passwords.hash_password(password) if password else None
    async with db.transaction_or_join():
        with db.constraint_errors({"account_email_key": Conflict(EMAIL_TAKEN)}):
            account_id = await db.fetchval(
                "INSERT INTO account (email, name, lang, timezone, password_hash, active, created_at)"
                " VALUES ($1, $2, $3, $4, $5, true, $6) RETURNING id",
                email.strip().lower(),
                name,
                lang,
                known_zone(timezone),
                hashed,
                clock.now(),
            )
        await record("account.create", "account", account_id, by=by, after={"email": email.lower(), "name": name})
    return int(account_id)


async def grant(account_id: int, held: Grant, *, by: Actor) -> None:
    """Give a role with its scope; giving it twice changes nothing."""
    async with db.transaction_or_join():
        added = await db.execute(
            "INSERT INTO membership (account, role, unit, organisation_id, event_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            account_id,
            held.role,
            held.unit_id,
            held.organisation_id,
            held.event_id,
            clock.now(),
        )
        if added:
            after = {
                "role": held.role,
                "unit": held.unit_id,
                "organisation": held.organisation_id,
                "event": held.event_id,
            }
            await record("membership.grant", "account", account_id, by=by, after=after)


async def sign_up(form: SignUpForm, *, caller: Caller, timezone: str = "Asia/Shanghai") -> int:
    """A candidate's own account. Raises Invalid beside the address when it is taken."""
    async with attempts.new_account(caller), db.DB.transaction():
        try:
            account_id = await create_account(
                email=form.email,
                name=form.name,
                lang=current_lang(),
                timezone=timezone,
                password=form.password,
            )
        except Conflict as taken:
            raise Invalid(fields={"email": [taken.message]}) from taken
        await grant(account_id, Grant(Role.CANDIDATE), by=SYSTEM)
    return account_id


async def sign_in(form: SignInForm, *, caller: Caller) -> int:
    """The account's id. Guessing costs more and more (`attempts`); the answer never says which part was wrong."""
    email = form.email.lower()
    account = await queries.account_by_email(email)
    async with attempts.password(email, account, caller):
        matched = await passwords.verify_password(account["password_hash"] if account else None, form.password)
        if not matched or account is None or not account["active"]:
            raise Invalid(N_("E-mail address and password do not match an account."))
    return int(account["id"])


async def open_session(account_id: int, *, ip: str, user_agent: str, old_cookie: str = "") -> str:
    """A fresh session's cookie value; the browser's former session ends (rotation)."""
    token = crypto.new_token()
    now = clock.now()
    async with db.transaction_or_join():
        if old_cookie:
            await db.execute("DELETE FROM sign_in_session WHERE token_hash = $1", crypto.hash_token(old_cookie))
        await db.execute("DELETE FROM sign_in_session WHERE account = $1 AND expires_at < $2", account_id, now)
        await db.execute(
            "INSERT INTO sign_in_session (token_hash, account, created_at, last_seen_at, expires_at, ip, user_agent)"
            " VALUES ($1, $2, $3, $3, $4, $5, $6)",
            crypto.hash_token(token),
            account_id,
            now,
            now + SESSION_LIFE,
            ip,
            user_agent[:300],
        )
        actor = await queries.actor_by_id(account_id)
        await record("session.open", "account", account_id, by=actor or SYSTEM)
    return token


async def close_session(cookie: str) -> None:
    """Sign out of this browser."""
    await db.execute("DELETE FROM sign_in_session WHERE token_hash = $1", crypto.hash_token(cookie))


async def close_all_sessions(*, by: Actor) -> int:
    """Sign out everywhere; how many sessions ended."""
    async with db.transaction_or_join():
        ended = await db.execute("DELETE FROM sign_in_session WHERE account = $1", by.account_id)
        await record("session.close_all", "account", by.account_id, by=by, after={"sessions": ended})
    return ended


async def request_link(email: str, *, caller: Caller, target: str = "") -> None:
    """Mail a one-time sign-in link, if the address has an account; the caller cannot tell. `target`: where it leads.

    Strangers can have a mailbox filled only so far: beyond a few in an hour nothing is sent while a link that was mailed
    before is good for a while longer. So the owner who asks then has one.
    """
    address = email.strip().lower()
    account = await queries.account_by_email(address)
    async with attempts.evenly(LINK_ANSWER):
        await attempts.link(address, account, caller)
        if account is not None and account["active"]:
            await _mail_link(account, target)


async def _mail_link(account: Any, target: str) -> None:
    token = crypto.new_token()
    now = clock.now()
    async with db.DB.transaction():
        await db.execute("SELECT 1 FROM account WHERE id = $1 FOR UPDATE", account["id"])
        if await queries.enough_links(account["id"], since=now - timedelta(hours=1), until=now + LINK_SPARE):
            return
        await db.execute(
            "INSERT INTO sign_in_link (token_hash, account, created_at, expires_at, target) VALUES ($1, $2, $3, $4, $5)",
            crypto.hash_token(token),
            account["id"],
            now,
            now + LINK_LIFE,
            target[:1000],
        )
        await emails.send_sign_in_link(account, token, minutes=int(LINK_LIFE.total_seconds() // 60))


async def target_of_link(token: str) -> str:
    """Where the reader of a used link wanted to go, or an empty text."""
    return str(
        await db.fetchval("SELECT target FROM sign_in_link WHERE token_hash = $1", crypto.hash_token(token)) or ""
    )


async def use_link(token: str) -> int:
    """The account of a sign-in link, which is used up by this. Raises NotFound when expired, used or unknown."""
    now = clock.now()
    async with db.DB.transaction():
        account_id = await db.fetchval(
            "UPDATE sign_in_link l SET used_at = $2 FROM account a WHERE l.token_hash = $1 AND l.used_at IS NULL"
            " AND l.expires_at > $2 AND a.id = l.account AND a.active RETURNING l.account",
            crypto.hash_token(token),
            now,
        )
        if account_id is None:
            raise NotFound(N_("This sign-in link has expired or was used already."))
        await db.execute(
            "UPDATE account SET email_confirmed_at = coalesce(email_confirmed_at, $2) WHERE id = $1",
            account_id,
            now,
        )
        await proved.tell(account_id)
    return int(account_id)


async def set_language(account_id: int, lang: str) -> None:
    """Remember the language an account chose."""
    await db.execute("UPDATE account SET lang = $2 WHERE id = $1 AND lang <> $2", account_id, lang)


async def issue_token(
    kind: str, name: str, *, by: Actor, account_id: int | None = None, event_id: int | None = None
) -> str:
    """A new bearer token, shown this once: `api` for an account, `device` for an event's scanner.

    It ends with its account: a scanner's is the one that made it, none when the installation did.
    """
    if kind == "device" and account_id is None:
        account_id = by.account_id
    token = ("fapi_" if kind == "api" else "fdev_") + crypto.new_token()
    async with db.transaction_or_join():
        token_id = await db.fetchval(
            "INSERT INTO access_token (kind, name, token_hash, account, event_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            kind,
            name,
            crypto.hash_token(token),
            account_id,
            event_id,
            clock.now(),
        )
        after: dict[str, Any] = {"kind": kind, "name": name, "event": event_id}
        await record("token.issue", "access_token", token_id, by=by, after=after)
    return token


async def revoke_token(token_id: int, *, by: Actor) -> None:
    """End a token at once, for good."""
    async with db.transaction_or_join():
        changed = await db.execute(
            "UPDATE access_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            token_id,
            clock.now(),
        )
        if not changed:
            raise NotFound
        await record("token.revoke", "access_token", token_id, by=by)
        await db.notify("fairs", '{"topic": "tokens", "data": {}}')
