"""Reading a page: its own part, and a form as a browser sends it."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._select = self._area = ""
        self._text = ""

    def _add(self, name: str | None, value: str | None) -> None:
        if self.forms and name:
            self.forms[-1][1].setdefault(name, []).append(value or "")

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attrs = dict(given)
        if tag == "form":
            self.forms.append((attrs.get("action") or "", {}))
        elif tag == "input" and attrs.get("type") in ("checkbox", "radio"):
            if "checked" in attrs:
                self._add(attrs.get("name"), attrs.get("value") or "on")
        elif tag == "input":
            self._add(attrs.get("name"), attrs.get("value"))
        elif tag == "textarea":
            self._area, self._text = attrs.get("name") or "", ""
        elif tag == "select":
            self._select = attrs.get("name") or ""
        elif tag == "option" and "selected" in attrs:
            self._add(self._select, attrs.get("value"))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._add(self._area, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = ""


def form_of(page: str, action: str) -> dict[str, list[str]]:
    """What the form that posts to `action` would send, untouched, but for the token of the session."""
    reader = _Forms()
    reader.feed(page)
    found = [values for target, values in reader.forms if target == action]
    assert len(found) == 1, [target for target, _ in reader.forms]
    return {name: values for name, values in found[0].items() if name != "_csrf_token"}


def main_of(page: str) -> str:
    """What is between the page's frame."""
    return page.split("<main")[1].split("</main")[0]
