"""What statements about targets return."""

from datetime import date

from fairs.core.rows import Row


class SetTarget(Row, frozen=True):
    """A unit's target for a year with its document; `source` is the title."""

    unit: int
    code: str
    measure: str
    value: int
    counted_in: str
    source: str
    document_number: str
    document_date: date | None
