"""Links to the sheets of drivers and interpreters: made, opened, revoked. They end by themselves."""

from datetime import timedelta

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, crypto, db
from fairs.core.errors import NotFound
from fairs.core.rows import execute
from fairs.tours.logistics import queries as logistics
from fairs.tours.papers import queries
from fairs.tours.papers.tables import TourSheetLink
from fairs.tours.services import prepared

AFTER = timedelta(days=1)  # a link ends so long after the tour


async def make(slug: str, *, vehicle: int | None = None, interpreter: int | None = None, by: Actor) -> str:
    """The code of a new link, shown once; earlier links of the same driver or interpreter end. Raises NotFound, Conflict."""
    code = crypto.new_token()
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        if (vehicle is None) == (interpreter is None):
            raise NotFound
        if vehicle is not None:
            name = (await logistics.vehicle_of(event.id, vehicle)).name
        else:
            name = (await logistics.interpreter_of(event.id, interpreter or 0)).name
        now = clock.now()
        await execute(
            "UPDATE tour_sheet_link SET revoked_at = :now WHERE event = :event AND revoked_at IS NULL"
            " AND (vehicle = :vehicle::bigint OR interpreter = :interpreter::bigint)",
            now=now,
            event=event.id,
            vehicle=vehicle,
            interpreter=interpreter,
        )
        await TourSheetLink.insert(
            TourSheetLink(
                event=event.id,
                vehicle=vehicle,
                interpreter=interpreter,
                token_hash=crypto.hash_token(code),
                expires_at=event.ends_at + AFTER,
                made_at=now,
                made_by=by.account_id,
            )
        )
        await record("tour_sheet.make", "event", event.id, by=by, after={"name": name})
    return code


async def revoke(slug: str, link_id: int, *, by: Actor) -> None:
    """The link ends now. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = await queries.link_of(event.id, link_id)
        await execute(
            "UPDATE tour_sheet_link SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL",
            now=clock.now(),
            id=row.id,
        )
        await record("tour_sheet.revoke", "event", event.id, by=by)


async def note_opened(link_id: int) -> None:
    """Keep when a sheet was opened last."""
    await execute("UPDATE tour_sheet_link SET opened_at = :now WHERE id = :id", now=clock.now(), id=link_id)
