"""An offer is made under the lock of the event: the place counts as taken until the offer ends."""

from collections.abc import Sequence
from datetime import timedelta

from fairs.accounts.actor import Actor
from fairs.audit.services import record_all
from fairs.core import clock
from fairs.core.pubsub import publish
from fairs.core.rows import execute
from fairs.registrations import emails
from fairs.registrations.moderation import By, require
from fairs.registrations.pools.tables import OfferState
from fairs.registrations.rows import LockedEvent
from fairs.registrations.tables import RegistrationState


async def offer_places(event: LockedEvent, people: Sequence[int], hours: int, *, by: Actor) -> None:
    """Keep a place for each of these people of the waiting list, and tell them until when; the ledger has counted them."""
    if not people:
        return
    who = By.CLOCK if by.account_id is None else By.ORGANISER if by.sees_everything else By.BUREAU
    require(RegistrationState.WAITLISTED, RegistrationState.OFFERED, who)
    now = clock.now()
    until = min(now + timedelta(hours=hours), event.ends_at)
    await execute(
        "UPDATE registration SET state = 'offered', queue = NULL, updated_at = :now WHERE id = ANY(:ids::bigint[])",
        ids=list(people),
        now=now,
    )
    await execute(
        "INSERT INTO place_offer (registration, state, made_at, until, made_by)"
        " SELECT unnest(:ids::bigint[]), 'open', :now, :until, :by",
        ids=list(people),
        now=now,
        until=until,
        by=by.account_id,
    )
    after = {"state": RegistrationState.OFFERED, "until": until}
    await record_all("registration.offer", "registration", [(number, after) for number in people], by=by)
    await emails.send_all([emails.Mail("place_offered", number) for number in people])
    await publish(f"event:{event.id}", {"what": "registration"})


async def end_offer(registration_id: int, state: OfferState) -> None:
    """The open offer of a registration ends."""
    await execute(
        "UPDATE place_offer SET state = :state, ended_at = :now WHERE registration = :id AND state = 'open'",
        id=registration_id,
        state=state.value,
        now=clock.now(),
    )


async def reopen_offer(registration_id: int) -> bool:
    """The last offer of a registration that comes back counts again, unless its deadline is over."""
    return bool(
        await execute(
            "UPDATE place_offer SET state = 'open', ended_at = NULL WHERE until > :now AND id ="
            " (SELECT max(id) FROM place_offer WHERE registration = :id)",
            id=registration_id,
            now=clock.now(),
        )
    )
