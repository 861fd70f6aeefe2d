"""What people write in the cells of a table: words of a list in either language, several of them, days."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import get_args

from fairs.core.fields import NO, YES, Choice
from fairs.core.i18n import Lang, current_lang, gettext, language
from fairs.core.search_keys import fold

Choices = Mapping[str, Callable[[], Sequence[Choice]]]
"""Field → its list: (code, word, …)."""
LANGS = get_args(Lang)
_SPLIT = re.compile(r"\s*[;；、,，/\n|]\s*")


class Words:
    """What people write in a column, in either language, and the codes that it means."""

    def __init__(self, chosen: Choices, *, yes_no: Sequence[str] = ()) -> None:
        self._codes: dict[str, dict[str, str]] = {name: {} for name in chosen}
        self._labels = {name: [label for _, label, _ in choices()] for name, choices in chosen.items()}
        for lang in LANGS:
            with language(lang):
                for name, choices in chosen.items():
                    for code, label, _ in choices():
                        self._codes[name] |= {fold(label): code, fold(code): code}
        for name in yes_no:
            self._codes[name] |= {fold(word): YES for word in ("是", "yes", "y", "✓", "√")}
            self._codes[name] |= {fold(word): NO for word in ("否", "no", "n")}

    def code(self, name: str, typed: str) -> str:
        """The code. Raises Unknown."""
        code = self._codes[name].get(fold(typed)) if typed else ""
        if code is None:
            raise Unknown(typed, self._near(name, typed))
        return code

    def codes(self, name: str, typed: str) -> list[str]:
        """The codes of several, separated; a name may contain a separator itself. Raises Unknown."""
        if alone := self._codes[name].get(fold(typed)):
            return [alone]
        return list(dict.fromkeys(self.code(name, part) for part in parts(typed)))

    def _near(self, name: str, typed: str) -> list[str]:
        plain = fold(typed)
        within = [label for label in self._labels[name] if plain and plain in fold(label)]
        by_fold = {fold(label): label for label in self._labels[name]}
        close = [by_fold[key] for key in get_close_matches(plain, by_fold, n=3, cutoff=0.5)]
        return list(dict.fromkeys([*within[:3], *close]))[:3]


class Unknown(Exception):
    """A word that is in no list of its column."""

    def __init__(self, typed: str, near: Sequence[str]) -> None:
        super().__init__(typed)
        self.typed, self.near = typed, near

    def __str__(self) -> str:
        if not self.near:
            return gettext("“%(typed)s” is not in the list", typed=self.typed[:60])
        joint = "、" if current_lang() == "zh" else ", "
        return gettext(
            "“%(typed)s” is not in the list; near: %(near)s", typed=self.typed[:60], near=joint.join(self.near)
        )


def parts(text: str) -> list[str]:
    """The parts of a cell with several."""
    return [part for part in _SPLIT.split(text.strip()) if part]


def as_day(text: str) -> str:
    """Days as spreadsheets write them, 2027/3/1 or 2027年3月1日 or with an hour of midnight, as the form reads them."""
    found = re.fullmatch(
        r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?", text.strip()
    )
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else text
