"""A page as SVG: what the printer draws, outline by outline, without a font of the viewer's."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from markupsafe import escape

from fairs.core.ink.canvas import BOLD, POINT, Picture, runs
from fairs.core.ink.text import EM, Line, outline

_WORDS = {"m": "M", "l": "L", "c": "C", "h": "Z"}


@lru_cache(maxsize=4096)
def _path(font: int, glyph: int) -> str:
    return "".join(f"{_WORDS[kind]}{' '.join(f'{value:.0f}' for value in at)}" for kind, at in outline(font, glyph))


class Screen:
    """One page. `content` is the finished file; it has no script, style or link."""

    def __init__(self, width: float, height: float, *, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self._parts: list[str] = []

    def text(self, line: Line, x: float, y: float, size: float, colour: str, *, strong: bool = False) -> None:
        scale = size * POINT / EM
        bold = f' stroke="{colour}" stroke-width="{BOLD}"' if strong else ""
        self._parts.append(
            f'<g fill="{colour}"{bold} transform="translate({x:.3f} {y:.3f}) scale({scale:.6f} -{scale:.6f})">'
        )
        for glyph in line.glyphs:
            if path := _path(glyph.font, glyph.number):
                self._parts.append(f'<path transform="translate({glyph.x:.0f} {glyph.y:.0f})" d="{path}"/>')
        self._parts.append("</g>")

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self._parts.append(f'<path fill="{colour}" d="M{x:.3f} {y:.3f}h{width:.3f}v{height:.3f}h-{width:.3f}z"/>')

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 0.1) -> None:
        path = "L".join(f"{x:.3f} {y:.3f}" for x, y in points)
        self._parts.append(f'<path fill="none" stroke="{colour}" stroke-width="{width}" d="M{path}"/>')

    def squares(self, matrix: Sequence[Sequence[bool]], x: float, y: float, size: float) -> None:
        cell = size / len(matrix)
        path = "".join(f"M{column} {row}h{length}v1h-{length}z" for column, row, length in runs(matrix))
        self._parts.append(
            f'<path fill="#000000" shape-rendering="crispEdges" transform="translate({x:.3f} {y:.3f}) scale({cell:.5f})" d="{path}"/>'
        )

    def picture(self, picture: Picture, x: float, y: float, width: float, height: float) -> None:
        content = base64.b64encode(picture.content).decode()
        self._parts.append(
            f'<image x="{x:.3f}" y="{y:.3f}" width="{width:.3f}" height="{height:.3f}" preserveAspectRatio="none"'
            f' href="data:image/jpeg;base64,{content}"/>'
        )

    @contextmanager
    def moved(self, x: float, y: float, *, turned: tuple[float, float] | None = None) -> Iterator[None]:
        way = f"translate({x:.3f} {y:.3f})"
        if turned:
            way = f"translate({x + turned[0]:.3f} {y + turned[1]:.3f}) rotate(180)"
        self._parts.append(f'<g transform="{way}">')
        yield
        self._parts.append("</g>")

    def content(self) -> str:
        """The file as text."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}mm"'
            f' height="{self.height:g}mm" role="img"><title>{escape(self.title)}</title>'
            f'<path fill="#ffffff" d="M0 0h{self.width:g}v{self.height:g}H0z"/>{"".join(self._parts)}</svg>'
        )
