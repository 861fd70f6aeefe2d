"""Proof of an address: using a link mailed to it proves ownership and ends what others set before."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from fairs.accounts import emails, keys, links, queries, rate_limits, second
from fairs.accounts.actor import Actor
from fairs.accounts.domain_events import AddressProved
from fairs.accounts.rate_limits import Counter
from fairs.accounts.rows import Address, Unproved
from fairs.accounts.tables import AccessToken, Account
from fairs.audit.services import record
from fairs.core import clock, db, events_bus
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_one_as
from fairs.core.services import Service
from fairs.notifications import held
from fairs.notifications import proof as mail_proof

NOTHING_TO_DECIDE = N_("There is nothing left to decide.")


@dataclass(frozen=True)
class Belongings:
    """Data that a higher slice keeps for an account, and for an address without an account.

    `entered`: lines for the owner to read. `discard`: delete them in the caller's transaction. `again`: notify the
    address again of what others rightly entered. `name_of`: the name they entered for an address without an account,
    or "".
    """

    entered: Callable[[Actor], Awaitable[list[object]]]
    discard: Callable[[Actor], Awaitable[None]]
    again: Callable[[str], Awaitable[None]] | None = None
    name_of: Callable[[str], Awaitable[str]] | None = None


BELONGINGS: Service[tuple[Belongings, ...]] = Service(tuple)
"""Data of the higher slices, in the order in which it is read and deleted."""


class Rule:
    """Answers the questions of `notifications.proof`."""

    async def unproved(self, addresses: Collection[str]) -> set[str]:
        known = await fetch_as(
            Address,
            "SELECT email FROM account WHERE email = ANY(:addresses::text[]) AND email_confirmed_at IS NOT NULL"
            " AND review_since IS NULL AND closed_at IS NULL",
            addresses=list(addresses),
        )
        return set(addresses) - {row.email for row in known}

    async def ask(self, langs: Mapping[str, str]) -> None:
        await _send({address: langs[address] for address in await links.to_ask(list(langs))})


async def _send(langs: Mapping[str, str]) -> None:
    """Mail the confirmation link to each address, in its language."""
    tokens = await links.new_confirmations(list(langs))
    await emails.send_confirmations([(address, lang, tokens[address]) for address, lang in langs.items()])


async def request_proof(address: str, lang: str) -> None:
    """Mail the confirmation link, unless one went to this address within a day."""
    await mail_proof.request_proofs({address: lang})


async def request_proof_again(*, by: Actor) -> None:
    """Mail the confirmation link again. Does nothing when the address is proved. Raises TooMany."""
    if by.proved:
        return
    await rate_limits.cap([Counter("confirm-address", str(by.account_id), 5, 3600)])
    async with db.DB.transaction():
        await _send({by.email: by.lang})


async def prove(account_id: int, *, session_id: int | None = None) -> bool:
    """Record that this account's address is proved; returns whether this was the first time.

    The first proof ends what others may own: every session, the password, tokens and links. What was set in the
    browser that brings the proof (`session_id`, a live session of this account) stays: it is the same person.
    Otherwise the owner also decides about what was entered before.
    """
    async with db.transaction_or_join():
        row = await fetch_one_as(
            Unproved,
            "SELECT email, password_hash IS NOT NULL AS has_password FROM account"
            " WHERE id = :id AND email_confirmed_at IS NULL FOR UPDATE",
            id=account_id,
        )
        if row is None:
            return False
        same = await queries.session_lives(session_id, account_id) if session_id else False
        ended = await end_credentials(account_id, row.email, keep_session=session_id if same else None)
        stranger = not same and (row.has_password or ended > 0)
        if not same:
            await second.remove(account_id)
        await execute(
            "UPDATE account SET email_confirmed_at = :now, password_hash = CASE WHEN :same THEN password_hash END"
            " WHERE id = :id",
            id=account_id,
            now=clock.now(),
            same=same,
        )
        owner = await queries.actor_by_id(account_id)
        assert owner is not None
        after = {"same_browser": same, "sessions_ended": ended, "password_removed": row.has_password and not same}
        await record("account.prove", "account", account_id, by=owner, after=after)
        if stranger and await entered(owner):
            await Account.update(review_since=clock.now()).where(Account.id == account_id)
        else:
            await held.release(row.email)
        await events_bus.publish(AddressProved(account_id))
    return True


async def end_credentials(account_id: int, email: str, *, keep_session: int | None = None) -> int:
    """End sessions, tokens and unused links of an account, in the caller's transaction; returns how many sessions."""
    ended = await execute(
        "DELETE FROM sign_in_session WHERE account = :account AND id IS DISTINCT FROM :kept",
        account=account_id,
        kept=keep_session,
    )
    await AccessToken.update(revoked_at=clock.now()).where(
        AccessToken.account == account_id, AccessToken.revoked_at.is_null()
    )
    await links.void(account_id, email)
    await db.notify("fairs", '{"topic": "tokens", "data": {}}')
    return ended


async def entered(owner: Actor) -> list[object]:
    """What was entered under this account, as lines to read."""
    return [line for kept in BELONGINGS() for line in await kept.entered(owner)]


async def keep(*, by: Actor) -> None:
    """The owner keeps what was entered before the proof; the waiting mail is sent."""
    async with db.DB.transaction():
        await _decide(by, "account.keep")
        await held.release(by.email)


async def discard(*, by: Actor) -> None:
    """Delete what was entered before the proof, and the mail about it; what organisers entered stays."""
    async with db.DB.transaction():
        await _undecided(by)
        for kept in BELONGINGS():
            await kept.discard(by)
        await held.discard(by.email)
        name = by.email.partition("@")[0]
        key = keys.key({"name": name, "email": by.email})
        await Account.update(name=name, search_key=key).where(Account.id == by.account_id)
        await _decide(by, "account.discard")
        await notify_again(by.email)


async def notify_again(*addresses: str) -> None:
    """Write again, in the caller's transaction, the mail that these addresses should receive about their entries."""
    for address in addresses:
        for kept in BELONGINGS():
            if kept.again:
                await kept.again(address)


async def _undecided(by: Actor) -> None:
    """Lock the account. Raises Conflict when its owner has decided already."""
    waits = Account.select(Account.id).where(Account.id == by.account_id, Account.review_since.is_not_null())
    if await waits.lock_rows("UPDATE").first() is None:
        raise Conflict(NOTHING_TO_DECIDE, code="decided_already")


async def _decide(by: Actor, what: str) -> None:
    await _undecided(by)
    await Account.update(review_since=None).where(Account.id == by.account_id)
    await record(what, "account", by.account_id, by=by)
