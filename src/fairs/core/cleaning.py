"""Removes what a keyboard, a clipboard or an input method adds to the intended text, before any check.

One cleaning for pages, API calls and spreadsheet rows: `core.forms` calls it for every field, and its result
is checked, shown again and stored. Nothing here accesses data.
"""

import re
import unicodedata

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u2800]")  # all spaces except the Chinese one, which indents
_JOINERS = "\u200c\u200d"
_FLAG = "\U0001f3f4"  # a black flag followed by tags is the flag of a region
# Invisible although Unicode counts them as letters and marks: Hangul fillers, the grapheme joiner, the object replacement.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc")
# Visible format characters: signs above numbers in Arabic and Syriac, those that arrange hieroglyphs.
_SEEN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]")
# Letters of these scripts join, and a joiner or non-joiner between two of them is spelling: Persian, Uyghur, Mongolian.
_JOINING = ("ARABIC", "SYRIAC", "MANDAIC", "MONGOLIAN", "NKO", "PHAGS-PA", "MANICHAEAN", "ADLAM", "HANIFI")
_VIRAMA = 9  # canonical combining class of the sign that removes a vowel in Indian scripts
HYPHENS = re.compile("[\\-\u02d7\u058a\u05be\u2010-\u2015\u2043\u2212\u2500\u2796\u30fc\ufe58\ufe63\uff0d\uff70]")


class Unstorable(ValueError):
    """A control character or half a surrogate pair: not valid in text."""


def clean_text(text: str, *, lines: bool = False) -> str:
    """The text without invisible characters, in NFC, trimmed. `lines`: several lines are allowed, else one.

    Format characters (zero width, byte order mark, directional marks, soft hyphen) are removed. A zero-width joiner or
    non-joiner is kept where it is spelling: beside a virama (Indic scripts), between letters of a script that joins them
    (Persian می‌خواهم), and between the parts of an emoji. Any line break, the vertical tab and the form feed included,
    becomes one kind; on a single line it becomes a space. Raises Unstorable.
    """
    text = _BREAKS.sub("\n", text)
    if _UNSTORABLE.search(text):
        raise Unstorable
    if not text.isascii():
        text = _SPACES.sub(" ", _without_format(unicodedata.normalize("NFC", text)))
        text = unicodedata.normalize("NFC", text)  # separate characters may now be one letter
    return text.strip() if lines else " ".join(text.split())


def _without_format(text: str) -> str:
    if not any(letter in _BLANK or unicodedata.category(letter) == "Cf" for letter in text):
        return text
    kept: list[str] = []
    for at, letter in enumerate(text):
        if letter in _BLANK:
            continue
        if unicodedata.category(letter) != "Cf" or _SEEN.match(letter) or _is_spelling(kept, letter, text, at):
            kept.append(letter)
    while kept and kept[-1] in _JOINERS and not _is_virama(kept[-2] if len(kept) > 1 else ""):
        kept.pop()
    return "".join(kept)


def _is_spelling(kept: list[str], letter: str, text: str, at: int) -> bool:
    """Whether a format character is part of the word: `kept` is the text before it, `text[at + 1:]` the text after it."""
    before = kept[-1] if kept else ""
    if "\U000e0020" <= letter <= "\U000e007f":  # a tag
        return before == _FLAG or "\U000e0020" <= before <= "\U000e007e"
    if letter == "\u180e":  # the Mongolian vowel separator
        return _script(before) == "MONGOLIAN"
    if letter not in _JOINERS:
        return False
    after = next((other for other in text[at + 1 :] if not _is_dropped(other)), "")
    if _is_virama(before) or (_is_virama(after) and before.isalpha()):
        return True
    if letter == "\u200d" and _is_picture(before) and _is_picture(after):
        return True
    base = next((other for other in reversed(kept) if unicodedata.category(other) != "Mn"), "")
    return _script(base) in _JOINING and _script(after) in _JOINING


def _is_dropped(letter: str) -> bool:
    return letter in _BLANK or (unicodedata.category(letter) == "Cf" and not _SEEN.match(letter))


def _is_virama(letter: str) -> bool:
    return bool(letter) and unicodedata.combining(letter) == _VIRAMA


def _is_picture(letter: str) -> bool:
    """An emoji, its skin tone or the variation selector for its picture."""
    return bool(letter) and (unicodedata.category(letter) in ("So", "Sk") or letter in "\ufe0f\u2640\u2642")


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0] if letter and letter.isalpha() else ""


def fold_digits(text: str) -> str:
    """Digits of every script and width as 0–9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def fold_hyphens(text: str) -> str:
    """Hyphens, dashes and minus signs of every kind as `-`."""
    return text if text.isascii() else HYPHENS.sub("-", text)


def code(text: str) -> str:
    """A code, a short name or a document number: full-width letters and digits folded, hyphens made plain."""
    return fold_hyphens(fold_digits(unicodedata.normalize("NFKC", text)))


def phone(text: str) -> str:
    """A telephone number in ASCII as far as possible: digits, hyphens, brackets, the plus sign."""
    return code(text).replace("\u207a", "+")
