"""Entries of what is held, as lines to read."""

from datetime import datetime
from typing import Any

from fairs.audit.words import field_word
from fairs.core import i18n
from fairs.core.i18n import N_

WORDS: dict[str, object] = {
    "accepted_at": N_("Accepted"),
    "action": N_("Act"),
    "answered_at": N_("Answered on"),
    "asked_at": N_("Asked for"),
    "at": N_("When"),
    "at_your_data": N_("At your data"),
    "attachments": N_("Attachments"),
    "badge_name": N_("Name on the badge"),
    "body_text": N_("Text"),
    "by_you": N_("By you"),
    "bytes": N_("Bytes"),
    "cancelled_at": N_("Cancelled on"),
    "code_seen": N_("Code that was read"),
    "confirmed_at": N_("Confirmed on"),
    "created_at": N_("Made"),
    "detail": N_("Details"),
    "email_confirmed_at": N_("Address proved"),
    "ended_at": N_("Ended"),
    "expires_at": N_("Valid until"),
    "given": N_("Given"),
    "handed_at": N_("Handed out"),
    "ip": N_("Network address"),
    "issued_at": N_("Issued"),
    "lang": N_("Language"),
    "last_seen_at": N_("Last seen"),
    "last_sign_in_at": N_("Last sign-in"),
    "last_used_at": N_("Last used"),
    "model": N_("Model"),
    "object_kind": N_("Concerns"),
    "outcome": N_("Result"),
    "place": N_("Page"),
    "printed_at": N_("Printed"),
    "purpose": N_("Purpose"),
    "received_at": N_("Received"),
    "revoked_at": N_("Revoked"),
    "scanned_at": N_("Scanned"),
    "seen_at": N_("First seen"),
    "sent_at": N_("Sent"),
    "side": N_("Side"),
    "signatures": N_("Signatures"),
    "size": N_("Size"),
    "steps": N_("Steps"),
    "subject": N_("Subject"),
    "texts": N_("Texts"),
    "to_email": N_("Sent to"),
    "to_name": N_("Name of the recipient"),
    "told_at": N_("Told on"),
    "type": N_("Type"),
    "updated_at": N_("Changed on"),
    "viewer": N_("Who looked"),
    "what": N_("What"),
    "you_were_seen_at": N_("You were seen"),
}
LONGEST = 400  # characters of a value on the page; the export has all


def lines(entry: dict[str, Any], zone: str) -> list[tuple[str, str]]:
    """(name, value) of all that an entry holds; what is empty is left out."""
    return [
        (str(WORDS[name]) if name in WORDS else field_word(name), _shown(value, zone))
        for name, value in entry.items()
        if value not in (None, "", [], {}) and name != "id"
    ]


def _shown(value: Any, zone: str) -> str:
    if isinstance(value, bool):
        return str(N_("Yes")) if value else str(N_("No"))
    if isinstance(value, list):
        return _cut("; ".join(_shown(one, zone) for one in value))
    if isinstance(value, dict):
        return _cut(", ".join(f"{name}: {_shown(one, zone)}" for name, one in value.items() if one not in (None, "")))
    text = str(value)
    if isinstance(value, str) and len(text) > 18 and text[4:5] == "-" and "T" in text[:11]:
        try:
            return i18n.format_moment(datetime.fromisoformat(text), zone)
        except ValueError:
            pass
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
