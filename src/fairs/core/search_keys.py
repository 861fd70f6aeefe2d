"""Search keys: the text as typed, full pinyin, and pinyin initials.

Stored and typed texts go through the same `fold`, so script, accents, apostrophes, dots and input method do not matter.
The tables are in `core/data` (README.md there).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

VERSION = 4
"""Increased when the same text gets another key: stored keys are then computed again (core.keying)."""
STAMP = "\n\ue000" + chr(0xE000 + VERSION)
"""Ends a stored key and names its version: private-use characters, which `fold` removes from typed text."""
LAST = "\U0010ffff"  # sorts after every text with the same beginning
WORDS = 6  # words of a Latin name whose order is rotated
SUFFIXES = 12  # positions of a longer text at which a search may start
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PART = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W_]+")
LONGEST = 60  # characters in a search key of a person
_APOSTROPHES = "'’‘‛`´ʻʼʽʾʿʹˈ′‵＇՚ꞌ\"“”„″«»"
_DOTS = "·•‧・･∙⋅●◦·᛫."
_HYPHENS = "-‐‑‒–—―−﹣－⁃"
_LETTERS = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss", "ẞ": "ss", "ħ": "h",
    "ŋ": "n", "ŧ": "t", "ĸ": "k", "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e", "ɔ": "o", "ſ": "s",
}  # fmt: skip
_LETTERS |= {small.upper(): plain for small, plain in list(_LETTERS.items()) if len(small.upper()) == 1}
_WRITTEN_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ñ": "nn"}
_SPELT = str.maketrans(_WRITTEN_OUT | {small.upper(): plain for small, plain in _WRITTEN_OUT.items()})


def _lines(name: str) -> list[str]:
    return (files("fairs.core") / "data" / name).read_text("utf-8").splitlines()


@cache
def _table() -> dict[int, str]:
    """Characters replaced one by one: traditional by simplified, letters without a decomposition, marks."""
    table = {ord(line[0]): line[1] for line in _lines("simplified.txt")}
    table |= {ord(letter): plain for letter, plain in _LETTERS.items()}
    table |= dict.fromkeys(map(ord, _APOSTROPHES), "")
    table |= dict.fromkeys(map(ord, _HYPHENS), "-")
    return table | {ord(dot): " " for dot in _DOTS if dot != "."}


@cache
def letters() -> dict[str, str]:
    """The same for programs that fold a text elsewhere: character → what stands for it."""
    return {chr(code): plain for code, plain in _table().items()}


@cache
def _variants() -> dict[str, str]:
    """Simplified character → its traditional variants."""
    forms: dict[str, str] = {}
    for line in _lines("simplified.txt"):
        forms[line[1]] = forms.get(line[1], "") + line[0]
    return forms


@lru_cache(maxsize=256)
def simplified_pairs(text: str) -> str:
    """The text a page needs to match traditional characters: each one before its simplified one, `國国`."""
    known = _variants()
    return "".join(other + character for character in dict.fromkeys(text) for other in known.get(character, ""))


@cache
def surnames() -> dict[str, tuple[str, ...]]:
    """Han surname → its readings as a surname, where the dictionary's reading differs or there are several."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines("surnames.txt"):
        name, reading = line.split()
        found[name] = (*found.get(name, ()), reading)
    return found


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Lower case, simplified, without accents, apostrophes and invisible marks, single spaces: `Émile  ZOLA` → `emile zola`."""
    if text.isascii() and text.isalnum():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_table())).translate(_table())
    plain = "".join(_shown(character) for character in decomposed)
    return " ".join(plain.casefold().split())


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    return "" if kind in ("Cf", "Mn", "Me", "Cs", "Co") else character


def squash(text: str) -> str:
    """Letters and digits only: the common part of two spellings of one name, address or number."""
    return "".join(character for character in fold(text) if character.isalnum())


def words_of(text: str) -> list[str]:
    """The words of a text, folded; a run of Han characters is one."""
    return _PART.findall(fold(text).replace(".", " "))


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[str, ...]:
    """Pinyin of the Han characters of a text, `ü` as `v`."""
    from pypinyin import lazy_pinyin  # importing its dictionary takes a quarter of a second

    return tuple(lazy_pinyin(text, errors="ignore"))


def _umlauts(readings: Iterable[str]) -> list[str]:
    """Each reading, and for `ü` also the spellings that people type and passports use: lv, lu, lyu."""
    forms: dict[str, None] = {}
    for reading in readings:
        forms |= dict.fromkeys((reading, reading.replace("v", "u"), reading.replace("v", "yu")))
    return list(forms)


def readings(name: str) -> list[tuple[str, list[str]]]:
    """A Han name as (surname, syllables of the rest), once per reading of its surname; the dictionary's reading first."""
    plain = list(syllables(name))
    size = 2 if name[:2] in surnames() and len(name) > 2 else 1
    usual = "".join(plain[:size])
    ways = dict.fromkeys((usual, *surnames().get(name[:size], ())))
    return [(way, plain[size:]) for way in ways]


