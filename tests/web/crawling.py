"""Every page and every form of the app as a person of some role finds them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute

from fairs.web import access

TYPED = {"text", "email", "password", "search", "tel", "url", "textarea"}
LEAVING = ("/logout", "/account/sign-out-everywhere")
NOT_PAGES = (
    "/static",
    "/schema",
    "/api/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/{rest",
    "/styleguide",
    "/files/",
    "/account/passkeys/{",
)  # of somebody who has one; tests/accounts/test_passkeys.py looks at it


@dataclass
class Control:
    """A field as a browser knows it. `kind` is an input's type, or textarea, select or multiselect."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    checked: bool = False


@dataclass
class PostForm:
    """A form with the page it stands on."""

    page: str
    action: str
    controls: list[Control] = field(default_factory=list)

    @property
    def own(self) -> list[Control]:
        """Without the CSRF token."""
        return [control for control in self.controls if control.name != "_csrf_token"]

    @property
    def typed(self) -> list[Control]:
        return [control for control in self.own if control.kind in TYPED]


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[PostForm] = []
        self.open: PostForm | None = None
        self.control: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = PostForm(self.page, given.get("action") or self.page)
            if given.get("method", "get").lower() == "post":
                self.found.append(self.open)
        elif self.open and tag in {"input", "textarea", "select", "button"} and given.get("name"):
            kind = given.get("type", "text") if tag in {"input", "button"} else tag
            kind = "multiselect" if tag == "select" and "multiple" in given else kind
            self.control = Control(given["name"], kind, given.get("value", ""), checked="checked" in given)
            self.open.controls.append(self.control)
        elif self.control and tag == "option":
            self.control.choices.append(given.get("value", ""))
            if "selected" in given:
                self.control.value = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.control and self.control.kind == "textarea":
            self.control.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag in {"textarea", "select"}:
            self.control = None


def forms_of(page: httpx.Response) -> list[PostForm]:
    """The posting forms of a page, those that sign out left aside."""
    parser = _Forms(page.request.url.raw_path.decode())
    parser.feed(page.text)
    return [form for form in parser.found if not form.action.startswith(LEAVING)]


def page_routes(app: Litestar) -> Iterator[tuple[str, access.Access]]:
    """(template, who may come in) of every GET route for browsers."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and not route.path.startswith(NOT_PAGES):
            for handler in route.route_handlers:
                rule = handler.opt.get(access.KEY)
                if "GET" in handler.http_methods and rule and not route.path.endswith("/stream"):
                    yield route.path, rule


def filled(template: str, values: dict[str, Any]) -> str:
    """`/e/{slug:str}` → `/e/fair`."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values[found[1]]), template)


def may_enter(rule: access.Access, roles: frozenset[str]) -> bool:
    """Whether the route is open to holders of these roles."""
    return rule.anyone or bool(roles and (not rule.roles or rule.roles & roles))
