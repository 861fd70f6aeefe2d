"""Keys by which people are found: the text as typed, full pinyin, and pinyin initials."""

import re
import unicodedata

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def fold(text: str) -> str:
    """Lower case, without accents, single spaces: `Émile  ZOLA` → `emile zola`."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(plain.casefold().split())


def search_key(*texts: str | None) -> str:
    """One line to search with LIKE: each text folded, and for Chinese its pinyin and initials as well."""
    parts: list[str] = []
    for text in texts:
        if not text:
            continue
        parts.append(fold(text))
        if _HAN.search(text):
            from pypinyin import Style, lazy_pinyin  # a dictionary that takes a quarter of a second to load

            syllables = lazy_pinyin(text, errors="ignore")
            parts += [
                "".join(syllables),
                " ".join(syllables),
                "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="ignore")),
            ]
    return " | ".join(dict.fromkeys(part for part in parts if part))


def sort_key(text: str) -> str:
    """Order of names: pinyin for Chinese, folded text otherwise (the database has no Chinese collation)."""
    if not _HAN.search(text):
        return fold(text)
    from pypinyin import lazy_pinyin

    return fold(" ".join(lazy_pinyin(text)))


def like(query: str) -> str:
    """A LIKE pattern for a typed query, its wildcards escaped."""
    escaped = re.sub(r"([\\%_])", r"\\\1", fold(query))
    return f"%{escaped}%"
