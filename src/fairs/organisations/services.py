"""Employers: registered, edited, approved or refused. Colleagues are invited as everybody is: `accounts.invitations`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts import attempts, undoing
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.attempts import Caller
from fairs.accounts.services import create_account, grant
from fairs.audit.services import record
from fairs.core import clock, db, events_bus, versions
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound
from fairs.core.i18n import N_, current_lang
from fairs.core.mailboxes import normal
from fairs.core.roles import Role
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose
from fairs.organisations import emails, keys, phones, queries, rules
from fairs.organisations.domain_events import EmployerApproved
from fairs.organisations.forms import (
    DecisionForm,
    DetailsForm,
    JoinForm,
    LicenceForm,
    OrganisationForm,
    SignatoryForm,
    stored_organisation,
)
from fairs.organisations.rows import OrganisationRow
from fairs.organisations.tables import Organisation, OrganisationState
from fairs.units.queries import unit_id

DECIDED = N_("This registration has already been decided.")
USCC_TAKEN = N_(
    "An organisation with this code is already registered. Ask a colleague who uses it to invite you, or ask your bureau."
)
_DETAILS = ("name_en", "industry", "contact_name", "contact_phone", "intro_zh", "intro_en")
_CHECKED = ("uscc", "name_zh", "kind")


@dataclass(frozen=True)
class Joined:
    """A new employer and its first account."""

    account_id: int
    organisation_id: int


async def create_organisation(form: OrganisationForm, *, by: Actor, demo: bool = False) -> int:
    """A waiting employer's id. Raises Invalid by the code when it is wrong or registered already."""
    problem = rules.uscc_problem(form.uscc)
    if problem:
        raise Invalid(fields={"uscc": [problem]})
    values: dict[str, Any] = {name: getattr(form, name) for name in (*_CHECKED, *_DETAILS)}
    values |= {"state": OrganisationState.PENDING.value, "demo": demo, "created_at": clock.now()}
    values["contact_phone"] = phones.seal(form.contact_phone)
    async with db.transaction_or_join():
        values |= {"unit": await unit_id(form.unit), "search_key": keys.key(values)}
        with db.constraint_errors({"organisation_uscc_key": Invalid(fields={"uscc": [USCC_TAKEN]})}):
            organisation = Organisation(**values)
            await organisation.save()
        organisation_id = organisation.id
        after = {"uscc": form.uscc, "name": form.name_zh, "unit": form.unit}
        await record("organisation.register", "organisation", organisation_id, by=by, after=after)
    return organisation_id


async def register_organisation(
    form: JoinForm, *, caller: Caller, timezone: str = "Asia/Shanghai", demo: bool = False
) -> Joined:
    """Account, organisation and membership in one transaction, and the mail. Raises Invalid by fields already taken."""
    async with attempts.new_account(caller, name="join"), db.DB.transaction():
        organisation_id = await create_organisation(form, by=SYSTEM, demo=demo)
        try:
            account_id = await create_account(
                email=form.email,
                name=form.account_name,
                lang=current_lang(),
                timezone=timezone,
                password=form.password,
            )
        except Conflict as taken:
            raise Invalid(fields={"email": [taken.message]}) from taken
        await add_member(organisation_id, account_id, by=SYSTEM)
        if form.licence:
            await _store_licence(organisation_id, form.licence, None, by=SYSTEM)
        await emails.send_received(
            await queries.organisation_by_id(organisation_id),
            account_id=account_id,
            email=normal(form.email),
            name=form.account_name,
            lang=current_lang(),
        )
    return Joined(account_id, organisation_id)


async def add_member(organisation_id: int, account_id: int, *, by: Actor) -> None:
    """Make an account a member of an employer; idempotent."""
    await grant(account_id, Grant(Role.EMPLOYER, organisation_id=organisation_id), by=by)


async def update_organisation(organisation_id: int, form: DetailsForm, *, by: Actor, seen: str = "") -> None:
    """Store a member's edits; a refused employer waits for the bureau again.

    Values checked by the bureau (code, Chinese name, kind, unit) change only before approval. Raises Outdated when it
    was changed since the version `seen`.
    """
    async with db.transaction_or_join():
        organisation = await queries.organisation_for(by, organisation_id)
        await queries.locked_state(organisation_id)
        organisation = await queries.organisation_by_id(organisation.id)
        versions.require_current(form, stored_organisation(organisation), seen)
        values: dict[str, Any] = {name: getattr(form, name) for name in _DETAILS}
        if isinstance(form, OrganisationForm) and not rules.is_fixed(organisation.state):
            values |= {name: getattr(form, name) for name in _CHECKED}
            values["unit"] = await unit_id(form.unit)
        values["state"] = rules.state_after_edit(organisation.state)
        values["search_key"] = keys.key({**msgspec.structs.asdict(organisation), **values})
        await _store(organisation, values, by)


