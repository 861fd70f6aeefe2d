"""Builds the outgoing message of a mail from its row and its files."""

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

from fairs.core import clock, i18n
from fairs.notifications import headers
from fairs.notifications.rows import MailRow


class File(Protocol):
    """An attached file."""

    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def content(self) -> bytes | None: ...


def plain_header(text: str) -> str:
    """One line: line breaks are removed, which could start another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def build(mail: MailRow, attachments: Sequence[File], sender: str, unsubscribe: str = "") -> EmailMessage:
    """The message as sent: text and HTML, invitations as alternative and as file, addresses only as address objects.

    Raises ValueError for an invalid address.
    """
    message = EmailMessage(policy=headers.POLICY)
    message["Subject"] = plain_header(mail.subject)
    message["From"] = Address("Fairs 招才引智", addr_spec=sender)
    message["To"] = Address(plain_header(mail.to_name), addr_spec=mail.to_email)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = headers.message_id(mail, sender)
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe:  # RFC 8058: one click, without a page
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body_text, cte="base64")
    message.add_alternative(mail.body_html, subtype="html", cte="base64")
    for item in attachments:
        _add_invitation(message, item)
    for item in attachments:
        kind, parameters = _content_type(item.content_type)
        main, _, sub = kind.partition("/")
        content = item.content or b""
        message.add_attachment(content, maintype=main, subtype=sub, filename=item.filename, params=parameters)
    message["Content-Language"] = i18n.HTML_LANG[mail.lang]  # last: otherwise a part takes it over
    return message


def _content_type(text: str) -> tuple[str, dict[str, str]]:
    """`text/calendar; method=REQUEST` → the type and its parameters."""
    kind, *rest = (part.strip() for part in text.split(";"))
    return kind, dict(part.split("=", 1) for part in rest if "=" in part)


def _add_invitation(message: EmailMessage, item: File) -> None:
    """Mail programs show an invitation's buttons when it is an alternative to text and HTML."""
    kind, parameters = _content_type(item.content_type)
    if kind == "text/calendar" and "method" in parameters:
        text = (item.content or b"").decode()
        message.add_alternative(text, subtype="calendar", cte="base64", params={"method": parameters["method"]})
