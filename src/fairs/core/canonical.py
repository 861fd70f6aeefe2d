"""Texts whose hash is their seal: one canonical form of a document, and its SHA-256."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any


def canonical(document: Mapping[str, Any]) -> str:
    """The canonical form: keys sorted, no spaces, NFC. Equal documents give equal bytes."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return unicodedata.normalize("NFC", text)


def digest(text: str) -> bytes:
    """SHA-256 of a canonical text."""
    return hashlib.sha256(text.encode()).digest()
