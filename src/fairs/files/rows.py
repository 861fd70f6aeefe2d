"""What statements about files return."""

from datetime import datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.files.tables import FileState, Purpose


class FileRow(Row, frozen=True):
    """A file without its content."""

    id: UUID
    purpose: Purpose
    state: FileState
    name: str
    type: str
    size: int
    key: str
    at: datetime


class Gone(Row, frozen=True):
    """A file whose row was deleted; its object is next."""

    id: UUID
    key: str


class Referring(Row, frozen=True):
    """A column that refers to files."""

    source: str
    attribute: str
