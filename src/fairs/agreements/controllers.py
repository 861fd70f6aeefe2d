"""Pages of agreements."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.dependencies import client_ip
from fairs.accounts.undoing import UndoForm
from fairs.agreements import confirming, drawing_up, pages, queries, services, states, timeline
from fairs.agreements.forms import AgreementForm, SendBackForm, SignForm, StepForm
from fairs.agreements.rows import AgreementRow
from fairs.core import versions
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, nowhere, submitted
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.files.uploads import Upload, empty, receive
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

PARTIES = access.roles(Role.EMPLOYER, Role.CANDIDATE, Role.BUREAU, Role.ORGANISER, Role.ADMIN)
WRITERS = access.roles(Role.EMPLOYER, Role.ORGANISER, Role.ADMIN)


@get("/meetings/{meeting_id:int}/agreement", name="draw_up", opt=WRITERS)
async def draw_up(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form, prefilled from the listing; a meeting with an agreement redirects to it."""
    meeting = await queries.meeting_to_draw_up(actor, meeting_id)
    if number := await queries.agreement_of_meeting(meeting_id):
        return redirect(request, "agreement", number=number)
    title = meeting.listing_zh
    form = blank(
        AgreementForm,
        title_zh=f"关于{title}的合作意向书"[:200],
        title_en=f"Letter of intent: {meeting.listing_en}"[:200] if meeting.listing_en else "",
        content_zh=meeting.description_zh[:4000],
        content_en=meeting.description_en[:4000],
        engagement=meeting.ways[0] if meeting.ways else "",
    )
    return render(request, "agreements/terms.html", form=form, meeting=meeting, agreement=None)


