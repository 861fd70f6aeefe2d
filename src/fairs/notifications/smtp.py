"""The conversation with the mail server, and which of its answers are final."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from fairs.core.services import SETTINGS

PATIENCE = 30.0  # seconds for each answer


async def send(message: EmailMessage) -> None:
    """Hand one message over. Raises SMTPException and OSError, also when the server refuses its only recipient."""
    target = urlsplit(SETTINGS().smtp_url)
    tls = target.scheme == "smtps"
    async with aiosmtplib.SMTP(
        hostname=target.hostname or "localhost",
        port=target.port or (465 if tls else 25),
        username=unquote(target.username) if target.username else None,
        password=unquote(target.password) if target.password else None,
        use_tls=tls,
        timeout=PATIENCE,
    ) as client:
        to = [address.addr_spec for address in message["To"].addresses]
        if all(address.isascii() for address in (*to, SETTINGS().mail_from)):
            refused, _ = await client.sendmail(SETTINGS().mail_from, to, message.as_bytes())
        else:  # SMTPUTF8, if the server supports it
            refused, _ = await client.send_message(message)
        if refused:
            code, text = next(iter(refused.values()))
            raise aiosmtplib.SMTPRecipientRefused(code, text, "recipient")


def is_final(error: Exception) -> bool:
    """A 5xx answer is final; passwords, certificates, refused connections and 4xx may change."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return False
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(item.code >= 500 for item in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500
