"""A proposed route becomes the itinerary: groups, hours and stops, all of it or nothing."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db
from fairs.core.errors import Conflict
from fairs.core.i18n import N_, gettext
from fairs.core.rows import execute
from fairs.events.rows import EventRow
from fairs.events.rules import Act
from fairs.events.services import locked_event, require
from fairs.tours import members, queries, rules, services
from fairs.tours.forms import GroupForm, StopForm
from fairs.tours.route_problem import Candidate, Proposal, Visit
from fairs.tours.route_runs import is_kept, moment, proposal_of
from fairs.tours.rows import RouteRow, StopRow
from fairs.tours.tables import RouteState, StopKind, StopState

CHANGED = N_("Stops have been changed since this route was proposed. Propose it again.")
LEFT_OUT = N_("Not in the proposed route")


async def accept_route(slug: str, route_id: int, *, by: Actor) -> int:
    """Take the proposal over: stops that stay keep their hour, the others move, come new or are cancelled; people get their groups.

    Returns how many stops the itinerary now has of it. Raises NotFound, Conflict when it is accepted or no longer fits.
    """
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        require(event, Act.PREPARE)
        row, found = await proposal_of(event.id, route_id, lock=True)
        if row.state != RouteState.DONE:
            raise Conflict(N_("This route has been taken over already"), code="accepted")
        stops = {stop.id: stop for stop in await queries.stops_of(event.id)}
        _require_same(row, found, stops)
        names = await _groups(slug, found, by)
        number = await _stops(event, found, stops, names, by)
        await execute("UPDATE tour_route SET state = 'accepted' WHERE id = :id", id=row.id)
        await record(
            "tour_route.accept", "event", event.id, by=by, after={"number": number, "groups": len(found.groups)}
        )
    return number


def _require_same(row: RouteRow, found: Proposal, stops: dict[int, StopRow]) -> None:
    """Raises Conflict when a stop of the proposal was changed since it was asked for."""
    for one in found.candidates:
        if one.stop is None:
            continue
        stop = stops.get(one.stop)
        if (
            stop is None
            or stop.state not in rules.LIVE_STOPS
            or stop.updated_at > row.asked_at
            or is_kept(stop) != one.kept
        ):
            raise Conflict(CHANGED, code="changed")


async def _groups(slug: str, found: Proposal, by: Actor) -> list[str]:
    """The name of each group; none when everybody travels together."""
    if len(found.groups) < 2:
        return [""] * len(found.groups)
    names = []
    for at, group in enumerate(found.groups, 1):
        names.append(str(at))
        group_id = await services.add_group(slug, GroupForm(name=str(at)), by=by)
        await members.set_group(slug, group.people, group_id, by=by)
    return names


async def _stops(event: EventRow, found: Proposal, stops: dict[int, StopRow], names: list[str], by: Actor) -> int:
    by_key = {one.key: one for one in found.candidates}
    known = {row.name: row.id for row in await queries.groups_of(event.id)}
    visits: dict[tuple[str, int, Visit], list[str]] = {}
    for name, group in zip(names, found.groups, strict=True):
        for day in group.days:
            for visit in day.visits:
                visits.setdefault((visit.key, day.day, visit), []).append(name)
    used: set[int] = set()
    for (key, at, visit), groups in sorted(
        visits.items(), key=lambda item: (item[0][1], item[0][2].begins, item[0][0])
    ):
        one = by_key[key]
        shown = [] if len(groups) == len(names) else groups
        hours: dict[str, Any] = {
            "starts_at": moment(event, at, visit.begins),
            "ends_at": moment(event, at, visit.ends),
        }
        if one.stop is not None and one.stop not in used:
            used.add(one.stop)
            ids = [known[name] for name in shown]
            await services.write_stop(event, stops[one.stop], {} if one.kept else hours, ids, by=by)
        else:
            await services.insert_stop(event, _new(event, one, stops, hours, shown), by=by)
    for one in found.candidates:  # those that stay are never taken out
        if one.stop is not None and one.stop not in used and not one.kept:
            gone = {"state": StopState.CANCELLED, "reason": str(LEFT_OUT)}
            await services.write_stop(event, stops[one.stop], gone, None, by=by)
    return len(visits)


def _new(
    event: EventRow, one: Candidate, stops: dict[int, StopRow], hours: dict[str, Any], groups: list[str]
) -> StopForm:
    """A visit of an employer, or a further one of a stop for another group."""
    if one.stop is not None:
        return StopForm(**services.stored_stop(stops[one.stop], event) | hours | {"groups": groups})
    return StopForm(
        kind=StopKind.VISIT.value,
        title_zh=one.title_zh,
        title_en=one.title_en,
        unit=one.city,
        employer=str(one.organisation),
        groups=groups,
        timezone=event.timezone,
        **hours,
    )


def told_gap(gap: float | None) -> str:
    """How good a route is, in words."""
    if gap is None:
        return ""
    if gap == 0:
        return gettext("Proved: no route serves these people better.")
    return gettext("At most %(percent)s %% below the best that any route could reach.", percent=f"{gap * 100:.2f}")
