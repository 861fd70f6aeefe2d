"""The outcome of a meeting: kept, said anew, refused."""

import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import db
from fairs.core.errors import Conflict
from fairs.meetings import booking, queries, services
from fairs.meetings.forms import OutcomeForm
from tests.meetings.stage import booked, make_stage
from tests.meetings.test_services import raises

pytestmark = pytest.mark.usefixtures("db")


async def test_outcome_is_kept_and_can_be_said_anew() -> None:
    stage = await make_stage()
    meeting_id = await booked(stage)
    form = OutcomeForm(state="held", outcome="intent", note="Comes in March")
    with pytest.raises(Conflict) as early:
        await services.record_outcome(meeting_id, form, by=stage.employer)
    assert early.value.message == services.TOO_EARLY
    await db.execute("UPDATE meeting SET starts_at = now() - interval '1 hour', ends_at = now() - interval '40 min'")
    found = []
    for said in (form, OutcomeForm(state="no_show", outcome="intent"), OutcomeForm(state="held", outcome="none")):
        await services.record_outcome(meeting_id, said, by=stage.employer)
        row = await queries.meeting_by_id(meeting_id)
        found.append((row.state, row.outcome, row.note))
    assert found == [("held", "intent", "Comes in March"), ("no_show", "", ""), ("held", "none", "")]
    with pytest.raises(Conflict):
        await services.cancel(meeting_id, by=stage.employer)


async def test_outcome_of_a_cancelled_meeting_is_refused() -> None:
    stage = await make_stage()
    meeting_id = await booked(stage)
    await services.cancel(meeting_id, by=stage.employer)
    with pytest.raises(Conflict) as refused:
        await services.record_outcome(meeting_id, OutcomeForm(state="no_show"), by=SYSTEM)
    assert refused.value.message == services.CANCELLED


async def test_outcome_said_anew_cannot_put_somebody_at_two_tables() -> None:
    stage = await make_stage()
    first = await booked(stage)
    await services.record_outcome(first, OutcomeForm(state="no_show"), by=SYSTEM)
    await services.book(stage.listing, stage.talent, stage.slots[1], by=stage.employer)
    refused = await raises(services.record_outcome(first, OutcomeForm(state="held", outcome="talks"), by=SYSTEM))
    assert refused == booking.BOOKED
