"""What statements about offers return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.registrations.pools.tables import OfferState


class OfferRow(Row, frozen=True):
    """An offer with its person. `made_by`: who of the staff chose the person; None: the order of the waiting list."""

    id: int
    number: str
    name_passport: str
    name_native: str
    category: str
    state: OfferState
    made_at: datetime
    until: datetime
    ended_at: datetime | None
    made_by: str | None


class OfferCount(Row, frozen=True):
    """How many offers of an event are in a state."""

    state: OfferState
    count: int
