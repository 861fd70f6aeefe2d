"""Printing badges: one, and a batch of a thousand A6 with code, photo and Chinese names, drawn by the product's own job code."""

import asyncio
import io
import random
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from PIL import Image, ImageFilter

from fairs.badges import printing, warming
from fairs.badges.batches import photos
from fairs.badges.batches import services as batches
from fairs.badges.batches.rows import BatchBadge
from fairs.badges.designing import boxes as rules
from fairs.badges.designing import queries as designs
from fairs.badges.designing.boxes import Box, BoxKind, Design
from fairs.core.services import Services

BADGES = 1000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周欧阳䶮翀", "娜伟芳敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英瑆祎彧龘鑫淼"
STARTS = datetime(2026, 10, 27, 1, tzinfo=UTC)


def people(count: int = BADGES, seed: int = 7) -> list[BatchBadge]:
    """Invented people with Chinese names and addresses in their codes."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        native = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
        token = "".join(chance.choices(LETTERS, k=128))
        found.append(
            BatchBadge(
                number=f"FA26-{number:06d}",
                name_passport=f"Person {number} Longsurname",
                name_native=native,
                organisation_name=f"河南省第{number % 97}研究院 · 新材料研究中心",
                badge_name="",
                id=number,
                registration=number,
                event=1,
                code=f"HTTPS://FAIRS.HENAN.GOV.CN/B/{token}",
                revoked_at=None,
                category="candidate",
                answers="Vegetarian" if number % 3 == 0 else "",
                lang="zh",
                title_zh="中国·河南招才引智创新发展大会",
                title_en="China Henan Talent and Innovation Conference",
                place_zh="郑州国际会展中心",
                place_en="Zhengzhou International Convention Centre",
                timezone="Asia/Shanghai",
                starts_at=STARTS,
                ends_at=STARTS,
                unit_code="",
                photo=f"{number % 20}",
            )
        )
    return found


def design() -> Design:
    """The standard badge with a photo instead of the second title and the days."""
    standard = rules.standard()
    boxes = [box for box in standard.boxes if box.kind not in (BoxKind.OTHER_TITLE, BoxKind.WHEN, BoxKind.ORGANISATION)]
    photo = Box(BoxKind.PHOTO, 8, 44, 17, 22.6)
    boxes = [replace(box, x=30, width=67) if box.kind in (BoxKind.NAME, BoxKind.LATIN) else box for box in boxes]
    organisation = Box(BoxKind.ORGANISATION, 30, 57, 67, 9, 10, 6, colour="#5a5247")
    return replace(standard, boxes=(*boxes, photo, organisation))


def _photos() -> dict[str, bytes]:
    """Photos as they are stored: 600 × 800, some 60 kB; twenty, each made smaller as often as it is printed."""
    found = {}
    for number in range(20):
        picture = Image.effect_noise((600, 800), 40 + number).convert("RGB").filter(ImageFilter.GaussianBlur(2))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=88, optimize=True)
        found[str(number)] = out.getvalue()
    return found


async def batch() -> dict[str, Any]:
    """Seconds and bytes of a batch of a thousand, drawn as the job does, without the database."""
    stored, wanted = _photos(), design()

    async def no_designs(event_id: int) -> list[Any]:
        return []

    async def opened(row: object) -> Design:
        return wanted

    async def picture(key: str) -> bytes:
        return stored[key]

    async def beat(done: int) -> None:
        await asyncio.sleep(0)

    designs.designs_of, designs.opened, designs.picture_of = no_designs, opened, picture
    rows = people()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "badges.pdf"
        began, worked = time.perf_counter(), time.process_time()
        await batches.draw(rows, path, "zh", beat)
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
        size = path.stat().st_size
    found = {"badges": len(rows), "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2)}
    return found | {"megabytes": round(size / 1e6, 1)}


def one(times: int = 20) -> dict[str, Any]:
    """Processor milliseconds of one badge: the warming of a server, its first badge, and the median of later ones of other people."""
    began = time.process_time()
    warming.warm_up()
    found = [(time.process_time() - began) * 1000]
    for badge in people(times + 1, seed=3):
        began = time.process_time()
        printing.badge_pdf(badge, rules.standard())
        found.append((time.process_time() - began) * 1000)
    median = sorted(found[2:])[times // 2]
    return {"warming_ms": round(found[0], 1), "first_ms": round(found[1], 1), "median_ms": round(median, 1)}


def _peak() -> float:
    """Megabytes that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print what was measured."""
    with Services().entered():
        print("one badge:", one())
        before = _peak()
        print("batch:", asyncio.run(batch()))
        print(f"memory: {_peak():.0f} MB at most, {before:.0f} MB before the batch")
        print(f"one photo for print: {_photo_ms():.1f} ms")


def _photo_ms() -> float:
    content = _photos()["3"]
    began = time.perf_counter()
    for _ in range(20):
        photos.shrunk(content, 17, 22.6)
    return (time.perf_counter() - began) * 50


if __name__ == "__main__":
    main()
