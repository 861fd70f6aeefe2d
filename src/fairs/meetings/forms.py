"""Input of wishes, bookings, outcomes and the hall."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_
from fairs.core.wishes import Level
from fairs.meetings.tables import MeetingOutcome, MeetingState

LEVELS: dict[str, object] = {
    Level.MUST: N_("Must meet"),
    Level.MEET: N_("Want to meet"),
    Level.NO: N_("No thanks"),
}
OUTCOMES: dict[str, object] = {
    MeetingOutcome.INTENT: N_("An intent: we want to sign an agreement"),
    MeetingOutcome.TALKS: N_("We continue talking"),
    MeetingOutcome.NONE: N_("Nothing for now"),
}
STATES: dict[str, object] = {
    MeetingState.HELD: N_("The meeting took place"),
    MeetingState.NO_SHOW: N_("The person did not come"),
}
BIGGEST = 2**53


def _choices(words: Mapping[str, object]) -> Sequence[Choice]:
    return [(value, str(word), "") for value, word in words.items()]


def _levels() -> Sequence[Choice]:
    return _choices(LEVELS)


def _outcomes() -> Sequence[Choice]:
    return _choices(OUTCOMES)


def _states() -> Sequence[Choice]:
    return _choices(STATES)


class PreferenceForm(Form):
    """`POST /preferences`. Without `talent` the candidate is the sender; an empty level withdraws the wish."""

    listing: Annotated[int, Field(N_("Listing"), widget="hidden", ge=1, le=BIGGEST)]
    talent: Annotated[int | None, Field(N_("Person"), widget="hidden", ge=1, le=BIGGEST)] = None
    level: Annotated[str, Field(N_("What you want"), widget="radio", choices=_levels)] = ""


class BookingForm(Form):
    """`POST /meetings`. Without a slot the one that suits the person best is used."""

    listing: Annotated[int, Field(N_("Listing"), widget="hidden", ge=1, le=BIGGEST)]
    talent: Annotated[int, Field(N_("Person"), widget="hidden", ge=1, le=BIGGEST)]
    slot: Annotated[int | None, Field(N_("Slot"), widget="select", ge=1, le=BIGGEST)] = None


class OutcomeForm(Form):
    """`POST /meetings/{id}/outcome`."""

    TITLE: ClassVar[object] = N_("How it went")
    state: Annotated[str, Field(N_("Did it take place?"), widget="radio", choices=_states)]
    outcome: Annotated[
        str,
        Field(
            N_("What was the result?"),
            help=N_("With an intent, the next page draws up the agreement."),
            widget="radio",
            choices=_outcomes,
        ),
    ] = ""
    note: Annotated[
        str,
        Field(
            N_("Note on the meeting"),
            help=N_("Only your organisation and the organiser read it."),
            widget="textarea",
            max_length=2000,
            attrs={"rows": "4"},
        ),
    ] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        if values.get("state") == MeetingState.HELD and values.get("outcome") == "":
            return {"outcome": N_("Enter the result of the meeting")}
        return {}


class SlotsForm(Form):
    """Creates a row of slots."""

    starts_at: Annotated[
        datetime, Field(N_("First slot begins"), help=N_("In the time zone of the fair"), widget="datetime")
    ]
    minutes: Annotated[int, Field(N_("Minutes of a meeting"), widget="number", ge=5, le=240)] = 20
    gap: Annotated[int, Field(N_("Minutes between two"), widget="number", ge=0, le=120)] = 5
    count: Annotated[int, Field(N_("How many slots"), widget="number", ge=1, le=100)] = 8
    ahead: Annotated[
        bool,
        Field(
            N_("Talks before the event"),
            help=N_("Slots before its first day, such as a round of talks online."),
            widget="checkbox",
        ),
    ] = False
    at_any_hour: Annotated[bool, Field(N_("Yes, also before 08:00 or after 18:30"), widget="checkbox")] = False


class TablesForm(Form):
    """Creates missing tables up to these numbers."""

    per_organisation: Annotated[
        int,
        Field(
            N_("Tables of each employer"),
            help=N_("Of every employer with a published listing."),
            widget="number",
            ge=0,
            le=20,
        ),
    ] = 0
    shared: Annotated[
        int,
        Field(N_("Shared tables"), help=N_("For employers without their own table."), widget="number", ge=0, le=500),
    ] = 0


class MailForm(Form):
    """`POST /account/mails`."""

    wishes: Annotated[
        bool,
        Field(
            N_("Mail me when somebody wants to meet me"),
            widget="checkbox",
            help=N_("All wishes of a day in one mail, in the morning; none when there is nothing new."),
        ),
    ] = False
    work: Annotated[
        bool,
        Field(
            N_("Mail me in the morning what waits for me"),
            widget="checkbox",
            help=N_("Approvals, verifications, overdue steps; none when nothing waits."),
        ),
    ] = False


class CancelForm(Form):
    """Why a meeting is cancelled: needed of the organiser, told to both sides."""

    reason: Annotated[str, Field(N_("Reason of the cancellation"), help=N_("Both sides read it."), max_length=200)] = ""
