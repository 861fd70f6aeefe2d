"""Reading printed codes back, as a scanner does."""

import io
from typing import Any

import pikepdf
import zxingcpp
from PIL import Image, ImageDraw

Matrix = tuple[float, float, float, float, float, float]
SCALE = 10 * 25.4 / 72  # pixels of a point: ten of a millimetre


def read_picture(content: bytes) -> list[str]:
    """The texts of all QR codes in a PNG."""
    with Image.open(io.BytesIO(content)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return [item.text for item in found]


def times(one: Matrix, other: Matrix) -> Matrix:
    """Both transformations, the first one first."""
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def pages_of(pdf: bytes) -> list[Image.Image]:
    """What each page of a PDF fills with rectangles, in its greys: codes, bands and grounds."""
    drawn = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            width, height = (float(value) for value in list(page.mediabox)[2:])
            image = Image.new("L", (round(width * SCALE), round(height * SCALE)), 255)
            _draw(ImageDraw.Draw(image), pikepdf.parse_content_stream(page), image.height)
            drawn.append(image)
    return drawn


def _draw(draw: Any, stream: Any, height: int) -> None:
    state: tuple[Matrix, int] = ((1, 0, 0, 1, 0, 0), 0)
    stack = []
    boxes: list[tuple[float, ...]] = []
    for operands, operator in stream:
        name, numbers = str(operator), [float(value) for value in operands if not isinstance(value, pikepdf.Object)]
        if name == "q":
            stack.append(state)
        elif name == "Q":
            state = stack.pop()
        elif name == "cm":
            state = (times(tuple(numbers), state[0]), state[1])  # type: ignore[arg-type]  # six numbers
        elif name in ("g", "rg"):
            state = (state[0], round(255 * sum(numbers) / len(numbers)))
        elif name == "re":
            boxes.append(tuple(numbers))
        elif name == "f":
            for x, y, w, h in boxes:
                a, b, c, d, e, f = state[0]
                corners = [(x, y), (x + w, y + h)]
                points = [((a * u + c * v + e) * SCALE, height - (b * u + d * v + f) * SCALE) for u, v in corners]
                (left, right), (top, base) = (sorted(axis) for axis in zip(*points, strict=True))
                draw.rectangle((left, top, right - 1, base - 1), fill=state[1])
            boxes = []


def read_squares(pdf: bytes) -> list[str]:
    """The texts of the QR codes that a PDF draws, page by page, from the upper left to the lower right."""
    found = []
    for image in pages_of(pdf):
        codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        placed = sorted(codes, key=lambda item: (item.position.top_left.y // 50, item.position.top_left.x))
        found += [item.text for item in placed]
    return found
