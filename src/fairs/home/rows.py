"""What statements across several slices return."""

from fairs.core.rows import Row


class JourneyProgress(Row, frozen=True):
    """What a candidate has done towards a fair."""

    registered: bool
    wished: bool
    met: bool
    agreed: bool


class EmployerProgress(Row, frozen=True):
    """What an employer has done so far."""

    published: bool
    wished: bool
    met: bool
    agreed: bool
