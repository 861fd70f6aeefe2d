"""Content of an agreement's page, combined from its reads."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import UndoForm, may_undo
from fairs.agreements import document, queries, services, states
from fairs.agreements import timeline as timelines
from fairs.agreements.forms import SendBackForm, SignForm, StepForm
from fairs.agreements.rows import AgreementRow, NamedRevision, Signature, Transition
from fairs.agreements.timeline import Turn
from fairs.core.forms import Bound, BoundField, blank
from fairs.core.i18n import current_lang
from fairs.events.rules import Act, allows
from fairs.notifications.services import base_url
from fairs.units import catalogues
from fairs.units.entries import StepNeed

if TYPE_CHECKING:
    from fairs.agreements.printing import PrintedAgreement


@dataclass(frozen=True)
class AgreementPage:
    """All data and actions of one agreement for this viewer."""

    agreement: AgreementRow
    content: dict[str, Any]
    articles: list[document.Article]
    digest: str
    signatures: list[Signature]
    revisions: list[NamedRevision]
    timeline: list[dict[str, Any]]
    turns: list[Turn]
    may_sign: bool
    sign_names: tuple[str, ...]
    may_verify: bool
    may_send_back: bool
    may_unverify: bool
    undo_form: Bound[UndoForm]
    sent_back: Transition | None
    may_edit: bool
    sign_form: Bound[SignForm]
    step_form: Bound[StepForm] | None
    asks_period: bool
    send_back_form: Bound[SendBackForm]

    @property
    def address(self) -> str:
        """Where a printed copy is checked, with the host: it is read on paper."""
        return address_of(self.digest)


async def agreement_page(
    actor: Actor,
    number: str,
    *,
    sign_form: Bound[SignForm] | None = None,
    step_form: Bound[StepForm] | None = None,
    send_back_form: Bound[SendBackForm] | None = None,
) -> AgreementPage:
    """The page for a viewer, with refused forms and their errors. Raises NotFound for strangers."""
    agreement = await queries.agreement_for(actor, number)
    case, parties = queries.case_of(agreement), queries.parties_of(actor, agreement)
    revisions = await queries.revisions_of(agreement.id)
    text, digest = revisions[0].document, revisions[0].document_hash.hex()
    content = document.read(text)
    signed = frozenset(agreement.signed or ())
    was_signed = await queries.was_signed(agreement.id)
    verified = (agreement.verified_at, agreement.verifier or "") if agreement.verified_at else None
    mine = parties & {states.EMPLOYER, states.TALENT}
    turns = timelines.turns(case, signed, was_signed=was_signed, verified=bool(verified))
    running = allows(agreement.event_state, Act.AGREE)
    may_verify = was_signed and not verified and running and case.state not in (*states.ENDED, states.RETURNED)
    legal = states.steps_for(case, parties) if running else []
    steps = [step for step in legal if step.to != states.RETURNED]
    transitions = await queries.transitions_of(agreement.id)
    sent_back = transitions[-1] if case.state == states.RETURNED else None
    return AgreementPage(
        agreement=agreement,
        content=content,
        articles=document.articles(content),
        digest=digest,
        signatures=await queries.signatures_of(agreement.id),
        revisions=revisions,
        timeline=timelines.timeline(case, transitions, verified),
        turns=turns if running else [],
        may_sign=running and case.state == states.INTENT and len(mine) == 1 and not mine & signed,
        sign_names=services.names_of(agreement, next(iter(mine)), text) if len(mine) == 1 else (),
        may_verify=may_verify and bool(parties & {states.BUREAU, states.ORGANISER}),
        may_send_back=len(legal) > len(steps),
        may_unverify=running and may_undo(actor, agreement.verified_by, agreement.verified_at),
        undo_form=blank(UndoForm),
        sent_back=sent_back,
        may_edit=running and case.state in states.EDITABLE and bool(parties & {states.EMPLOYER, states.ORGANISER}),
        sign_form=_with_hash(sign_form, digest) if sign_form else blank(SignForm, document_hash=digest),
        step_form=_with_steps(step_form or blank(StepForm), steps) if steps else None,
        asks_period=any(StepNeed.PERIOD in step.needs for step in steps),
        send_back_form=send_back_form or blank(SendBackForm),
    )


def _with_hash(form: Bound[SignForm], digest: str) -> Bound[SignForm]:
    """A refused form, now for the text that the page displays."""
    form.fields["document_hash"].values = [digest]
    return form


def _with_steps(form: Bound[StepForm], steps: list[states.Step]) -> Bound[StepForm]:
    """The form with the legal steps only, each with its required evidence."""
    lang = current_lang()
    found = [(step.to, catalogues.label("agreement_states", step.to, lang), "") for step in steps]
    field: BoundField = form.fields["to"]
    field.spec = replace(field.spec, choices=lambda: found)
    return form


def address_of(digest: str) -> str:
    """The public address for checking a text."""
    return urljoin(base_url() + "/", f"verify/{digest}")


async def paper(actor: Actor, number: str) -> "PrintedAgreement":
    """The agreement for printing. Raises NotFound for strangers."""
    from fairs.agreements.printing import printed_agreement_of  # loads libraries for half a second: only printing pays

    agreement = await queries.agreement_for(actor, number)
    current = await queries.current_revision(agreement.id)
    verified = (agreement.verifier or "", agreement.verified_at) if agreement.verified_at else None
    signatures = await queries.signatures_of(agreement.id)
    address = address_of(current.document_hash.hex())
    return printed_agreement_of(current.document, current.document_hash, address, signatures, verified)
