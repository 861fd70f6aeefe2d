"""One-time mailed links: purpose, lifetime and target of each. Only the hash of the token is stored."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urljoin

from fairs.accounts.rows import Link
from fairs.accounts.tables import Account, LinkKind, SignInLink
from fairs.core import clock, crypto
from fairs.core.errors import NotFound
from fairs.core.i18n import N_
from fairs.core.mailboxes import looked_up
from fairs.core.rows import execute, fetch_one_as, fetch_value, fetch_values
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
SPARE = timedelta(minutes=10)  # a link still valid for longer than this makes another mail unnecessary
ANSWER = 0.25  # seconds after which a request for a link is answered, whether or not one was sent
GONE = N_("This link has expired or was already used.")


def gone() -> NotFound:
    """The error for a link that is no longer valid."""
    return NotFound(GONE)


def address_of(kind: LinkKind, token: str) -> str:
    """The link as it is in the mail."""
    return urljoin(base_url(), f"/login/link/{token}{_PATHS[kind]}")


async def enough(kind: LinkKind, account_id: int, *, most: int = 5) -> bool:
    """Whether `most` links of a kind were sent within an hour and an unused one is still valid for a while.

    Locks the account, so that concurrent requests are answered in turn.
    """
    now = clock.now()
    await Account.select(Account.id).where(Account.id == account_id).lock_rows("UPDATE")
    return await fetch_value(
        bool,
        "SELECT count(*) >= :most AND count(*) FILTER (WHERE used_at IS NULL AND expires_at >= :soon) > 0"
        " FROM sign_in_link WHERE account = :account AND kind = :kind AND created_at > :since",
        account=account_id,
        kind=kind.value,
        since=now - timedelta(hours=1),
        soon=now + SPARE,
        most=most,
    )


async def new_link(kind: LinkKind, *, account_id: int | None, email: str = "", target: str = "") -> str:
    """The token of a new link; `email`: the address that it proves, `target`: the path to redirect to."""
    token, now = crypto.new_token(), clock.now()
    await SignInLink(
        token_hash=crypto.hash_token(token),
        kind=kind.value,
        email=looked_up(email),
        account=account_id,
        created_at=now,
        expires_at=now + LIFE[kind],
        target=target[:1000],
    ).save()
    return token


async def read(kind: LinkKind, token: str) -> Link:
    """A link that can still be used. Raises NotFound."""
    row = await fetch_one_as(
        Link,
        "SELECT l.id, l.account, l.email FROM sign_in_link l LEFT JOIN account a ON a.id = l.account"
        " WHERE l.token_hash = :hash AND l.kind = :kind AND l.used_at IS NULL AND l.expires_at > :now"
        " AND (l.account IS NULL OR a.active)",
        hash=crypto.hash_token(token),
        kind=kind.value,
        now=clock.now(),
    )
    if row is None:
        raise gone()
    return row


async def use(kind: LinkKind, token: str) -> Link:
    """As `read`, and use the link up. Of two concurrent callers one gets it, the other NotFound."""
    row = await fetch_one_as(
        Link,
        "UPDATE sign_in_link l SET used_at = :now WHERE l.token_hash = :hash AND l.kind = :kind AND l.used_at IS NULL"
        " AND l.expires_at > :now AND (l.account IS NULL OR EXISTS (SELECT 1 FROM account a WHERE a.id = l.account"
        " AND a.active)) RETURNING l.id, l.account, l.email",
        hash=crypto.hash_token(token),
        kind=kind.value,
        now=clock.now(),
    )
    if row is None:
        raise gone()
    return row


async def void(account_id: int, email: str = "") -> None:
    """End all unused links and half sign-ins of an account, and links sent to its address without an account."""
    await execute("DELETE FROM half_sign_in WHERE account = :account", account=account_id)
    await execute(
        "UPDATE sign_in_link SET used_at = :now WHERE used_at IS NULL"
        " AND (account = :account OR (:email <> '' AND email = :email))",
        account=account_id,
        now=clock.now(),
        email=looked_up(email),
    )


async def to_ask(addresses: Sequence[str]) -> list[str]:
    """Those of these addresses that may be asked to prove themselves: no confirmation was sent within a day, one reminder is
    enough; and no owner is deciding about what was entered before the proof."""
    return await fetch_values(
        str,
        "SELECT t.email FROM unnest(:emails::text[]) WITH ORDINALITY AS t (email, at)"
        " WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.email = t.email AND a.review_since IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM sign_in_link l WHERE l.email = t.email AND l.kind = :kind AND l.used_at IS NULL"
        " AND l.created_at > :since) ORDER BY t.at",
        emails=list(addresses),
        kind=LinkKind.CONFIRM.value,
        since=clock.now() - timedelta(days=1),
    )


async def new_confirmations(addresses: Sequence[str]) -> dict[str, str]:
    """Address → the token of a new link by which its owner proves it, written together."""
    tokens, now = {address: crypto.new_token() for address in addresses}, clock.now()
    await execute(
        "INSERT INTO sign_in_link (token_hash, kind, email, account, created_at, expires_at, target)"
        " SELECT t.hash, :kind, t.email, (SELECT a.id FROM account a WHERE a.email = t.email), :now, :until, ''"
        " FROM unnest(:hashes::bytea[], :emails::text[]) AS t (hash, email)",
        hashes=[crypto.hash_token(token) for token in tokens.values()],
        emails=[looked_up(address) for address in tokens],
        kind=LinkKind.CONFIRM.value,
        now=now,
        until=now + LIFE[LinkKind.CONFIRM],
    )
    return tokens
