"""One dense vector per record, used by nearest-neighbour search.

The centred text vector and the square roots of the believed disciplines, concatenated: their dot product increases with the
similarity of the texts and with the common field, declared or mentioned. Centres are the included, fixed ones, so a
vector depends only on its own record and may be stored in an index; `version` names everything it depends on.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

import numpy as np

from fairs.matching.engine import disciplines
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval.record_pool import believed_of
from fairs.matching.settings import DEFAULT
from fairs.matching.text import field_model
from fairs.matching.text.encoder import DIMENSIONS, Floats, model_version, on_grid
from fairs.matching.text.lexical import Vocabulary
from fairs.matching.text.text_pool import Space, VectorsByText

FIELD_SHARE = 0.5
"""The disciplines' share of a vector's squared length; the text has the rest."""


@lru_cache(maxsize=1)
def _relations() -> disciplines.Relations:
    return disciplines.relations(DEFAULT.declared.discipline)


@lru_cache(maxsize=1)
def _space() -> Space:
    return Space(field_model.load().centres, Vocabulary.fit([]))


def width() -> int:
    """Length of a vector."""
    return DIMENSIONS + len(_relations().codes)


@lru_cache(maxsize=1)
def version() -> str:
    """The encoder, the field model, the catalogue and the trust in declarations, as one name of at most 60 characters."""
    how = DEFAULT.declared
    told = (_relations().codes, how.trust, how.sharpness, FIELD_SHARE)
    model = (files("fairs.matching") / "data" / "fields.npz").read_bytes()
    return f"{model_version()}/{sha256(model + repr(told).encode()).hexdigest()[:8]}"


def vectors_of(records: Sequence[ProfileRecord | ListingRecord], vectors: VectorsByText) -> Floats:
    """(records × width) on the grid, length 1; zeros for a record without text and discipline.

    `vectors` has the encoder's vector of each text. CPU work (about 0.5 ms per text): not on the event loop.
    """
    centred, readings = _space().place([record.texts for record in records], vectors)
    has_data = centred.any(axis=1) | np.array([bool(reading.bag) for reading in readings], dtype=bool)
    odds = field_model.load().distributions(centred, readings) * has_data[:, None]
    return joined(centred, believed_of([record.disciplines for record in records], odds, DEFAULT))


def joined(centred: Floats, beliefs: Floats) -> Floats:
    """Texts and believed disciplines concatenated, length 1, on the grid."""
    share = beliefs / np.maximum(beliefs.sum(axis=1, keepdims=True), np.float32(1))
    parts = (centred * np.sqrt(1 - FIELD_SHARE), np.sqrt(share * FIELD_SHARE))
    return on_grid(np.concatenate(parts, axis=1).astype(np.float32))