@post("/meetings/{meeting_id:int}/agreement", name="draw_up_submit", opt=WRITERS, status_code=303)
async def draw_up_submit(
    request: Request[Any, Any, Any], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Creates the agreement."""
    meeting = await queries.meeting_to_draw_up(actor, meeting_id)
    form = bind(AgreementForm, await request.form())
    status = 422
    if form.ok:
        try:
            number = await drawing_up.draw_up(meeting_id, form.value, by=actor)
        except Conflict as refused:
            form.add_error("", refused.message)
            status = 409
        else:
            return redirect(request, "agreement", number=number, flash=N_("The agreement is drawn up. Now sign it."))
    return render(request, "agreements/terms.html", status=status, form=form, meeting=meeting, agreement=None)


@get("/agreements/{number:str}/edit", name="revise_agreement", opt=WRITERS)
async def revise_page(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the current terms."""
    agreement = await _editable(actor, number)
    form = versions.opened(AgreementForm, msgspec.structs.asdict(agreement))
    return render(request, "agreements/terms.html", form=form, meeting=None, agreement=agreement)


async def _editable(actor: Actor, number: str) -> AgreementRow:
    agreement = await queries.agreement_for(actor, number)
    if not queries.parties_of(actor, agreement) & {states.EMPLOYER, states.ORGANISER}:
        raise NotFound
    services.require_open(agreement.event_state)
    if agreement.state not in states.EDITABLE:
        raise Conflict(N_("The text is fixed: both sides have signed it, or the agreement has ended."))
    return agreement


@post("/agreements/{number:str}/edit", name="revise_agreement_submit", opt=WRITERS, status_code=303)
async def revise_submit(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Creates a new revision."""
    agreement = await _editable(actor, number)
    form = submitted(AgreementForm, await request.form(), msgspec.structs.asdict(agreement))

    async def act() -> int:
        return await services.revise(number, form.value, by=actor, seen=form.version)

    status, revision = await attempt(form, act, nowhere)
    if status:
        return render(request, "agreements/terms.html", status=status, form=form, meeting=None, agreement=agreement)
    flash = N_("Revision %(revision)s is in force. Earlier signatures are void.", revision=revision)
    return redirect(request, "agreement", number=number, flash=flash)


async def _page(
    request: AnyRequest,
    actor: Actor,
    number: str,
    *,
    status: int = 200,
    sign_form: Bound[SignForm] | None = None,
    step_form: Bound[StepForm] | None = None,
    send_back_form: Bound[SendBackForm] | None = None,
    code_sent: bool = False,
    uploads: dict[str, Upload] | None = None,
) -> Response[Any]:
    page = await pages.agreement_page(
        actor, number, sign_form=sign_form, step_form=step_form, send_back_form=send_back_form
    )
    if status == 422 and sign_form and not page.may_sign:  # sent from an outdated page
        raise Conflict(services.NOTHING_TO_SIGN)
    if status == 422 and send_back_form and not page.may_send_back:
        raise Conflict(N_("You can take no step in this state."))
    if status == 422 and step_form and not page.step_form:
        raise Conflict(N_("You can take no step in this state."))
    return render(
        request,
        "agreements/agreement.html",
        status=status,
        page=page,
        agreement=page.agreement,
        who=timeline.WHO,
        badge_kind=timeline.BADGES,
        state_label=timeline.state_label,
        proofs=[(timeline.state_label(step.to), timeline.proof_label(step)) for step in _offered(page, actor)],
        reading=bool(sign_form and sign_form.has_errors),
        code_sent=code_sent,
        uploads=uploads or empty(file=Purpose.EVIDENCE),
        email=actor.email,
        confirmed_word=confirming.WORDS,
    )


def _offered(page: pages.AgreementPage, actor: Actor) -> list[states.Step]:
    case = queries.case_of(page.agreement)
    legal = states.steps_for(case, queries.parties_of(actor, page.agreement))
    return [step for step in legal if step.to != states.RETURNED]


@get("/agreements/{number:str}", name="agreement", opt=PARTIES)
async def agreement_page(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The text, the signatures, the timeline, and the next step."""
    return await _page(request, actor, number)


@post("/agreements/{number:str}/sign", name="sign_agreement", opt=PARTIES, status_code=303)
async def sign_agreement(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Signs the text that was displayed."""
    await queries.agreement_for(actor, number)
    form = bind(SignForm, await request.form())
    if not form.ok:
        return await _page(request, actor, number, status=422, sign_form=form)
    try:
        state = await services.sign(number, form.value, by=actor, ip=client_ip(request))
    except (Conflict, Forbidden, Invalid, TooMany) as refused:
        form.add_errors(refused) if isinstance(refused, Invalid) else form.add_error("", refused.message)
        return await _page(request, actor, number, status=refused.status, sign_form=form)
    done = N_("You have signed. Both sides have now signed.")
    flash = done if state == states.SIGNED else N_("You have signed. The other side has been notified.")
    return redirect(request, "agreement", number=number, flash=flash)


@post("/agreements/{number:str}/code", name="send_signing_code", opt=PARTIES, status_code=200)
async def send_signing_code(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Mails a code to the signer; the typed values stay."""
    given = await request.form()
    page = await pages.agreement_page(actor, number)
    if not page.may_sign:
        raise Conflict(services.NOTHING_TO_SIGN)
    typed = str(given.get("name_signed", ""))[:120]
    form = blank(SignForm, name_signed=typed, consent=given.get("consent") == "true")
    try:
        await confirming.send_code(number, by=actor)
    except TooMany as refused:
        form.add_error("", refused.message)
        return await _page(request, actor, number, status=refused.status, sign_form=form)
    return await _page(request, actor, number, sign_form=form, code_sent=True)


@post("/agreements/{number:str}/verify", name="verify_agreement", opt=PARTIES, status_code=303)
async def verify_agreement(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Records the bureau's verification."""
    await services.verify(number, by=actor)
    return redirect(request, "agreement", number=number, flash=N_("The agreement is verified."))


@post("/agreements/{number:str}/unverify", name="unverify_agreement", opt=PARTIES, status_code=303)
async def unverify_agreement(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a verification back."""
    await queries.agreement_for(actor, number)
    form = bind(UndoForm, await request.form())
    try:
        await services.undo_verification(number, reason=form.value.reason, by=actor)
    except (Conflict, Forbidden, Invalid) as refused:
        message = form.errors["reason"][0] if form.errors else refused.message
        return redirect(request, "agreement", flash=message, kind="warning", number=number)
    return redirect(request, "agreement", number=number, flash=N_("The verification is undone. Both sides are told."))


@post("/agreements/{number:str}/send-back", name="send_back_agreement", opt=PARTIES, status_code=303)
async def send_back_agreement(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The bureau sends the text back with what is to be corrected."""
    await queries.agreement_for(actor, number)
    form = bind(SendBackForm, await request.form())
    if form.ok:
        try:
            await services.send_back(number, form.value.correction, by=actor)
        except Invalid as refused:
            form.add_error("correction", refused.fields["evidence"][0])
    if not form.ok:
        return await _page(request, actor, number, status=422, send_back_form=form)
    flash = N_("The agreement is sent back. Both sides are told what is to be corrected.")
    return redirect(request, "agreement", number=number, flash=flash)


@post(
    "/agreements/{number:str}/steps",
    name="step_agreement",
    opt=PARTIES,
    status_code=303,
    request_max_body_size=body_limit(Purpose.EVIDENCE),
)
async def step_agreement(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Records a step of the agreement."""
    before = await queries.agreement_for(actor, number)
    sent = await receive(request, by=actor, file=Purpose.EVIDENCE)
    form = bind(StepForm, sent.data)
    sent.tell(form)
    if not form.ok:
        return await _page(request, actor, number, status=422, step_form=form, uploads=sent.uploads)
    step = form.value
    try:
        state = await services.transition(number, step.to, by=actor, fact=step.fact, reason=step.reason, file=step.file)
    except (Conflict, Forbidden, Invalid) as refused:
        form.add_errors(refused) if isinstance(refused, Invalid) else form.add_error("to", refused.message)
        return await _page(request, actor, number, status=refused.status, step_form=form, uploads=sent.uploads)
    waiting = state == before.state
    flash = N_("Recorded. The other side must confirm too.") if waiting else N_("The step is recorded.")
    return redirect(request, "agreement", number=number, flash=flash)


@get("/agreements/{number:str}/agreement.pdf", name="agreement_pdf", opt=PARTIES)
async def agreement_pdf(number: FromPath[str], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The printable PDF, in both languages."""
    paper = await pages.paper(actor, number)
    from fairs.agreements.printing import print_agreement  # loads libraries for half a second: only printing pays

    content = await asyncio.to_thread(print_agreement, paper)
    headers = {"content-disposition": f'inline; filename="{number}.pdf"', "cache-control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


@get("/verify/{digest:str}", name="check_agreement", opt=access.public())
async def check_agreement(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
    """Shows whether a paper is genuine, and no personal data."""
    known = len(digest) == 64 and all(character in "0123456789abcdef" for character in digest)
    found = await queries.by_digest(bytes.fromhex(digest)) if known else None
    return render(
        request,
        "agreements/check.html",
        status=200 if found else 404,
        found=found,
        digest=digest[:64],
        badge_kind=timeline.BADGES,
        state_label=timeline.state_label,
        confirmed_word=confirming.WORDS,
    )


HANDLERS: list[Any] = [
    draw_up,
    draw_up_submit,
    revise_page,
    revise_submit,
    agreement_page,
    sign_agreement,
    send_signing_code,
    verify_agreement,
    unverify_agreement,
    send_back_agreement,
    step_agreement,
    agreement_pdf,
    check_agreement,
]
