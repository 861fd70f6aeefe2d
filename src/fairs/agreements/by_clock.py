"""What time alone does to agreements: reminders after the signing, and the lapse of what did not go on.

Days and states are data: `followup` of `units/data/agreement_states.json`.
"""

from datetime import datetime, time, timedelta

from fairs.accounts.actor import SYSTEM
from fairs.agreements import emails, queries, services, states
from fairs.agreements.facts import Fact
from fairs.core import clock
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.schedule import Daily, periodic
from fairs.units import catalogues


def milestone(signed_at: datetime, now: datetime, days: tuple[int, ...]) -> int | None:
    """The last of these numbers of days since the signing that has been reached."""
    return max((number for number in days if now - signed_at >= timedelta(days=number)), default=None)


@periodic(
    "agreements-lapse",
    Daily(time(1, 10)),
    title=N_("Lapse of agreements"),
    does=N_("Signed intents without a step for 180 days lapse; both sides and the bureau are told."),
    counts=N_("Agreements lapsed"),
    question=N_("Let all overdue intents lapse now? Both sides are told."),
)
async def lapse() -> int:
    """The number of agreements that lapsed."""
    days = catalogues.followup().lapse_after_days
    count = 0
    for number in await queries.standing_still(clock.now() - timedelta(days=days)):
        evidence = f"no progress for {days} days"
        try:
            await services.transition(number, states.LAPSED, by=SYSTEM, fact=Fact(evidence=evidence), as_system=True)
        except Conflict:  # somebody took a step meanwhile
            continue
        count += 1
    return count


@periodic(
    "agreements-follow-up",
    Daily(time(8, 0)),
    title=N_("Follow-up of agreements"),
    does=N_(
        "30, 60, 90 and 180 days after the signing the employer and its bureau are asked how it goes, until the arrival."
    ),
    counts=N_("Mails"),
)
async def follow_up() -> int:
    """The number of mails; each agreement is asked after once for each number of days."""
    plan, now, count = catalogues.followup(), clock.now(), 0
    for one in await queries.to_follow_up(now - timedelta(days=min(plan.reminder_days))):
        days = milestone(one.signed_at, now, plan.reminder_days)
        assert days is not None
        ends = one.state_since + timedelta(days=plan.lapse_after_days) if one.state == states.SIGNED else None
        count += await emails.ask_progress(one, days, ends)
    return count
