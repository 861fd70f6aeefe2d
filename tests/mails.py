"""Mails as they leave: with the links and codes that the stored ones mask."""

from fairs.core import db
from fairs.notifications import masking


async def text_of(email: str | None = None) -> str:
    """The text of the latest mail, to an address or to anybody."""
    row = await db.fetchrow(
        "SELECT * FROM outgoing_mail WHERE $1::text IS NULL OR to_email = $1 ORDER BY id DESC LIMIT 1", email
    )
    assert row is not None, f"no mail to {email}"
    return masking.opened(row).text
