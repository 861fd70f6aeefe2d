"""Disciplines proposed from free text in either language, for forms where nobody has chosen one yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from fairs.matching import fields
from fairs.matching.lexical import read
from fairs.matching.text import Vectors, encode
from fairs.matching.tokens import is_empty


@dataclass(frozen=True, slots=True)
class Proposal:
    """One discipline with its strength: the chance, 0 to 1, that the text speaks of it."""

    code: str
    strength: float


def propose_disciplines(
    text: str, catalogue: Iterable[Mapping[str, object]], *, vector: Vectors | None = None, top: int = 3
) -> list[Proposal]:
    """The likeliest disciplines of the catalogue (its items have `code`; one `hidden_by_default` is never proposed).

    `vector` is the text's encoder vector when it is already known; else the text is encoded here (some milliseconds, and
    the model's loading the first time: not on the event loop). A text without letters gets no proposal.
    """
    if is_empty(text):
        return []
    model = fields.load()
    offered = {str(item["code"]) for item in catalogue if not item.get("hidden_by_default")}
    rows = (encode([text], processes=1) if vector is None else np.asarray(vector)[None, :]).astype(np.float32)
    reading = read(text)
    centred = model.centres.centred(rows, [reading.language])
    chances = model.distributions(centred, [reading])[0]
    found = [
        Proposal(code, round(float(p), 4)) for code, p in zip(model.codes, chances, strict=True) if code in offered
    ]
    return sorted(found, key=lambda p: (-p.strength, p.code))[:top]
