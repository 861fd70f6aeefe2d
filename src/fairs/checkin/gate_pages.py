"""Pages of one gate for those who run the event: its scans, the correction of one, somebody let in by hand."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.checkin import admitting, corrections, gate_scans, labels, policy
from fairs.checkin.admitting import AdmitForm
from fairs.checkin.controllers import managed_event
from fairs.checkin.corrections import UndoScanForm
from fairs.checkin.rows import GateScan, GateToCorrect, ScannedEvent
from fairs.checkin.tables import CorrectionKind, Outcome
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import Page, paged, window
from fairs.events.running import RUNNERS
from fairs.registrations import finding
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

GATES = "/organise/editions/{slug:str}/gates"
GATE = f"{GATES}/{{gate_code:str}}"
CORRECTIONS: dict[str, object] = {CorrectionKind.UNDONE: N_("Undone"), CorrectionKind.BY_HAND: N_("Let in by hand")}
MOST = 20  # people found for an admission by hand


def _query(request: AnyRequest, *names: str) -> dict[str, str]:
    given = {name: str(request.query_params.get(name, "")).replace("\0", "").strip()[:100] for name in names}
    if given.get("show") not in {*gate_scans.SHOWN}:
        given.pop("show", None)
    return {name: value for name, value in given.items() if value}


async def _gate(actor: Actor, slug: str, code: str) -> tuple[ScannedEvent, GateToCorrect]:
    event = await managed_event(actor, slug)
    return event, await corrections.gate_to_correct(event.id, code)


def _shows() -> Sequence[tuple[str, str]]:
    return [*((key, str(word)) for key, word in labels.OUTCOMES.items()), ("corrected", str(N_("Corrected")))]


@get(GATE, name="gate_page", opt=RUNNERS)
async def gate_page(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], gate_code: FromPath[str]
) -> Response[Any]:
    """The scans of a gate, the last one first."""
    event, gate = await _gate(actor, slug, gate_code)
    query = _query(request, "q", "show")
    select = gate_scans.scans_of(event.id, gate.id, query)
    page: Page[GateScan] = await paged(
        window(page_number(request), None), select.count, lambda size, offset: gate_scans.page_of(select, size, offset)
    )
    return render(
        request,
        "checkin/gate.html",
        event=event,
        gate=gate,
        query=query,
        page=page,
        shows=_shows(),
        correction_words=CORRECTIONS,
        **labels.WORDS,
    )


async def _scan_page(
    request: AnyRequest,
    event: ScannedEvent,
    gate: GateToCorrect,
    row: GateScan,
    *,
    form: Bound[Any] | None = None,
    refused: object = "",
    status: int = 200,
) -> Response[Any]:
    reasons = [*policy.undo_reasons(), *policy.admission_reasons()]
    return render(
        request,
        "checkin/gate_scan.html",
        status=status,
        event=event,
        gate=gate,
        row=row,
        made=await gate_scans.corrections_of(row.id),
        can_undo=row.outcome == Outcome.ADMITTED and CorrectionKind.UNDONE not in row.corrections,
        form=form or blank(UndoScanForm),
        refused=refused,
        correction_words=CORRECTIONS,
        why=lambda key: policy.word(reasons, key),
        **labels.WORDS,
    )


@get(f"{GATE}/scans/{{scan_id:int}}", name="gate_scan", opt=RUNNERS)
async def gate_scan(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    slug: FromPath[str],
    gate_code: FromPath[str],
    scan_id: FromPath[int],
) -> Response[Any]:
    """One scan with its corrections, and the form that undoes it."""
    event, gate = await _gate(actor, slug, gate_code)
    return await _scan_page(request, event, gate, await gate_scans.scan_of(gate.id, scan_id))


@post(f"{GATE}/scans/{{scan_id:int}}/undo", name="undo_gate_scan", opt=RUNNERS, status_code=303)
async def undo_gate_scan(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    slug: FromPath[str],
    gate_code: FromPath[str],
    scan_id: FromPath[int],
) -> Response[Any]:
    """Undo a scan; repeated, nothing changes."""
    event, gate = await _gate(actor, slug, gate_code)
    row = await gate_scans.scan_of(gate.id, scan_id)
    form = bind(UndoScanForm, await request.form())
    if not form.ok:
        return await _scan_page(request, event, gate, row, form=form, status=422)
    try:
        await corrections.undo_by_organiser(event, gate.id, scan_id, form.value, by=actor)
    except Conflict as refused:
        return await _scan_page(request, event, gate, row, form=form, refused=refused.message, status=refused.status)
    return redirect(request, "gate_page", slug=slug, gate_code=gate_code, flash=N_("The scan is undone."))


async def _admit_page(
    request: AnyRequest,
    event: ScannedEvent,
    gate: GateToCorrect,
    *,
    q: str,
    form: Bound[Any] | None = None,
    key: str = "",
    status: int = 200,
) -> Response[Any]:
    people, more = await finding.people(event.id, q, limit=MOST) if finding.keys_of(q) else ([], False)
    return render(
        request,
        "checkin/admit.html",
        status=status,
        event=event,
        gate=gate,
        query={"q": q} if q else {},
        people=people,
        more=more,
        form=form or blank(AdmitForm),
        key=key or str(uuid4()),
    )


@get(f"{GATE}/admit", name="admit_page", opt=RUNNERS)
async def admit_page(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], gate_code: FromPath[str]
) -> Response[Any]:
    """Find a person by name or number, and let the person in with a reason."""
    event, gate = await _gate(actor, slug, gate_code)
    chosen = _query(request, "number").get("number", "")
    form = blank(AdmitForm, number=chosen) if chosen else None
    return await _admit_page(request, event, gate, q=_query(request, "q").get("q", ""), form=form)


@post(f"{GATE}/admit", name="admit_person", opt=RUNNERS, status_code=303)
async def admit_person(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], gate_code: FromPath[str]
) -> Response[Any]:
    """Let a person in though the gate refuses; a second click changes nothing."""
    event, gate = await _gate(actor, slug, gate_code)
    data = await request.form()
    form = bind(AdmitForm, data)
    key = _key(str(data.get("key", "")))
    try:
        await admitting.admit(event, gate, form.value, key, by=actor)
    except Invalid as refused:
        if not form.errors:
            form.add_errors(refused)
        return await _admit_page(request, event, gate, q="", form=form, key=str(key), status=422)
    return redirect(request, "gate_page", slug=slug, gate_code=gate_code, flash=N_("The person is let in."))


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


HANDLERS: list[Any] = [gate_page, gate_scan, undo_gate_scan, admit_page, admit_person]
