"""Which files expire: those to which nothing refers, and objects of the store without a file."""

from datetime import datetime

from fairs.core.i18n import N_
from fairs.core.retention import Rule
from fairs.files import services


async def _count(before: datetime) -> int:
    return await services.unowned(before + services.HELD_FOR)


async def _apply(before: datetime) -> int:
    return await services.sweep(before + services.HELD_FOR)


RULES = (
    Rule(N_("files that belong to nothing"), N_("their upload"), _count, _apply, after=services.HELD_FOR, alone=True),
)
