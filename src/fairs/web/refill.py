"""Fills typed values back into a form of a rendered page, as the browser shows it when the page is not left.

Only fields that a person types or chooses are filled in. Hidden fields keep the page's current values (and identify the
form when several post to one address), except the version that the page was filled from; passwords and files stay empty.
The page's text around the form is not changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from fairs.core import versions

Values = Mapping[str, Sequence[str]]
NEVER = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
ANYWAY = frozenset({"_csrf_token", "next", "proof", "key", versions.FIELD})
BROUGHT = frozenset({versions.FIELD})  # hidden, but restored from the page as it was left: its version
_Attrs = list[tuple[str, str | None]]


@dataclass
class _Tag:
    """A start tag with its position in the page."""

    name: str
    attrs: dict[str, str | None]
    start: int
    end: int

    def text(self, **changes: str | bool) -> str:
        """The tag with attributes set (a text), without a value (True) or removed (False)."""
        attrs = dict(self.attrs)
        for name, value in changes.items():
            if value is False:
                attrs.pop(name, None)
            else:
                attrs[name] = None if value is True else str(value)
        said = "".join(f" {n}" if v is None else f' {n}="{escape(v)}"' for n, v in attrs.items())
        return f"<{self.name}{said}>"


@dataclass
class _Form:
    tag: _Tag
    controls: list[tuple[_Tag, list[_Tag], int]] = field(default_factory=list)  # tag, options, end of its content

    def fits(self, values: Values) -> bool:
        """Whether the hidden fields equal the sent values, ignoring those that do not identify the form."""
        return all(
            (tag.attrs.get("value") or "") in values[name]
            for tag, _, _ in self.controls
            if tag.attrs.get("type") == "hidden"
            and (name := tag.attrs.get("name") or "") in values
            and name not in ANYWAY
        )


class _Reader(HTMLParser):
    """Finds the posting forms of a page and their controls."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.lines = [0]
        for line in page.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.forms: list[_Form] = []
        self.open: _Form | None = None
        self.feed(page)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: _Attrs) -> None:
        start = self._at()
        found = _Tag(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "form":
            self.open = _Form(found)
            if (found.attrs.get("method") or "get").lower() == "post":
                self.forms.append(self.open)
        elif self.open and tag in {"input", "textarea", "select"} and found.attrs.get("name"):
            self.open.controls.append((found, [], found.end))
        elif self.open and tag == "option" and self.open.controls and self.open.controls[-1][0].name == "select":
            self.open.controls[-1][1].append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "textarea" and self.open and self.open.controls and self.open.controls[-1][0].name == tag:
            control, options, _ = self.open.controls[-1]
            self.open.controls[-1] = (control, options, self._at())


def refill(page: str, path: str, action: str, values: Values) -> tuple[str, bool]:
    """The page at `path` with the form that posts to `action` filled in, and whether such a form exists."""
    aimed = [form for form in _Reader(page).forms if _target(form, path) == action]
    form = aimed[0] if len(aimed) == 1 else next((form for form in aimed if form.fits(values)), None)
    if form is None:
        return page, False
    left = {name: list(given) for name, given in values.items()}
    edits = [(form.tag.start, form.tag.end, form.tag.text(**{"data-kept": True}))]
    for tag, options, end in form.controls:
        edits.extend(_edits(tag, options, end, values, left))
    for start, end, text in sorted(edits, reverse=True):
        page = page[:start] + text + page[end:]
    return page, True


def _target(form: _Form, path: str) -> str:
    return urlsplit(urljoin(path, form.tag.attrs.get("action") or path)).path


def _edits(
    tag: _Tag, options: list[_Tag], end: int, values: Values, left: dict[str, list[str]]
) -> list[tuple[int, int, str]]:
    """Changes of one control. A checkbox that was not sent is unticked; another control that was not sent stays unchanged."""
    name = tag.attrs.get("name") or ""
    kind = (tag.attrs.get("type") or "text").lower() if tag.name == "input" else tag.name
    if kind in NEVER and name not in BROUGHT:
        return []
    given = values.get(name)
    if kind in {"checkbox", "radio"}:
        ticked = (tag.attrs.get("value") or "on") in (given or ())
        return [(tag.start, tag.end, tag.text(checked=ticked))]
    if kind == "select":
        chosen = given if given is not None or "multiple" not in tag.attrs else ()
        if chosen is None:
            return []
        return [(o.start, o.end, o.text(selected=(o.attrs.get("value") or "") in chosen)) for o in options]
    if not left.get(name):
        return []
    value = left[name].pop(0)
    if kind == "textarea":
        return [(tag.end, end, "\n" + escape(value))]
    return [(tag.start, tag.end, tag.text(value=value))]
