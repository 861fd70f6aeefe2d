"""Mails about accounts."""

from urllib.parse import urljoin

import asyncpg

from fairs.notifications.services import Message, base_url, queue_mail


async def send_sign_in_link(account: asyncpg.Record, token: str, *, minutes: int) -> None:
    """The one-time link; it is only in the mail, never in the log."""
    link = urljoin(base_url(), f"/login/link/{token}")
    await queue_mail(
        Message(
            kind="sign_in_link",
            lang=account["lang"],
            to_email=account["email"],
            to_name=account["name"],
            account_id=account["id"],
            variables={"name": account["name"], "link": link, "minutes": minutes},
            secrets=(token,),
        )
    )
