"""Agreements are drawn up, revised, signed, verified and moved through states. Every function locks the agreement's
row first, so that concurrent acts of both sides run one after the other."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts import undoing
from fairs.accounts.actor import SYSTEM, Actor
from fairs.agreements import confirming, document, emails, facts, names, queries, states, terms
from fairs.agreements.domain_events import AgreementStepped
from fairs.agreements.facts import Fact
from fairs.agreements.forms import AgreementForm, SignForm
from fairs.agreements.rows import AgreementRow, Revision
from fairs.agreements.tables import Agreement, AgreementRevision, AgreementSignature, AgreementTransition
from fairs.audit.services import record
from fairs.core import clock, db, events_bus, pubsub, versions
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.i18n import N_
from fairs.events.rules import Act, allows
from fairs.events.tables import EventState
from fairs.files.services import attach, held_by
from fairs.files.tables import Purpose

NOTHING_TO_SIGN = N_("There is nothing to sign in this state.")
ALREADY_SIGNED = N_("You have already signed this text.")
NO_SIGNATORY = N_(
    "The signatory of your organisation is not entered yet. Its owner does that on the organisation's page."
)
SENT_BACK = N_("The agreement was sent back: its text is to be corrected and signed anew first.")
CLOSED = N_("This event is archived: its agreements can be read, but nothing changes any more.")
CALLED_OFF = N_("This event was cancelled: its agreements can be read, but nothing changes any more.")
DESK = frozenset({states.ORGANISER})
VERIFIED = "verified"  # a step that is no state


def require_open(event_state: str) -> None:
    """Raise Conflict when agreements of an event in this state do not go on."""
    if not allows(event_state, Act.AGREE):
        raise Conflict(CALLED_OFF if event_state == EventState.CANCELLED else CLOSED, code="event_over")


async def keep_revision(agreement_id: int, revision: int, text: str, *, by: Actor, now: datetime) -> None:
    await AgreementRevision(
        agreement=agreement_id,
        revision=revision,
        document=text,
        document_hash=document.digest(text),
        made_by=by.account_id,
        made_at=now,
    ).save()


async def note(
    agreement_id: int,
    source: str,
    to: str,
    fact: Fact,
    *,
    by: Actor,
    reason: str = "",
    file: UUID | None = None,
    now: datetime,
) -> None:
    await AgreementTransition(
        agreement=agreement_id,
        from_state=source,
        to_state=to,
        by_account=by.account_id,
        evidence=fact.evidence,
        reason=reason,
        file=file,
        at=now,
        fact_on=fact.on or facts.today(),
        fact_number=fact.number,
        period_from=fact.period[0],
        period_to=fact.period[1],
    ).save()


async def publish(event_id: int) -> None:
    await pubsub.publish(f"event:{event_id}", {"what": "agreement"})


async def revise(number: str, form: AgreementForm, *, by: Actor, seen: str = "") -> int:
    """New terms as a new revision with the parties' current names; signatures of the former text become void.

    Returns the new revision's number.

    Raises NotFound for strangers, Forbidden for the talent and the bureau, Conflict once both have signed, Outdated when
    the terms were changed since the version `seen`.
    """
    async with db.transaction_or_join():
        agreement = await queries.agreement_for(by, number, lock=True)
        if not queries.parties_of(by, agreement) & {states.EMPLOYER, states.ORGANISER}:
            raise Forbidden(N_("The employer writes the terms."))
        require_open(agreement.event_state)
        if agreement.state not in states.EDITABLE:
            raise Conflict(N_("The text is fixed: both sides have signed it, or the agreement has ended."))
        versions.require_current(form, msgspec.structs.asdict(agreement), seen)
        now = clock.now()
        revision = agreement.revision + 1
        stored = terms.stored_terms(form)
        changed: dict[str, Any] = {**stored, "revision": revision, "updated_at": now}
        await Agreement.update(**changed).where(Agreement.id == agreement.id)
        text = document.canonical(document.compose(number, revision, terms.parties(agreement), terms.terms(form)))
        await keep_revision(agreement.id, revision, text, by=by, now=now)
        before = {name: getattr(agreement, name) for name in stored}
        after = {**stored, "revision": revision, "hash": document.digest(text).hex()}
        await record("agreement.revise", "agreement", agreement.id, by=by, before=before, after=after)
        if agreement.state == states.RETURNED:
            await _correct(agreement, revision, by=by, now=now)
        if agreement.state in (states.INTENT, states.RETURNED):
            await emails.request_signature(agreement.id, number, revision, states.TALENT, why="revised")
        await publish(agreement.event)
    return revision


async def _correct(agreement: AgreementRow, revision: int, *, by: Actor, now: datetime) -> None:
    """The corrected text of an agreement that was sent back is an intent again."""
    fact = Fact(facts.today(), evidence=f"Corrected as revision {revision}")
    step = states.check(queries.case_of(agreement), states.INTENT, frozenset({states.SYSTEM}), fact)
    await _move(agreement, step, fact, by=by, now=now)


def _signing_party(by: Actor, agreement: AgreementRow) -> str:
    """The side for which the account signs. One person never signs for both sides."""
    held = queries.parties_of(by, agreement) & {states.EMPLOYER, states.TALENT}
    if len(held) != 1:
        raise Forbidden(N_("The employer and the talent sign, each in person."))
    return next(iter(held))


def names_of(agreement: AgreementRow, party: str, text: str) -> tuple[str, ...]:
    """Names with which a side may sign: the talent's in the text, or those of the employer's signatory."""
    talent = document.read(text)["talent"]
    found = (talent["native"], talent["passport"])
    if party == states.EMPLOYER:
        found = (agreement.signatory, agreement.signatory_latin)
    return tuple(name for name in found if name)


def _check_signature(by: Actor, agreement: AgreementRow, current: Revision, form: SignForm) -> str:
    """The side for which the account signs. Raises what `sign` raises, except for the confirmation."""
    party = _signing_party(by, agreement)
    require_open(agreement.event_state)
    if party in (agreement.signed or ()):
        raise Conflict(ALREADY_SIGNED)
    if agreement.state != states.INTENT:
        raise Conflict(NOTHING_TO_SIGN)
    if current.document_hash.hex() != form.document_hash:
        raise Conflict(N_("The text was changed while you were reading. Read the new text, then sign."))
    allowed = names_of(agreement, party, current.document)
    if not allowed:
        raise Conflict(NO_SIGNATORY)
    if not names.is_name_of(form.name_signed, allowed):
        raise Invalid(fields={"name_signed": [N_("Sign with this name: %(names)s", names=" / ".join(allowed))]})
    return party


async def sign(number: str, form: SignForm, *, by: Actor, ip: str = "") -> str:
    """Sign the displayed text; returns the new state. The second signature makes it signed_intent.

    Raises NotFound for strangers, Forbidden for the bureau, Conflict when signed already, when the text has changed
    since it was displayed, or when the state is not intent; Invalid for another's name, a wrong password or code.
    """
    agreement = await queries.agreement_for(by, number)
    _check_signature(by, agreement, await queries.current_revision(agreement.id), form)
    how = await confirming.confirm(form, agreement.id, by=by)
    async with db.transaction_or_join():
        agreement = await queries.agreement_for(by, number, lock=True)
        current = await queries.current_revision(agreement.id)
        party = _check_signature(by, agreement, current, form)
        await confirming.spend(how, agreement.id, form.document_hash, by=by)
        now = clock.now()
        with db.constraint_errors({"uq_agreement_signature": Conflict(ALREADY_SIGNED)}):
            await AgreementSignature(
                agreement=agreement.id,
                revision=current.revision,
                party=party,
                account=by.account_id,
                name_signed=form.name_signed,
                document_hash=current.document_hash,
                signed_at=now,
                ip=ip,
                confirmed_by=how,
            ).save()
        after = {"party": party, "revision": current.revision, "hash": form.document_hash, "confirmed_by": how}
        await record("agreement.sign", "agreement", agreement.id, by=by, after=after)
        return await _after_signature(agreement, party, current, now=now)


async def _after_signature(agreement: AgreementRow, party: str, current: Revision, *, now: datetime) -> str:
    """After both signatures the platform acts as the desk: it has the signed file and is its witness."""
    other = states.EMPLOYER if party == states.TALENT else states.TALENT
    if other in (agreement.signed or ()):
        evidence = f"Both sides signed revision {current.revision}, SHA-256 {current.document_hash.hex()}"
        fact = Fact(facts.today(), evidence=evidence)
        step = states.check(queries.case_of(agreement), states.SIGNED, DESK, fact)
        await _move(agreement, step, fact, by=SYSTEM, now=now)
        await emails.notify_signed(agreement.id, agreement.number, current.revision)
        return step.to
    await Agreement.update(updated_at=now).where(Agreement.id == agreement.id)
    await emails.request_signature(agreement.id, agreement.number, current.revision, other, why="signed")
    await publish(agreement.event)
    return states.INTENT


async def _move(
    agreement: AgreementRow,
    step: states.Step,
    fact: Fact,
    *,
    by: Actor,
    reason: str = "",
    file: UUID | None = None,
    now: datetime,
) -> None:
    await Agreement.update(state=step.to, state_since=now, updated_at=now).where(Agreement.id == agreement.id)
    await note(agreement.id, agreement.state, step.to, fact, by=by, reason=reason, file=file, now=now)
    before = {"state": agreement.state}
    on = (fact.on or facts.today()).isoformat()
    after = {"state": step.to, "on": on, "number": fact.number, "evidence": fact.evidence, "reason": reason}
    await record("agreement.transition", "agreement", agreement.id, by=by, before=before, after=after)
    await events_bus.publish(
        AgreementStepped(agreement.id, agreement.number, agreement.event, agreement.state, step.to)
    )
    await publish(agreement.event)


async def verify(number: str, *, by: Actor) -> None:
    """The bureau of the unit (or the organiser) confirms that both parties and the text are genuine.

    Raises NotFound for strangers, Forbidden for the parties, Conflict before both signed, once ended, or when done.
    """
    async with db.transaction_or_join():
        agreement = await queries.agreement_for(by, number, lock=True)
        if not queries.parties_of(by, agreement) & {states.BUREAU, states.ORGANISER}:
            raise Forbidden(N_("The bureau verifies."))
        require_open(agreement.event_state)
        if agreement.verified_at:
            raise Conflict(N_("This agreement is already verified."))
        if agreement.state in states.ENDED:
            raise Conflict(N_("The agreement has ended."))
        if agreement.state == states.RETURNED:
            raise Conflict(SENT_BACK)
        if not await queries.was_signed(agreement.id):
            raise Conflict(N_("Both sides must sign first."))
        now = clock.now()
        checked: dict[str, Any] = {"verified_by": by.account_id, "verified_at": now, "updated_at": now}
        await Agreement.update(**checked).where(Agreement.id == agreement.id)
        after = {"verified_at": now.isoformat(), "revision": agreement.revision}
        await record("agreement.verify", "agreement", agreement.id, by=by, after=after)
        await events_bus.publish(AgreementStepped(agreement.id, number, agreement.event, agreement.state, VERIFIED))
        await emails.notify_verified(agreement.id, number, now)
        await publish(agreement.event)


async def undo_verification(number: str, *, reason: str, by: Actor) -> None:
    """Take a verification back within ten minutes; both sides are told.

    Raises NotFound for strangers, Conflict when it is too late or not verified, Forbidden when another person verified,
    Invalid without a reason.
    """
    async with db.transaction_or_join():
        agreement = await queries.agreement_for(by, number, lock=True)
        require_open(agreement.event_state)
        undoing.require(by, agreement.verified_by, agreement.verified_at, reason)
        assert agreement.verified_at
        undone: dict[str, Any] = {"verified_by": None, "verified_at": None, "updated_at": clock.now()}
        await Agreement.update(**undone).where(Agreement.id == agreement.id)
        before = {"verified_at": agreement.verified_at.isoformat()}
        await record("agreement.unverify", "agreement", agreement.id, by=by, before=before, after={"reason": reason})
        await emails.notify_unverified(agreement.id, number, reason, agreement.verified_at, by=by)
        await publish(agreement.event)


async def send_back(number: str, correction: str, *, by: Actor) -> str:
    """The bureau sends a signed text back before it verifies it: the employer corrects it, and both sign anew.

    Raises what `transition` raises, Invalid for a reason that tells nothing.
    """
    return await transition(number, states.RETURNED, by=by, fact=Fact(facts.today(), evidence=correction))


async def transition(
    number: str,
    to: str,
    *,
    by: Actor,
    fact: Fact = facts.NONE,
    reason: str = "",
    file: str = "",
    as_system: bool = False,
) -> str:
    """Take a step of the table; returns the new state (unchanged until the other side confirms).

    Raises NotFound for strangers, Conflict or Forbidden with the legal steps, Invalid without the date, number, evidence
    or reason that the step needs, and for a day that is to come or before the step it follows.
    `file`: the token of a held file, evidence by itself: its name is stored where no text was typed. `as_system`: for steps
    triggered by time.
    """
    held = held_by(file, Purpose.EVIDENCE)
    if held and not fact.evidence.strip():
        fact = replace(fact, evidence=held.name)
    async with db.transaction_or_join():
        agreement = await queries.agreement_for(by, number, lock=True)
        parties = frozenset({states.SYSTEM}) if as_system else queries.parties_of(by, agreement)
        require_open(agreement.event_state)
        step = states.check(queries.case_of(agreement), to, parties, fact, reason=reason)
        facts.require_in_order(fact.on or facts.today(), await queries.last_fact(agreement.id))
        now = clock.now()
        kept = await attach(file, Purpose.EVIDENCE, field="file") if file else None
        if step.both and not await _both_confirm(agreement, parties, fact, by=by, file=kept, now=now):
            return agreement.state
        await _move(agreement, step, fact, by=by, reason=reason, file=kept, now=now)
        if step.source == states.LAPSED:
            await _start_anew(agreement, by=by, now=now)
        if step.to == states.TERMINATED:
            await emails.notify_ended(agreement.id, number, reason, fact.evidence, side=_side(step, parties), by=by)
        if step.to == states.RETURNED:
            await emails.notify_returned(agreement.id, number, agreement.revision, fact.evidence, by=by)
        if step.to == states.LAPSED:
            await emails.notify_lapsed(agreement.id, number, agreement.revision)
    return step.to


def _side(step: states.Step, parties: frozenset[str]) -> str:
    """The side as which the step was taken."""
    held = [party for party in states.PARTIES if party in parties & step.by]
    return held[0] if held else states.ORGANISER


async def _both_confirm(
    agreement: AgreementRow,
    parties: frozenset[str],
    fact: Fact,
    *,
    by: Actor,
    file: UUID | None,
    now: datetime,
) -> bool:
    """Record this side's confirmation; returns whether the step may be taken. The desk's evidence confirms for both."""
    if states.ORGANISER in parties:
        return True
    confirmed = await queries.confirmed_by(agreement.id)
    sides = parties & {states.EMPLOYER, states.TALENT}
    if sides <= confirmed:
        raise Conflict(N_("You have confirmed; the other side has not yet."))
    if confirmed | sides >= {states.EMPLOYER, states.TALENT} and confirmed:
        return True
    for side in sorted(sides):
        state = agreement.state
        await note(agreement.id, state, state, fact, by=by, reason=f"confirmed:{side}", file=file, now=now)
        file = None  # one file belongs to one entry
        await record("agreement.confirm", "agreement", agreement.id, by=by, after={"side": side})
    await Agreement.update(updated_at=now).where(Agreement.id == agreement.id)
    return False


async def _start_anew(agreement: AgreementRow, *, by: Actor, now: datetime) -> None:
    """Restart talks after a lapse: the same terms as a new revision; both sides sign and the bureau verifies again."""
    former = document.read((await queries.current_revision(agreement.id)).document)
    revision = agreement.revision + 1
    text = document.canonical({**former, "revision": revision})
    await keep_revision(agreement.id, revision, text, by=by, now=now)
    anew: dict[str, Any] = {"revision": revision, "verified_by": None, "verified_at": None}
    await Agreement.update(**anew).where(Agreement.id == agreement.id)
