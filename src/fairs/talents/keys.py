"""The search key of a profile."""

from collections.abc import Mapping
from typing import Any

from fairs.core import keying
from fairs.core.search_keys import search_key, stamped
from fairs.units import catalogues

READS = ("name_passport", "name_native", "institution", "current_employer", "headline", "discipline", "skills")


def key(values: Mapping[str, Any]) -> str:
    """Names, places, field in both languages and skills, as stored for search; absent ones are left out."""
    field = values.get("discipline") or ""
    labels = (
        (catalogues.label("disciplines", field, "zh"), catalogues.label("disciplines", field, "en")) if field else ()
    )
    texts = (values.get(name) for name in READS[:5])
    return stamped(search_key(*texts, *labels, *(values.get("skills") or ())))


KEYED = keying.Keyed("talent", READS, key)
