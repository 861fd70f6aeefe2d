"""Steps of an exhibit, the cells of a plan, and who gets which booth. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fairs.exhibits.tables import ExhibitState

MOST_ROWS, MOST_COLUMNS, MOST_BOOTHS = 60, 40, 600
MOST_EXHIBITS = 20  # of one owner at an event
MOST_PICTURES = 6
LONGEST_LABEL = 20
_BOOTH = re.compile(r"[A-Z]{1,3}-?\d{1,3}")
STEPS: dict[str, tuple[frozenset[str], ExhibitState]] = {  # act → from which states, into which
    "submit": (frozenset({ExhibitState.DRAFT, ExhibitState.RETURNED}), ExhibitState.SUBMITTED),
    "withdraw": (frozenset({ExhibitState.SUBMITTED, ExhibitState.RELEASED}), ExhibitState.DRAFT),
    "release": (frozenset({ExhibitState.SUBMITTED}), ExhibitState.RELEASED),
    "return": (frozenset({ExhibitState.SUBMITTED, ExhibitState.RELEASED}), ExhibitState.RETURNED),
}
OPEN = frozenset({ExhibitState.DRAFT, ExhibitState.RETURNED})  # its owner may change it


@dataclass(frozen=True)
class Cell:
    """A cell of the plan that is not empty. `booth`: its text is the code of a booth."""

    row: int
    column: int
    text: str
    booth: bool


@dataclass(frozen=True)
class Waiting:
    """A released exhibit without a booth."""

    id: int
    kind: str
    discipline: str
    owner: str
    submitted_at: datetime | None


def read_grid(text: str) -> list[list[str]]:
    """The cells as they were copied from a spreadsheet, by tabs, or typed with commas; empty columns at both ends go."""
    separator = "\t" if "\t" in text else ","
    plain = text if separator == "\t" else text.replace("，", ",")
    lines = csv.reader(io.StringIO(plain.replace("\0", "")), delimiter=separator)
    rows = [[" ".join(cell.split()) for cell in line] for line in lines]
    while rows and not any(rows[-1]):
        rows.pop()
    while rows and not any(rows[0]):
        rows.pop(0)
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell), default=0)
    first = min((at for row in rows for at, cell in enumerate(row) if cell), default=0)
    return [[*row, *[""] * (width - len(row))][first:width] for row in rows]


def cells_of(grid: Sequence[Sequence[str]]) -> list[Cell]:
    """What is drawn: codes such as A1 or B-12 are booths, other texts are words on the plan."""
    found = []
    for row, line in enumerate(grid):
        for column, text in enumerate(line):
            if text:
                code = text.upper()
                booth = bool(_BOOTH.fullmatch(code))
                found.append(Cell(row, column, code if booth else text, booth))
    return found


def twice(cells: Iterable[Cell]) -> list[str]:
    """Codes that stand on the plan more than once."""
    seen: set[str] = set()
    found = []
    for cell in cells:
        if cell.booth:
            if cell.text in seen and cell.text not in found:
                found.append(cell.text)
            seen.add(cell.text)
    return found


def assigned(free: Sequence[int], waiting: Iterable[Waiting]) -> list[tuple[int, int]]:
    """(booth, exhibit): exhibits of one kind, field and owner side by side, along the rows of the plan, the earliest first."""

    def order(one: Waiting) -> tuple[str, str, str, bool, float, int]:
        at = one.submitted_at
        return one.kind, one.discipline, one.owner, at is None, at.timestamp() if at else 0.0, one.id

    return list(zip(free, (one.id for one in sorted(waiting, key=order)), strict=False))


def gate_code(booth: str) -> str:
    """The code of a booth's gate."""
    return f"booth-{booth.lower()}"


def shortened(text: str, longest: int) -> str:
    """A text that fits into a cell of the plan; a Chinese character takes two places."""
    width, kept = 0, ""
    for sign in text:
        width += 2 if ord(sign) > 0x2E7F else 1
        if width > longest:
            return kept.rstrip() + "…"
        kept += sign
    return kept
