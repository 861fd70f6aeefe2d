"""Pictures are decoded and written anew: nothing but pixels survives, no place, no camera, no hidden content."""

import warnings
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

from fairs.files.checking import JPEG, Refused, Task

MOST_PIXELS = (
    60_000_000  # more than a telephone makes; a 10,000 × 10,000 picture of one colour is a bomb of some kilobytes
)
MOST_SIDE = 20_000
QUALITY = 88


def write_anew(stream: IO[bytes], task: Task) -> str:
    """Write the picture as JPEG to `task.target`, upright and no larger than asked; its type. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(stream, formats=("JPEG", "PNG", "WEBP"))
        width, height = opened.size
        if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
            raise Refused("pixels")
        opened.draft("RGB", (task.width * 2, task.height * 2))
        upright = ImageOps.exif_transpose(opened)
        flat = _on_white(upright)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise Refused("pixels") from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused("damaged") from error
    if task.crop:
        flat = ImageOps.fit(flat, (task.width, task.height), method=Image.Resampling.LANCZOS)
    else:
        flat.thumbnail((task.width, task.height), Image.Resampling.LANCZOS)
    plain = Image.new("RGB", flat.size)
    plain.paste(flat)  # a new picture has none of the old one's notes
    plain.save(task.target, "JPEG", quality=QUALITY, optimize=True)
    return JPEG


def _on_white(picture: Image.Image) -> Image.Image:
    """Its first frame without transparency."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        white.alpha_composite(clear)
        return white.convert("RGB")
    return picture.convert("RGB")
