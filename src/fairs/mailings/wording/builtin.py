"""The built-in text of a kind of mail as an editable one: placeholders where the values stand."""

import re
from typing import Any

from fairs.core import i18n
from fairs.notifications import placeholders, wording
from fairs.notifications.services import base_url
from fairs.notifications.wording import Wording
from fairs.web.templating import render_text

# What templates ask beyond the placeholders: the usual case of each.
_USUAL: dict[str, Any] = {
    "role": "organiser",
    "why": "drawn_up",
    "revision": 1,
    "side": "talent",
    "by": "organiser",
    "to_party": "talent",
    "more": 0,
    "what": "fair",
    "who": "",
    "reminder": False,
    "case": "new",
    "changes": [],
    "sessions": [],
    "ended": [],
    "meetings": [],
    "steps": [],
    "wishes": [],
    "lines": [],
}
_MANY = re.compile(r"\n{3,}")


class _Mark(str):
    """A placeholder where a template expects a text, a text for each language, or hours."""

    __slots__ = ()

    own = ""

    @property
    def zh(self) -> str:
        return str(self)

    @property
    def en(self) -> str:
        return str(self)

    @property
    def event(self) -> str:
        return str(self)


def built_in(kind: str, lang: str) -> Wording:
    """The text of the templates; what is a list, and what is missing though it must be there, stands at its end."""
    known = placeholders.kind_of(kind)
    marks: dict[str, Any] = {}
    for name in known.names:
        source = known.sources.get(name, name)
        if not isinstance(_USUAL.get(source), list):
            marks[source] = _Mark("{" + name + "}")
    variables = {**_USUAL, **marks, "base_url": base_url(), "mail_lang": lang}
    with i18n.language(lang):
        subject = render_text(f"emails/{lang}/{kind}.subject", **variables)
        text = render_text(f"emails/{lang}/{kind}.txt", **variables)
    lists = [name for name in known.names if isinstance(_USUAL.get(known.sources.get(name, name)), list)]
    added = list(dict.fromkeys((*lists, *wording.missing(text, known.required))))
    text = _MANY.sub("\n\n", text.strip()) + "".join(f"\n\n{{{name}}}" for name in added)
    return Wording(" ".join(subject.split()), text + "\n")
