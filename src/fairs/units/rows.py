"""What statements about units return."""

from fairs.core.rows import Row
from fairs.units.kinds import UnitKind


class UnitRow(Row, frozen=True):
    """A reporting unit."""

    id: int
    code: str
    kind: UnitKind
    name_zh: str
    name_en: str
