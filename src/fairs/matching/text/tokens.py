"""Words of a text: its language, English stems, Chinese segments. Pure and deterministic."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Language = Literal["zh", "en"]

MAX_CHARS = 20_000
"""Longer texts are cut here before any processing: a 50 kB text adds nothing about a person after its first pages."""

_CJK = re.compile(r"[㐀-鿿豈-﫿]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[a-z][a-z0-9]*")
_APOSTROPHE = re.compile(r"['’]s?\b")

STOP = frozenset((files("fairs.matching") / "data" / "stop.txt").read_text("utf-8").split())
"""Words that carry no information about a field, with the dictionary's own abbreviations (sb, sth, lit, fig)."""

_SPELLING = (("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("ise", "ize"), ("yse", "yze"))
_ENDINGS = (
    "izations", "ytical", "ysis", "yses", "ytic", "yzed", "yzer", "yze", "ization", "ational",
    "fulness", "iveness", "ousness", "ations", "ically", "ation", "ments",
    "ities", "ators", "izing", "izers", "ators", "ment", "ness", "ical", "ions", "ance", "ence", "able", "ible",
    "ator", "ized", "izer", "ives", "ings", "ity", "ive", "ize", "ate", "ies", "ing", "ism", "ous", "ion", "ist",
    "ers", "ors", "als", "ial", "ics", "ful", "ial", "al", "er", "or", "ed", "es", "ic", "ly", "s", "y", "e",
)  # fmt: skip


def clean(text: str) -> str:
    """Compatibility-normalised text without control characters, cut at MAX_CHARS."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS])
    return "".join(c if c >= " " and not "\ud800" <= c <= "\udfff" else " " for c in text)


def language(text: str) -> Language:
    """Chinese when at least a fifth of the letters are Han; a Chinese text full of English terms stays Chinese."""
    han = len(_CJK.findall(text))
    return "zh" if han and han * 5 >= len(_LETTER.findall(text)) else "en"


def words(text: str) -> list[str]:
    """Lower-case Latin words, hyphens split, possessives dropped, in order; digits stay only inside a word."""
    return _WORD.findall(_APOSTROPHE.sub("", text.lower()))


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """One word without its plural and in American spelling: the precise form, used where a person sees the match."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        if word.endswith("ies") and len(word) > 4:
            word = word[:-3] + "y"
        elif word.endswith(("ches", "shes", "xes", "sses", "zes")):
            word = word[:-2]
        else:
            word = word[:-1]
    for british, american in _SPELLING:
        if len(word) > 6 and word.endswith(british):
            return word[: -len(british)] + american
    if len(word) > 5 and word.endswith("our"):
        return word[:-3] + "or"
    return word


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A coarse stem, only for counting shared words, never shown: *combustion* and *combustible* have the same stem."""
    word = singular(word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def stems(text: str) -> list[str]:
    """Stems of the significant words of an English text, in order."""
    return [stem(w) for w in words(text) if w not in STOP and len(w) > 1]


def segments(text: str) -> list[str]:
    """Chinese words in order; punctuation and spaces stay as separate segments, so adjacent words are adjacent in the text."""
    import rjieba  # importing its dictionary of 5 MB takes a tenth of a second

    return list(rjieba.cut(text))


def is_han(word: str) -> bool:
    """Whether a segment consists only of Han characters."""
    return bool(word) and all(_CJK.match(c) for c in word)


def is_empty(text: str) -> bool:
    """Whether a text has no letter at all: nothing, punctuation, digits or emoji only."""
    return _LETTER.search(text) is None
