"""Finds the sheet with the table, its header row and its column names."""

import math
import re
import statistics
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from fairs.core.sheet_reading import CellProblem, Refused, Row, Sheet
from fairs.core.sheet_reading.grid import Grid

HEAD_ROWS = 30  # non-empty rows searched for the header: titles and notes are above it
LOOKED_AT = 100  # rows used to find the table's width
_REMARK = re.compile(r"[(（\[【].*?[)）\]】]")
_DECORATION = re.compile(r"[\s*＊:：、·_-]+")


def head_key(text: str) -> str:
    """A header normalised for comparison: without width, case, spaces, stars, colons and remarks in brackets."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _DECORATION.sub("", _REMARK.sub("", folded))
    return bare or _DECORATION.sub("", folded)


def cell_text(value: Any) -> str:
    """A cell as text; days as 2018-10-27."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        hours, seconds = divmod(int(value.total_seconds()), 3600)
        return f"{hours:02}:{seconds // 60:02}"
    return str(value).strip()


class _Table:
    """A grid as texts; the text of a merged cell is copied to all rows it covers."""

    def __init__(self, grid: Grid, expected: Sequence[Sequence[str]]) -> None:
        self.grid = grid
        self.numbers = [number for number, _ in grid.rows]
        self.texts = [[cell_text(cell) for cell in row] for _, row in grid.rows]
        self.width = max((len(row) for row in self.texts), default=0)
        for row in self.texts:
            row.extend([""] * (self.width - len(row)))
        self._at = {number: at for at, number in enumerate(self.numbers)}
        self._spread(across=False)
        self.known = [{head_key(name) for name in names} for names in expected]
        self.head = self._find_head()

    def _spread(self, *, across: bool, only: range | None = None) -> None:
        for top, left, bottom, right in self.grid.merged:
            source = self._at.get(top + 1)
            if source is None or left >= self.width or not self.texts[source][left]:
                continue
            for number in range(top + 1, min(bottom + 1, self.numbers[-1]) + 1):
                at = self._at.get(number)
                if at is None or (only is not None and at not in only):
                    continue
                for column in range(left, min(right, self.width - 1) + 1) if across else [left]:
                    self.texts[at][column] = self.texts[source][left]

    def matches(self, at: int) -> int:
        """How many of the columns that the caller knows are headers of this row."""
        keys = {head_key(text) for text in self.texts[at] if text}
        return sum(1 for names in self.known if names & keys)

    def _find_head(self) -> int:
        first = range(min(HEAD_ROWS, len(self.texts)))
        best = max(first, key=self.matches, default=0)
        if self.known and self.texts and self.matches(best):
            return best
        filled = [sum(1 for text in row if text) for row in self.texts[:LOOKED_AT]]
        wide = [count for count in filled if count > 1]
        enough = max(2, math.ceil(0.7 * statistics.median(wide))) if wide else 1
        return next((at for at in first if filled[at] >= enough), 0)

    def score(self) -> tuple[int, int, bool]:
        """How likely this is the wanted table: known headers, then two columns or more, then rows."""
        if not self.texts:
            return (0, 0, False)
        wide = sum(1 for text in self.texts[self.head] if text) >= 2
        return (self.matches(self.head) if self.known else 0, int(wide), len(self.texts) > self.head + 1)

    def head_block(self) -> range:
        """The rows of the header: column groups above it, and the rows merged with it below."""
        first = last = self.numbers[self.head] - 1
        for top, _, bottom, _ in self.grid.merged:
            if top <= last <= bottom and bottom > last and bottom - top < 4:
                last = bottom
        for top, left, bottom, right in self.grid.merged:
            if bottom == first - 1 and right > left and right - left + 1 < self.width:
                first = min(first, top)
            elif top < first <= bottom:
                first = top
        return range(self._first_at(first + 1), self._first_at(last + 2))

    def _first_at(self, number: int) -> int:
        return next((at for at, shown in enumerate(self.numbers) if shown >= number), len(self.numbers))

    def heads(self, block: range) -> list[str]:
        """One name per column: the lowest text, with the group's name where two would be the same."""
        self._spread(across=True, only=block)
        columns = [
            list(dict.fromkeys(self.texts[at][c] for at in block if self.texts[at][c])) for c in range(self.width)
        ]
        lowest = [parts[-1] if parts else "" for parts in columns]
        named: list[str] = []
        for parts, name in zip(columns, lowest, strict=True):
            wanted = " ".join(parts) if name and lowest.count(name) > 1 else name
            times = sum(1 for other in named if wanted and re.fullmatch(rf"{re.escape(wanted)}( \(\d+\))?", other))
            named.append(f"{wanted} ({times + 1})" if times else wanted)
        return named


def table_of(grids: Sequence[Grid], expected: Sequence[Sequence[str]], max_rows: int, sheet: str = "") -> Sheet:
    """The table of the sheet called `sheet`, else of the most likely sheet. Raises Refused."""
    tables = [_Table(grid, expected) for grid in grids if not sheet or grid.name == sheet]
    if not tables or not any(table.texts for table in tables):
        raise Refused("empty")
    table = max(tables, key=_Table.score)
    block = table.head_block()
    heads = table.heads(block)
    body = [at for at in range(block.stop, len(table.texts)) if _counts(table, at)]
    if len(body) > max_rows:
        raise Refused("rows", limit=str(max_rows))
    rows = [
        Row(table.numbers[at], {head: text for head, text in zip(heads, table.texts[at], strict=True) if head})
        for at in body
    ]
    numbers = {row.number for row in rows}
    problems = [
        CellProblem(number, heads[column], code, value)
        for (number, column), (code, value) in sorted(table.grid.lost.items())
        if number in numbers and column < len(heads) and heads[column]
    ]
    return Sheet(
        [head for head in heads if head], rows, problems, table.grid.name, [grid.name for grid in grids if grid.name]
    )


def _counts(table: _Table, at: int) -> bool:
    lost = any(number == table.numbers[at] for number, _ in table.grid.lost)
    return lost or any(table.texts[at])
