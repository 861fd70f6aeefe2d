"""Pages on which the province compares records that may be of one person, merges them, and undoes that."""

import re
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.pagination import MAX_PAGE_SIZE, window
from fairs.core.roles import Role
from fairs.core.sheets import Column
from fairs.duplicates import finding, queries, services, sides, undoing
from fairs.duplicates.labels import FOR, MOVED, REASONS, STRENGTHS, field_label, name_of, value_of
from fairs.duplicates.rows import PairRow
from fairs.duplicates.rules import WEIGHTS, Reason, strength
from fairs.duplicates.services import Choice
from fairs.duplicates.sides import FIELDS, Side
from fairs.duplicates.tables import PairState
from fairs.events.queries import event_by_slug
from fairs.privacy import looks
from fairs.privacy.tables import LookPlace
from fairs.registrations import phones
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.upkeep.services import ask
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

PROVINCE = access.roles(Role.ORGANISER, Role.ADMIN)
ROWS = 25  # per page
COLUMNS = (
    Column(N_("How sure"), 12),
    Column(N_("Native name"), 16),
    Column(N_("Name in Latin letters"), 26),
    Column(N_("E-mail address"), 30),
    Column(N_("The other record: native name"), 16),
    Column(N_("The other record: name in Latin letters"), 26),
    Column(N_("The other record: e-mail address"), 30),
    Column(N_("In common"), 40),
    Column(N_("Found on"), 18),
)
_NUMBER = re.compile(r"-?[0-9]{1,18}")
WORDS: dict[str, Any] = {
    "reason_words": REASONS,
    "weights": WEIGHTS,
    "strengths": STRENGTHS,
    "strength": strength,
    "state_kinds": STATE_KINDS,
    "state_label": state_label,
    "category_label": category_label,
}


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    allowed: dict[str, Collection[str]] = {
        "strength": STRENGTHS,
        "reason": [str(reason) for reason in FOR],
        "state": [PairState.APART.value],
        "sort": queries.ORDERS,
    }
    found = {name: str(given.get(name, "")) for name in allowed}
    found = {name: value for name, value in found.items() if value in allowed[name]}
    texts = {name: str(given.get(name, ""))[:100].replace("\0", "").strip() for name in ("q", "event")}
    return found | {name: text for name, text in texts.items() if text}


