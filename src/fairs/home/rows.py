"""What statements across several slices return."""

from fairs.core.rows import Row


class JourneyProgress(Row, frozen=True):
    """What a candidate has done towards a fair."""

    registered: bool
    wished: bool
    met: bool
    agreed: bool
