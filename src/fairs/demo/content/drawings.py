"""Posters and pictures of the demo's exhibits, drawn here: shapes of its own kind and colours for each, with its words."""

import io
from dataclasses import dataclass
from math import cos, pi, sin
from random import Random
from typing import TYPE_CHECKING

from fairs.core import pdf
from fairs.core.pdf_columns import tokens

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

COLOURS = (  # ground, shapes
    ("#12355b", ("#f2a541", "#7fb7be", "#d7f2ba")),
    ("#5b1a1a", ("#f4d58d", "#bf4342", "#e7d7c1")),
    ("#14432a", ("#a7c957", "#f2e8cf", "#6a994e")),
    ("#2b2d42", ("#8d99ae", "#ef233c", "#edf2f4")),
)
WIDE = (1280, 800)
SHEET = (1000, 1414)
MARGIN = 80
INK, SOFT = "#1d1a17", "#6b6259"


@dataclass(frozen=True)
class Look:
    """What a drawing shows; `at` decides its shapes and colours."""

    at: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


def picture(look: Look) -> io.BytesIO:
    """A picture as a PNG."""
    return _png(_drawn(look, WIDE))


def poster(look: Look) -> io.BytesIO:
    """A poster as a PNG: the picture, and what the exhibit is in both languages."""
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", SHEET, "white")
    sheet.paste(_drawn(look, (SHEET[0], 620)), (0, 0))
    pen, top = ImageDraw.Draw(sheet), 690
    for words, size, ink in (
        (look.title_zh, 64, INK),
        (look.title_en, 40, SOFT),
        (look.text_zh, 36, INK),
        (look.text_en, 32, INK),
    ):
        top = _written(pen, words, size, ink, top) + 34
    return _png(sheet)


def _png(image: "Image") -> io.BytesIO:
    found = io.BytesIO()
    image.save(found, "PNG")
    found.seek(0)
    return found


def _written(pen: "ImageDraw", words: str, size: int, ink: str, top: int) -> int:
    """Write the words in lines below `top`; returns where they end."""
    from PIL import ImageFont

    fonts = {font: ImageFont.truetype(str(font.path), size) for font in pdf.COMMON}
    x = float(MARGIN)
    for token in tokens(words):
        shown = token.rstrip()
        font = fonts[pdf.font_of(shown[:1]) or pdf.COMMON[0]]
        if x + font.getlength(shown) > SHEET[0] - MARGIN:
            x, top = MARGIN, top + round(size * 1.45)
        pen.text((x, top + size), shown, fill=ink, font=font, anchor="ls")
        x += font.getlength(shown) + (len(token) - len(shown)) * size * 0.26
    return top + round(size * 1.45)


def _drawn(look: Look, size: tuple[int, int]) -> "Image":
    from PIL import Image, ImageDraw

    ground, inks = COLOURS[look.at % len(COLOURS)]
    image = Image.new("RGB", size, ground)
    (_rings, _waves, _lattice)[look.at % 3](ImageDraw.Draw(image), size, inks, Random(look.at))
    return image


def _rings(pen: "ImageDraw", size: tuple[int, int], inks: tuple[str, ...], rng: Random) -> None:
    x, y = size[0] * 0.6, size[1] * 0.5
    for number in range(9, 0, -1):
        radius = number * size[1] / 14
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=inks[number % 3], width=8)
        for at in range(number * 3):
            angle = 2 * pi * (at / (number * 3)) + rng.random() * 0.2
            px, py = x + radius * cos(angle), y + radius * sin(angle)
            pen.ellipse((px - 9, py - 9, px + 9, py + 9), fill=inks[(number + 1) % 3])


def _waves(pen: "ImageDraw", size: tuple[int, int], inks: tuple[str, ...], rng: Random) -> None:
    for number in range(12):
        height, phase = size[1] * (0.1 + number * 0.075), rng.random() * 2 * pi
        line = [(x, height + 26 * sin(x / 90 + phase) * (1 + number / 6)) for x in range(0, size[0] + 8, 8)]
        pen.line(line, fill=inks[number % 3], width=5 + number % 4 * 3)


def _lattice(pen: "ImageDraw", size: tuple[int, int], inks: tuple[str, ...], rng: Random) -> None:
    step = size[1] // 9
    for row in range(-1, 12):
        for column in range(-1, size[0] // step + 2):
            x, y = column * step + (row % 2) * step / 2, row * step * 0.87
            corners = [
                (x + step * 0.46 * cos(pi * k / 3 + pi / 6), y + step * 0.46 * sin(pi * k / 3 + pi / 6))
                for k in range(6)
            ]
            if rng.random() < 0.7:
                pen.polygon(corners, fill=inks[rng.randrange(3)])
            else:
                pen.polygon(corners, outline=inks[0], width=3)