async def _store(organisation: OrganisationRow, values: dict[str, Any], by: Actor) -> None:
    before = {name: old for name, new in values.items() if (old := getattr(organisation, name)) != new}
    if not before:
        return
    stored = {**values, "contact_phone": phones.seal(values["contact_phone"])}
    with db.constraint_errors({"organisation_uscc_key": Invalid(fields={"uscc": [USCC_TAKEN]})}):
        await Organisation.update(**stored).where(Organisation.id == organisation.id)
    before.pop("search_key", None)
    after = {name: values[name] for name in before}
    await record("organisation.update", "organisation", organisation.id, by=by, before=before, after=after)


async def set_licence(organisation_id: int, form: LicenceForm, *, by: Actor) -> None:
    """Store the licence of a member's employer; the former one is deleted. A refused employer waits for the bureau again.

    Raises NotFound for strangers and for a bureau, which checks it.
    """
    async with db.transaction_or_join():
        if organisation_id not in by.organisation_ids:
            raise NotFound
        await queries.locked_state(organisation_id)
        before = await queries.organisation_by_id(organisation_id)
        await _store_licence(organisation_id, form.licence, before.licence, by=by)
        state = rules.state_after_edit(before.state)
        if state != before.state:
            await Organisation.update(state=state).where(Organisation.id == organisation_id)


async def _store_licence(organisation_id: int, token: str, former: UUID | None, *, by: Actor) -> None:
    licence = await attach(token, Purpose.LICENCE, field="licence")
    await Organisation.update(licence=licence).where(Organisation.id == organisation_id)
    await let_go(former)
    before, after = ({"file": str(former)} if former else None), {"file": str(licence)}
    await record("organisation.licence", "organisation", organisation_id, by=by, before=before, after=after)


async def set_signatory(organisation_id: int, form: SignatoryForm, *, by: Actor) -> None:
    """Store who signs for an employer, for all its agreements. Earlier signatures keep their name.

    Raises NotFound for strangers, Forbidden for colleagues: only the owner, who registered the organisation, may.
    """
    async with db.transaction_or_join():
        before = await queries.organisation_for(by, organisation_id)
        if not await queries.is_owner(by, organisation_id):
            raise Forbidden(N_("Only the owner of the organisation's entry decides who signs for it."))
        names = ("signatory", "signatory_latin")
        former, after = {name: getattr(before, name) for name in names}, {name: getattr(form, name) for name in names}
        await Organisation.update(**after).where(Organisation.id == organisation_id)
        await record("organisation.signatory", "organisation", organisation_id, by=by, before=former, after=after)


async def decide_organisation(organisation_id: int, form: DecisionForm, *, by: Actor) -> None:
    """Approve or refuse, once; every member gets a mail. Raises NotFound for another bureau, Conflict when decided."""
    state = OrganisationState.APPROVED if form.approves else OrganisationState.REJECTED
    async with db.transaction_or_join():
        await queries.organisation_for_bureau(by, organisation_id)
        if not rules.can_decide(await queries.locked_state(organisation_id)):
            raise Conflict(DECIDED, code="decided_already")
        decision: dict[str, Any] = {
            "state": state,
            "decided_by": by.account_id,
            "decided_at": clock.now(),
            "decision_note": form.note,
        }
        await Organisation.update(**decision).where(Organisation.id == organisation_id)
        after = {"state": str(state), "note": form.note}
        await record(f"organisation.{form.decision}", "organisation", organisation_id, by=by, after=after)
        organisation = await queries.organisation_by_id(organisation_id)
        members = await queries.members_of(organisation_id)
        await emails.send_decision(organisation, members, approved=form.approves)
        if form.approves:
            await events_bus.publish(EmployerApproved(organisation_id))


async def undo_decision(organisation_id: int, *, reason: str, by: Actor) -> None:
    """Take a decision back within ten minutes: the employer waits again, its members are told.

    Raises NotFound for another bureau, Conflict when it is too late or undecided, Forbidden when another person decided,
    Invalid without a reason.
    """
    async with db.transaction_or_join():
        await queries.organisation_for_bureau(by, organisation_id)
        await queries.locked_state(organisation_id)
        found = await queries.organisation_by_id(organisation_id)
        if rules.can_decide(found.state):
            raise Conflict(N_("This registration waits for a decision"), code="undecided")
        undoing.require(by, found.decided_by, found.decided_at, reason)
        waiting: dict[str, Any] = {
            "state": OrganisationState.PENDING,
            "decided_by": None,
            "decided_at": None,
            "decision_note": "",
        }
        await Organisation.update(**waiting).where(Organisation.id == organisation_id)
        before, after = {"state": str(found.state)}, {"state": "pending", "reason": reason}
        await record("organisation.undo", "organisation", organisation_id, by=by, before=before, after=after)
        organisation = await queries.organisation_by_id(organisation_id)
        await emails.send_reopened(organisation, await queries.members_of(organisation_id), reason=reason)
