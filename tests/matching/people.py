"""Twelve people and twelve listings as rows of the database, from the texts of the tests; two of the people write in Chinese."""

from typing import Any

from fairs.core import db
from fairs.core.services import current
from fairs.matching import encoding
from fairs.matching.retrieval import pool_cache
from tests import factories
from tests.matching.texts import PAIRS

CHINESE_LINES = {
    "0901": "冬小麦育种专家，十年来研究抗旱性与数量性状位点，育成两个品种。",
    "1002": "心血管内科医师，主持心力衰竭的随机对照试验，擅长冠心病介入手术。",
}


async def make_people() -> dict[str, int]:
    """discipline → talent. Nothing is read yet."""
    found = {}
    for code, english, _, _ in PAIRS:
        chinese = CHINESE_LINES.get(code)
        found[code] = await factories.talent(
            headline="", summary=chinese or english, summary_lang="zh" if chinese else "en", skills=[], discipline="",
            engagement=[], cities=[], pay_min=None,
        )  # fmt: skip
    return found


async def make_listings(organisation: int, event: int, **given: Any) -> dict[str, int]:
    """discipline → listing, in Chinese; nothing but the text tells them apart."""
    return {
        code: await factories.listing(
            organisation,
            event,
            title_zh=title,
            description_zh=text,
            discipline=code,
            degree="none",
            engagement=[],
            pay_min=None,
            pay_max=None,
            **given,
        )
        for code, _, title, text in PAIRS
    }


def forget_pools() -> None:
    """As another process would, which has made none."""
    for cache in (pool_cache.LISTINGS, pool_cache.TALENTS):
        current().held.pop(cache, None)


async def read_everything() -> int:
    """What the worker does, at once."""
    forget_pools()
    return await encoding.encode_missing()


async def waiting_jobs() -> list[str]:
    """Names of the jobs that wait."""
    return [row["entrypoint"] for row in await db.fetch("SELECT entrypoint FROM pgqueuer ORDER BY id")]
