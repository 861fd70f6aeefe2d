"""Draw up the agreement of a meeting: its number, its first text, its first state."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.agreements import document, emails, facts, queries, states, terms
from fairs.agreements.facts import Fact
from fairs.agreements.forms import AgreementForm
from fairs.agreements.rows import MeetingToDrawUp
from fairs.agreements.services import keep_revision, note, publish, require_open
from fairs.agreements.tables import Agreement
from fairs.audit.services import record
from fairs.core import clock, db, locks
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.rows import fetch_value_or_none
from fairs.meetings.tables import Meeting, MeetingState


async def draw_up(meeting_id: int, form: AgreementForm, *, by: Actor) -> str:
    """Create an agreement in state intent; returns its number. Raises NotFound for another employer's meeting, Conflict
    when the meeting was cancelled or has an active agreement."""
    async with db.transaction_or_join():
        await Meeting.select(Meeting.id).where(Meeting.id == meeting_id).lock_rows("UPDATE")
        meeting = await queries.meeting_to_draw_up(by, meeting_id)
        require_open(meeting.event_state)
        if meeting.state not in (MeetingState.SCHEDULED, MeetingState.HELD):
            raise Conflict(N_("This meeting did not take place."))
        if existing := await queries.agreement_of_meeting(meeting_id):
            raise Conflict(N_("This meeting already has an agreement."), number=existing)
        now = clock.now()
        number = await _next_number(meeting.event_starts_at.astimezone(ZoneInfo(meeting.timezone)).year)
        agreement_id = await _insert(number, meeting, form, by=by, now=now)
        text = document.canonical(document.compose(number, 1, terms.parties(meeting), terms.terms(form)))
        await keep_revision(agreement_id, 1, text, by=by, now=now)
        met_on = min(facts.day_of(meeting.starts_at), facts.today())
        fact = Fact(met_on, evidence=f"meeting {meeting_id}")
        await note(agreement_id, "", states.INTENT, fact, by=by, now=now)
        after = {"number": number, "meeting": meeting_id, "hash": document.digest(text).hex()}
        await record("agreement.draw_up", "agreement", agreement_id, by=by, after=after)
        await emails.request_signature(agreement_id, number, 1, states.TALENT, why="drawn_up")
        await publish(meeting.event)
    return number


async def _next_number(year: int) -> str:
    await locks.hold(Lock.AGREEMENT_NUMBER, year)
    prefix = f"YX-{year}-"
    last = await fetch_value_or_none(
        int,
        "SELECT max(substr(number, :start)::int) FROM agreement WHERE number LIKE :pattern",
        start=len(prefix) + 1,
        pattern=prefix + "%",
    )
    return f"{prefix}{(last or 0) + 1:04d}"


async def _insert(number: str, meeting: MeetingToDrawUp, form: AgreementForm, *, by: Actor, now: datetime) -> int:
    values: dict[str, Any] = {
        "number": number,
        "event": meeting.event,
        "unit": meeting.unit,
        "organisation": meeting.organisation,
        "talent": meeting.talent,
        "listing": meeting.listing,
        "meeting": meeting.id,
        "state": states.INTENT,
        "state_since": now,
        "revision": 1,
        "created_by": by.account_id,
        "created_at": now,
        "updated_at": now,
        **terms.stored_terms(form),
    }
    agreement = Agreement(**values)
    await agreement.save()
    return agreement.id
