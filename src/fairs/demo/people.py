"""How people get accounts: the first administrator by the command, others by an invitation, a form or a mailed link.

Links that would be mailed are used at once. Every password is random and known to nobody; those that are shown are set at the
end, by a link for a forgotten one.
"""

import secrets
from collections.abc import Sequence

from fairs.accounts import accepting, changes, claims, credentials, invitations, links, services
from fairs.accounts.actor import Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import JoinForm, LanguageForm
from fairs.accounts.invitations import Offer
from fairs.accounts.queries import actor_by_id, actor_by_session
from fairs.accounts.tables import LinkKind
from fairs.core import i18n

NOBODY_KNOWS = 24  # bytes of a password that nobody knows
BROWSER = "Mozilla/5.0"


def unknown_password() -> str:
    """A random password."""
    return secrets.token_urlsafe(NOBODY_KNOWS)


async def _actor(account_id: int) -> Actor:
    actor = await actor_by_id(account_id)
    assert actor is not None
    return actor


async def first_admin(email: str, name: str) -> Actor:
    """The administrator with whom an installation begins."""
    return await _actor(await services.create_admin(email, name, unknown_password()))


async def join(offers: Sequence[Offer], *, by: Actor) -> list[Actor]:
    """Everybody is invited at once and joins by the link that the inviter passes on."""
    found = []
    for offer, invited in zip(offers, await invitations.invite_all(offers, by=by, mail=False), strict=True):
        form = JoinForm(name=offer.name, password=unknown_password())
        token = invited.link.rpartition("/")[2]
        found.append(await _actor(await accepting.join(token, form, caller=Caller())))
    return found


async def confirm_address(account_id: int, email: str) -> Actor:
    """Somebody who has signed up opens the confirmation link in the same browser, and signs out."""
    cookie = await services.open_session(account_id, ip="", user_agent=BROWSER, proved=True)
    session = await actor_by_session(cookie)
    assert session is not None
    token = await links.new_link(LinkKind.CONFIRM, account_id=account_id, email=email)
    await claims.confirm(token, session_id=session.session_id)
    await services.close_session(cookie)
    return await _actor(account_id)


async def claim(email: str, name: str, *, lang: str, timezone: str) -> Actor:
    """Somebody uses a link mailed to an address without an account, and chooses a language and a time zone."""
    with i18n.language(lang):
        account_id = await services.create_claimed(email, name)
    actor = await _actor(account_id)
    if timezone != actor.timezone:
        await changes.change_language(LanguageForm(lang=lang, timezone=timezone), by=actor)
        actor = await _actor(account_id)
    return actor


async def choose_password(actor: Actor, password: str) -> None:
    """Set the password by a link for a forgotten one."""
    token = await links.new_link(LinkKind.RESET, account_id=actor.account_id)
    await credentials.reset_password(token, password)
