"""Words for reasons and strengths, and a record's values as a person reads them."""

from typing import Any

from fairs.core.forms import blank
from fairs.core.i18n import N_, format_day, format_number, gettext
from fairs.duplicates.rules import WEIGHTS, Reason, Strength
from fairs.duplicates.sides import Side
from fairs.talents import labels
from fairs.talents.forms import ProfileForm
from fairs.talents.rows import TalentRow

OF_ANOTHER: dict[str, object] = {  # the profile's own page speaks to its owner
    "name_passport": N_("Name as in the passport"),
    "name_native": N_("Name in their own script"),
    "residence_country": N_("Lives in"),
    "current_employer": N_("Works at"),
    "headline": N_("In one line"),
    "summary": N_("Works on"),
    "languages": N_("Languages"),
    "engagement": N_("Ways of working together"),
    "cities": N_("Cities"),
    "pay_min": N_("Lowest pay, in 10,000 CNY a year"),
    "has_project": N_("Brings a project"),
    "abroad_country": N_("Studied abroad in"),
    "photo": N_("Photo"),
}
REASONS: dict[str, object] = {
    Reason.EMAIL: N_("Same e-mail address"),
    Reason.MAILBOX: N_("Same mailbox"),
    Reason.PHONE: N_("Same telephone"),
    Reason.ORCID: N_("Same ORCID iD"),
    Reason.NAME: N_("Same name"),
    Reason.ORDER: N_("Same name in another order"),
    Reason.SCRIPT: N_("Same name in Chinese and in pinyin"),
    Reason.INITIALS: N_("Same surname and initials"),
    Reason.BIRTH: N_("Same date of birth"),
    Reason.YEAR: N_("Same year of birth"),
    Reason.PLACE: N_("Same employer or university"),
    Reason.OTHER_NAME: N_("Different names"),
    Reason.OTHER_BIRTH: N_("Different dates of birth"),
    Reason.OTHER_ORCID: N_("Different ORCID iDs"),
    Reason.OTHER_COUNTRY: N_("Different nationalities"),
}
FOR = tuple(reason for reason in Reason if WEIGHTS[reason] > 0)
"""Reasons by which the list can be filtered."""
STRENGTHS: dict[str, tuple[str, object]] = {  # kind of badge, word
    Strength.SURE: ("success", N_("Very likely")),
    Strength.LIKELY: ("info", N_("Likely")),
    Strength.POSSIBLE: ("neutral", N_("Possible")),
}
MOVED: dict[str, object] = {
    "talent": N_("Profiles"),
    "account": N_("Accounts"),
    "registration": N_("Registrations"),
    "badge": N_("Badges"),
    "scan": N_("Scans"),
    "admission": N_("Entries"),
    "meeting": N_("Meetings"),
    "agreement": N_("Agreements"),
    "agreement_signature": N_("Signatures"),
    "preference": N_("Wishes"),
    "consent": N_("Consents"),
    "contact_look": N_("Looks at contact data"),
    "outgoing_mail": N_("Mails"),
    "lead": N_("Visits to booths"),
    "lead_consent": N_("Answers to booths"),
    "registration_answers": N_("Answers"),
    "registration_option": N_("Options"),
    "registration_file": N_("Files of answers"),
    "registration_session": N_("Sessions"),
    "registration_note": N_("Notes"),
    "registration_tag": N_("Tags"),
    "registration_draft": N_("Drafts"),
    "wish_mail_off": N_("Choices about mails"),
    "file": N_("Files"),
}
_CATALOGUES = {
    "nationality": "countries",
    "residence_country": "countries",
    "abroad_country": "countries",
    "degree": "degrees",
    "abroad_degree": "degrees",
    "discipline": "disciplines",
}
_SEVERAL = {"languages": "languages", "engagement": "engagement_types", "cities": "cities"}


def value_of(profile: TalentRow, name: str) -> str:
    """A field of a profile in words; empty when there is nothing."""
    value: Any = getattr(profile, name)
    if name == "photo":
        return gettext("a photo") if value else ""
    if name in _CATALOGUES:
        return labels.word(_CATALOGUES[name], value)
    if name in _SEVERAL:
        return labels.words(_SEVERAL[name], value)
    if name == "has_project":
        return gettext("yes") if value else gettext("no")
    if name == "skills":
        return ", ".join(value)
    if name in ("available_from", "abroad_from", "abroad_to"):
        return format_day(value) if value else ""
    if name == "pay_min":
        return format_number(value) if value is not None else ""
    return str(value) if value is not None else ""


def field_label(name: str) -> str:
    """The name of a field of a profile that is somebody else's; most are named as on the profile's own page."""
    return str(OF_ANOTHER.get(name) or blank(ProfileForm)[name].label)


def name_of(side: Side) -> str:
    """The name by which the staff calls a record."""
    named = side.profile or side.entries[0]
    return named.name_native or named.name_passport
