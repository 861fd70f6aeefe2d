"""Thanks everybody who came on a tour, in the own language, with what was agreed at the stops. Each person once."""

from collections import defaultdict
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, i18n
from fairs.core.errors import Conflict
from fairs.core.i18n import N_, pick
from fairs.core.rows import execute, fetch_values
from fairs.events.rows import EventRow
from fairs.events.services import locked_event
from fairs.meetings.pages import OUTCOMES
from fairs.meetings.tables import MeetingOutcome
from fairs.notifications.services import Message, queue_mails
from fairs.reports.tours import queries
from fairs.reports.tours.rows import AgreedRow, MetRow
from fairs.tours import emails, member_queries
from fairs.tours.rows import MemberRow
from fairs.units import catalogues

NOT_OVER = N_("The tour is not over yet")
NOBODY = N_("Everybody who came has been thanked already")
KIND = "tour_thanks"


async def to_thank(event_id: int) -> list[MemberRow]:
    """Who came, has an address, and was not thanked yet."""
    ids = await fetch_values(
        int, "SELECT id FROM tour_member WHERE event = :event AND state = 'came' AND thanked_at IS NULL", event=event_id
    )
    return [row for row in await member_queries.members_by_ids(event_id, ids) if row.email]


async def thanked(event_id: int) -> list[MemberRow]:
    """Who was thanked."""
    sql = "SELECT id FROM tour_member WHERE event = :event AND thanked_at IS NOT NULL"
    return await member_queries.members_by_ids(event_id, await fetch_values(int, sql, event=event_id))


def _of_meeting(row: MetRow) -> dict[str, str]:
    employer = pick(row.organisation_zh, row.organisation_en)
    outcome = str(OUTCOMES[row.outcome]) if row.outcome else ""
    return {"other": employer, "title": pick(row.listing_zh, row.listing_en), "what": outcome}


def _of_agreement(row: AgreedRow) -> dict[str, str]:
    state = catalogues.label("agreement_states", row.state, i18n.current_lang())
    what = i18n.gettext("agreement %(number)s, %(state)s", number=row.number, state=state)
    if row.next_step_by:
        what += i18n.gettext("; next step by %(day)s", day=i18n.format_day(row.next_step_by))
    return {
        "other": pick(row.organisation_zh, row.organisation_en),
        "title": pick(row.title_zh, row.title_en),
        "what": what,
    }


async def written(event: EventRow, members: list[MemberRow]) -> list[Message]:
    """The mails, with the steps that were agreed with each person: agreements, and meetings of which there is none with that employer."""
    agreed: dict[int, list[AgreedRow]] = defaultdict(list)
    for one in await queries.agreed(event.id, {}):
        agreed[one.talent].append(one)
    met: dict[int, list[MetRow]] = defaultdict(list)
    for talk in await queries.met(event.id, {}):
        met[talk.talent].append(talk)
    mails = []
    for member in members:
        own = agreed[member.talent or 0]
        signed_with = {one.organisation for one in own}
        with i18n.language(member.lang):
            steps = [_of_agreement(one) for one in own]
            steps += [
                _of_meeting(one)
                for one in met[member.talent or 0]
                if one.organisation not in signed_with and one.outcome not in ("", MeetingOutcome.NONE)
            ]
            mails.append(emails.to_member(KIND, event, member, {"steps": steps}, f"tour-thanks:{member.id}"))
    return mails


async def thank(slug: str, *, by: Actor) -> int:
    """Send the mails once; returns how many. Who comes into the list later is thanked by the next time. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        if clock.now() < event.ends_at:
            raise Conflict(NOT_OVER, code="early")
        members = await to_thank(event.id)
        if not members:
            raise Conflict(NOBODY, code="nobody")
        await execute(
            "UPDATE tour_member SET thanked_at = :now WHERE id = ANY(:ids::bigint[])",
            now=clock.now(),
            ids=[row.id for row in members],
        )
        await queue_mails(await written(event, members))
        after: dict[str, Any] = {"people": len(members)}
        await record("tour.thank", "event", event.id, by=by, after=after)
    return len(members)
