"""The search key of an employer."""

from collections.abc import Mapping
from typing import Any

from fairs.core import keying
from fairs.core.search_keys import search_key, stamped

READS = ("name_zh", "name_en", "uscc", "contact_name")


def key(values: Mapping[str, Any]) -> str:
    """Names, code and contact, as stored for search."""
    return stamped(search_key(*(values[name] for name in READS)))


KEYED = keying.Keyed("organisation", READS, key)
