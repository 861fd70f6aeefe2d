"""The telephone of an employer's contact: sealed at rest."""

import msgspec

from fairs.core import crypto, sealing
from fairs.organisations.rows import OrganisationRow

PURPOSE = "organisation.contact_phone"


def seal(phone: str) -> str:
    """The stored form."""
    return crypto.seal_text(phone, PURPOSE)


def opened_text(sealed: str) -> str:
    """The phone as typed."""
    return crypto.open_text(sealed, PURPOSE)


def opened(row: OrganisationRow) -> OrganisationRow:
    """A row with its `contact_phone` as typed."""
    return msgspec.structs.replace(row, contact_phone=opened_text(row.contact_phone))


SEALED = sealing.Sealed("organisation", "contact_phone", PURPOSE)
