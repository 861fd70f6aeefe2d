"""Rows returned by the builder's statements."""

from datetime import datetime

from fairs.core.rows import Row


class NamedGate(Row, frozen=True):
    """A gate by `event/code`."""

    id: int
    name: str


class ShownGate(Row, frozen=True):
    """A gate as written to demo.json."""

    event: str
    code: str
    kind: str


class Pairs(Row, frozen=True):
    """An employer with the number of pairs that can be booked at once."""

    organisation: int
    pairs: int


class MeetingCount(Row, frozen=True):
    """The weighted number of meetings of an employer or person."""

    id: int
    meetings: int


class WornBadge(Row, frozen=True):
    """A valid badge with its person's category."""

    code: str
    category: str


class OpenListing(Row, frozen=True):
    """An employer's first listing without a meeting."""

    id: int


class Met(Row, frozen=True):
    """A pair that has a meeting."""

    organisation: int
    talent: int


class Planned(Row, frozen=True):
    """A meeting without an outcome."""

    id: int
    listing: int
    talent: int
    ends_at: datetime
