"""What statements about units return."""

from fairs.core.rows import Row


class UnitRow(Row, frozen=True):
    """A reporting unit."""

    id: int
    code: str
    kind: str
    name_zh: str
    name_en: str
