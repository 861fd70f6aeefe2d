"""Rows of the statements about a digest of wishes."""

from fairs.core.rows import Row
from fairs.core.wishes import Level


class Receiver(Row, frozen=True):
    """Who gets the digest."""

    account_id: int
    email: str
    name: str
    lang: str
    timezone: str


class UntoldWish(Row, frozen=True):
    """A wish of the other side. `named`: the person's name may be shown."""

    id: int
    level: Level
    listing: int
    title_zh: str
    title_en: str
    organisation_zh: str
    organisation_en: str
    name_passport: str
    name_native: str
    nationality: str
    discipline: str
    named: bool
