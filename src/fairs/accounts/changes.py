"""What a person changes about the account: name, language, address; and closing it."""

from collections.abc import Awaitable, Callable

from fairs.accounts import credentials, emails, links, proof, proved, queries, rate_limits
from fairs.accounts.actor import Actor
from fairs.accounts.forms import AddressForm, LanguageForm, NameForm
from fairs.accounts.rate_limits import Counter
from fairs.accounts.tables import LinkKind, Role
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, known_zone
from fairs.core.mailboxes import normal
from fairs.notifications import held

SAME = N_("This is your address already.")
LAST_ADMIN = N_("You are the last administrator. Create another one first.")
OTHER_BROWSER = N_("Sign in to the account that asked for this address, then open the link again.")
TAKEN = N_("Something is kept under the new address already. Ask the organisers to join the two.")
Moved = Callable[[Actor, str], Awaitable[None]]
Closed = Callable[[Actor], Awaitable[None]]
ON_MOVED: list[Moved] = []  # (account as it was, new address), in the transaction that changes the address
ON_CLOSING: list[Closed] = []  # in the transaction that closes the account, while it is still there


def taken() -> Conflict:
    """Raised by a hook when a row of a higher module prevents the new address."""
    return Conflict(TAKEN, code="address_taken")


async def change_name(form: NameForm, *, by: Actor) -> None:
    """The name by which others see the account."""
    async with db.DB.transaction():
        await db.execute("UPDATE account SET name = $2 WHERE id = $1", by.account_id, form.name)
        await record(
            "account.name", "account", by.account_id, by=by, before={"name": by.name}, after={"name": form.name}
        )


async def change_language(form: LanguageForm, *, by: Actor) -> None:
    """The language of pages and mails, and the time zone shown beside the fair's."""
    async with db.DB.transaction():
        values = {"lang": form.lang, "timezone": known_zone(form.timezone)}
        await db.execute("UPDATE account SET lang = $2, timezone = $3 WHERE id = $1", by.account_id, *values.values())
        await record("account.language", "account", by.account_id, by=by, after=values)


async def request_address(form: AddressForm, *, by: Actor) -> None:
    """Mail a link to the new address; it counts when that is used. Raises Invalid, TooMany.

    Whether the new address has an account already is not told: then nothing is mailed.
    """
    await credentials.require_owner(form.present_password, by=by)
    address = normal(form.email)
    if address == by.email:
        raise Invalid(fields={"email": [SAME]})
    await rate_limits.cap([Counter("new-address", str(by.account_id), 5, 3600)])
    if await queries.account_by_email(address) is not None:
        return
    async with db.DB.transaction():
        await links.void(by.account_id or 0)
        token = await links.new_link(LinkKind.ADDRESS, account_id=by.account_id, email=address)
        await emails.send_change(address, by.lang, token)
        await record("account.address_ask", "account", by.account_id, by=by, after={"email": address})


async def change_address(token: str, *, by: Actor) -> None:
    """Use the link mailed to the new address, signed in to the account that asked. Raises NotFound, Conflict.

    Who was written in by mistake has the link but not the account: nothing happens to either. Every other session, tokens
    and links end; what waited for the former address follows.
    """
    found = await links.read(LinkKind.ADDRESS, token)
    if found["account"] != by.account_id or by.account_id is None:
        raise Conflict(OTHER_BROWSER, code="other_account")
    async with db.DB.transaction():
        link = await links.use(LinkKind.ADDRESS, token)
        new = link["email"]
        if by.proved and not by.reviews:
            await emails.send_told(
                "address_changed", email=by.email, name=by.name, lang=by.lang, account_id=by.account_id
            )
        with db.constraint_errors({"account_email_key": links.gone()}):
            await db.execute(
                "UPDATE account SET email = $2, email_confirmed_at = $3 WHERE id = $1", by.account_id, new, clock.now()
            )
        await proof.end_credentials(by.account_id, new, keep_session=by.session_id)
        for moved in ON_MOVED:
            await moved(by, new)
        await proved.notify_proved(by.account_id)
        await held.discard(by.email)
        await held.release(new)
        if not by.proved:  # nothing that waited for an address may go to another: it is written anew for each
            await proof.notify_again(by.email, new)
        values = {"before": {"email": by.email}, "after": {"email": new}}
        await record("account.address", "account", by.account_id, by=by, **values)


async def close_account(present: str, *, by: Actor) -> None:
    """End the account for good. Raises Invalid, Conflict for the last administrator.

    Credentials, roles, name and address of the account go; what higher slices must keep they keep. The address is free.
    """
    await credentials.require_owner(present, by=by)
    assert by.account_id is not None
    async with db.DB.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('close-account', 0))")
        if Role.ADMIN in by.roles and not await queries.another_admin(by.account_id):
            raise Conflict(LAST_ADMIN, code="last_admin")
        for closing in ON_CLOSING:
            await closing(by)
        await proof.end_credentials(by.account_id, by.email)
        await held.discard(by.email)
        if by.proved and not by.reviews:
            await emails.send_told(
                "account_closed", email=by.email, name=by.name, lang=by.lang, account_id=by.account_id
            )
        await db.execute("DELETE FROM membership WHERE account = $1", by.account_id)
        changed = await db.execute(
            "UPDATE account SET active = false, closed_at = $2, password_hash = NULL, review_since = NULL,"
            " email_confirmed_at = NULL, name = 'Closed account', email = 'closed-' || id || '@invalid'"
            " WHERE id = $1 AND active",
            by.account_id,
            clock.now(),
        )
        if not changed:
            raise NotFound
        if not by.proved:
            await proof.notify_again(by.email)
        await record("account.close", "account", by.account_id, by=by)
