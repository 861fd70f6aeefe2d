"""What others do to an account: suspend and reactivate it, sign it out, take a role away, choose a gate's staff."""

from collections.abc import Awaitable, Callable

from fairs.accounts import proof, queries, rights
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.forms import GatesForm
from fairs.accounts.rows import EventRun, HeldRole, StandingRow
from fairs.accounts.tables import Account, Invitation, Membership, MembershipGate, SignInSession
from fairs.audit.services import record
from fairs.core import clock, db, locks, versions
from fairs.core.errors import Conflict, Forbidden, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.roles import Role
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value, fetch_values
from fairs.core.services import Service

LAST_ADMIN = N_(
    "This is the last administrator. Invite another one first; as soon as that one has accepted, this works."
)
BEYOND = N_("This account has a role that is not yours to decide about. Ask the organisers.")
YOURSELF = N_("This is your own account. Sign out, or close it on its own page.")
_BIGGEST = 2**63 - 1


async def _none(_: Actor) -> list[EventRun]:
    return []


RUN: Service[Callable[[Actor], Awaitable[list[EventRun]]]] = Service(lambda: _none)
"""The events that an actor's bureaus run: events are known to higher slices."""


async def governing(actor: Actor) -> tuple[Grant, ...]:
    """The grants by which this account has a say over others."""
    if actor is SYSTEM:
        return (Grant(Role.ADMIN),)
    owned, run = await queries.owned_organisations(actor), await RUN()(actor)
    return rights.governing(actor.grants, owned, [(one.unit, one.event) for one in run])


async def roles_of(account_id: int) -> list[HeldRole]:
    """The roles of an account, each with its membership."""
    return await fetch_as(
        HeldRole,
        "SELECT id, account, role, unit, organisation_id, event_id, limited FROM membership"
        " WHERE account = :account ORDER BY id",
        account=account_id,
    )


async def _standing(account_id: int) -> StandingRow:
    """The account, locked until the transaction ends. Raises NotFound when it is closed or unknown."""
    row = await fetch_one_as(
        StandingRow,
        "SELECT id, email, active FROM account WHERE id = :id AND closed_at IS NULL FOR UPDATE",
        id=min(account_id, _BIGGEST),
    )
    if row is None:
        raise NotFound
    return row


async def in_hand(account_id: int, by: Actor) -> StandingRow:
    """As `_standing`, for an account of which every role is in the hands of `by`. Raises NotFound, Forbidden."""
    row = await _standing(account_id)
    held, others = await governing(by), [role.grant for role in await roles_of(account_id)]
    if not rights.governs_all(held, others):
        if not any(rights.governs(held, other) for other in others):
            raise NotFound
        raise Forbidden(BEYOND)
    if account_id == by.account_id:
        raise Conflict(YOURSELF, code="yourself")
    return row


async def require_admin() -> None:
    """Raises Conflict unless an administrator is left who can sign in; for the end of a transaction that holds the lock."""
    left = await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM membership m JOIN account a ON a.id = m.account AND a.active WHERE m.role = :role)",
        role=Role.ADMIN,
    )
    if not left:
        raise Conflict(LAST_ADMIN, code="last_admin")


async def suspend(account_id: int, reason: str, *, by: Actor) -> None:
    """Sign an account out everywhere and stop its tokens and links; it cannot sign in until it is reactivated.

    Raises NotFound, Forbidden, Conflict for the last administrator and for one's own account.
    """
    async with db.DB.transaction():
        await locks.hold(Lock.CLOSE_ACCOUNT)
        row = await in_hand(account_id, by)
        if not row.active:
            return
        await Account.update(active=False).where(Account.id == account_id)
        if any(role.role == Role.ADMIN for role in await roles_of(account_id)):
            await require_admin()
        ended = await proof.end_credentials(account_id, row.email)
        after = {"reason": reason, "sessions_ended": ended}
        await record("account.suspend", "account", account_id, by=by, after=after)


async def reactivate(account_id: int, *, by: Actor) -> None:
    """Let a suspended account sign in again; its tokens stay stopped. Raises NotFound, Forbidden."""
    async with db.DB.transaction():
        row = await in_hand(account_id, by)
        if not row.active:
            await Account.update(active=True).where(Account.id == account_id)
            await record("account.reactivate", "account", account_id, by=by)


async def sign_out(account_id: int, *, by: Actor) -> int:
    """End every session of another account; returns how many. Raises NotFound, Forbidden."""
    async with db.transaction_or_join():
        await in_hand(account_id, by)
        return await end_sessions(account_id, by=by)


async def end_sessions(account_id: int, *, by: Actor) -> int:
    """End every session of an account, in the caller's transaction."""
    ended = len(await SignInSession.delete().where(SignInSession.account == account_id).returning(SignInSession.id))
    await record("session.close_all", "account", account_id, by=by, after={"sessions": ended})
    return ended


async def role_for(account_id: int, membership_id: int, *, by: Actor) -> HeldRole:
    """A role of an account that `by` has a say over. Raises NotFound."""
    held = await governing(by)
    for role in await roles_of(min(account_id, _BIGGEST)):
        if role.id == membership_id and rights.governs(held, role.grant):
            return role
    raise NotFound


async def take_role(account_id: int, membership_id: int, *, by: Actor) -> None:
    """Take a role away; the account is signed out, so that no page opened by the role stays open.

    Raises NotFound, Conflict for the last administrator.
    """
    async with db.DB.transaction():
        await locks.hold(Lock.CLOSE_ACCOUNT)
        await _standing(account_id)
        role = await role_for(account_id, membership_id, by=by)
        await Invitation.update(withdrawn_at=clock.now()).where(
            Invitation.replaces == role.id, Invitation.accepted_at.is_null(), Invitation.withdrawn_at.is_null()
        )
        await Membership.delete().where(Membership.id == role.id)
        if role.role == Role.ADMIN:
            await require_admin()
        await record("membership.take", "account", account_id, by=by, before=role.told)
        await end_sessions(account_id, by=by)


async def gates_of_role(membership_id: int) -> list[int]:
    """The gates to which a role of gate staff is limited."""
    return await fetch_values(
        int, "SELECT gate_id FROM membership_gate WHERE membership = :id ORDER BY gate_id", id=membership_id
    )


async def staff_role(account_id: int, membership_id: int, *, by: Actor) -> HeldRole:
    """As `role_for`, for a member of the gate staff only. Raises NotFound."""
    role = await role_for(account_id, membership_id, by=by)
    if role.role != Role.STAFF:
        raise NotFound
    return role


async def limit_to_gates(account_id: int, membership_id: int, form: GatesForm, *, by: Actor, seen: str = "") -> None:
    """Choose the gates where a member of the gate staff works; none chosen: all of the event.

    The caller has checked that the gates are of the role's event. Raises NotFound, and Outdated when they were changed
    since the version `seen`.
    """
    async with db.DB.transaction():
        await _standing(account_id)
        role = await staff_role(account_id, membership_id, by=by)
        before = await gates_of_role(role.id)
        versions.require_current(form, {"gates": [str(gate) for gate in before]}, seen)
        gates = sorted({int(gate) for gate in form.gates})
        await Membership.update(limited=bool(gates)).where(Membership.id == role.id)
        await MembershipGate.delete().where(MembershipGate.membership == role.id)
        for gate in gates:
            await MembershipGate(membership=role.id, gate_id=gate).save()
        after = {"event": role.event_id, "gates": gates}
        await record("membership.gates", "account", account_id, by=by, before={"gates": before}, after=after)
