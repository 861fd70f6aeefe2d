"""Mails as they leave: with the links and codes that the stored ones mask."""

from email.message import Message

from aiosmtpd.handlers import Message as MessageHandler

from fairs.core.rows import fetch_one_as
from fairs.notifications import masking
from fairs.notifications.rows import TEXT_COLUMNS, StoredTexts


class MailKeeper(MessageHandler):
    """Keeps what a real SMTP server on this machine received."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.received.append(message)


async def text_of(email: str | None = None, *, kind: str | None = None) -> str:
    """The text of the latest mail, to an address or to anybody, of one kind or of any."""
    row = await fetch_one_as(
        StoredTexts,
        f"SELECT {TEXT_COLUMNS} FROM outgoing_mail WHERE (:email::text IS NULL OR to_email = :email)"
        " AND (:kind::text IS NULL OR kind = :kind) ORDER BY id DESC LIMIT 1",
        email=email,
        kind=kind,
    )
    assert row is not None, f"no mail to {email} of kind {kind}"
    return masking.opened(row).text
