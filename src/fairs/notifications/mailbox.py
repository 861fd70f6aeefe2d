"""Reports read from the mailbox of the sender's address, over IMAP."""

import asyncio
import imaplib
import ssl
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import structlog

from fairs.core.i18n import N_
from fairs.core.schedule import Every, periodic
from fairs.core.services import SETTINGS
from fairs.notifications import bounces

PATIENCE = 30.0  # seconds
MOST = 200  # reports in one run
log = structlog.get_logger("mail")


def _opened(url: str) -> imaplib.IMAP4:
    """A session with the folder of the address chosen: its path, or INBOX. Raises OSError and IMAP4.error."""
    target = urlsplit(url)
    host, folder = target.hostname or "localhost", unquote(target.path.strip("/")) or "INBOX"
    box: imaplib.IMAP4
    if target.scheme == "imaps":
        box = imaplib.IMAP4_SSL(host, target.port or 993, ssl_context=ssl.create_default_context(), timeout=PATIENCE)
    else:
        box = imaplib.IMAP4(host, target.port or 143, timeout=PATIENCE)
    box.login(unquote(target.username or ""), unquote(target.password or ""))
    box.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return box


def _fetched(url: str) -> list[tuple[str, bytes]]:
    """(uid, content) of the unread reports; other mail is not touched."""
    with _opened(url) as box:
        _, found = box.uid("SEARCH", "UNSEEN", "HEADER", "Content-Type", "multipart/report")
        uids = found[0].decode().split() if found and found[0] else []
        reports = []
        for uid in uids[:MOST]:
            _, parts = box.uid("FETCH", uid, f"(BODY.PEEK[]<0.{bounces.LARGEST}>)")
            reports += [(uid, part[1]) for part in parts if isinstance(part, tuple)]
        return reports


def _mark_read(url: str, uids: Sequence[str]) -> None:
    with _opened(url) as box:
        box.uid("STORE", ",".join(uids), "+FLAGS", "(\\Seen)")


@periodic(
    "mail-bounces",
    Every(10),
    title=N_("Mail that came back"),
    does=N_("Reads the reports in the mailbox of FAIRS_BOUNCES_URL: who cannot be reached gets no mailings any more."),
    counts=N_("Reports"),
    question=N_("Read the mailbox now?"),
)
async def read_mailbox() -> int:
    """How many reports were about mails of ours. A report is marked as read only after it was taken in."""
    url = SETTINGS().bounces_url
    if not url:
        return 0
    reports = await asyncio.to_thread(_fetched, url)
    count = 0
    for _, content in reports:
        count += sum([await bounces.take(report) for report in bounces.read_report(content)])
    if reports:
        await asyncio.to_thread(_mark_read, url, [uid for uid, _ in reports])
    log.info("mailbox_read", reports=len(reports), ours=count)
    return count
