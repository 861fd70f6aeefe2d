"""Mails about webhooks."""

from urllib.parse import urljoin

from fairs.notifications.services import Message, base_url, queue_mail
from fairs.webhooks.rows import Owner


async def send_paused(webhook_id: int, owner: Owner) -> None:
    """Mail the one who made a webhook that it was paused, unless that account is closed."""
    if owner.account is None or not owner.email:
        return
    await queue_mail(
        Message(
            kind="webhook_paused",
            lang=owner.lang or "en",
            to_email=owner.email,
            to_name=owner.account_name or "",
            account_id=owner.account,
            variables={
                "name": owner.account_name or "",
                "webhook": owner.name,
                "link": urljoin(base_url(), f"/organise/webhooks/{webhook_id}"),
            },
        )
    )
