"""Leaving a newsletter: one click in the mail program, or a page, by an unguessable address and without an account."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from fairs.core import crypto, db, mailboxes
from fairs.core.errors import NotFound
from fairs.core.rows import execute, fetch_value_or_none
from fairs.notifications.suppressing import suppress, suppressed
from fairs.notifications.tables import Suppressed
from fairs.web import access
from fairs.web.templating import AnyRequest, render

ONE_CLICK: dict[str, Any] = {
    **access.public(),
    "csrf_exempt": True,
}  # the address is the key; mail programs have no cookie


async def address_of(token: str) -> str:
    """Whose newsletter a link is of. Raises NotFound."""
    found = None
    if token.isascii() and len(token) < 100:
        found = await fetch_value_or_none(
            str, "SELECT address FROM mailing_recipient WHERE unsubscribe_hash = :hash", hash=crypto.hash_token(token)
        )
    if found is None:
        raise NotFound
    return found


async def leave(token: str) -> str:
    """No newsletters to this address any more; returns it. Raises NotFound."""
    address = await address_of(token)
    async with db.transaction_or_join():
        await suppress(address, Suppressed.NEWSLETTER)
    return address


async def come_back(token: str) -> str:
    """Newsletters again to the owner of this address. Raises NotFound."""
    address = await address_of(token)
    await execute(
        "DELETE FROM mail_suppression WHERE address = :address AND kind = 'newsletter'",
        address=mailboxes.looked_up(address),
    )
    return address


async def _page(request: AnyRequest, token: str, address: str) -> Response[Any]:
    left = (await suppressed([address], newsletter=True)).get(address) is Suppressed.NEWSLETTER
    name, _, domain = address.partition("@")
    shown = f"{name[:1]}…@{domain}"
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
    return render(request, "mailings/leave.html", token=token, address=shown, left=left, headers=headers)


@get("/newsletters/{newsletter_token:str}", name="newsletter", opt=access.public())
async def newsletter(request: Request[Any, Any, Any], newsletter_token: FromPath[str]) -> Response[Any]:
    """Asks first: programs that look at links must not unsubscribe anybody."""
    return await _page(request, newsletter_token, await address_of(newsletter_token))


@post("/newsletters/{newsletter_token:str}", name="leave_newsletter", opt=ONE_CLICK, status_code=200)
async def leave_newsletter(request: Request[Any, Any, Any], newsletter_token: FromPath[str]) -> Response[Any]:
    """Ends the newsletter: the button of the page, or the one click of a mail program (RFC 8058)."""
    return await _page(request, newsletter_token, await leave(newsletter_token))


@post("/newsletters/{newsletter_token:str}/again", name="rejoin_newsletter", opt=access.public(), status_code=200)
async def rejoin_newsletter(request: Request[Any, Any, Any], newsletter_token: FromPath[str]) -> Response[Any]:
    """The owner wants it again."""
    return await _page(request, newsletter_token, await come_back(newsletter_token))


HANDLERS: list[Any] = [newsletter, leave_newsletter, rejoin_newsletter]
