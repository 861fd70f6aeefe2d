"""A sheet as cells, before the header row is known."""

from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int, int, int]  # first row, first column, last row, last column; all from 0, inclusive


@dataclass
class Grid:
    """Rows with the numbers that the program shows; `lost` maps (row number, column from 0) to a problem's code and text."""

    name: str
    rows: list[tuple[int, list[Any]]]
    merged: list[Span] = field(default_factory=list)
    lost: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
