"""Credentials: password changed or forgotten, other sessions ended."""

from datetime import timedelta

from fairs.accounts import links, passwords, proof, queries, rate_limits
from fairs.accounts.actor import Actor
from fairs.accounts.rate_limits import Counter
from fairs.accounts.tables import Account, LinkKind, SignInSession
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute

FRESH = timedelta(minutes=15)  # how long a sign-in by link counts as the password
WRONG = N_("This is not your current password.")
NEEDED = N_("Type your current password, or sign in by a mailed link and come back within 15 minutes.")


async def is_fresh(actor: Actor) -> bool:
    """Whether this session was opened by a mailed link within `FRESH`: equals the password."""
    return await SignInSession.exists().where(
        SignInSession.id == actor.session_id,
        SignInSession.account == actor.account_id,
        SignInSession.by_link.eq(True),
        SignInSession.created_at > clock.now() - FRESH,
    )


async def require_owner(password: str, *, by: Actor) -> None:
    """Check that the owner is present: by password, or by a fresh sign-in by link. Raises Invalid by field, TooMany.

    At most ten wrong passwords per session in 15 minutes; the owner's other browsers are not affected.
    """
    if not password and await is_fresh(by):
        return
    if not password:
        raise Invalid(fields={"present_password": [NEEDED]})
    tries = [Counter("present-password", str(by.session_id), 10, 900)]
    await rate_limits.cap(tries)
    account = await queries.account_by_email(by.email)
    if account is None or not await passwords.verify_password(account.password_hash, password):
        raise Invalid(fields={"present_password": [WRONG]})
    await rate_limits.give_back(tries)


async def change_password(present: str, new: str, *, by: Actor) -> None:
    """Set a new password; all other sessions and earlier mailed links end. Raises Invalid."""
    await require_owner(present, by=by)
    assert by.account_id is not None
    hashed = await _hashed(new, by.email, by.name)
    async with db.DB.transaction():
        await _store(by.account_id, hashed)
        ended = await execute(
            "DELETE FROM sign_in_session WHERE account = :account AND id IS DISTINCT FROM :kept",
            account=by.account_id,
            kept=by.session_id,
        )
        await links.void(by.account_id)
        await record("account.password", "account", by.account_id, by=by, after={"sessions_ended": ended})


async def reset_password(token: str, new: str) -> int:
    """Set a password by a mailed link; returns the account, whose sessions have all ended. Raises NotFound, Invalid.

    A refused password does not use the link up. Using the link proves the address.
    """
    link = await links.read(LinkKind.RESET, token)
    owner = await queries.actor_by_id(link.owner)
    assert owner is not None
    hashed = await _hashed(new, owner.email, owner.name)
    async with db.DB.transaction():
        await links.use(LinkKind.RESET, token)
        await proof.prove(link.owner)
        await SignInSession.delete().where(SignInSession.account == link.owner)
        await links.void(link.owner)
        await _store(link.owner, hashed)
        await record("account.reset", "account", link.owner, by=owner)
    return link.owner


async def _hashed(password: str, email: str, name: str) -> str:
    problem = passwords.problem(password, email, name)
    if problem:
        raise Invalid(fields={"password": [problem]})
    return await passwords.hash_password(password)


async def _store(account_id: int, hashed: str) -> None:
    await Account.update(password_hash=hashed).where(Account.id == account_id)


async def end_session(session_id: int, *, by: Actor) -> None:
    """Sign out one browser. Raises NotFound when the session is not the actor's."""
    async with db.DB.transaction():
        ended = await execute(
            "DELETE FROM sign_in_session WHERE id = :id AND account = :account",
            id=min(session_id, 2**63 - 1),
            account=by.account_id,
        )
        if not ended:
            raise NotFound
        await record("session.end", "account", by.account_id, by=by, after={"session": session_id})
