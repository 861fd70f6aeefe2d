"""Entries of what is held, as lines to read."""

from datetime import datetime
from typing import Any

from fairs.audit.field_words import field_word
from fairs.core import i18n
from fairs.core.i18n import N_

WORDS: dict[str, object] = {
    "abroad_country": N_("Country of study abroad"),
    "abroad_degree": N_("Degree from abroad"),
    "abroad_from": N_("Study abroad from"),
    "abroad_to": N_("Study abroad until"),
    "absent": N_("Who did not come"),
    "accepted_at": N_("Accepted"),
    "action": N_("Act"),
    "address": N_("Address"),
    "amount_cny": N_("Amount in CNY"),
    "answered_at": N_("Answered on"),
    "answers": N_("Answers"),
    "asked_at": N_("Asked for"),
    "at": N_("When"),
    "at_your_data": N_("At your data"),
    "attachments": N_("Attachments"),
    "available_from": N_("Available from"),
    "badge_name": N_("Name on the badge"),
    "body_text": N_("Text"),
    "by_you": N_("By you"),
    "bytes": N_("Bytes"),
    "cancelled_at": N_("Cancelled on"),
    "cities": N_("Cities wanted"),
    "code_seen": N_("Code that was read"),
    "confirmed_at": N_("Confirmed on"),
    "consent_at": N_("Agreed on"),
    "consent_version": N_("Version of the consent"),
    "content_en": N_("Text in English"),
    "content_zh": N_("Text in Chinese"),
    "created_at": N_("Made"),
    "current_employer": N_("Present employer"),
    "degree": N_("Degree"),
    "detail": N_("Details"),
    "discipline": N_("Field"),
    "email_confirmed_at": N_("Address proved"),
    "ended_at": N_("Ended"),
    "engagement": N_("Ways of working together"),
    "entry": N_("Entry"),
    "expires_at": N_("Valid until"),
    "given": N_("Given"),
    "grad_year": N_("Year of graduation"),
    "handed_at": N_("Handed out"),
    "has_project": N_("Brings a project"),
    "headline": N_("One line about you"),
    "institution": N_("Institution"),
    "ip": N_("Network address"),
    "issued_at": N_("Issued"),
    "keep_after": N_("Kept after the fair"),
    "lang": N_("Language"),
    "languages": N_("Languages"),
    "last_seen_at": N_("Last seen"),
    "last_sign_in_at": N_("Last sign-in"),
    "last_used_at": N_("Last used"),
    "matching": N_("Suggestions"),
    "model": N_("Model"),
    "name_native": N_("Native name"),
    "name_passport": N_("Name in Latin letters"),
    "nationality": N_("Nationality or region"),
    "object_id": N_("Number"),
    "object_kind": N_("Concerns"),
    "organisation_name": N_("University, company or institute"),
    "outcome": N_("Result"),
    "pay_min": N_("Pay from"),
    "photo": N_("Photo"),
    "place": N_("Page"),
    "printed_at": N_("Printed"),
    "purpose": N_("Purpose"),
    "received_at": N_("Received"),
    "registration": N_("Registration"),
    "residence_country": N_("Country of residence"),
    "revoked_at": N_("Revoked"),
    "revoked_reason": N_("Reason"),
    "roles": N_("Roles"),
    "scanned_at": N_("Scanned"),
    "seen_at": N_("First seen"),
    "seen_by": N_("Seen by"),
    "sent_at": N_("Sent"),
    "side": N_("Side"),
    "signatures": N_("Signatures"),
    "size": N_("Size"),
    "skills": N_("Skills"),
    "steps": N_("Steps"),
    "subject": N_("Subject"),
    "subject_en": N_("Subject in English"),
    "subject_zh": N_("Subject in Chinese"),
    "summary": N_("Summary"),
    "summary_lang": N_("Language of the summary"),
    "tags": N_("Tags"),
    "text": N_("Text"),
    "texts": N_("Texts"),
    "to_email": N_("Sent to"),
    "to_name": N_("Name of the recipient"),
    "told_at": N_("Told on"),
    "type": N_("Type"),
    "typed": N_("What was typed"),
    "updated_at": N_("Changed on"),
    "viewer": N_("Who looked"),
    "what": N_("What"),
    "you_were_seen_at": N_("You were seen"),
}
LONGEST = 400  # characters of a value on the page; the export has all


def word_of(name: str) -> str:
    """What a value is called."""
    return str(WORDS[name]) if name in WORDS else field_word(name)


def lines(entry: dict[str, Any], zone: str) -> list[tuple[str, str]]:
    """(name, value) of all that an entry holds; what is empty is left out."""
    return [
        (word_of(name), _shown(value, zone))
        for name, value in entry.items()
        if value not in (None, "", [], {}) and name != "id"
    ]


def _shown(value: Any, zone: str) -> str:
    if isinstance(value, bool):
        return str(N_("Yes")) if value else str(N_("No"))
    if isinstance(value, list):
        return _cut("; ".join(_shown(one, zone) for one in value))
    if isinstance(value, dict):
        return _cut(
            ", ".join(f"{word_of(name)}: {_shown(one, zone)}" for name, one in value.items() if one not in (None, ""))
        )
    text = str(value)
    if isinstance(value, str) and len(text) > 18 and text[4:5] == "-" and "T" in text[:11]:
        try:
            return i18n.format_moment(datetime.fromisoformat(text), zone)
        except ValueError:
            pass
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
