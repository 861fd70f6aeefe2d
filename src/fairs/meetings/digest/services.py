"""The other side is notified of wishes once a day, all in one mail, in the receiver's morning.

A wish enqueues a job for the receiver's next morning; its key contains the receiver and the day, so that at most one waits.
The job reads the current wishes: a withdrawn one is not sent, an answered one was sent by `emails.notify_mutual`.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fairs.core import clock, db, i18n, jobs, locks
from fairs.core.locks import Lock
from fairs.core.rows import execute
from fairs.core.wishes import Level, Side
from fairs.matching.presentation import person
from fairs.meetings.digest import queries
from fairs.meetings.digest.rows import Receiver, UntoldWish
from fairs.meetings.emails import PAGES
from fairs.meetings.tables import WishMailOff
from fairs.notifications.services import Message, base_url, queue_mail

TELL = "meetings.tell_wishes"
MORNING = time(9)
HOURS = range(8, 20)
"""Hours of the receiver's local time in which a digest may be sent: a late job waits for the next morning."""
MOST = 20
"""This many wishes are listed; the rest is counted."""
HOME = "Asia/Shanghai"


def zone_of(name: str) -> ZoneInfo:
    """The receiver's zone, the product's own when theirs is unknown."""
    return ZoneInfo(name if i18n.is_zone(name) else HOME)


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The next 9:00 of the receiver's local time after `now`."""
    local = now.astimezone(zone)
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone)


async def enqueue_digest(side: Side, owner: int) -> None:
    """Enqueue a digest for this side (a talent, or an employer's organisation) for its next morning.

    The key contains the hour: a job that is rescheduled because the receiver's zone has changed does not block itself.
    """
    receiver = await queries.receiver(side, owner)
    zone = zone_of(receiver.timezone if receiver else "")
    now = clock.now()
    due = next_morning(now, zone)
    key = f"wishes:{side}:{owner}:{due.astimezone(UTC):%Y-%m-%dT%H}"
    await jobs.enqueue(TELL, {"side": side, "owner": owner}, after=due - now, key=key)


@jobs.job(TELL)
async def send_digest(payload: dict[str, Any]) -> None:
    """One mail with all wishes not yet sent, which it marks as sent. Safe to run twice and in two processes at once."""
    side = Side(payload["side"])
    owner = int(payload["owner"])
    async with db.transaction_or_join():
        await locks.hold(Lock.MEETINGS_WISHES, f"{side}:{owner}")
        receiver = await queries.receiver(side, owner)
        if receiver is None:
            return
        local = clock.now().astimezone(zone_of(receiver.timezone))
        if local.hour not in HOURS:
            await enqueue_digest(side, owner)
            return
        wishes = await queries.untold(side, owner)
        if not wishes:
            return
        if await queue_mail(_message(side, receiver, wishes, local)) is None:
            await enqueue_digest(side, owner)  # this account already got its digest of the day
            return
        ids = [wish.id for wish in wishes]
        await execute("UPDATE preference SET told_at = :now WHERE id = ANY(:ids::bigint[])", ids=ids, now=clock.now())


def _message(side: Side, receiver: Receiver, wishes: list[UntoldWish], local: datetime) -> Message:
    with i18n.language(receiver.lang):
        shown = [
            {
                "title": i18n.pick(wish.title_zh, wish.title_en),
                "other": i18n.pick(wish.organisation_zh, wish.organisation_en) if side == Side.TALENT else person(wish),
                "must": wish.level == Level.MUST,
            }
            for wish in wishes[:MOST]
        ]
    return Message(
        kind="wishes_digest",
        lang=receiver.lang,
        to_email=receiver.email,
        to_name=receiver.name,
        account_id=receiver.account_id,
        variables={
            "name": receiver.name,
            "side": side,
            "wishes": shown,
            "count": len(wishes),
            "more": len(wishes) - len(shown),
            "link": base_url() + PAGES[side],
            "settings": base_url() + "/account/mails",
        },
        dedupe_key=f"wishes:{receiver.account_id}:{local.date().isoformat()}",
    )


async def choose_digest(account_id: int, wanted: bool) -> None:
    """Turn digests of wishes on or off for this account."""
    async with db.transaction_or_join():
        if wanted:
            await WishMailOff.delete().where(WishMailOff.account == account_id)
        else:
            await WishMailOff.insert(WishMailOff(account=account_id, since=clock.now())).on_conflict(
                WishMailOff.account, "DO NOTHING"
            )
