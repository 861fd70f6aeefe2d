"""What all slices hold about people: where it is, how long it is kept, whose it is, and what ends with a consent."""

from fairs.accounts import personal as accounts_personal
from fairs.accounts import retention as account_retention
from fairs.agreements import personal as agreements_personal
from fairs.agreements import retention as agreement_retention
from fairs.audit import personal as audit_personal
from fairs.audit import retention as audit_retention
from fairs.badges import personal as badges_personal
from fairs.badges import retention as badge_retention
from fairs.calendars import personal as calendars_personal
from fairs.checkin import personal as checkin_personal
from fairs.checkin import retention as scan_retention
from fairs.duplicates import personal as duplicates_personal
from fairs.duplicates import retention as duplicates_retention
from fairs.exhibits import personal as exhibits_personal
from fairs.exhibits import retention as exhibit_retention
from fairs.files import personal as files_personal
from fairs.files import retention as file_retention
from fairs.leads import personal as leads_personal
from fairs.leads import retention as lead_retention
from fairs.listings import retention as listing_retention
from fairs.mailings import personal as mailings_personal
from fairs.matching import personal as matching_personal
from fairs.meetings import personal as meetings_personal
from fairs.meetings import retention as meeting_retention
from fairs.notifications import personal as notifications_personal
from fairs.notifications import retention as mail_retention
from fairs.organisations import personal as organisations_personal
from fairs.outreach import personal as outreach_personal
from fairs.outreach import retention as outreach_retention
from fairs.privacy import consents
from fairs.privacy import held as held_data
from fairs.privacy import personal as privacy_personal
from fairs.privacy import retention as export_retention
from fairs.privacy.tables import ConsentKind
from fairs.registrations import personal as registrations_personal
from fairs.registrations import retention as registration_retention
from fairs.registrations.asking import personal as asking_personal
from fairs.registrations.groups import personal as groups_personal
from fairs.talents import consenting
from fairs.talents import personal as talents_personal
from fairs.tours import personal as tours_personal
from fairs.tours import retention as tour_retention
from fairs.upkeep import personal as upkeep_personal
from fairs.upkeep import purge
from fairs.webhooks import retention as webhook_retention

RETENTION = (
    *account_retention.RULES,
    *mail_retention.RULES,
    *file_retention.RULES,
    *purge.OWN,
    *scan_retention.RULES,
    *agreement_retention.RULES,
    *registration_retention.RULES,
    *exhibit_retention.RULES,
    *outreach_retention.RULES,
    *lead_retention.RULES,
    *meeting_retention.RULES,
    *tour_retention.RULES,
    *listing_retention.RULES,
    *webhook_retention.RULES,
    *badge_retention.RULES,
    *export_retention.RULES,
    *audit_retention.RULES,
    *duplicates_retention.RULES,
)

PERSONAL = (
    *duplicates_personal.KINDS,
    *calendars_personal.KINDS,
    *exhibits_personal.KINDS,
    *outreach_personal.KINDS,
    *leads_personal.KINDS,
    *tours_personal.KINDS,
    *matching_personal.KINDS,
    *meetings_personal.KINDS,
    *asking_personal.KINDS,
    *groups_personal.KINDS,
    *mailings_personal.KINDS,
    *registrations_personal.KINDS,
    *badges_personal.KINDS,
    *checkin_personal.KINDS,
    *agreements_personal.KINDS,
    *talents_personal.KINDS,
    *files_personal.KINDS,
    *organisations_personal.KINDS,
    *upkeep_personal.KINDS,
    *privacy_personal.KINDS,
    *accounts_personal.KINDS,
    *notifications_personal.KINDS,
    *audit_personal.KINDS,
)

FINDERS = (
    talents_personal.find,
    registrations_personal.find,
    organisations_personal.find,
    duplicates_personal.find,
)

CONSENT_EFFECTS: dict[ConsentKind, consents.Effect] = {
    ConsentKind.PRIVACY: consenting.on_privacy,
    ConsentKind.PUBLICATION: consenting.on_publication,
    ConsentKind.MATCHING: consenting.on_matching,
    ConsentKind.SENSITIVE: asking_personal.on_sensitive,
    ConsentKind.KEEP_AFTER: consenting.on_keeping,
}


def install() -> None:
    """Make it known in the current application."""
    purge.RULES.set(RETENTION)
    held_data.KINDS.set(PERSONAL)
    held_data.FINDERS.set(FINDERS)
    consents.EFFECTS.set(CONSENT_EFFECTS)
