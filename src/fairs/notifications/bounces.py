"""What came back: reports of mail servers and of delivery services, read into the state of the mail and the list of addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Parsed
from email.policy import compat32

from fairs.core import db
from fairs.core.mailboxes import looked_up
from fairs.core.rows import Row, execute, fetch_one_as
from fairs.notifications.suppressing import suppress
from fairs.notifications.tables import Suppressed

_ID = re.compile(r"<(\d{1,18})\.(\d{20})@[^<>\s]+>")  # as `headers.message_id` writes it
LARGEST = 2 * 1024 * 1024  # bytes of a report that are read


@dataclass(frozen=True)
class Report:
    """One address that could not be reached, or complained. `message_id` is our mail's, if the report has it."""

    address: str
    permanent: bool = True
    complaint: bool = False
    text: str = ""
    message_id: str = ""


class _Mail(Row, frozen=True):
    """A mail that a report is about."""

    id: int
    to_email: str


async def take(report: Report) -> bool:
    """Mark the mail and the address; whether the report was about a mail of ours.

    Anybody can send a report. It is believed only when it names one of our mails, by the identifier that only its receiver has
    seen, and its address; one that fails for the moment marks nothing.
    """
    mail = await _mail_of(report)
    if mail is None:
        return False
    if not (report.permanent or report.complaint):
        return True
    async with db.transaction_or_join():
        if not report.complaint:
            await execute(
                "UPDATE outgoing_mail SET state = 'bounced', last_error = :text WHERE id = :id AND state IN ('sent', 'sending')",
                id=mail.id,
                text=report.text[:500],
            )
        kind = Suppressed.COMPLAINT if report.complaint else Suppressed.BOUNCED
        await suppress(mail.to_email, kind, report.text, mail.id)
    return True


async def _mail_of(report: Report) -> _Mail | None:
    found = _ID.search(report.message_id)
    if found is None:
        return None
    mail = await fetch_one_as(
        _Mail,
        "SELECT id, to_email FROM outgoing_mail WHERE id = :id AND to_char(created_at AT TIME ZONE 'UTC',"
        " 'YYYYMMDDHH24MISSUS') = :moment",
        id=int(found.group(1)),
        moment=found.group(2),
    )
    if mail is None or (report.address and looked_up(report.address) != looked_up(mail.to_email)):
        return None
    return mail


def read_report(content: bytes) -> list[Report]:
    """The addresses of a delivery status notification (RFC 3464) or of a complaint (RFC 5965); none of any other mail."""
    message = message_from_bytes(content[:LARGEST], policy=compat32)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return []
    parts = [part for part in message.walk() if part is not message]
    message_id = _original_id(parts)
    found: list[Report] = []
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            found += _statuses(part, message_id)
        elif part.get_content_type() == "message/feedback-report":
            found.append(Report("", complaint=True, text="feedback report", message_id=message_id))
    return found


def _original_id(parts: Iterable[Parsed]) -> str:
    """The identifier of the mail that came back: of the attached message, or of its headers as text."""
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Parsed):
                return str(inner[0].get("Message-ID", ""))
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            raw = part.get_payload(decode=True)
            return str(message_from_bytes(raw if isinstance(raw, bytes) else b"").get("Message-ID", ""))
    return ""


def _statuses(part: Parsed, message_id: str) -> list[Report]:
    blocks = part.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Parsed):
            continue
        address = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "").partition(";")[2].strip()
        action = str(block.get("Action", "")).strip().lower()
        if not address or action not in ("failed", "delayed"):
            continue
        status, why = str(block.get("Status", "")).strip(), str(block.get("Diagnostic-Code", "")).strip()
        permanent = action == "failed" and not status.startswith("4")
        found.append(Report(address, permanent, text=" ".join(f"{status} {why}".split()), message_id=message_id))
    return found
