"""What members of a tour are told: exactly those whom it concerns, once each, from the release of the itinerary on."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.rows import execute, fetch_value
from fairs.events.rows import EventRow
from fairs.tours import changes, emails, member_queries, queries, rules
from fairs.tours.rows import MemberRow, StopRow
from fairs.tours.tables import NewsKind, StopState


async def people_before(event: EventRow, stop: StopRow) -> list[MemberRow] | None:
    """Who was at a stop before it is changed; None while the itinerary is not released: then nobody is told."""
    if (await queries.plan_of(event.id)).released_at is None:
        return None
    return [] if stop.state == StopState.CANCELLED else await member_queries.people_at(event.id, stop.id)


async def stop_changed(
    event: EventRow, before: StopRow | None, after: StopRow, people: list[MemberRow] | None, *, by: Actor
) -> None:
    """Tell who comes to a stop now, who no longer does, and who sees a change of it. `people`: as of `people_before`."""
    if people is None:
        return
    now = [] if after.state == StopState.CANCELLED else await member_queries.people_at(event.id, after.id)
    was, are = {member.id for member in people}, {member.id for member in now}
    values = ("{}", "{}")
    if before is not None:
        old, new = ({name: getattr(stop, name) for name in rules.TOLD} for stop in (before, after))
        difference = rules.changed(old, new)
        values = (changes.stored(difference[0]), changes.stored(difference[1]))
    await _tell(event, NewsKind.NEW, after, [one for one in now if one.id not in was], by=by)
    await _tell(event, NewsKind.CANCELLED, after, [one for one in people if one.id not in are], by=by)
    if values != ("{}", "{}"):
        await _tell(event, NewsKind.CHANGED, after, [one for one in now if one.id in was], values, by=by)


async def released(event: EventRow, *, by: Actor) -> int:
    """Tell everybody with a place that the itinerary is ready; returns how many."""
    members = [one for one in await member_queries.members_of(event.id) if one.state in rules.COMING]
    await _tell(event, NewsKind.RELEASED, None, members, by=by)
    return len(members)


async def group_changed(event: EventRow, members: Sequence[MemberRow], *, by: Actor) -> None:
    """Tell members with a place that they are in another group."""
    if (await queries.plan_of(event.id)).released_at is not None:
        await _tell(event, NewsKind.GROUP, None, [one for one in members if one.state in rules.COMING], by=by)


async def joined(event: EventRow, members: Sequence[MemberRow], *, by: Actor) -> None:
    """Tell who got a place after the release that the itinerary is there."""
    if (await queries.plan_of(event.id)).released_at is not None:
        await _tell(event, NewsKind.RELEASED, None, members, by=by)


async def _tell(
    event: EventRow,
    kind: NewsKind,
    stop: StopRow | None,
    members: Sequence[MemberRow],
    values: tuple[str, str] = ("{}", "{}"),
    *,
    by: Actor,
) -> None:
    if not members:
        return
    news = await fetch_value(
        int,
        "INSERT INTO tour_news (event, stop, kind, before, after, at, by) VALUES (:event, :stop, :kind, :before::jsonb,"
        " :after::jsonb, :now, :by) RETURNING id",
        event=event.id,
        stop=stop.id if stop else None,
        kind=kind.value,
        before=values[0],
        after=values[1],
        now=clock.now(),
        by=by.account_id,
    )
    await execute(
        "INSERT INTO tour_told (news, member) SELECT :news, unnest(:members::bigint[])",
        news=news,
        members=[member.id for member in members],
    )
    await emails.tell_news(event, news, kind, stop, values, members)


async def ask_hosts(event: EventRow, stop: StopRow, case: emails.Case = emails.Case.ASK) -> int:
    """Ask the accounts that answer for the host of a stop, or tell them; returns the number of mails."""
    hosts = await queries.host_contacts(stop)
    people = rules.people_at(frozenset(stop.groups), await queries.sizes(event.id))
    return await emails.ask_host(event, stop, people, hosts, case)


async def read_all(member: MemberRow) -> int:
    """The member has read everything; returns how much was new."""
    return await execute(
        "UPDATE tour_told SET read_at = :now WHERE member = :member AND read_at IS NULL",
        now=clock.now(),
        member=member.id,
    )
