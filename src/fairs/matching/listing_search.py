"""What the listing search takes from the engine: words of the other language, and similar texts."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from fairs.core.rows import fetch_bulk
from fairs.matching.encoding import computed
from fairs.matching.rows import ListingVector
from fairs.matching.text import glosses, terms
from fairs.matching.text.encoder import DIMENSIONS, encode, model_version
from fairs.matching.text.tokens import clean, is_empty, singular

MOST = 12  # words of the other language per word
NEAR = 0.22  # minimum cosine of a listed result. A few words against a whole description: relevant ones have 0.22 to
# 0.35 (cancer immunology → tumour microenvironment), others 0.1 to 0.2, random letters 0.08; see docs/matching.md
TEXTS = 8_000  # vectors compared, the latest


@lru_cache(maxsize=4096)
def other_words(word: str) -> Sequence[str]:
    """A word's translations, from the field lexicon first, then from the dictionary; empty for other words. A term of several
    English words (`machine learning`) is looked for in the lexicon only: reading the dictionary takes 50 ms."""
    if word.isascii():
        parts = word.replace("-", " ").split()
        fits = len(word) > 1 and parts and all(part.isalpha() for part in parts)
        found = _in_chinese(parts, dictionary=" " not in word) if fits else []
    else:
        found = _in_english(glosses.load().to_simplified(word))
    return tuple(dict.fromkeys(found))[:MOST]


def _in_chinese(words: Sequence[str], *, dictionary: bool) -> list[str]:
    phrase = tuple(singular(word) for word in words)
    lexicon, known = terms.load(), glosses.load()
    own = [lexicon.terms[lexicon.by_en[phrase]].zh] if phrase in lexicon.by_en else []
    if not dictionary:
        return own
    holds = [entry for entry, meaning in known.meanings.items() if phrase[0] in meaning.lower() and len(entry) > 1]
    ranked = [(said.index(phrase), entry) for entry in holds if phrase in (said := known.phrases(entry))]
    return own + [entry for _, entry in sorted(ranked)]


def _in_english(word: str) -> list[str]:
    lexicon = terms.load()
    own = [lexicon.terms[lexicon.by_zh[word]].en.lower()] if word in lexicon.by_zh else []
    return own + [" ".join(phrase) for phrase in glosses.load().phrases(word)[:6] if len(" ".join(phrase)) > 2]


async def near(event_id: int, typed: str, most: int) -> list[int]:
    """Listings whose text is similar to what was typed, nearest first."""
    if is_empty(clean(typed)):
        return []
    rows = await fetch_bulk(
        ListingVector,
        "SELECT v.owner_id, v.vector FROM text_vector v JOIN listing l ON l.id = v.owner_id"
        " WHERE v.owner_kind = 'listing' AND v.model = :model AND l.event = :event AND l.state = 'published'"
        " ORDER BY l.id DESC LIMIT :most",
        model=model_version(),
        event=event_id,
        most=TEXTS,
    )
    if not rows:
        return []
    asked = np.asarray(await computed(encode, [typed], 1), dtype=np.float32)[0]
    texts = np.frombuffer(b"".join(row.vector for row in rows), dtype="<f2").reshape(-1, DIMENSIONS)
    scores = texts.astype(np.float32) @ asked
    found: dict[int, None] = {}
    for at in np.argsort(-scores, kind="stable"):
        if scores[at] < NEAR or len(found) == most:
            break
        found[int(rows[int(at)].owner_id)] = None
    return list(found)
