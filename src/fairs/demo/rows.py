"""What the builder's statements return."""

from datetime import datetime

from fairs.core.rows import Row


class NamedGate(Row, frozen=True):
    """A gate by `event/code`."""

    id: int
    name: str


class ShownGate(Row, frozen=True):
    """A gate as demo.json tells of it."""

    event: str
    code: str
    kind: str


class Pairs(Row, frozen=True):
    """An employer with the pairs that can be booked at once."""

    organisation: int
    pairs: int


class MeetingCount(Row, frozen=True):
    """How much somebody has to meet about."""

    id: int
    meetings: int


class WornBadge(Row, frozen=True):
    """A badge that counts, with its person's category."""

    code: str
    category: str


class OpenListing(Row, frozen=True):
    """An employer's first listing that nobody has met about."""

    id: int


class Met(Row, frozen=True):
    """Two that have a meeting."""

    organisation: int
    talent: int


class Planned(Row, frozen=True):
    """A meeting that nothing was said about yet."""

    id: int
    listing: int
    talent: int
    ends_at: datetime
