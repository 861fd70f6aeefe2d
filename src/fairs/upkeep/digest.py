"""The morning mail to bureaus and organisers: what waits for them. Nothing is sent when nothing waits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time

from fairs.accounts.actor import Actor
from fairs.accounts.queries import actor_by_id
from fairs.core import clock, i18n, schedule
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as, fetch_value
from fairs.core.schedule import Daily, periodic
from fairs.core.services import Service
from fairs.notifications.queries import counts_by_state
from fairs.notifications.services import Message, base_url, queue_mail
from fairs.notifications.tables import MailState
from fairs.upkeep import queries
from fairs.upkeep.rows import Receiver


@dataclass(frozen=True)
class Waiting:
    """Work of one kind that waits for somebody: how much, since when the oldest, and the page where it is done."""

    number: int
    what: object
    path: str
    since: datetime | None = None
    urgent: bool = False


Source = Callable[[Actor], Awaitable[list[Waiting]]]
SOURCES: Service[tuple[Source, ...]] = Service(tuple)
"""What of each slice waits for a bureau or an organiser; `wiring` sets them."""
_RECEIVERS = """
SELECT DISTINCT a.id AS account_id, a.email, a.name, a.lang FROM account a JOIN membership m ON m.account = a.id
WHERE a.active AND a.email_confirmed_at IS NOT NULL AND m.role IN ('bureau', 'organiser')
AND NOT EXISTS (SELECT 1 FROM work_mail_off o WHERE o.account = a.id) ORDER BY a.id
"""


async def wants_mail(account_id: int) -> bool:
    """Whether the account gets the morning mail if it works for a bureau or as an organiser."""
    return await fetch_value(
        bool, "SELECT NOT EXISTS (SELECT 1 FROM work_mail_off WHERE account = :account)", account=account_id
    )


async def broken_jobs(actor: Actor) -> list[Waiting]:
    """Periodic jobs that failed or are overdue, for organisers."""
    if not actor.sees_everything:
        return []
    number = sum(one.failed or one.overdue for one in await queries.standings())
    return [Waiting(number, N_("Scheduled jobs that failed or are overdue"), "/organise/clock")]


async def failed_mails(actor: Actor) -> list[Waiting]:
    """Mails that could not be sent, for organisers."""
    if not actor.sees_everything:
        return []
    number = (await counts_by_state()).get(MailState.FAILED, 0)
    return [Waiting(number, N_("Mails that could not be sent"), "/organise/outbox?state=failed")]


async def waiting_for(actor: Actor) -> list[Waiting]:
    """All that waits for an account; kinds without anything are left out."""
    return [line for source in SOURCES() for line in await source(actor) if line.number]


@periodic(
    "upkeep-digest",
    Daily(time(8, 30)),
    title=N_("Morning mail to the staff"),
    does=N_("Tells bureaus and organisers what waits for them; nothing when nothing waits."),
    counts=N_("Mails"),
)
async def send_digests() -> int:
    """The number of mails; an account gets one a day."""
    day = clock.now().astimezone(schedule.zone()).date()
    count = 0
    for receiver in await fetch_as(Receiver, _RECEIVERS):
        actor = await actor_by_id(receiver.account_id)
        lines = await waiting_for(actor) if actor else []
        if lines:
            key = f"work:{receiver.account_id}:{day.isoformat()}"
            count += await queue_mail(_message(receiver, lines, key)) is not None
    return count


def _message(receiver: Receiver, lines: list[Waiting], key: str) -> Message:
    with i18n.language(receiver.lang):
        shown = [{"number": line.number, "what": str(line.what), "link": base_url() + line.path} for line in lines]
    return Message(
        kind="work_digest",
        lang=receiver.lang,
        to_email=receiver.email,
        to_name=receiver.name,
        account_id=receiver.account_id,
        variables={
            "name": receiver.name,
            "lines": shown,
            "count": sum(line.number for line in lines),
            "settings": base_url() + "/account/mails",
        },
        dedupe_key=key,
    )
