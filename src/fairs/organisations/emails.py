"""Mails about employers."""

from urllib.parse import urljoin

from fairs.core.i18n import pick
from fairs.notifications.services import Message, base_url, queue_mail
from fairs.organisations.rows import Member, OrganisationRow


def _names(organisation: OrganisationRow, lang: str) -> dict[str, str]:
    return {
        "organisation": pick(organisation.name_zh, organisation.name_en, lang),
        "unit": pick(organisation.unit_name_zh, organisation.unit_name_en, lang),
    }


async def send_received(organisation: OrganisationRow, *, account_id: int, email: str, name: str, lang: str) -> None:
    """Mail the new employer: who checks the entry, and what to do meanwhile."""
    await queue_mail(
        Message(
            kind="organisation_received",
            lang=lang,
            to_email=email,
            to_name=name,
            account_id=account_id,
            variables={
                **_names(organisation, lang),
                "name": name,
                "uscc": organisation.uscc,
                "link": urljoin(base_url(), "/employer/organisation"),
            },
        )
    )


async def send_decision(organisation: OrganisationRow, members: list[Member], *, approved: bool) -> None:
    """Mail every member: the bureau's answer with its note."""
    for member in members:
        await queue_mail(
            Message(
                kind="organisation_approved" if approved else "organisation_rejected",
                lang=member.lang,
                to_email=member.email,
                to_name=member.name,
                account_id=member.id,
                variables={
                    **_names(organisation, member.lang),
                    "name": member.name,
                    "note": organisation.decision_note,
                    "link": urljoin(base_url(), "/employer/listings" if approved else "/employer/organisation"),
                },
            )
        )


async def send_reopened(organisation: OrganisationRow, members: list[Member], *, reason: str) -> None:
    """Mail every member: the decision was taken back, and why."""
    for member in members:
        await queue_mail(
            Message(
                kind="organisation_reopened",
                lang=member.lang,
                to_email=member.email,
                to_name=member.name,
                account_id=member.id,
                variables={**_names(organisation, member.lang), "name": member.name, "reason": reason},
            )
        )
