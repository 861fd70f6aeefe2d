"""Changes a person makes to the account: name, language, address, closing."""

from typing import Any

from fairs.accounts import credentials, emails, keys, links, proof, queries, rate_limits, second
from fairs.accounts.actor import Actor
from fairs.accounts.domain_events import AccountClosing, AddressChanged, AddressProved
from fairs.accounts.forms import AddressForm, LanguageForm, NameForm
from fairs.accounts.rate_limits import Counter
from fairs.accounts.tables import Account, Invitation, LinkKind, Membership
from fairs.audit.services import record
from fairs.core import clock, db, events_bus, locks
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, known_zone
from fairs.core.locks import Lock
from fairs.core.mailboxes import normal
from fairs.core.roles import Role
from fairs.core.rows import execute
from fairs.notifications import held

SAME = N_("This is already your address.")
LAST_ADMIN = N_("You are the last administrator. Create another one first.")
OTHER_BROWSER = N_("Sign in to the account that requested this address, then open the link again.")
TAKEN = N_("There is already data under the new address. Ask the organisers to merge the two.")


def taken() -> Conflict:
    """Raised by a handler when a row of a higher slice conflicts with the new address."""
    return Conflict(TAKEN, code="address_taken")


async def change_name(form: NameForm, *, by: Actor) -> None:
    """Change the name that others see."""
    async with db.DB.transaction():
        key = keys.key({"name": form.name, "email": by.email})
        await Account.update(name=form.name, search_key=key).where(Account.id == by.account_id)
        await record(
            "account.name", "account", by.account_id, by=by, before={"name": by.name}, after={"name": form.name}
        )


async def change_language(form: LanguageForm, *, by: Actor) -> None:
    """Change the language of pages and mails, and the time zone shown beside the fair's."""
    async with db.transaction_or_join():
        values: dict[str, Any] = {"lang": form.lang, "timezone": known_zone(form.timezone)}
        await Account.update(**values).where(Account.id == by.account_id)
        await record("account.language", "account", by.account_id, by=by, after=values)


async def request_address(form: AddressForm, *, by: Actor) -> None:
    """Mail a link to the new address; the change happens when the link is used. Raises Invalid, TooMany.

    When the new address already has an account, no mail is sent and the answer is the same.
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
    """Use the link mailed to the new address, signed in to the requesting account. Raises NotFound, Conflict.

    The owner of a mistyped address has the link but not the account, so neither changes. All other sessions, tokens
    and links end; items that waited for the former address move to the new one.
    """
    found = await links.read(LinkKind.ADDRESS, token)
    if found.account != by.account_id or by.account_id is None:
        raise Conflict(OTHER_BROWSER, code="other_account")
    async with db.DB.transaction():
        link = await links.use(LinkKind.ADDRESS, token)
        new = link.email
        if by.proved and not by.reviews:
            await emails.send_told(
                "address_changed", email=by.email, name=by.name, lang=by.lang, account_id=by.account_id
            )
        with db.constraint_errors({"account_email_key": links.gone()}):
            key = keys.key({"name": by.name, "email": new})
            changed: dict[str, Any] = {"email": new, "email_confirmed_at": clock.now(), "search_key": key}
            await Account.update(**changed).where(Account.id == by.account_id)
        await proof.end_credentials(by.account_id, new, keep_session=by.session_id)
        await events_bus.publish(AddressChanged(by, new))
        await events_bus.publish(AddressProved(by.account_id))
        await held.discard(by.email)
        await held.release(new)
        if not by.proved:  # items that wait for an unproved address must not move to another; they are written again
            await proof.notify_again(by.email, new)
        values = {"before": {"email": by.email}, "after": {"email": new}}
        await record("account.address", "account", by.account_id, by=by, **values)


async def close_account(present: str, *, by: Actor) -> None:
    """Close the account for good. Raises Invalid, Conflict for the last administrator.

    Deletes credentials, roles, name and address; higher slices keep what they must. The address becomes free.
    """
    await credentials.require_owner(present, by=by)
    await end_account(by)


async def require_another_admin(by: Actor) -> None:
    """In a transaction: nobody else leaves meanwhile. Raises Conflict for the last administrator."""
    await locks.hold(Lock.CLOSE_ACCOUNT)
    if Role.ADMIN in by.roles and not await queries.another_admin(by.account_id or 0):
        raise Conflict(LAST_ADMIN, code="last_admin")


async def end_account(by: Actor) -> None:
    """The same without asking who it is. Raises Conflict for the last administrator, NotFound when it is closed."""
    assert by.account_id is not None
    async with db.transaction_or_join():
        await require_another_admin(by)
        await events_bus.publish(AccountClosing(by))
        await proof.end_credentials(by.account_id, by.email)
        await second.remove(by.account_id)
        await held.discard(by.email)
        if by.proved and not by.reviews:
            await emails.send_told(
                "account_closed", email=by.email, name=by.name, lang=by.lang, account_id=by.account_id
            )
        await Membership.delete().where(Membership.account == by.account_id)
        await Invitation.delete().where(Invitation.email == by.email)
        changed = await execute(
            "UPDATE account SET active = false, closed_at = :now, password_hash = NULL, review_since = NULL,"
            " email_confirmed_at = NULL, name = 'Closed account', email = 'closed-' || id || '@invalid',"
            " search_key = ''"
            " WHERE id = :id AND active",
            id=by.account_id,
            now=clock.now(),
        )
        if not changed:
            raise NotFound
        if not by.proved:
            await proof.notify_again(by.email)
        await record("account.close", "account", by.account_id, by=by)
