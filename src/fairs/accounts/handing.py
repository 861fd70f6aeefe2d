"""Where no mail leaves, an administrator hands out the link that confirms an address. Whoever does is in the audit log."""

import re
from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.notifications import masking, queries, services
from fairs.notifications.tables import MailState

KIND = "confirm_address"
NOT_HERE = N_("Only the link that confirms an address is shown here, and only where no mail leaves.")
SPENT = N_("The link is no longer kept. The person makes a new one under their account.")
_LINK = re.compile(r"https?://\S*/login/link/\S+")


@dataclass(frozen=True)
class Handed:
    """Whose link it is, and the link."""

    email: str
    link: str


async def hand_link(mail_id: int, *, by: Actor) -> Handed:
    """The link in a kept mail, for an administrator to pass on. Raises NotFound, Conflict."""
    mail = await queries.mail_by_id(mail_id)
    if mail.kind != KIND or services.sends():
        raise Conflict(NOT_HERE)
    found = _LINK.search(masking.opened(mail).text) if mail.sealed and mail.state is MailState.KEPT else None
    if found is None:
        raise Conflict(SPENT)
    async with db.DB.transaction():
        await record("mail.link", "mail", mail_id, by=by, after={"email": mail.to_email})
    return Handed(mail.to_email, found[0])
