"""Confirm an address by the mailed link, also an address that others entered and that has no account yet."""

from fairs.accounts import links, proof, queries, services
from fairs.accounts.tables import LinkKind
from fairs.core import db


async def confirm(token: str, *, session_id: int | None = None) -> int:
    """Use a confirmation link; returns the account of its address, created if there was none. Raises NotFound."""
    async with db.DB.transaction():
        link = await links.use(LinkKind.CONFIRM, token)
        account = await queries.account_by_email(link.email)
        if account is not None and not account.active:
            raise links.gone()
        account_id = account.id if account is not None else await _claim(link.email)
        await proof.prove(account_id, session_id=session_id)
    return account_id


async def _claim(email: str) -> int:
    """Create an account for an address that others entered, and send the mail that waits for it."""
    name = ""
    for kept in proof.BELONGINGS():
        name = name or (await kept.name_of(email) if kept.name_of else "")
    account_id = await services.create_claimed(email, name or email.partition("@")[0])
    await links.void(account_id, email)
    return account_id
