"""Who runs the event decides about exhibits: the call, points of the jury, release, and sending back."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.events.services import locked_event
from fairs.exhibits import emails, queries, services
from fairs.exhibits.forms import BackForm, CallForm, ScoreForm
from fairs.exhibits.rows import ExhibitionRow
from fairs.exhibits.tables import ExhibitState

NO_POINTS = N_("Points are given while an exhibit waits for its release")


def stored_call(row: ExhibitionRow | None) -> dict[str, Any]:
    """The call as its form has it."""
    if row is None:
        return {"closes_at": None, "call_zh": "", "call_en": ""}
    return {"closes_at": row.closes_at, "call_zh": row.call_zh, "call_en": row.call_en}


async def save_call(slug: str, form: CallForm, *, seen: str, by: Actor) -> None:
    """Take exhibits from now on, or change until when. Raises NotFound, Outdated, Invalid."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        stored = stored_call(await queries.exhibition_of(event.id))
        versions.require_current(form, stored, seen)
        if form.closes_at is not None and form.closes_at > event.ends_at:
            raise Invalid(fields={"closes_at": [N_("The event has ended by then")]})
        values = {"closes_at": form.closes_at, "call_zh": form.call_zh, "call_en": form.call_en}
        await execute(
            "INSERT INTO exhibition (event, closes_at, call_zh, call_en, updated_at) VALUES (:event, :closes_at, :call_zh,"
            " :call_en, :now) ON CONFLICT (event) DO UPDATE SET closes_at = excluded.closes_at, call_zh = excluded.call_zh,"
            " call_en = excluded.call_en, updated_at = excluded.updated_at",
            event=event.id,
            now=clock.now(),
            **values,
        )
        after = {"closes_at": form.closes_at.isoformat() if form.closes_at else ""}
        await record("exhibit.call", "event", event.id, by=by, after=after)


async def score(slug: str, exhibit_id: int, form: ScoreForm, *, by: Actor) -> None:
    """Give points, or change the own ones. Raises NotFound, Conflict once it is decided."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        row = await queries.exhibit_of(event.id, exhibit_id)
        if row.state != ExhibitState.SUBMITTED:
            raise Conflict(NO_POINTS, code="state")
        await execute(
            "INSERT INTO exhibit_score (exhibit, juror, points, note, at) VALUES (:exhibit, :juror, :points, :note, :now)"
            " ON CONFLICT (exhibit, juror) DO UPDATE SET points = excluded.points, note = excluded.note, at = excluded.at",
            exhibit=row.id,
            juror=by.account_id,
            points=form.points,
            note=form.note,
            now=clock.now(),
        )
        await record("exhibit.score", "exhibit", row.id, by=by, after={"points": form.points})


async def release(slug: str, exhibit_id: int, *, by: Actor) -> None:
    """Show it in the gallery. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        row = await queries.exhibit_of(event.id, exhibit_id)
        await services.step(row, "release", by=by, decided_at=clock.now(), decided_by=by.account_id)
        await emails.send_decision(row)


async def send_back(slug: str, exhibit_id: int, form: BackForm, *, by: Actor) -> None:
    """Send it back with a reason; out of the gallery, if it was there. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        row = await queries.exhibit_of(event.id, exhibit_id)
        await services.step(row, "return", by=by, reason=form.reason, decided_at=clock.now(), decided_by=by.account_id)
        await emails.send_decision(row, reason=form.reason)
