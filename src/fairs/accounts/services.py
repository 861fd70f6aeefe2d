"""Accounts: sign-up, sign-in by password or by link, sessions, roles, tokens."""

from datetime import timedelta

from fairs.accounts import attempts, emails, keys, links, passwords, proof, queries
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.attempts import Caller
from fairs.accounts.domain_events import AddressProved
from fairs.accounts.forms import SignInForm, SignUpForm
from fairs.accounts.rows import AccountRow
from fairs.accounts.tables import Account, LinkKind, SignInSession
from fairs.accounts.tokens import issue_token as issue_token
from fairs.accounts.tokens import revoke_token as revoke_token
from fairs.audit.services import record
from fairs.core import clock, crypto, db, events_bus
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_, current_lang, known_zone
from fairs.core.mailboxes import looked_up, normal
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_value_or_none
from fairs.notifications import held

SESSION_LIFE = timedelta(days=14)
EMAIL_TAKEN = N_("There is already an account with this address. Sign in, or ask for a sign-in link.")


async def create_account(
    *,
    email: str,
    name: str,
    lang: str,
    timezone: str = "Asia/Shanghai",
    password: str | None = None,
    proved: bool = False,
    by: Actor = SYSTEM,
) -> int:
    """A new account's id. Raises Conflict when the address has one, Invalid for an invalid address or a password that
    is easily guessed.

    `proved`: the caller vouches for the address, or the person used a link mailed to it.
    """
    address = normal(email)
    problem = passwords.problem(password, address, name) if password else None
    if problem:
        raise Invalid(fields={"password": [problem]})
    hashed = await passwords.hash_password(password) if password else None
    now = clock.now()
    async with db.transaction_or_join():
        with db.constraint_errors({"account_email_key": Conflict(EMAIL_TAKEN)}):
            account = Account(
                email=address,
                name=name,
                lang=lang,
                timezone=known_zone(timezone),
                password_hash=hashed,
                created_at=now,
                email_confirmed_at=now if proved else None,
                search_key=keys.key({"name": name, "email": address}),
            )
            await account.save()
        account_id = account.id
        await record("account.create", "account", account_id, by=by, after={"email": address, "name": name})
        if proved:
            await held.release(address)
            await events_bus.publish(AddressProved(account_id))
    return account_id


async def create_admin(email: str, name: str, password: str) -> int:
    """The account of an administrator, who is also an organiser: the first one of an installation, which vouches for it."""
    async with db.transaction_or_join():
        account_id = await create_account(email=email, name=name, lang="zh", password=password, proved=True)
        for role in (Role.ADMIN, Role.ORGANISER):
            await grant(account_id, Grant(role), by=SYSTEM)
    return account_id


async def create_claimed(email: str, name: str) -> int:
    """An account for a person whom others entered and who used a link mailed to that address."""
    account_id = await create_account(email=email, name=name, lang=current_lang(), proved=True)
    await grant(account_id, Grant(Role.CANDIDATE), by=SYSTEM)
    return account_id


