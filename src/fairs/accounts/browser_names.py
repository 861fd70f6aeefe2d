"""A short name for a browser from its User-Agent: "Chrome on Android" (`data/browsers.tsv`). For display only.

It lets a person spot a foreign browser; the full User-Agent names ten products and hides that.
"""

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from fairs.core.i18n import gettext as _
from fairs.core.i18n import pick

MOST = 40  # characters shown of an unknown User-Agent


class Name(NamedTuple):
    """A regular expression and the name it stands for."""

    expression: re.Pattern[str]
    en: str
    zh: str


@lru_cache(maxsize=1)
def names() -> dict[str, list[Name]]:
    """Names by kind (browser, system), in matching order."""
    found: dict[str, list[Name]] = {"browser": [], "system": []}
    for line in (files("fairs.accounts") / "data" / "browsers.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, expression, en, zh = line.split("\t")
            found[kind].append(Name(re.compile(expression), en, zh))
    return found


def _first(kind: str, text: str) -> str:
    return next((pick(name.zh, name.en) for name in names()[kind] if name.expression.search(text)), "")


def browser_name(user_agent: str) -> str:
    """The name in the current language. An unknown User-Agent is returned itself, shortened."""
    text = " ".join(user_agent.split())
    if not text:
        return _("Unknown browser")
    browser, system = _first("browser", text), _first("system", text)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    if browser:
        return browser
    return text if len(text) <= MOST else f"{text[: MOST - 1].rstrip()}…"
