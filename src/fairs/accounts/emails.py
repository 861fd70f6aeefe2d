"""Mails about accounts."""

from collections.abc import Sequence

from fairs.accounts import codes, links
from fairs.accounts.actor import Actor
from fairs.accounts.rows import AccountRow, InvitationRow
from fairs.accounts.tables import LinkKind
from fairs.notifications.services import Message, queue_mail, queue_mails


def _minutes(kind: LinkKind) -> int:
    return int(links.LIFE[kind].total_seconds() // 60)


async def send_sign_in_link(account: AccountRow, token: str) -> None:
    """Mail the one-time link; the link is only in the mail, never in the log."""
    await _send_link("sign_in_link", LinkKind.SIGN_IN, account, token)


async def send_reset(account: AccountRow, token: str) -> None:
    """Mail the link that sets a new password."""
    await _send_link("reset_password", LinkKind.RESET, account, token)


async def _send_link(mail: str, kind: LinkKind, account: AccountRow, token: str) -> None:
    await queue_mail(
        Message(
            kind=mail,
            lang=account.lang,
            to_email=account.email,
            to_name=account.name,
            account_id=account.id,
            variables={"name": account.name, "link": links.address_of(kind, token), "minutes": _minutes(kind)},
            secrets=(token,),
        )
    )


async def send_confirmations(asked: Sequence[tuple[str, str, str]]) -> None:
    """Mail unproved addresses (address, language, token): a fixed text and the link."""
    days = links.LIFE[LinkKind.CONFIRM].days
    await queue_mails(
        [
            Message(
                kind="confirm_address",
                lang=lang,
                to_email=address,
                variables={"link": links.address_of(LinkKind.CONFIRM, token), "days": days},
                secrets=(token,),
            )
            for address, lang, token in asked
        ]
    )


async def send_change(address: str, lang: str, token: str) -> None:
    """Mail the new address of an account: a fixed text and the link that activates it."""
    variables = {"link": links.address_of(LinkKind.ADDRESS, token), "minutes": _minutes(LinkKind.ADDRESS)}
    await queue_mail(Message(kind="change_address", lang=lang, to_email=address, variables=variables, secrets=(token,)))


async def send_invitation(row: InvitationRow, *, scope: str, inviter: str, link: str, days: int, token: str) -> None:
    """Mail the offer of a role with its one-time link; an unproved address gets the link in a fixed text."""
    variables = {
        "name": row.name,
        "inviter": inviter,
        "role": str(row.role),
        "scope": scope,
        "link": link,
        "days": days,
    }
    await queue_mail(
        Message(
            kind="invitation",
            lang=row.lang,
            to_email=row.email,
            to_name=row.name,
            variables=variables,
            secrets=(token,),
        )
    )


async def send_told(kind: str, *, email: str, name: str, lang: str, account_id: int) -> None:
    """Mail `address_changed` or `account_closed` to the former address, if it had been proved."""
    await queue_mail(
        Message(kind=kind, lang=lang, to_email=email, to_name=name, account_id=account_id, variables={"name": name})
    )


async def send_presence_code(code: str, *, by: Actor) -> None:
    """Mail the code that confirms a dangerous act of an account without a password."""
    variables = {"name": by.name, "code": code, "minutes": int(codes.LIFE.total_seconds() // 60)}
    await queue_mail(
        Message(
            kind="presence_code",
            lang=by.lang,
            to_email=by.email,
            to_name=by.name,
            account_id=by.account_id,
            variables=variables,
            secrets=(code,),
        )
    )


async def send_second_reset(account: AccountRow) -> None:
    """Tell the person that an administrator switched the second step off."""
    await send_told(
        "two_factor_reset", email=account.email, name=account.name, lang=account.lang, account_id=account.id
    )
