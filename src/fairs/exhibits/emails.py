"""Mails to exhibitors: what the organiser decided about an exhibit."""

from fairs.core.i18n import pick
from fairs.core.rows import Row, fetch_as
from fairs.exhibits.rows import ExhibitRow
from fairs.notifications.services import Message, base_url, queue_mails


class _Owner(Row, frozen=True):
    """Somebody who acts for an exhibit's owner."""

    account: int
    email: str
    name: str
    lang: str


async def send_decision(row: ExhibitRow, *, reason: str = "") -> None:
    """Tell everybody who acts for the owner; `reason`: it was sent back."""
    owners = await fetch_as(
        _Owner,
        "SELECT DISTINCT a.id AS account, a.email, a.name, a.lang FROM account a LEFT JOIN membership m ON m.account = a.id"
        " WHERE a.active AND ((m.role = 'employer' AND m.organisation_id = :organisation)"
        " OR (m.role = 'bureau' AND m.unit = :bureau) OR a.id = (SELECT t.account FROM talent t WHERE t.id = :talent))"
        " ORDER BY a.id",
        organisation=row.organisation,
        bureau=row.bureau,
        talent=row.talent,
    )
    if owners:
        await queue_mails([_message(row, owner, reason) for owner in owners])


def _message(row: ExhibitRow, owner: _Owner, reason: str) -> Message:
    variables = {
        "name": owner.name,
        "title": pick(row.title_zh, row.title_en, owner.lang),
        "event": pick(row.event_zh, row.event_en, owner.lang),
        "link": f"{base_url()}/exhibits/{row.id}",
    }
    return Message(
        kind="exhibit_returned" if reason else "exhibit_released",
        lang=owner.lang,
        to_email=owner.email,
        to_name=owner.name,
        account_id=owner.account,
        variables={**variables, "reason": reason} if reason else variables,
        event=row.event,
    )
