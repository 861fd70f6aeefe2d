"""What statements about designs return."""

from uuid import UUID

from fairs.core.rows import Row


class DesignRow(Row, frozen=True):
    """A stored design. `boxes`: JSON of `boxes.Box`."""

    id: int
    event: int
    name: str
    categories: list[str]
    size: str
    height: float
    sheet: str
    sides: str
    boxes: str
    logo: UUID | None


class Sample(Row, frozen=True):
    """A badge to look at: `why` is the choice of the page."""

    why: str
    badge: int


class PhotoKey(Row, frozen=True):
    """A person's photo in the object store."""

    registration: int
    key: str
