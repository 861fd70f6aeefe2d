"""The search key of an account."""

from collections.abc import Mapping
from typing import Any

from fairs.core import keying
from fairs.core.search_keys import search_key, stamped

READS = ("name", "email")


def key(values: Mapping[str, Any]) -> str:
    """Name and address, as stored for search."""
    return stamped(search_key(*(values[name] for name in READS)))


KEYED = keying.Keyed("account", READS, key)
