"""Text shaped in the fonts of `core.pdf`, and the outlines of its glyphs, in thousandths of the font size.

HarfBuzz maps the font files, so that the first badge costs milliseconds; shaped texts and outlines are kept for the next one.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fairs.core.pdf import FONTS, LATIN, Font, font_of, points

EM = 1000
DIRECTIONS = ("ltr", "rtl")  # as HarfBuzz calls them
_PLACE = {font.name: at for at, font in enumerate(FONTS)}
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_NEUTRAL = frozenset(" ·-'’.,()/&")
Segment = tuple[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of a line. `font` is a place in FONTS; `text`: the characters for which it stands."""

    font: int
    number: int
    x: float
    y: float
    advance: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A shaped text in visual order."""

    width: float
    glyphs: tuple[Glyph, ...]


@lru_cache(maxsize=len(FONTS))
def _opened(at: int) -> tuple[Any, float]:
    """The font for HarfBuzz, and what its units are multiplied by."""
    import uharfbuzz as hb  # type: ignore[import-untyped]

    face = hb.Face(hb.Blob.from_file_path(str(FONTS[at].path)))
    return hb.Font(face), EM / face.upem


def _directed(text: str) -> list[tuple[str, bool]]:
    """The parts of a text in visual order, and whether each runs from right to left."""
    if not any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text):
        return [(text, False)]
    from fpdf.bidi import BidiParagraph  # loads the whole library: only for the scripts that need it
    from fpdf.enums import TextDirection

    return [(part, way == TextDirection.RTL) for part, way in BidiParagraph(text=text).get_bidi_fragments()]


def _in_fonts(text: str) -> list[tuple[int, str]]:
    """The parts of a text that one font prints; a mark, a space or a joiner stays with what is before it."""
    parts: list[tuple[Font, str]] = []
    for sign in text:
        font = font_of(sign)
        last = parts[-1][0] if parts else None
        stays = font is None or sign in _NEUTRAL or unicodedata.category(sign)[0] == "M"
        if last is not None and (font is None or font is last or (stays and ord(sign) in points(last))):
            parts[-1] = (last, parts[-1][1] + sign)
        else:
            parts.append((font or FONTS[_PLACE[LATIN]], sign))
    return [(_PLACE[font.name], part) for font, part in parts]


@lru_cache(maxsize=16384)
def line(text: str) -> Line:
    """The text as glyphs. Characters that no font has must be replaced before (`core.pdf.plain`)."""
    glyphs: list[Glyph] = []
    x = 0.0
    for part, backwards in _directed(unicodedata.normalize("NFC", text)):
        segments = _in_fonts(part)
        for font, segment in reversed(segments) if backwards else segments:
            x = _shape(font, segment, backwards, x, glyphs)
    return Line(x, tuple(glyphs))


def _shape(font: int, segment: str, backwards: bool, x: float, glyphs: list[Glyph]) -> float:
    """Append the glyphs of a segment from `x` on; returns where it ends."""
    import uharfbuzz as hb

    opened, scale = _opened(font)
    buffer = hb.Buffer()
    buffer.add_str(segment)
    buffer.guess_segment_properties()
    buffer.direction = DIRECTIONS[backwards]
    hb.shape(opened, buffer)
    starts = sorted({info.cluster for info in buffer.glyph_infos})
    ends = dict(zip(starts, [*starts[1:], len(segment)], strict=True))
    told: set[int] = set()
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        said = "" if info.cluster in told else segment[info.cluster : ends[info.cluster]]
        told.add(info.cluster)
        advance = place.x_advance * scale
        glyphs.append(Glyph(font, info.codepoint, x + place.x_offset * scale, place.y_offset * scale, advance, said))
        x += advance
    return x


@lru_cache(maxsize=8192)
def outline(font: int, glyph: int) -> tuple[Segment, ...]:
    """The contours of a glyph: moves (m), lines (l), cubic curves (c) and closings (h); y upwards."""
    opened, scale = _opened(font)
    found: list[Segment] = []
    opened.draw_glyph(glyph, _pen(), (found, scale))
    return tuple(found)


@lru_cache(maxsize=1)
def _pen() -> Any:
    import uharfbuzz as hb

    def move(x: float, y: float, to: Any) -> None:
        to[0].append(("m", (x * to[1], y * to[1])))

    def straight(x: float, y: float, to: Any) -> None:
        to[0].append(("l", (x * to[1], y * to[1])))

    def cubic(ax: float, ay: float, bx: float, by: float, x: float, y: float, to: Any) -> None:
        to[0].append(("c", tuple(value * to[1] for value in (ax, ay, bx, by, x, y))))

    def quadratic(ax: float, ay: float, x: float, y: float, to: Any) -> None:
        """As a cubic curve, since PDF knows no other."""
        scale = to[1]
        x0, y0 = to[0][-1][1][-2:]
        ax, ay, x, y = ax * scale, ay * scale, x * scale, y * scale
        first = (x0 + (ax - x0) * 2 / 3, y0 + (ay - y0) * 2 / 3)
        second = (x + (ax - x) * 2 / 3, y + (ay - y) * 2 / 3)
        to[0].append(("c", (*first, *second, x, y)))

    def close(to: Any) -> None:
        to[0].append(("h", ()))

    made = hb.DrawFuncs()
    made.set_move_to_func(move)
    made.set_line_to_func(straight)
    made.set_quadratic_to_func(quadratic)
    made.set_cubic_to_func(cubic)
    made.set_close_path_func(close)
    return made
