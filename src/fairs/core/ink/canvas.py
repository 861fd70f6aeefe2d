"""What can be drawn, in millimetres from the upper left corner; `core.ink.paper` and `core.ink.screen` draw it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from fairs.core.ink.text import Line

POINT = 25.4 / 72  # millimetres
BOLD = 28  # thousandths of the font size that a strong text is thicker


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG with its size in pixels."""

    content: bytes
    width: int
    height: int


class Canvas(Protocol):
    """A page. Colours are `#rrggbb`; sizes of text are points."""

    def text(self, line: Line, x: float, y: float, size: float, colour: str, *, strong: bool = False) -> None:
        """A line whose baseline begins at (x, y)."""

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 0.1) -> None:
        """Thin lines from point to point, a mark for cutting or folding."""

    def squares(self, matrix: Sequence[Sequence[bool]], x: float, y: float, size: float) -> None:
        """A QR code with its quiet zone."""

    def picture(self, picture: Picture, x: float, y: float, width: float, height: float) -> None:
        """A picture in exactly this rectangle."""

    def moved(self, x: float, y: float, *, turned: tuple[float, float] | None = None) -> AbstractContextManager[None]:
        """What is drawn inside is moved to (x, y); `turned`: and stands on its head in a rectangle of this size."""


def runs(matrix: Sequence[Sequence[bool]]) -> Iterator[tuple[int, int, int]]:
    """(column, row, length) of the black squares that touch in a row."""
    for row, modules in enumerate(matrix):
        start = -1
        for column, black in enumerate(modules):
            if black and start < 0:
                start = column
            elif not black and start >= 0:
                yield start, row, column - start
                start = -1
        if start >= 0:
            yield start, row, len(modules) - start


def rgb(colour: str) -> tuple[float, float, float]:
    """`#rrggbb` as shares of one."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue
