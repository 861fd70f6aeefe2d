"""The search key of a listing."""

from collections.abc import Mapping
from typing import Any

from fairs.core import keying
from fairs.core.search_keys import fold, search_key, stamped
from fairs.units import catalogues

READS = ("title_zh", "title_en", "description_zh", "description_en", "discipline", "city")


def key(values: Mapping[str, Any]) -> str:
    """Titles, field and city in both languages with pinyin, and the descriptions, as stored for search."""
    words = [
        catalogues.label(kind, values[column], lang)
        for kind, column in (("disciplines", "discipline"), ("cities", "city"))
        for lang in ("zh", "en")
    ]
    made = search_key(values["title_zh"], values["title_en"], *words)
    return stamped(" | ".join((made, fold(values["description_zh"]), fold(values["description_en"]))))


KEYED = keying.Keyed("listing", READS, key)
