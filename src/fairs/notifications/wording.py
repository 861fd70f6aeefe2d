"""Texts of mails written by people: plain text with placeholders and a little markup, nothing that runs.

`{name}` is a value of the mail, `{{` and `}}` are braces. A blank line begins a paragraph, `- ` an item of a list, `**…**` is
strong, `[words](address)` a link; a link alone in its paragraph becomes a button. The markup is read before the values are put
in, and every value is escaped, so no value can add markup.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from markupsafe import escape

from fairs.core.i18n import N_, gettext

BRACES = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(((?:https?://|mailto:)[^\s()<>\"'{}]+|\{(?:link|settings|[a-z_]+_link)\})\)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]{}]+[^\s<>\"'()\[\]{}.,;:!?，。；：！？]")
_EMPTY = re.compile(r"[ \t]+(?=[,，:：])")  # the blank before a value that is not there: `Dear ,`
_STRONG = re.compile(r"\*\*([^*\n]+)\*\*")


@dataclass(frozen=True)
class Look:
    """Attributes of what the markup makes: a mail has no stylesheet, and a page allows no styles in the text."""

    link: str
    button: str
    around: str


IN_MAIL = Look(
    ' style="color:#8f2f22"',
    ' style="display:inline-block;padding:12px 20px;background:#a3301d;color:#fff;text-decoration:none;border-radius:4px"',
    ' style="margin:24px 0"',
)
ON_PAGE = Look("", ' class="button button--primary"', "")


@dataclass(frozen=True)
class Wording:
    """Subject and text of a mail in one language, as written."""

    subject: str
    text: str


def is_address(name: str) -> bool:
    """Whether a placeholder is the address of one of our pages."""
    return name == "link" or name.endswith("_link") or name == "settings"


def named(text: str) -> list[str]:
    """The placeholders of a text in their order."""
    return [found.group(1).strip() for found in BRACES.finditer(text) if found.group(1) is not None]


def problems(text: str, known: Collection[str]) -> list[object]:
    """What is wrong with the placeholders of a text, in words."""
    found: list[object] = []
    for match in BRACES.finditer(text):
        if match.group(1) is None:
            if match.group(0) in ("{", "}"):
                found.append(N_("A brace stands alone. Write two of them to show one."))
            continue
        name = match.group(1).strip()
        if name not in known:
            found.append(_unknown(match.group(0), name, known))
    return list(dict.fromkeys(found))


def _unknown(shown: str, name: str, known: Collection[str]) -> object:
    near = get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.5)
    if near:
        return N_("%(given)s is not known here. Do you mean %(near)s?", given=shown, near="{" + near[0] + "}")
    return N_("%(given)s is not known here.", given=shown)


def missing(text: str, required: Collection[str]) -> list[str]:
    """Required placeholders that a text does not have."""
    there = set(named(text))
    return [name for name in required if name not in there]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values. A name that is empty takes the blank before it along: `Dear ,` becomes `Dear,`."""
    written = BRACES.sub(lambda found: _plain(found, values), text)
    return _EMPTY.sub("", written) if "" in values.values() else written


def _plain(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found.group(1) is None:
        return found.group(0)[0]
    return values.get(found.group(1).strip(), "")


def subject_of(wording: Wording, values: Mapping[str, str]) -> str:
    """The subject: one line."""
    return " ".join(filled(wording.subject, values).split())


def text_of(wording: Wording, values: Mapping[str, str]) -> str:
    """The plain text: the markup is taken away, the address of a link follows its words."""
    plain = _LINK.sub(lambda link: f"{link.group(1)}{gettext(': ')}{link.group(2)}", wording.text)
    return filled(_STRONG.sub(r"\1", plain), values).strip() + "\n"


def html_of(wording: Wording, values: Mapping[str, str], look: Look = IN_MAIL) -> str:
    """The body as HTML, without head and foot."""
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*\n", wording.text.replace("\r\n", "\n"))]
    writer = _Writer(values, look)
    return "\n".join(writer.block(block) for block in blocks if block.strip())


@dataclass(frozen=True)
class _Writer:
    """Writes blocks of text as HTML."""

    values: Mapping[str, str]
    look: Look

    def block(self, block: str) -> str:
        """A paragraph, a list, or a button."""
        lines = block.split("\n")
        if all(line.lstrip().startswith("- ") for line in lines):
            items = "".join(f"<li>{self._line(line.lstrip()[2:])}</li>" for line in lines)
            return f"<ul>{items}</ul>"
        alone = _LINK.fullmatch(block.strip())
        if alone:
            href, words = self._href(alone.group(2)), self._strong(alone.group(1))
            return f'<p{self.look.around}><a href="{href}"{self.look.button}>{words}</a></p>'
        return f"<p>{'<br>'.join(self._line(line) for line in lines)}</p>"

    def _line(self, line: str) -> str:
        """Links first, then what stands between them."""
        made, at = [], 0
        for link in _LINK.finditer(line):
            made.append(self._words(line[at : link.start()]))
            made.append(self._anchor(self._href(link.group(2)), self._strong(link.group(1))))
            at = link.end()
        return "".join([*made, self._words(line[at:])])

    def _anchor(self, href: str, words: str) -> str:
        return f'<a href="{href}"{self.look.link}>{words}</a>'

    def _href(self, address: str) -> str:
        return str(escape(filled(address, self.values) if address.startswith("{") else address))

    def _words(self, text: str) -> str:
        """Text between links: addresses in it, and placeholders that are addresses, become links."""
        made, at = [], 0
        for address in _ADDRESS.finditer(text):
            made.append(self._strong(text[at : address.start()], links=True))
            shown = str(escape(address.group(0)))
            made.append(self._anchor(shown, shown))
            at = address.end()
        return "".join([*made, self._strong(text[at:], links=True)])

    def _strong(self, text: str, *, links: bool = False) -> str:
        made = []
        for at, part in enumerate(_STRONG.split(text)):  # every second part is strong
            shown = self._valued(part, links=links)
            made.append(f"<strong>{shown}</strong>" if at % 2 else shown)
        return "".join(made)

    def _valued(self, text: str, *, links: bool) -> str:
        """The text with its values, all escaped."""
        made, at = [], 0
        for found in BRACES.finditer(text):
            made.append(str(escape(text[at : found.start()])))
            value = str(escape(_plain(found, self.values)))
            is_link = links and found.group(1) is not None and is_address(found.group(1).strip()) and value
            made.append(self._anchor(value, value) if is_link else value.replace("\n", "<br>"))
            at = found.end()
        made.append(str(escape(text[at:])))
        return _EMPTY.sub("", "".join(made)) if "" in self.values.values() else "".join(made)
