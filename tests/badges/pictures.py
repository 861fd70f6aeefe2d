"""Reading printed codes back, as a scanner does."""

import contextlib
import io
import re
import zlib

import zxingcpp
from PIL import Image, ImageDraw

RECTANGLE = re.compile(rb"(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re f")


def read_picture(content: bytes) -> list[str]:
    """The texts of all QR codes in a PNG."""
    with Image.open(io.BytesIO(content)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return [item.text for item in found]


def read_squares(pdf: bytes, width_mm: float = 105, height_mm: float = 148) -> list[str]:
    """The texts of the QR codes that a PDF of one page draws as filled rectangles."""
    scale = 12  # pixels a millimetre
    image = Image.new("L", (round(width_mm * scale), round(height_mm * scale)), 255)
    draw = ImageDraw.Draw(image)
    point = scale * 25.4 / 72
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        with contextlib.suppress(zlib.error):
            for x, y, w, h in RECTANGLE.findall(zlib.decompress(stream)):
                left, base, wide, high = (float(part) * point for part in (x, y, w, h))
                top, bottom = sorted((image.height - base, image.height - base - high))
                draw.rectangle((left, top, left + wide - 1, bottom - 1), fill=0)
    return [item.text for item in zxingcpp.read_barcodes(image)]
