"""Pages of the ledger of conflicts: the list, one conflict with its decisions, the export."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import UndoForm
from fairs.checkin import conflicts, labels, policy
from fairs.checkin.controllers import managed_event
from fairs.checkin.rows import ConflictRow, ScannedEvent
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, gettext, pick
from fairs.core.pagination import paged, window
from fairs.core.sheets import Column
from fairs.events.running import RUNNERS
from fairs.web import downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

LEDGER = "/organise/editions/{slug:str}/conflicts"
_COLUMNS = [
    Column(N_("Reg. no.")),
    Column(N_("Name in their own script")),
    Column(N_("Name as in the passport")),
    Column(N_("Gate")),
    Column(N_("Admitted before")),
    Column(N_("By the device")),
    Column(N_("Scanned offline")),
    Column(N_("Scanning device")),
    Column(N_("Received")),
    Column(N_("Answer of the gate")),
    Column(N_("Decision")),
    Column(N_("Note")),
    Column(N_("Decided by")),
    Column(N_("Decided on")),
]


def _query(request: AnyRequest) -> dict[str, str]:
    """state, gate and q of the address; unknown states are left out."""
    given = {name: str(request.query_params.get(name, "")).replace("\0", "").strip()[:100] for name in ("q", "gate")}
    state = request.query_params.get("state", "")
    given["state"] = state if state in conflicts.STATES else ""
    return {name: value for name, value in given.items() if value}


def answer_words(row: ConflictRow) -> str:
    """What the server said to the scan."""
    return labels.reason_word(row.reason) if row.reason else str(labels.OUTCOMES[row.outcome])


@get(LEDGER, name="conflicts", opt=RUNNERS)
async def conflict_list(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """Conflicts of an event, open and settled."""
    event = await managed_event(actor, slug)
    query = _query(request)
    select = conflicts.ledger(event.id, query)
    return render(
        request,
        "checkin/conflicts.html",
        event=event,
        query=query,
        page=await paged(
            window(page_number(request), None),
            select.count,
            lambda size, offset: conflicts.page_of(select, size, offset),
        ),
        counts={
            state: await conflicts.ledger(event.id, {**query, "state": state}).count() for state in conflicts.STATES
        },
        gates=[(gate.code, pick(gate.name_zh, gate.name_en)) for gate in await conflicts.gates_in_conflict(event.id)],
        verdict_word=lambda key: policy.word(policy.verdicts(), key),
        answer_words=answer_words,
        **labels.moments(event.timezone),
    )


@get(f"{LEDGER}.csv", name="conflicts_csv", opt=RUNNERS)
async def conflicts_csv(request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]) -> Stream:
    """The ledger as filtered, as CSV."""
    event = await managed_event(actor, slug)
    name = f"conflicts-{event.slug}-{clock.now():%Y%m%d}"
    return downloads.long_table(name, _COLUMNS, _lines(event, _query(request)))


async def _lines(event: ScannedEvent, query: dict[str, str]) -> AsyncIterator[list[list[Any]]]:
    verdicts = policy.verdicts()
    async for rows in conflicts.all_of(conflicts.ledger(event.id, query)):
        yield [
            [
                row.number,
                row.name_native,
                row.name_passport,
                pick(row.name_zh, row.name_en),
                row.first_scanned_at,
                row.first_device or "",
                row.scanned_at,
                row.device or "",
                row.received_at,
                answer_words(row),
                policy.word(verdicts, row.verdict) if row.verdict else gettext("open"),
                row.note,
                row.decided_by or "",
                row.decided_at,
            ]
            for row in rows
        ]


@get(f"{LEDGER}/{{scan_id:int}}", name="conflict", opt=RUNNERS)
async def conflict(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], scan_id: FromPath[int]
) -> Response[Any]:
    """One conflict, with the form of a decision or what was decided."""
    event = await managed_event(actor, slug)
    return await _page(request, event, await conflicts.conflict_of(event.id, scan_id))


async def _page(
    request: AnyRequest,
    event: ScannedEvent,
    row: ConflictRow,
    *,
    form: Bound[Any] | None = None,
    undo_form: Bound[Any] | None = None,
    refused: object = "",
    status: int = 200,
) -> Response[Any]:
    return render(
        request,
        "checkin/conflict.html",
        status=status,
        event=event,
        row=row,
        decisions=await conflicts.decisions_of(row.id),
        form=form or blank(conflicts.DecisionForm),
        undo_form=undo_form or blank(UndoForm),
        refused=refused,
        verdict_word=lambda key: (
            gettext("Open again") if key == policy.REOPENED else policy.word(policy.verdicts(), key)
        ),
        answer_words=answer_words,
    )


def _seen(data: Any) -> int:
    text = str(data.get("seen", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


@post(f"{LEDGER}/{{scan_id:int}}", name="decide_conflict", opt=RUNNERS, status_code=303)
async def decide_conflict(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], scan_id: FromPath[int]
) -> Response[Any]:
    """Settle a conflict. Whoever is late sees the other's decision and keeps what was typed."""
    event = await managed_event(actor, slug)
    row = await conflicts.conflict_of(event.id, scan_id)
    data = await request.form()
    form = bind(conflicts.DecisionForm, data)
    if not form.ok and row.verdict:
        return await _page(request, event, row, form=form, refused=conflicts.DECIDED, status=409)
    if not form.ok:
        return await _page(request, event, row, form=form, status=422)
    try:
        await conflicts.decide(row, form.value, seen=_seen(data), by=actor)
    except Conflict as late:
        row = await conflicts.conflict_of(event.id, scan_id)
        return await _page(request, event, row, form=form, refused=late.message, status=late.status)
    return redirect(request, "conflicts", slug=slug, query="?state=open", flash=N_("The conflict is settled."))


@post(f"{LEDGER}/{{scan_id:int}}/reopen", name="reopen_conflict", opt=RUNNERS, status_code=303)
async def reopen_conflict(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], scan_id: FromPath[int]
) -> Response[Any]:
    """Undo a decision, with a reason."""
    event = await managed_event(actor, slug)
    row = await conflicts.conflict_of(event.id, scan_id)
    data = await request.form()
    form = bind(UndoForm, data)
    try:
        await conflicts.reopen(row, form.value.reason, seen=_seen(data), by=actor)
    except Invalid as refused:
        if row.verdict is None:
            return await _page(request, event, row, refused=conflicts.DECIDED, status=409)
        form.add_errors(refused)
        return await _page(request, event, row, undo_form=form, status=422)
    except Conflict as late:
        row = await conflicts.conflict_of(event.id, scan_id)
        return await _page(request, event, row, undo_form=form, refused=late.message, status=late.status)
    return redirect(request, "conflict", slug=slug, scan_id=scan_id, flash=N_("The conflict is open again."))


HANDLERS: list[Any] = [conflict_list, conflicts_csv, conflict, decide_conflict, reopen_conflict]
