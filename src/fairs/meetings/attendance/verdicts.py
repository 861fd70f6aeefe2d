"""What the badges seen around a slot say of a meeting. Pure."""

from datetime import datetime, timedelta

from fairs.core.wishes import Side
from fairs.meetings.tables import MeetingState


def verdict(
    talent_at: datetime | None, employer_at: datetime | None, *, starts_at: datetime, wait: timedelta, now: datetime
) -> tuple[MeetingState, str]:
    """(state, the side that did not come): both seen, the meeting is held; one waited in vain, the other did not come.

    The wait begins with the slot, or when the one who is there came later.
    """
    if talent_at is not None and employer_at is not None:
        return MeetingState.HELD, ""
    came = talent_at or employer_at
    if came is None or now < max(came, starts_at) + wait:
        return MeetingState.SCHEDULED, ""
    return MeetingState.NO_SHOW, (Side.EMPLOYER if talent_at is not None else Side.TALENT).value
