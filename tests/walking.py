"""A person with a browser without script: opens pages, follows the links on them, and sends their forms as they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx


@dataclass
class Button:
    """A button that sends its form. `target`: the address that it names itself."""

    name: str
    value: str
    target: str
    words: str = ""


@dataclass
class Form:
    """A form of a page. `values` are what is sent untouched; `names` all that can be filled in or chosen, with the choices."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, set[str] | None] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def choices(self, name: str) -> set[str]:
        """The values among which a field lets one choose."""
        return self.names.get(name) or set()


class _Page(HTMLParser):
    """The links and forms of a page, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.words: list[str] = []
        self._form: Form | None = None
        self._href: str | None = None
        self._text: list[str] = []
        self._button: Button | None = None
        self._area: tuple[Form, str] | None = None
        self._select: tuple[Form, str, bool] | None = None
        self._silent = False

    def _of(self, given: dict[str, str]) -> Form | None:
        return self.by_id.get(given["form"]) if "form" in given else self._form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self._href, self._text = given["href"], []
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
            self.by_id[given.get("id", "")] = self._form
        elif tag in ("script", "style", "template"):
            self._silent = True
        elif tag == "option" and self._select:
            self._option(given)
        elif (form := self._of(given)) is not None and "disabled" not in given:
            self._control(tag, given, form)

    def _control(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, kind = given.get("name", ""), given.get("type", "submit" if tag == "button" else "text")
        if tag == "button" and kind == "submit":
            self._button = Button(name, given.get("value", ""), given.get("formaction", ""))
            form.buttons.append(self._button)
            self._text = []
        elif tag == "input" and kind in ("checkbox", "radio") and name:
            form.names[name] = form.choices(name) | {given.get("value", "on")}
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input" and name:
            form.names[name] = None
            if kind != "file":
                form.values.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            form.names[name] = None
            self._area, self._text = (form, name), []
        elif tag == "select" and name:
            form.names[name] = set()
            self._select = (form, name, "multiple" in given)

    def _option(self, given: dict[str, str]) -> None:
        assert self._select
        form, name, multiple = self._select
        first = not form.names[name]
        form.names[name] = form.choices(name) | {given.get("value", "")}
        if "selected" in given and not multiple:
            form.values[name] = [given.get("value", "")]
        elif "selected" in given or (first and not multiple):
            form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        if not self._silent:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self._text).split())
        if tag == "a" and self._href is not None:
            self.links.append((self._href, text))
            self._href = None
        elif tag == "form":
            self._form = None
        elif tag in ("script", "style", "template"):
            self._silent = False
        elif tag == "select":
            self._select = None
        elif tag == "button" and self._button:
            self._button.words, self._button = text, None
        elif tag == "textarea" and self._area:
            form, name = self._area
            form.values.setdefault(name, []).append("".join(self._text).removeprefix("\n"))
            self._area = None


class Walker:
    """Where a person is. Nothing is opened or sent that the page in front of them does not offer, but for `go`."""

    def __init__(self, base: str, cookies: Mapping[str, str] | None = None) -> None:
        self._client = httpx.AsyncClient(base_url=base, cookies=dict(cookies or {}), follow_redirects=True, timeout=60)
        self.path, self.page, self._read = "", "", _Page()

    async def close(self) -> None:
        await self._client.aclose()

    async def go(self, path: str) -> "Walker":
        """Open an address by hand."""
        self._take(await self._client.get(path))
        return self

    async def follow(self, link: str) -> "Walker":
        """Follow the first link of the page whose address ends so, or that has these words."""
        found = [
            href for href, words in self._read.links if link in (href, words) or urlsplit(href).path.endswith(link)
        ]
        assert found, f"{self.path} has no link {link}: {sorted(set(self._read.links))}"
        return await self.go(urljoin(str(self._client.base_url.join(self.path)), found[0]))

    def form(self, action: str, **has: str) -> Form:
        """The first form of the page whose action ends so, and that has these values."""
        found = [
            form
            for form in self._read.forms
            if form.method != "dialog"
            and urlsplit(form.action or self.path).path.endswith(action)
            and all(value in form.values.get(name, []) for name, value in has.items())
        ]
        assert found, f"{self.path} has no form {action}: {[(form.action, form.values) for form in self._read.forms]}"
        return found[0]

    async def send(self, action: str, button: str = "", /, *, refused: int = 0, **values: str | list[str]) -> "Walker":
        """Fill in a form of this page and press its button with these words or this value, or the first one.

        `refused`: the status with which it is not done at once.
        """
        await self.press(self.form(action), button, values, refused)
        return self

    async def press(
        self,
        form: Form,
        button: str = "",
        values: Mapping[str, str | list[str]] | None = None,
        refused: int = 0,
    ) -> None:
        """The same with a form at hand. What the form does not ask or offer cannot be sent."""
        filled: dict[str, list[str]] = dict(form.values)
        for name, value in (values or {}).items():
            given = [value] if isinstance(value, str) else value
            assert name in form.names, f"{self.path}: {form.action} does not ask {name}, only {sorted(form.names)}"
            offered = form.names[name]
            assert offered is None or set(given) <= offered, f"{self.path}: {name} offers {sorted(offered or ())}"
            filled[name] = given
        pressed = [one for one in form.buttons if button in (one.words, one.value)] if button else form.buttons
        assert pressed, f"{self.path}: {form.action} has no button {button}: {form.buttons}"
        if pressed[0].name:
            filled[pressed[0].name] = [pressed[0].value]
        target = urljoin(str(self._client.base_url.join(self.path)), pressed[0].target or form.action or self.path)
        if form.method == "get":
            self._take(await self._client.get(target, params=filled))
        else:
            self._take(await self._client.post(target, data=filled), refused)

    def _take(self, answer: httpx.Response, refused: int = 0) -> None:
        self.answer, came_from = answer, self.path
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.path, self.page, self._read = answer.url.raw_path.decode(), answer.text, _Page()
            self._read.feed(answer.text)
        request = f"{answer.request.method} {answer.request.url.path} from {came_from}"
        wrong = re.findall(r'class="field__error".*?</span> (.*?)</span>', self.page, re.S)
        assert answer.status_code == refused if refused else answer.is_success, (
            f"{request}: {answer.status_code} {wrong} {self.words}"
        )

    @property
    def words(self) -> str:
        """All words of the page."""
        return " ".join("".join(self._read.words).split())

    def sees(self, *words: str) -> "Walker":
        """The page says all of this."""
        for one in words:
            assert one in self.words, f"{self.path} does not say “{one}”: {self.words}"
        return self

    def find(self, part: str) -> str:
        """The first word of the page with this in it, such as an address that is written there."""
        found = [word for word in self.words.split() if part in word]
        assert found, f"{self.path} does not say {part}"
        return found[0]
