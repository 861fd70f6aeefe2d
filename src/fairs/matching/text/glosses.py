"""The Chinese–English dictionary included in the product: CC-CEDICT, reduced (see data/README.md).

The file is gzip text, one entry per line: simplified, traditional when it differs, glosses between slashes.
"""

import gzip
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from fairs.matching.text.tokens import STOP, clean, singular, stem, words

_ENTRY = re.compile(r"(\S+) (\S+) \[[^\]]*\] /(.*)/\s*")
_PINYIN = re.compile(r"\s*\[[A-Za-z0-9: ,·]+\]")
_BRACKET = re.compile(r"\([^()]*\)")
_DROPPED = ("CL:", "variant of", "old variant", "see ", "erhua variant", "also written", "surname ", "abbr. for ")


@dataclass(frozen=True, slots=True)
class Glosses:
    """The dictionary in memory: `meanings[word]` is the raw gloss text, parsed only for words that are looked up."""

    meanings: dict[str, str]
    simplified: dict[int, str]

    def to_simplified(self, text: str) -> str:
        """Traditional characters replaced one by one; simplified text is returned unchanged."""
        return text.translate(self.simplified)

    def phrases(self, word: str) -> tuple[tuple[str, ...], ...]:
        """The glosses of a word as tuples of precise word forms; brackets, articles and the verb's *to* are removed."""
        return _phrases(self.meanings.get(word, ""))

    def weights(self, word: str) -> dict[str, float]:
        """Stem → weight of one occurrence of the word: a stem in the first senses counts more, sum 1 per sense."""
        return _weights(self.meanings.get(word, ""))


@lru_cache(maxsize=65_536)
def _phrases(glosses: str) -> tuple[tuple[str, ...], ...]:
    found: dict[tuple[str, ...], None] = {}
    for gloss in _BRACKET.sub("", glosses).replace(";", "/").replace(",", "/").split("/"):
        parts = words(gloss)
        while parts and parts[0] in ("to", "a", "an", "the", "be"):
            parts = parts[1:]
        if 0 < len(parts) <= 6:
            found[tuple(singular(w) for w in parts)] = None
    return tuple(found)


@lru_cache(maxsize=65_536)
def _weights(glosses: str) -> dict[str, float]:
    seen: Counter[str] = Counter()
    for rank, phrase in enumerate(_phrases(glosses)[:8]):
        for word in phrase:
            if word not in STOP and len(word) > 1:
                token = stem(word)
                seen[token] = max(seen[token], 1.0 / (1 + rank) ** 0.5)
    return dict(seen)


@lru_cache(maxsize=1)
def load() -> Glosses:
    """The included dictionary, read once per process (about 0.3 s)."""
    packed = (files("fairs.matching") / "data" / "glosses.txt.gz").read_bytes()
    meanings: dict[str, str] = {}
    characters: dict[str, Counter[str]] = {}
    for line in gzip.decompress(packed).decode().splitlines():
        simple, traditional, text = line.split("\t")
        meanings[simple] = f"{meanings[simple]}/{text}" if simple in meanings else text
        for old, new in zip(traditional, simple, strict=False):
            if old != new:
                characters.setdefault(old, Counter())[new] += 1
    own = set("".join(meanings))
    table = {ord(old): new.most_common(1)[0][0] for old, new in characters.items() if old not in own}
    return Glosses(meanings, table)


def reduce(lines: Iterable[str]) -> bytes:
    """The product's form of a CC-CEDICT file: no pinyin, no counters, no cross-references; sorted, so reproducible."""
    entries: dict[tuple[str, str], dict[str, None]] = {}
    for line in lines:
        match = None if line.startswith("#") else _ENTRY.fullmatch(line.rstrip("\n"))
        if match is None:
            continue
        traditional, simple, text = match.groups()
        entry = entries.setdefault((simple, traditional), {})
        for gloss in text.split("/"):
            if not gloss.startswith(_DROPPED):
                entry[clean(_PINYIN.sub("", gloss)).strip()] = None
    rows = (
        "\t".join((simple, "" if simple == traditional else traditional, "/".join(g for g in glosses if g)))
        for (simple, traditional), glosses in sorted(entries.items())
    )
    return gzip.compress("\n".join(rows).encode(), 9, mtime=0)