@get("/organise/duplicates", name="duplicates", opt=PROVINCE)
async def duplicates(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The pairs that wait for a decision, or those that were told apart; `event`: of people registered there."""
    query = _query(request)
    event = await event_by_slug(query["event"], viewer=actor) if "event" in query else None
    asked = _asked(query)
    return render(
        request,
        "duplicates/pairs.html",
        query=query,
        event=event,
        page=await queries.search(**asked, window=window(page_number(request), ROWS)),
        reasons=[(str(reason), str(REASONS[reason])) for reason in FOR],
        offered=[(str(name), str(word)) for name, (_, word) in STRENGTHS.items()],
        **WORDS,
    )


def _asked(query: dict[str, str]) -> dict[str, Any]:
    return {**query, "state": PairState(query.get("state", PairState.OPEN))}


@get("/organise/duplicates.csv", name="duplicates_export", opt=access.confirmed(PROVINCE))
async def duplicates_export(request: Request[Any, Any, Any]) -> Stream:
    """The filtered pairs as a file."""
    return downloads.long_table("pairs", COLUMNS, _rows(_query(request)))


async def _rows(query: dict[str, str]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    number, last = 1, 1
    while number <= last:
        page = await queries.search(**_asked(query), window=window(number, MAX_PAGE_SIZE))
        yield [
            (
                str(STRENGTHS[strength(row.score)][1]),
                row.one_native,
                row.one_passport,
                row.one_email,
                row.other_native,
                row.other_passport,
                row.other_email,
                "; ".join(str(REASONS[Reason(reason)]) for reason in row.reasons),
                row.found_at,
            )
            for row in page.rows
        ]
        number, last = number + 1, page.pages


@post("/organise/duplicates/find", name="find_duplicates", opt=PROVINCE, status_code=303)
async def find_duplicates(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Compares everybody now instead of at night."""
    try:
        await ask(finding.JOB, by=actor)
    except Conflict as refused:
        return redirect(request, "duplicates", flash=refused.message, kind="info")
    flash = N_("Everybody is being compared. The list is new in some seconds: load the page again.")
    return redirect(request, "duplicates", flash=flash, kind="info")


def _kept(data: Any, one: Side, other: Side) -> Side:
    """The record that stays, as chosen; else the better one."""
    wanted = str(data.get("kept") or "")
    return next((side for side in (one, other) if str(side.record) == wanted), sides.keeps(one, other))


async def _page(
    request: AnyRequest, pair: PairRow, actor: Actor, data: Any, *, status: int = 200, problem: object = ""
) -> Response[Any]:
    one, other = await sides.both(pair)
    await looks.note([s.account.id for s in (one, other) if s.account], LookPlace.REGISTRATION, by=actor)
    differing = set(sides.differing(one, other))
    fields = []
    if one.profile and other.profile:
        shown = ((name, value_of(one.profile, name), value_of(other.profile, name)) for name in FIELDS)
        fields = [
            (name, field_label(name), first, second, name in differing)
            for name, first, second in shown
            if first or second
        ]
    kept = _kept(data, one, other)
    return render(
        request,
        "duplicates/pair.html",
        status=status,
        pair=pair,
        both=(one, other),
        kept=kept,
        problems={side.record: sides.problem(side, rest) for side, rest in ((one, other), (other, one))},
        problem=problem,
        fields=fields,
        doubles=sides.doubles(one, other),
        seen=sides.digest(one, other),
        sent=data,
        names={side.record: name_of(side) for side in (one, other)},
        phones={entry.id: phones.opened(entry.phone) for side in (one, other) for entry in side.entries},
        undo_days=services.UNDO.days,
        **WORDS,
    )


@get("/organise/duplicates/{pair_id:int}", name="duplicate", opt=PROVINCE)
async def duplicate(
    request: Request[Any, Any, Any], pair_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Both records side by side, with what a merge would do."""
    return await _page(request, await queries.pair_by_id(pair_id), actor, {})


def _number(text: object) -> int:
    """A number of the form; 0 for anything else."""
    shown = str(text or "")
    return int(shown) if _NUMBER.fullmatch(shown) else 0


@post(
    "/organise/duplicates/{pair_id:int}/merge", name="merge_duplicate", opt=access.confirmed(PROVINCE), status_code=303
)
async def merge_duplicate(
    request: Request[Any, Any, Any], pair_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes one record of the two."""
    data = await request.form()
    pair = await queries.pair_by_id(pair_id)
    stays = {_number(name[5:]): _number(data.get(name)) for name in data if name.startswith("stay-")}
    picked = {name: _number(data.get(f"pick-{name}")) for name in (*FIELDS, "email") if data.get(f"pick-{name}")}
    choice = Choice(_number(data.get("kept")), str(data.get("seen") or ""), stays, picked)
    try:
        merge = await services.merge(pair_id, choice, by=actor)
    except Conflict as refused:
        return await _page(request, pair, actor, data, status=refused.status, problem=refused.message)
    return redirect(request, "person_merge", merge_id=merge, flash=N_("The two records are one now."))


@post("/organise/duplicates/{pair_id:int}/apart", name="tell_apart", opt=PROVINCE, status_code=303)
async def tell_apart(
    request: Request[Any, Any, Any], pair_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """These are two people."""
    await services.tell_apart(pair_id, by=actor)
    return redirect(request, "duplicates", flash=N_("Remembered: these are two people."))


@post("/organise/duplicates/{pair_id:int}/open", name="ask_again", opt=PROVINCE, status_code=303)
async def ask_again(
    request: Request[Any, Any, Any], pair_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The pair is among the open ones again."""
    await services.ask_again(pair_id, by=actor)
    return redirect(request, "duplicate", pair_id=pair_id, flash=N_("This pair is open again."))


@get("/organise/merges", name="person_merges", opt=PROVINCE)
async def person_merges(request: Request[Any, Any, Any]) -> Response[Any]:
    """What was merged, the newest first."""
    query = {name: text for name, text in _query(request).items() if name == "q"}
    page = await queries.merges(**query, window=window(page_number(request), ROWS))
    return render(request, "duplicates/merges.html", query=query, page=page, may_undo=undoing.may_undo, **WORDS)


async def _merge_page(request: AnyRequest, merge_id: int, *, status: int = 200, problem: object = "") -> Response[Any]:
    merge = await queries.merge_by_id(merge_id)
    moved = msgspec.json.decode(merge.moved, type=dict[str, int])
    return render(
        request,
        "duplicates/merge.html",
        status=status,
        merge=merge,
        moved=[(str(MOVED.get(table, table)), number) for table, number in sorted(moved.items())],
        may_undo=undoing.may_undo(merge),
        problem=problem,
        entries=await queries.entries(merge.kept),
        **WORDS,
    )


@get("/organise/merges/{merge_id:int}", name="person_merge", opt=PROVINCE)
async def person_merge(request: Request[Any, Any, Any], merge_id: FromPath[int]) -> Response[Any]:
    """One merge: what was moved, and until when it can be undone."""
    return await _merge_page(request, merge_id)


@post("/organise/merges/{merge_id:int}/undo", name="undo_merge", opt=access.confirmed(PROVINCE), status_code=303)
async def undo_merge(
    request: Request[Any, Any, Any], merge_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes the merge back."""
    try:
        await undoing.undo(merge_id, by=actor)
    except Conflict as refused:
        return await _merge_page(request, merge_id, status=refused.status, problem=refused.message)
    return redirect(request, "person_merge", merge_id=merge_id, flash=N_("Both records are as they were."))


HANDLERS: list[Any] = [
    duplicates,
    duplicates_export,
    find_duplicates,
    duplicate,
    merge_duplicate,
    tell_apart,
    ask_again,
    person_merges,
    person_merge,
    undo_merge,
]
