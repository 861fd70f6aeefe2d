"""Lists columns sealed at rest, and tables with search keys. Loads no slice, so that a command reads it fast."""

from fairs.accounts import keys as account_keys
from fairs.accounts import sealed as accounts
from fairs.badges import sealed as badges
from fairs.core import keying, sealing
from fairs.duplicates import images as merges
from fairs.exhibits import keys as exhibit_keys
from fairs.listings import keys as listing_keys
from fairs.notifications import masking
from fairs.organisations import keys as organisation_keys
from fairs.organisations import phones as organisation_phones
from fairs.privacy import forgetting
from fairs.registrations import phones as registration_phones
from fairs.registrations.asking import sealed as asking
from fairs.registrations.groups import sealed as groups
from fairs.talents import keys as talent_keys
from fairs.talents import phones as talent_phones
from fairs.tours import sealed as tours
from fairs.tours.logistics import sealed as logistics
from fairs.tours.papers import sealed as papers
from fairs.webhooks import sealed as webhooks


def install() -> None:
    """Register them for `fairs rotate-keys` and every start."""
    keying.TABLES.set(
        (
            account_keys.KEYED,
            organisation_keys.KEYED,
            talent_keys.KEYED,
            listing_keys.KEYED,
            registration_phones.KEYED,
            exhibit_keys.KEYED,
        )
    )
    sealing.COLUMNS.set(
        (
            accounts.SEALED,
            accounts.SECOND_SEALED,
            badges.SEALED,
            masking.SEALED,
            masking.UNSUBSCRIBE_SEALED,
            organisation_phones.SEALED,
            registration_phones.SEALED,
            asking.ANSWERS,
            asking.DRAFTS,
            groups.ROWS,
            talent_phones.SEALED,
            tours.SEALED,
            logistics.DRIVERS,
            logistics.INTERPRETERS,
            logistics.NEEDS,
            papers.PASSPORTS,
            papers.LETTERS,
            webhooks.SEALED,
            forgetting.SEALED,
            merges.SEALED,
        )
    )
    sealing.STEPS.set((masking.mask_earlier_mails, keying.rekey))