def search_key(*texts: str | None) -> str:
    """One line to search with LIKE: each text folded, and for Chinese its pinyin and initials as well.

    A text that begins with a surname of several readings contains all of them.
    """
    parts: list[str] = []
    for text in texts:
        if not text:
            continue
        folded = fold(text)
        parts.append(folded)
        if "-" in folded or "." in folded:
            parts.append(" ".join(words_of(text)))
        if not text.isascii():
            parts.append(fold(text.translate(_SPELT)))
        if _HAN.search(folded):
            for surname, rest in readings(folded):
                initials = "".join(syllable[0] for syllable in rest if syllable)
                parts += _umlauts(("".join((surname, *rest)), " ".join((surname, *rest)), surname[:1] + initials))
                parts.append(surname + initials)
    return " | ".join(dict.fromkeys(part for part in parts if part))


def _han_keys(name: str) -> tuple[list[str], list[str]]:
    first, later = [name], [name[at:] for at in range(1, min(len(name), SUFFIXES))]
    for surname, rest in readings(name):
        initials = "".join(syllable[0] for syllable in rest if syllable)
        first += _umlauts((surname, surname + "".join(rest), surname + initials))
        first.append(surname[:1] + initials)
        later += _umlauts(["".join(rest) + surname] if rest else [])
        later += _umlauts("".join(rest[at:]) for at in range(1, len(rest)))
    return first, later


def _latin_keys(words: Sequence[str]) -> tuple[list[str], list[str]]:
    words = words[:WORDS]
    if len(words) < 2:
        return list(words), []
    turned = ["".join((*words[at:], *words[:at])) for at in range(len(words))]
    initials = "".join(word[0] for word in words)
    first = [*words, *turned, initials, *_pinyin_keys(words)]
    if len(words) > 2:  # of two words, these only repeat the beginning of existing keys
        first += [words[0] + initials[1:], words[-1] + initials[:-1], words[-1] + words[0]]
    return first, [initials[0] + words[-1], initials[-1] + words[0]]


@cache
def _syllables() -> frozenset[str]:
    """Every syllable of Mandarin in pinyin, `ü` as `v` and as in passports."""
    return frozenset(_lines("syllables.txt"))


@lru_cache(maxsize=8192)
def _parts(word: str) -> tuple[tuple[str, str], ...]:
    """The ways to split a word into two syllables: `shufen` → `shu`, `fen`."""
    known = _syllables()
    return tuple((word[:at], word[at:]) for at in range(1, len(word)) if word[:at] in known and word[at:] in known)


def _pinyin_keys(words: Sequence[str]) -> list[str]:
    """Surname with initials, and initials, of a Chinese name known only in Latin letters: `xusf`, `xsf`."""
    if len(words) != 2:
        return []
    keys: dict[str, None] = {}
    for surname, given in (words, words[::-1]):
        if surname in _syllables() or _parts(surname):
            for initials in (first[0] + second[0] for first, second in _parts(given)):
                keys |= dict.fromkeys((surname + initials, surname[0] + initials))
    return list(keys)


def name_keys(*names: str) -> tuple[list[str], list[str]]:
    """(keys at the start of a name, keys inside one) of a person: each is letters and digits only, for prefix search.

    Both orders of a Latin name, its words, surname with initials; of a Han name the characters, full pinyin in all
    readings of the surname, surname with initials, initials, and the given name first.
    """
    first: dict[str, None] = {}
    later: dict[str, None] = {}
    for name in names:
        for spelling in dict.fromkeys((name, name.translate(_SPELT))):
            words = words_of(spelling)
            han = "".join(word for word in words if _HAN.match(word))
            latin = [word for word in words if not _HAN.match(word)]
            for begin, within in (_han_keys(han) if han else ([], []), _latin_keys(latin)):
                first |= dict.fromkeys(begin)
                later |= dict.fromkeys(within)
    return [key for key in first if key], [key for key in later if key and key not in first]


def other_keys(*texts: str) -> list[str]:
    """Keys of a person's, employer's or address's other texts: their words, and each position inside a Han name."""
    keys: dict[str, None] = {}
    for text in texts:
        if not text:
            continue
        keys[squash(text)] = None
        name, _, domain = text.partition("@")
        keys[squash(domain)] = None
        for word in words_of(name):
            if not _HAN.match(word):
                keys |= {word: None} if len(word) > 1 else {}
                continue
            read = syllables(word)
            keys["".join(syllable[0] for syllable in read if syllable)] = None
            for at in _places(word):
                keys[word[at:]] = None
                keys |= dict.fromkeys(_umlauts(("".join(read[at:]),)) if len(read) == len(word) else ())
    return [key for key in keys if key]


