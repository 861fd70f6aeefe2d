"""Mail: a row in the service's transaction, a job that delivers it through aiosmtplib.

Without FAIRS_SMTP_URL a mail is `kept`: it is shown in the outbox and goes nowhere.
"""

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from fairs.core import clock, db, i18n, jobs
from fairs.core.errors import NotFound
from fairs.notifications.tables import MailState
from fairs.settings import Settings
from fairs.web.templating import render_text

DELIVER = "mail.deliver"
MAX_ATTEMPTS = 6
_settings = Settings()


def configure(settings: Settings) -> None:
    """Where mail goes and what its links start with."""
    global _settings
    _settings = settings


def base_url() -> str:
    """The public address, without a trailing slash."""
    return _settings.base_url.rstrip("/")


@dataclass(frozen=True)
class Attachment:
    """A file of a mail."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """A mail to one person. `kind` names the templates emails/<lang>/<kind>.{subject,txt,html}."""

    kind: str
    lang: str
    to_email: str
    to_name: str = ""
    account_id: int | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    dedupe_key: str | None = None


def plain_header(text: str) -> str:
    """One line: what could start another header is gone."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


async def queue_mail(message: Message) -> int | None:
    """Write the mail and its job; the row's id, or None when the dedupe key has been used."""
    with i18n.language(message.lang):
        folder = f"emails/{message.lang}/{message.kind}"
        variables = {"base_url": base_url(), **message.variables}
        subject = plain_header(render_text(f"{folder}.subject", **variables))
        text = render_text(f"{folder}.txt", **variables)
        html = render_text(f"{folder}.html", **variables)
    async with db.transaction_or_join():
        mail_id = await db.fetchval(
            "INSERT INTO outgoing_mail (kind, lang, to_email, to_name, account_id, subject, body_text, body_html, state,"
            " dedupe_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $10)"
            " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
            message.kind,
            message.lang,
            message.to_email,
            plain_header(message.to_name),
            message.account_id,
            subject,
            text,
            html,
            message.dedupe_key,
            clock.now(),
        )
        if mail_id is None:
            return None
        for item in message.attachments:
            await db.execute(
                "INSERT INTO mail_attachment (mail, filename, content_type, content) VALUES ($1, $2, $3, $4)",
                mail_id,
                item.filename,
                item.content_type,
                item.content,
            )
        await jobs.enqueue(DELIVER, {"mail": mail_id})
    return int(mail_id)


@jobs.job(DELIVER)
async def deliver(payload: dict[str, Any]) -> None:
    """Send one mail. Safe to run twice: only a waiting row is taken."""
    mail = await db.fetchrow(
        "UPDATE outgoing_mail SET state = 'sending', attempts = attempts + 1"
        " WHERE id = $1 AND (state IN ('queued', 'retry', 'sending')) RETURNING *",
        payload["mail"],
    )
    if mail is None:
        return
    if not _settings.smtp_url:
        await _finish(mail["id"], MailState.KEPT)
        return
    parts = await db.fetch("SELECT * FROM mail_attachment WHERE mail = $1 ORDER BY id", mail["id"])
    try:
        await _send(build(mail, parts))
    except (aiosmtplib.SMTPException, OSError) as error:
        await _failed(mail, error)
    else:
        await _finish(mail["id"], MailState.SENT)


def build(mail: Any, attachments: Any) -> EmailMessage:
    """The message as sent: text and HTML, calendars as alternative and as file, addresses only as address objects."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = plain_header(mail["subject"])
    message["From"] = Address("Fairs 招才引智", addr_spec=_settings.mail_from)
    message["To"] = Address(plain_header(mail["to_name"]), addr_spec=mail["to_email"])
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=_settings.mail_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail["body_text"], cte="base64")
    message.add_alternative(mail["body_html"], subtype="html", cte="base64")
    for item in attachments:
        main, _, sub = item["content_type"].partition("/")
        message.add_attachment(item["content"], maintype=main, subtype=sub, filename=item["filename"])
    return message


async def _send(message: EmailMessage) -> None:
    target = urlsplit(_settings.smtp_url)
    tls = target.scheme == "smtps"
    async with aiosmtplib.SMTP(
        hostname=target.hostname or "localhost",
        port=target.port or (465 if tls else 25),
        username=unquote(target.username) if target.username else None,
        password=unquote(target.password) if target.password else None,
        use_tls=tls,
        timeout=30,
    ) as client:
        refused, _ = await client.send_message(message)
        if refused:
            code, text = next(iter(refused.values()))
            raise aiosmtplib.SMTPRecipientRefused(code, text, "recipient")


def _is_final(error: Exception) -> bool:
    """A 5xx answer will not change; certificates, refused connections and 4xx may."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(item.code >= 500 for item in error.recipients)
    return isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 500


async def _failed(mail: Any, error: Exception) -> None:
    final = _is_final(error) or mail["attempts"] >= MAX_ATTEMPTS
    async with db.DB.transaction():
        await _finish(mail["id"], MailState.FAILED if final else MailState.RETRY, error=repr(error)[:500])
        if not final:
            from datetime import timedelta

            await jobs.enqueue(DELIVER, {"mail": mail["id"]}, after=timedelta(seconds=30 * 3 ** mail["attempts"]))


async def _finish(mail_id: int, state: MailState, *, error: str = "") -> None:
    sent_at = clock.now() if state is MailState.SENT else None
    await db.execute(
        "UPDATE outgoing_mail SET state = $2, last_error = $3, sent_at = $4 WHERE id = $1",
        mail_id,
        state,
        error,
        sent_at,
    )


async def retry_mail(mail_id: int) -> None:
    """Try a failed mail again, by hand."""
    async with db.DB.transaction():
        changed = await db.execute(
            "UPDATE outgoing_mail SET state = 'queued', attempts = 0 WHERE id = $1 AND state IN ('failed', 'retry', 'kept')",
            mail_id,
        )
        if not changed:
            raise NotFound
        await jobs.enqueue(DELIVER, {"mail": mail_id})
