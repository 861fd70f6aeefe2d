"""Photos for print: no more pixels than a badge shows, so that a batch stays small."""

import asyncio
import io
from collections.abc import Sequence
from concurrent.futures import Executor

from fairs.badges import printing
from fairs.badges.batches.rows import BatchBadge
from fairs.badges.designing import layout
from fairs.badges.designing import queries as designs
from fairs.badges.designing.boxes import BoxKind, Design

DOTS = 300 / 25.4  # pixels of a millimetre
SMALL = 24_000  # bytes: a photo that is smaller is printed as it is
QUALITY = 82


def shrunk(content: bytes, width: float, height: float) -> bytes:
    """A JPEG with the pixels that so many millimetres show."""
    if len(content) <= SMALL:
        return content
    from PIL import Image

    wanted = (round(width * DOTS), round(height * DOTS))
    with Image.open(io.BytesIO(content)) as opened:
        opened.draft("RGB", wanted)
        opened.thumbnail(wanted, Image.Resampling.BILINEAR)
        out = io.BytesIO()
        opened.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


async def with_photos(badges: Sequence[BatchBadge], design: Design, pool: Executor) -> list[layout.Content]:
    """What each badge says, with its photo where the design has a place for one."""
    box = next((box for box in design.boxes if box.kind == BoxKind.PHOTO), None)
    if box is None:
        return [printing.content_of(badge) for badge in badges]
    loop = asyncio.get_running_loop()

    async def photo(badge: BatchBadge) -> bytes:
        content = await designs.picture_of(badge.photo) if badge.photo else b""
        return await loop.run_in_executor(pool, shrunk, content, box.width, box.height) if content else b""

    found = await asyncio.gather(*(photo(badge) for badge in badges))
    return [printing.content_of(badge, content) for badge, content in zip(badges, found, strict=True)]
