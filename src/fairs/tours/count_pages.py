"""Heads counted at the coach and at stops: who is expected, who is there, and whom to call."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.queries import event_for, gates_of
from fairs.events.rows import EventRow, GateRow
from fairs.events.running import RUNNERS
from fairs.registrations import phones
from fairs.tours import counting, member_queries, members, queries
from fairs.tours.emails import title_of
from fairs.tours.pages import PATH
from fairs.tours.rows import StopRow
from fairs.tours.rules import LIVE_STOPS
from fairs.web.templating import AnyRequest, redirect, render


def _chosen(request: AnyRequest, gates: list[GateRow], stops: list[StopRow]) -> tuple[GateRow | None, StopRow | None]:
    """The gate and the stop that were asked for; a stop's own gate, or the first gate of the tour."""
    typed = str(request.query_params.get("stop", ""))
    stop = next((one for one in stops if str(one.id) == typed), None)
    code = str(request.query_params.get("gate", "")) or (stop.gate_code if stop else "")
    gate = next((one for one in gates if one.code == code), None)
    return gate or next(iter(gates), None), stop


def _since(event: EventRow, stop: StopRow | None) -> datetime:
    """Scans count from the morning of the stop's day, or of today; of a tour that is over from its last morning on."""
    moment = stop.starts_at if stop else min(max(clock.now(), event.starts_at), event.ends_at)
    return moment.astimezone(ZoneInfo(event.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)


@get(f"{PATH}/count", name="tour_count", opt=RUNNERS)
async def tour_count(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who is missing at a gate today, with telephone numbers, and who is there."""
    event = await event_for(actor, slug)
    await members.bring_up(event.id)
    gates = [gate for gate in await gates_of(event.id) if gate.inactive_since is None]
    stops = [stop for stop in await queries.stops_of(event.id) if stop.state in LIVE_STOPS]
    gate, stop = _chosen(request, gates, stops)
    since = _since(event, stop)
    rows = await member_queries.counted(event.id, gate.id, stop.id if stop else 0, since) if gate else []
    return render(
        request,
        "tours/count.html",
        event=event,
        gates=gates,
        stops=[(str(one.id), title_of(one), one.starts_at) for one in stops],
        gate=gate,
        stop=stop,
        title=title_of(stop) if stop else "",
        missing=[row for row in rows if row.seen_at is None],
        there=[row for row in rows if row.seen_at is not None],
        since=since,
        opened=phones.opened,
        moment=i18n.format_moment,
    )


@post(PATH + "/stops/{stop_id:int}/gate", name="open_stop_gate", opt=RUNNERS, status_code=303)
async def open_stop_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes the gate of a stop, so that scanners offer it."""
    try:
        code = await counting.open_gate(slug, stop_id, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    said = N_("Scanners now offer the gate %(code)s.", code=code)
    return redirect(request, "tour_count", slug=slug, query=f"?stop={stop_id}", flash=said)


HANDLERS: list[Any] = [tour_count, open_stop_gate]
