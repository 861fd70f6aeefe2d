"""Mails as they leave: with the links and codes that the stored ones mask."""

from email.message import Message

from aiosmtpd.handlers import Message as MessageHandler

from fairs.core import db
from fairs.notifications import masking


class MailKeeper(MessageHandler):
    """Keeps what a real SMTP server on this machine received."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.received.append(message)


async def text_of(email: str | None = None, *, kind: str | None = None) -> str:
    """The text of the latest mail, to an address or to anybody, of one kind or of any."""
    row = await db.fetchrow(
        "SELECT * FROM outgoing_mail WHERE ($1::text IS NULL OR to_email = $1) AND ($2::text IS NULL OR kind = $2)"
        " ORDER BY id DESC LIMIT 1",
        email,
        kind,
    )
    assert row is not None, f"no mail to {email} of kind {kind}"
    return masking.opened(row).text
