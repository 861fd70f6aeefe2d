"""The search key of an exhibit."""

from collections.abc import Mapping
from typing import Any

from fairs.core import keying
from fairs.core.search_keys import fold, search_key, stamped

READS = ("title_zh", "title_en", "text_zh", "text_en")


def key(values: Mapping[str, Any]) -> str:
    """Titles with pinyin, and the texts, as stored for search."""
    made = search_key(values["title_zh"], values["title_en"])
    return stamped(" | ".join((made, fold(values["text_zh"]), fold(values["text_en"]))))


KEYED = keying.Keyed("exhibit", READS, key)