@lru_cache(maxsize=8192)
def _places(text: str) -> tuple[int, ...]:
    """Word starts in a Han text; a long one, 农业大学, is split into two words of two characters each."""
    import rjieba

    starts: list[int] = []
    at = 0
    for word in rjieba.cut(text):
        starts += range(at, at + len(word) - 1, 2) if len(word) > 3 else [at]
        at += len(word)
    return tuple(starts[:SUFFIXES])


def person_key(native: str, passport: str, *others: str) -> str:
    """All search keys of a person, a line each: the text for LIKE; keys at the start of a name; keys inside a name; others.

    The keys of a line are between `|`. The database splits them (migration of `registration_key`).
    """
    first, later = name_keys(native, passport)
    lines = (search_key(native, passport, *others), *map("|".join, (first, later, other_keys(*others))))
    return "\n".join(lines)


def stamped(key: str) -> str:
    """A key in its stored form."""
    return key + STAMP


def bounds(prefix: str) -> tuple[str, str]:
    """(first, last) key of all keys with this prefix, in code point order."""
    return prefix, prefix + LAST


def starts_of(word: str) -> tuple[int, int]:
    """Bits of how a word begins: of its first two and three letters; of its first four and five.

    A key of the database has those of all keys of its person (`key_starts` and `key_longer` of the migration): a person who
    lacks a bit of a word has no key that begins with it.
    """
    places = list(map(ord, word))

    def bit(*factors: int) -> int:
        begun = zip(places, factors, strict=False)
        return 1 << sum(place * factor for place, factor in begun) % 61 if len(places) >= len(factors) else 0

    return bit(7, 19) | bit(11, 23, 41), bit(13, 29, 37, 53) | bit(5, 17, 31, 43, 47)


def sort_key(text: str) -> str:
    """Order of names: pinyin for Chinese, folded text otherwise (the database has no Chinese collation)."""
    if not _HAN.search(text):
        return fold(text)
    from pypinyin import lazy_pinyin

    return fold(" ".join(lazy_pinyin(text)))


def like(query: str) -> str:
    """A LIKE pattern for a typed query, its wildcards escaped."""
    return f"%{literal(fold(query))}%"


def like_words(query: str, most: int = 8) -> list[str]:
    """LIKE patterns, one per typed word: all must match, in any order."""
    return [f"%{literal(word)}%" for word in fold(query).split()[:most]]


def patterns_of(query: str, most: int = 8) -> list[str]:
    """Regular expressions for a text without a search key, in lower case: each word as typed or folded; all must match."""
    words = query.replace("\0", " ").lower().split()[:most]
    return ["|".join(dict.fromkeys(re.escape(form) for form in (word, fold(word)) if form)) for word in words]


def literal(text: str) -> str:
    """A text with LIKE's wildcards escaped."""
    return re.sub(r"([\\%_])", r"\\\1", text)


@lru_cache(maxsize=16384)
def _forms(character: str) -> tuple[str, ...]:
    """The spellings in which a character may have been typed, the longest first."""
    forms = {squash(character), squash(character.translate(_SPELT))}
    if _HAN.match(character):
        folded = fold(character)
        read = [*syllables(folded), *surnames().get(folded, ())]
        forms |= {form for reading in _umlauts(read) for form in (reading, reading[:1])}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


@lru_cache(maxsize=256)
def _wanted(typed: str) -> str:
    """`squash`, cached: each field of each person shown is compared with the same text."""
    return squash(typed)


def found_in(text: str, typed: str) -> tuple[int, int] | None:
    """Where a text contains what was typed, as (start, end), to be marked; None when no word of it begins with that."""
    wanted = _wanted(typed)
    if not wanted or not text or len(text) > 200:
        return None
    forms = [_forms(character) for character in text]
    for start, _ in enumerate(text):
        begins = start == 0 or not text[start - 1].isalnum() or _HAN.match(text[start])
        if begins and text[start].isalnum() and (end := _end(forms, start, wanted)) is not None:
            return start, end
    return None


def _end(forms: Sequence[tuple[str, ...]], at: int, wanted: str) -> int | None:
    if not wanted:
        return at
    if at == len(forms):
        return None
    for form in forms[at]:
        if form.startswith(wanted):
            return at + 1
        if wanted.startswith(form) and (end := _end(forms, at + 1, wanted[len(form) :])) is not None:
            return end
    return None
