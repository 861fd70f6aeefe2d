"""One-time links and codes give access to any reader, so the stored mail shows a mask in their place.

The real texts are sealed beside the masked ones and deleted some days after sending. A mail names its secrets; a long
random part in a link to this installation counts as one even when not named.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from fairs.core import crypto, db, sealing
from fairs.core.rows import execute, fetch_as
from fairs.notifications.rows import TEXT_COLUMNS, LockedTexts, StoredTexts
from fairs.notifications.tables import MailState, OutgoingMail

PURPOSE = "mail.content"
UNSUBSCRIBE = "mail.unsubscribe"
MASK = crypto.HIDDEN
MASKED_IN_BATCHES = 200
KEPT_AFTER_SENDING = timedelta(days=3)
KEPT_UNSENT = timedelta(days=14)  # longer than any link is valid
SENT_BEFORE = "sealed <> '' AND state = 'sent' AND sent_at < {}"
WAITED_SINCE = "sealed <> '' AND created_at < {}"
# A path segment or a parameter's value of at least 32 token characters, after an address of ours.
_LINK = re.compile(r"https?://[^\s\"'<>]+")
_RANDOM = re.compile(r"(?<=[/=])[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{16,})?(?=[/?&#.\s]|$)")
_LONG = 32  # characters of a token: 192 bits
_HASH = re.compile(r"[0-9a-f]{64}")  # the address of a public text: agreements are checked by it


@dataclass(frozen=True)
class Texts:
    """The texts of a mail. `files`: contents of attachments by name, only those with a secret."""

    subject: str
    text: str
    html: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def secrets_in(texts: Iterable[str], base_url: str) -> set[str]:
    """The long random parts of links to this installation."""
    found = set()
    for text in texts:
        for link in _LINK.findall(text):
            if link.startswith(base_url):
                found |= {part for part in _RANDOM.findall(link) if len(part) >= _LONG and not _HASH.fullmatch(part)}
    return found


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with its secrets masked, longest first: one may be part of another."""
    for secret in sorted((item for item in secrets if item), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def split(texts: Texts, named: Iterable[str], base_url: str) -> tuple[Texts, str]:
    """(the text stored openly, the sealed rest). The second is empty when there is no secret."""
    secrets = {item for item in named if item} | secrets_in((texts.subject, texts.text, texts.html), base_url)
    shown = Texts(
        masked(texts.subject, secrets),
        masked(texts.text, secrets),
        masked(texts.html, secrets),
        {name: _masked_file(content, secrets) for name, content in texts.files.items()},
    )
    held = {name: content for name, content in texts.files.items() if shown.files[name] != content}
    return (shown, "") if shown == texts else (shown, seal(replace(texts, files=held)))


def _masked_file(content: bytes, secrets: Iterable[str]) -> bytes:
    for secret in secrets:
        content = content.replace(secret.encode(), MASK.encode())
    return content


def seal(texts: Texts) -> str:
    """The stored form."""
    files = {name: base64.b64encode(content).decode() for name, content in texts.files.items()}
    content = {"subject": texts.subject, "text": texts.text, "html": texts.html, "files": files}
    return crypto.seal_text(json.dumps(content, ensure_ascii=False), PURPOSE)


def opened(mail: StoredTexts) -> Texts:
    """The texts of a mail as sent. Raises ValueError when its key is not known."""
    if not mail.sealed:
        return Texts(mail.subject, mail.body_text, mail.body_html)
    found = json.loads(crypto.open_text(mail.sealed, PURPOSE))
    files = {name: base64.b64decode(content) for name, content in found["files"].items()}
    return Texts(found["subject"], found["text"], found["html"], files)


def is_spent(mail: StoredTexts) -> bool:
    """Whether the texts are masked and the sealed rest is deleted: such a mail cannot be sent again."""
    return not mail.sealed and any(MASK in text for text in (mail.subject, mail.body_text, mail.body_html))


SEALED = sealing.Sealed("outgoing_mail", "sealed", PURPOSE)
UNSUBSCRIBE_SEALED = sealing.Sealed("outgoing_mail", "unsubscribe", UNSUBSCRIBE)


async def mask_earlier_mails() -> int:
    """Mask mails that an earlier version stored openly. Only those that may still be sent keep their secret, sealed."""
    done = 0
    while True:
        async with db.DB.transaction():
            rows = await fetch_as(
                LockedTexts,
                f"SELECT {TEXT_COLUMNS}, id, state FROM outgoing_mail WHERE sealed = ''"  # noqa: S608 - constants of the code; values are named arguments
                " AND (kind = 'sign_in_link' OR kind LIKE '%invitation') AND body_text <> ''"
                f" AND body_text NOT LIKE '%{MASK}%' ORDER BY id LIMIT {MASKED_IN_BATCHES} FOR UPDATE",
            )
            for row in rows:
                await _mask(row)
        done += len(rows)
        if len(rows) < MASKED_IN_BATCHES:
            return done


async def _mask(row: LockedTexts) -> None:
    texts = Texts(row.subject, row.body_text, row.body_html)
    shown, sealed = split(texts, _paths(texts.text) | _paths(texts.html), "http")
    if not sealed:  # no link recognised: mask the whole text
        shown, sealed = Texts(texts.subject, MASK, MASK), seal(texts)
    stored: dict[str, Any] = {"subject": shown.subject, "body_text": shown.text, "body_html": shown.html}
    stored["sealed"] = "" if row.state is MailState.SENT else sealed
    await OutgoingMail.update(**stored).where(OutgoingMail.id == row.id)


async def drop_spent(now: datetime) -> int:
    """Delete the sealed rest of masked mails once it is not needed; returns how many."""
    return await execute(
        "UPDATE outgoing_mail SET sealed = '', unsubscribe = ''"  # noqa: S608 - constants of the code; values are named arguments
        f" WHERE ({SENT_BEFORE.format(':sent_before')}) OR ({WAITED_SINCE.format(':written_before')})",
        sent_before=now - KEPT_AFTER_SENDING,
        written_before=now - KEPT_UNSENT,
    )


def _paths(text: str) -> set[str]:
    return set(re.findall(r"/(?:login/link|employers/invitation)/([A-Za-z0-9_.=-]+)", text))