async def grant(account_id: int, held: Grant, *, by: Actor) -> None:
    """Grant a role with its scope; idempotent."""
    async with db.transaction_or_join():
        added = await execute(
            "INSERT INTO membership (account, role, unit, organisation_id, event_id, created_at)"
            " VALUES (:account, :role, :unit, :organisation, :event, :now) ON CONFLICT DO NOTHING",
            account=account_id,
            role=held.role,
            unit=held.unit_id,
            organisation=held.organisation_id,
            event=held.event_id,
            now=clock.now(),
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
    """Create a candidate's own account. Raises Invalid by the address field when it is taken."""
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
        await proof.request_proof(form.email, current_lang())
    return account_id


async def sign_in(form: SignInForm, *, caller: Caller) -> int:
    """The account's id. Guessing costs more and more (`attempts`); the error never reveals which part was wrong."""
    email = looked_up(form.email)
    account = await queries.account_by_email(email)
    async with attempts.password(email, account, caller):
        matched = await passwords.verify_password(account.password_hash if account else None, form.password)
        if not matched or account is None or not account.active:
            raise Invalid(N_("E-mail address and password do not match an account."))
    return account.id


async def open_session(
    account_id: int, *, ip: str, user_agent: str, old_cookie: str = "", by_link: bool = False, proved: bool = False
) -> str:
    """A new session's cookie value; the browser's former session ends (rotation).

    `proved`: the person has just shown a password or a link, so dangerous acts ask for it only later.
    """
    token = crypto.new_token()
    now = clock.now()
    async with db.transaction_or_join():
        if old_cookie:
            await close_session(old_cookie)
        await SignInSession.delete().where(SignInSession.account == account_id, SignInSession.expires_at < now)
        await SignInSession(
            token_hash=crypto.hash_token(token),
            account=account_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + SESSION_LIFE,
            ip=ip,
            user_agent=user_agent[:300],
            by_link=by_link,
            proved_at=now if proved else None,
        ).save()
        await Account.update(last_sign_in_at=now).where(Account.id == account_id)
        actor = await queries.actor_by_id(account_id)
        await record("session.open", "account", account_id, by=actor or SYSTEM)
    return token


async def close_session(cookie: str) -> None:
    """Sign out of this browser."""
    await SignInSession.delete().where(SignInSession.token_hash == crypto.hash_token(cookie))


async def close_all_sessions(*, by: Actor) -> int:
    """Sign out everywhere; returns how many sessions ended."""
    async with db.transaction_or_join():
        ended = await execute("DELETE FROM sign_in_session WHERE account = :account", account=by.account_id)
        await record("session.close_all", "account", by.account_id, by=by, after={"sessions": ended})
    return ended


async def request_link(email: str, *, caller: Caller, target: str = "", kind: LinkKind = LinkKind.SIGN_IN) -> None:
    """Mail a link that signs in, or one that sets a new password (`kind` RESET), if the address has an account.

    The caller cannot see whether it has. `target`: where the link leads.

    Limits mail sent to a mailbox at a stranger's request: after a few in an hour, none is sent while an earlier link is
    still valid for a while. An owner who then requests one has that link.
    """
    address = looked_up(email)
    account = await queries.account_by_email(address)
    async with attempts.evenly(links.ANSWER):
        await attempts.link(address, account, caller)
        if account is not None and account.active:
            await _mail_link(kind, account, target)


async def _mail_link(kind: LinkKind, account: AccountRow, target: str) -> None:
    async with db.DB.transaction():
        if await links.enough(kind, account.id):
            return
        token = await links.new_link(kind, account_id=account.id, target=target)
        send = emails.send_reset if kind == LinkKind.RESET else emails.send_sign_in_link
        await send(account, token)


async def target_of_link(token: str) -> str:
    """Where the reader of a used link wanted to go, or empty text."""
    sql = "SELECT target FROM sign_in_link WHERE token_hash = :hash"
    return await fetch_value_or_none(str, sql, hash=crypto.hash_token(token)) or ""


async def use_link(token: str, *, session_id: int | None = None) -> int:
    """The account of a sign-in link; uses the link up. Raises NotFound when expired, used or unknown.

    Using a mailed link proves the address; `session_id` is this browser's session.
    """
    async with db.DB.transaction():
        link = await links.use(LinkKind.SIGN_IN, token)
        await proof.prove(link.owner, session_id=session_id)
    return link.owner


async def choose_event(event_id: int, *, by: Actor) -> None:
    """Keep the event that this sign-in looks at. The caller has fetched it for the actor."""
    await SignInSession.update(event_id=event_id).where(SignInSession.id == by.session_id)


async def set_language(account_id: int, lang: str) -> None:
    """Store the language an account chose."""
    await Account.update(lang=lang).where(Account.id == account_id, Account.lang != lang)
