"""What to call a browser by what it says of itself: "Chrome on Android" (`data/browsers.tsv`). Nothing relies on it.

A person looks for a browser that is not theirs; the whole text, which names ten products, hides that.
"""

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from fairs.core.i18n import gettext as _
from fairs.core.i18n import pick

MOST = 40  # characters shown of a text that names nothing known


class Name(NamedTuple):
    """What an expression stands for."""

    expression: re.Pattern[str]
    en: str
    zh: str


@lru_cache(maxsize=1)
def names() -> dict[str, list[Name]]:
    """By kind (browser, system), in the order in which they are tried."""
    found: dict[str, list[Name]] = {"browser": [], "system": []}
    for line in (files("fairs.accounts") / "data" / "browsers.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, expression, en, zh = line.split("\t")
            found[kind].append(Name(re.compile(expression), en, zh))
    return found


def _first(kind: str, text: str) -> str:
    return next((pick(name.zh, name.en) for name in names()[kind] if name.expression.search(text)), "")


def browser_name(user_agent: str) -> str:
    """In the current language. A text that names no known browser is shown itself, shortened."""
    text = " ".join(user_agent.split())
    if not text:
        return _("Unknown browser")
    browser, system = _first("browser", text), _first("system", text)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    if browser:
        return browser
    return text if len(text) <= MOST else f"{text[: MOST - 1].rstrip()}…"
