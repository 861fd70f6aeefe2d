"""Invitations: a role offered to an address by a one-time link, mailed and shown to the inviter to pass on."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urljoin

from fairs.accounts import emails, people, queries, rate_limits, rights
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.rows import InvitationRow
from fairs.accounts.tables import Invitation, InvitationGate, InvitationLink
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, Lang, pick
from fairs.core.mailboxes import normal
from fairs.core.rows import execute, fetch_one_as, fetch_value
from fairs.core.services import Service
from fairs.notifications.services import base_url

LIFE = timedelta(days=7)
A_DAY = 30  # invitations of one account, unless it sees everything
NOT_YOURS = N_("You cannot invite somebody to this role.")
HAS_ROLE = N_("This person has the role already.")
SUSPENDED = N_("The account of this address is suspended. Reactivate it first.")
INVITED = N_("This address is already invited to the role. Send the link again, or withdraw it.")
ENDED = N_("This invitation is accepted or withdrawn already.")
_BIGGEST = 2**63 - 1
_COLUMNS = (
    "i.id, i.role, i.unit, i.organisation_id, i.event_id, i.limited, i.email, i.name, i.lang, i.replaces, i.invited_by,"
    " a.name AS inviter, i.created_at, i.accepted_at, i.withdrawn_at"
)


@dataclass(frozen=True)
class Offer:
    """What is offered to whom. `gates`: the only gates of gate staff; none: all. `replaces`: a role to be handed over."""

    email: str
    grant: Grant
    name: str = ""
    lang: Lang = "zh"
    gates: Collection[int] = field(default=())
    replaces: int | None = None


@dataclass(frozen=True)
class Invited:
    """A new invitation; `link` is told once, here."""

    id: int
    email: str
    link: str


@dataclass(frozen=True)
class ScopeNames:
    """The name of a unit, an employer or an event, in both languages; empty for a role without a scope."""

    zh: str = ""
    en: str = ""


async def _unnamed(_: Grant) -> ScopeNames:
    return ScopeNames()


NAMES: Service[Callable[[Grant], Awaitable[ScopeNames]]] = Service(lambda: _unnamed)
"""How the scope of a role is called: employers and events are known to higher slices."""


def address_of(token: str) -> str:
    """The link as it is mailed and shown."""
    return urljoin(base_url(), f"/invitation/{token}")


async def invite(offer: Offer, *, by: Actor, mail: bool = True) -> Invited:
    """Offer a role. Raises Invalid by field, TooMany."""
    (invited,) = await invite_all([offer], by=by, mail=mail)
    return invited


async def invite_all(offers: Sequence[Offer], *, by: Actor, mail: bool = True) -> list[Invited]:
    """Offer several roles, all or none. Raises Invalid by field, TooMany."""
    held = await people.governing(by)
    if not by.sees_everything:
        counters = [rate_limits.Counter("invite", str(by.account_id), A_DAY, 86_400)]
        for _ in offers:
            await rate_limits.cap(counters)
    async with db.transaction_or_join():
        return [await _invite(offer, held, by, mail) for offer in offers]


async def problem(offer: Offer, held: Sequence[Grant]) -> Invalid | None:
    """Why this role cannot be offered to this address, or None; changes nothing."""
    if offer.grant.role in rights.BY_THEMSELVES or not rights.governs(held, offer.grant):
        return Invalid(fields={"role": [NOT_YOURS]})
    lacking = rights.lacks_scope(offer.grant)
    if lacking:
        return Invalid(fields={lacking: [N_("Choose where this role holds.")]})
    try:
        address = normal(offer.email)
    except Invalid as refused:
        return refused
    account = await queries.account_by_email(address)
    if account and not account.active:
        return Invalid(fields={"email": [SUSPENDED]})
    if account and any(role.grant == offer.grant for role in await people.roles_of(account.id)):
        return Invalid(fields={"email": [HAS_ROLE]})
    return Invalid(fields={"email": [INVITED]}) if await _open_for(address, offer.grant) else None


async def _open_for(address: str, grant: Grant) -> bool:
    """Whether the address holds a link to this role that still works."""
    return await fetch_value(
        bool,
        f"SELECT EXISTS (SELECT 1 FROM invitation i JOIN invitation_link l ON l.invitation = i.id WHERE {_SAME}"  # noqa: S608 - constants of the code; values are named arguments
        " AND l.replaced_at IS NULL AND l.expires_at > :now)",
        now=clock.now(),
        **_same(address, grant),
    )


_SAME = (
    "i.email = :email AND i.role = :role AND i.unit IS NOT DISTINCT FROM :unit AND i.accepted_at IS NULL"
    " AND i.organisation_id IS NOT DISTINCT FROM :organisation AND i.event_id IS NOT DISTINCT FROM :event"
    " AND i.withdrawn_at IS NULL"
)


def _same(address: str, grant: Grant) -> dict[str, object]:
    return {
        "email": address,
        "role": grant.role,
        "unit": grant.unit_id,
        "organisation": grant.organisation_id,
        "event": grant.event_id,
    }


async def _invite(offer: Offer, held: Sequence[Grant], by: Actor, mail: bool) -> Invited:
    refused = await problem(offer, held)
    if refused is not None:
        raise refused
    address, grant = normal(offer.email), offer.grant
    await execute(  # an expired one makes way
        f"UPDATE invitation i SET withdrawn_at = :now WHERE {_SAME}",  # noqa: S608 - constants of the code; values are named arguments
        now=clock.now(),
        **_same(address, grant),
    )
    invitation = Invitation(
        email=address,
        name=offer.name,
        lang=offer.lang,
        role=grant.role.value,
        unit=grant.unit_id,
        organisation_id=grant.organisation_id,
        event_id=grant.event_id,
        limited=bool(offer.gates),
        replaces=offer.replaces,
        invited_by=by.account_id,
        created_at=clock.now(),
    )
    with db.constraint_errors({"uq_invitation_open": Invalid(fields={"email": [INVITED]})}):
        await invitation.save()
    for gate in sorted(set(offer.gates)):
        await InvitationGate(invitation=invitation.id, gate_id=gate).save()
    row = await by_id(invitation.id)
    after = {"email": address, **row.told, "gates": sorted(set(offer.gates)), "replaces": offer.replaces}
    await record("invitation.send", "invitation", invitation.id, by=by, after=after)
    return await _links(row, by, mail)


async def _links(row: InvitationRow, by: Actor, mail: bool) -> Invited:
    """New links, one in a mail and one to show; earlier ones end."""
    now = clock.now()
    await InvitationLink.update(replaced_at=now).where(
        InvitationLink.invitation == row.id, InvitationLink.replaced_at.is_null()
    )
    tokens = {mailed: crypto.new_token() for mailed in ((True, False) if mail else (False,))}
    for mailed, token in tokens.items():
        await InvitationLink(
            token_hash=crypto.hash_token(token),
            invitation=row.id,
            mailed=mailed,
            created_at=now,
            expires_at=now + LIFE,
        ).save()
    if mail:
        scope = await NAMES()(row.grant)
        await emails.send_invitation(
            row,
            scope=pick(scope.zh, scope.en, row.lang),
            inviter="" if by is SYSTEM else by.name,
            link=address_of(tokens[True]),
            days=LIFE.days,
            token=tokens[True],
        )
    return Invited(row.id, row.email, address_of(tokens[False]))


async def by_id(invitation_id: int) -> InvitationRow:
    """An invitation by key. Raises NotFound."""
    row = await fetch_one_as(
        InvitationRow,
        f"SELECT {_COLUMNS} FROM invitation i LEFT JOIN account a ON a.id = i.invited_by WHERE i.id = :id",  # noqa: S608 - constants of the code; values are named arguments
        id=min(invitation_id, _BIGGEST),
    )
    if row is None:
        raise NotFound
    return row


async def _open(invitation_id: int, by: Actor) -> InvitationRow:
    """An open invitation in the hands of `by`, locked. Raises NotFound, Conflict when it has ended."""
    await Invitation.select(Invitation.id).where(Invitation.id == min(invitation_id, _BIGGEST)).lock_rows("UPDATE")
    row = await by_id(invitation_id)
    if not rights.governs(await people.governing(by), row.grant):
        raise NotFound
    if row.accepted_at or row.withdrawn_at:
        raise Conflict(ENDED, code="invitation_ended")
    return row


async def resend(invitation_id: int, *, by: Actor) -> Invited:
    """A new link for another week, in the name of who sends it; the earlier ones end. Raises NotFound, Conflict, TooMany."""
    if not by.sees_everything:
        await rate_limits.cap([rate_limits.Counter("invite", str(by.account_id), A_DAY, 86_400)])
    async with db.transaction_or_join():
        row = await _open(invitation_id, by)
        await Invitation.update(invited_by=by.account_id).where(Invitation.id == row.id)
        await record("invitation.resend", "invitation", row.id, by=by, after={"email": row.email})
        return await _links(row, by, True)


async def withdraw(invitation_id: int, *, by: Actor) -> None:
    """End an invitation that was not accepted. Raises NotFound, Conflict."""
    async with db.DB.transaction():
        row = await _open(invitation_id, by)
        await Invitation.update(withdrawn_at=clock.now()).where(Invitation.id == row.id)
        await record("invitation.withdraw", "invitation", row.id, by=by, before={"email": row.email, **row.told})


async def hand_over(account_id: int, membership_id: int, email: str, name: str, lang: Lang, *, by: Actor) -> Invited:
    """Invite a successor to a role; it leaves its holder when the successor accepts. Raises NotFound, Invalid, TooMany."""
    role = await people.role_for(account_id, membership_id, by=by)
    if role.role in rights.BY_THEMSELVES:
        raise NotFound
    gates = await people.gates_of_role(role.id)
    return await invite(Offer(email, role.grant, name, lang, gates, replaces=role.id), by=by)
