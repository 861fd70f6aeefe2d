"""The consent texts as data: the current version and the earlier ones."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from fairs.core.i18n import pick


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return pick(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Consent:
    """A version of the notice. `levels`: one sentence per visibility that explains it."""

    version: str
    date: str
    source: Text
    title: Text
    points: tuple[Text, ...]
    levels: dict[str, Text]


@cache
def versions() -> dict[str, Consent]:
    """Every version by its name, the newest last."""
    content = msgspec.json.decode((files("fairs.talents") / "data" / "consents.json").read_bytes())
    return {item.version: item for item in msgspec.convert(content["versions"], tuple[Consent, ...])}


def current() -> Consent:
    """The version that people must accept now."""
    return list(versions().values())[-1]
