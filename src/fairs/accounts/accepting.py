"""The link of an invitation: what became of it, and how the one invited accepts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fairs.accounts import attempts, invitations, people, proof, queries, rights
from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import JoinForm
from fairs.accounts.rows import HeldRole, InvitationRow, OpenedLink
from fairs.accounts.services import create_account, grant
from fairs.accounts.tables import Invitation, Membership
from fairs.audit.services import record
from fairs.core import clock, crypto, db, locks
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_, current_lang
from fairs.core.locks import Lock
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_one_as

OTHER_ACCOUNT = N_("This invitation is for another address than the one you are signed in with.")
OVER = N_("This link can no longer be used.")


class LinkState(StrEnum):
    """What became of a link."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"
    LAPSED = "lapsed"  # the inviter may no longer give this role


@dataclass(frozen=True)
class Opened:
    """An invitation as its link shows it. `proves`: using this link proves the address."""

    invitation: InvitationRow
    state: LinkState
    has_account: bool
    proves: bool


async def opened(token: str) -> Opened:
    """The invitation behind a link, whatever became of it. Raises NotFound when there never was such a link."""
    link = await fetch_one_as(
        OpenedLink,
        "SELECT invitation, mailed, expires_at, replaced_at FROM invitation_link WHERE token_hash = :hash",
        hash=crypto.hash_token(token),
    )
    if link is None:
        raise NotFound
    row = await invitations.by_id(link.invitation)
    account = await queries.account_by_email(row.email)
    inviter = await _inviter(row)
    state = _state(row, link)
    if state == LinkState.OPEN and (inviter is None or not rights.governs(await people.governing(inviter), row.grant)):
        state = LinkState.LAPSED
    trusted = inviter is not None and inviter.sees_everything
    return Opened(row, state, account is not None, proves=link.mailed or trusted)


async def _inviter(row: InvitationRow) -> Actor | None:
    """Who invites: the installation itself when no account did; None when that account can no longer sign in."""
    if row.invited_by is None:
        return SYSTEM
    return await queries.active_actor(row.invited_by)


def _state(row: InvitationRow, link: OpenedLink) -> LinkState:
    if row.accepted_at is not None:
        return LinkState.USED
    if row.withdrawn_at is not None:
        return LinkState.WITHDRAWN
    if link.replaced_at is not None:
        return LinkState.REPLACED
    return LinkState.EXPIRED if link.expires_at <= clock.now() else LinkState.OPEN


async def accept(token: str, *, by: Actor) -> InvitationRow:
    """The invited account takes the role. Raises NotFound, Conflict for another account and for a link that is over."""
    async with db.DB.transaction():
        found = await _locked(token)
        if by.account_id is None or by.email != found.invitation.email:
            raise Conflict(OTHER_ACCOUNT, code="other_account")
        if found.proves:
            await proof.prove(by.account_id, session_id=by.session_id)
        await _take(found.invitation, by.account_id, by)
    return found.invitation


async def join(token: str, form: JoinForm, *, caller: Caller) -> int:
    """Create the account of the invited address, which takes the role at once; returns the account's id.

    Raises NotFound, Conflict when the link is over or the address has an account by now, Invalid, TooMany.
    """
    async with attempts.new_account(caller, name="join"), db.DB.transaction():
        found = await _locked(token)
        row = found.invitation
        account_id = await create_account(
            email=row.email, name=form.name, lang=current_lang(), password=form.password, proved=found.proves
        )
        if not found.proves:
            await proof.request_proof(row.email, current_lang())
        actor = await queries.actor_by_id(account_id)
        assert actor is not None
        await _take(row, account_id, actor)
    return account_id


async def _locked(token: str) -> Opened:
    """An open invitation, locked, so that of two who use its links at once one gets it."""
    found = await opened(token)
    await Invitation.select(Invitation.id).where(Invitation.id == found.invitation.id).lock_rows("UPDATE")
    found = await opened(token)
    if found.state != LinkState.OPEN:
        raise Conflict(OVER, code=f"invitation_{found.state}")
    return found


async def _take(row: InvitationRow, account_id: int, by: Actor) -> None:
    """Use the invitation up and give the role, in the caller's transaction."""
    used: dict[str, Any] = {"accepted_at": clock.now(), "accepted_by": account_id}
    await Invitation.update(**used).where(Invitation.id == row.id)
    if row.replaces is not None:
        await _hand_over(row, row.replaces, account_id, by)
    else:
        await grant(account_id, row.grant, by=by)
        await _limit(row, account_id)
    await record("invitation.accept", "invitation", row.id, by=by, after={"email": row.email, **row.told})


async def _limit(row: InvitationRow, account_id: int) -> None:
    """Limit new gate staff to the gates of the invitation that still exist; with none left, to no gate."""
    if not row.limited:
        return
    membership = await fetch_one_as(
        HeldRole,
        "UPDATE membership SET limited = true WHERE account = :account AND role = :role AND event_id = :event"
        " RETURNING id, account, role, unit, organisation_id, event_id, limited",
        account=account_id,
        role=row.role,
        event=row.event_id,
    )
    assert membership is not None
    await execute(
        "INSERT INTO membership_gate (membership, gate_id) SELECT :membership, g.gate_id FROM invitation_gate g"
        " WHERE g.invitation = :invitation ON CONFLICT DO NOTHING",
        membership=membership.id,
        invitation=row.id,
    )


async def _hand_over(row: InvitationRow, membership_id: int, account_id: int, by: Actor) -> None:
    """Move the role, with its place in the order of members and its gates; its former holder is signed out."""
    await locks.hold(Lock.CLOSE_ACCOUNT)
    former = await fetch_one_as(
        HeldRole,
        "SELECT id, account, role, unit, organisation_id, event_id, limited FROM membership WHERE id = :id FOR UPDATE",
        id=membership_id,
    )
    if former is None:
        raise Conflict(OVER, code="invitation_withdrawn")
    if any(role.grant == row.grant for role in await people.roles_of(account_id)):
        await Membership.delete().where(Membership.id == former.id)
    else:
        await Membership.update(account=account_id).where(Membership.id == former.id)
    if former.role == Role.ADMIN:
        await people.require_admin()
    before, after = {"account": former.account, **former.told}, {"account": account_id, **row.told}
    await record("membership.hand_over", "account", former.account, by=by, before=before, after=after)
    await people.end_sessions(former.account, by=by)
