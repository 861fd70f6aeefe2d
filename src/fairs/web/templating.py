"""Pages: one Jinja environment, one way to render, one way to redirect."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

import jinja2
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup, escape

from fairs import paths
from fairs.core import i18n, search_keys
from fairs.core.roles import Role
from fairs.core.services import Service
from fairs.web import refill, setup, ui

HTML = "text/html"
DENSE = frozenset({Role.ORGANISER, Role.ADMIN, Role.BUREAU, Role.STAFF})  # whose pages are dense lists
NAVIGATION: Service[tuple[ui.NavItem, ...]] = Service(tuple)
AnyRequest = Request[Any, Any, Any]


@lru_cache(maxsize=512)
def static_url(path: str) -> str:
    """Address of a static file with a hash of its content, so that it may be cached for ever."""
    content = (paths.STATIC / path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"


def _csrf_field(request: AnyRequest) -> Markup:
    token = ScopeState.from_scope(request.scope).csrf_token or ""
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(token)


def _local_time(moment: datetime | None, zone: str = i18n.EVENT_ZONE) -> Markup:
    """`Sat 27 Oct 2018, 09:00`, with the viewer's own time beside it when the zones differ."""
    if moment is None:
        return Markup("")
    html = Markup('<time datetime="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(), i18n.format_moment(moment, zone)
    )
    own = i18n.viewer_moment(moment, zone)
    if own:
        html += Markup(' <span class="viewer-time">{}</span>').format(own)
    return html


def _pick(record: Any, name: str) -> str:
    """`{{ event | pick("title") }}`: title_zh or title_en in the viewer's language."""

    def value(suffix: str) -> Any:
        key = f"{name}_{suffix}"
        return record.get(key) if isinstance(record, Mapping) or hasattr(record, "get") else getattr(record, key)

    return i18n.pick(value("zh"), value("en"))


def _paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs."""
    blocks = [block.strip() for block in (text or "").split("\n\n") if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(escape(block).replace("\n", Markup("<br>"))) for block in blocks)


def _breakable(title: str) -> Markup:
    """Allows line breaks: in a long Chinese title after dots and before brackets, in an address after its @; never in a word."""
    return Markup(re.sub("(?<=[·@）])|(?=[（《])", "<wbr>", str(escape(title))))  # noqa: S704  escaped just here


_ROW = re.compile(r"<tr\b.*?</tr>", re.S)
_CELL = re.compile(r"<t([dh])(?=[ >])([^>]*>)(.*?)(?=</t\1>)", re.S)
LONG = 22  # from this width on the text of a cell may be cut: its title says all of it


def _labelled(rows: str, columns: Sequence[Mapping[str, Any]], titles: bool = False) -> Markup:
    """The rows of a table with the column's header on every cell, as a phone shows a row as a card; `titles`: and with its text where a line may cut it."""

    def row(match: re.Match[str]) -> str:
        heads = iter(columns)

        def cell(found: re.Match[str]) -> str:
            head = next(heads, {})
            label = "" if head.get("sr") else str(head.get("label", ""))
            kind, rest, content = found.groups()
            more = f' data-label="{escape(label)}"' if label else ""
            if titles:
                more += _title(content)
                content = content.replace("<br>", "<br> ")
            return f"<t{kind}{more}{rest}{content}"

        return match[0] if "colspan" in match[0] else _CELL.sub(cell, match[0])

    return Markup(_ROW.sub(row, rows))  # noqa: S704  rows are markup already, labels and titles are escaped


def _title(content: str) -> str:
    """The attribute with the whole text of a cell, when it is long and only text."""
    if len(content) <= LONG // 2 or any(tag in content for tag in ("<form", "<input", "<button", "<details", "title=")):
        return ""
    text = Markup(content.replace("<br>", " ")).striptags()  # noqa: S704  it is markup already
    width = sum(2 if letter > "\u2e7f" else 1 for letter in text)
    return f' title="{escape(text)}"' if width > LONG else ""


def _is_markup(template: str | None) -> bool:
    """Escape everything except plain-text mails, where a name must not become O&#39;Brien."""
    return not (template or "").endswith((".txt", ".subject"))


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The only environment: strict about undefined names, markup escaped."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.TEMPLATES),
        autoescape=_is_markup,  # noqa: S701 - a function: off for plain text only
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals.update(
        _=_gettext,
        gettext=_gettext,
        ngettext=i18n.ngettext,
        static=static_url,
        zone_name=i18n.zone_name,
        zone_between=i18n.zone_between,
        simplified_pairs=search_keys.simplified_pairs,
        html_lang=i18n.HTML_LANG,
        language_names=i18n.NAMES,
        setup_gaps=setup.setup_gaps,
        dense=False,  # of pages without a request; see `context`
    )
    env.filters.update(
        local_time=_local_time,
        date=i18n.format_day,
        span=i18n.format_span,
        number=i18n.format_number,
        size=i18n.format_size,
        pick=_pick,
        paragraphs=_paragraphs,
        breakable=_breakable,
        labelled=_labelled,
    )
    return env


def _gettext(message: str, **variables: Any) -> str:
    return i18n.gettext(message, **variables)


def _url(request: AnyRequest, name: str, **parameters: Any) -> str:
    return reverse(request, name, **parameters)


def reverse(request: AnyRequest, name: str, **parameters: Any) -> str:
    """Path of a named route. Raises NoRouteMatchFoundException, so that no page has a dead link."""
    return str(request.app.route_reverse(name, **parameters))


def actor_of(request: AnyRequest) -> Any:
    """The signed-in account, or None; works on error pages that never reached authentication."""
    return request.scope.get("user")


def _navigation(request: AnyRequest, actor: Any) -> list[ui.NavLink]:
    held = actor.roles if actor else frozenset()
    items = [(item, reverse(request, item.route)) for item in NAVIGATION() if not item.roles or held & item.roles]
    fitting = [item.fits(request.url.path, href) for item, href in items]
    current = fitting.index(max(fitting)) if any(fitting) else -1
    return [ui.NavLink(str(item.label), href, at == current) for at, (item, href) in enumerate(items)]


def context(request: AnyRequest) -> dict[str, Any]:
    """Variables available to every page."""
    actor = actor_of(request)
    return {
        "request": request,
        "lang": i18n.current_lang(),
        "theme": request.cookies.get("theme"),
        "actor": actor,
        "dense": bool(actor and actor.roles & DENSE),
        "url": partial(_url, request),
        "csrf_field": partial(_csrf_field, request),
        "flash": ui.read_flash(request),
        "path": request.url.path,
        "query": request.query_params,
        "nav": _navigation(request, actor),
        "switch": request.scope.get("fairs"),
        "request_id": request.scope.get("request_id", ""),
    }


def render_text(template: str, **variables: Any) -> str:
    """Render a template without a request: mails."""
    return environment().get_template(template).render(**variables)


def render(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **variables: Any,
) -> Response[str]:
    """Render a page in the viewer's language."""
    shared = context(request)
    kept: Any = request.scope.get("kept_form") if status < 300 else None
    body = environment().get_template(template).render({**shared, **variables})
    if kept is not None:
        body, found = refill.refill(body, request.scope["path"], kept.action, kept.values)
        if found:
            body = body.replace(_FLASH_AREA, _FLASH_AREA + _back_again(), 1)
    response = Response(body, status_code=status, media_type=HTML, headers=dict(headers or {}))
    if shared["flash"]:
        response.delete_cookie(ui.FLASH_COOKIE)
    return response


_FLASH_AREA = '<div class="wrap flash-area" id="flash" role="status" aria-live="polite">'


def _back_again() -> str:
    """The notice above a form that is shown again with the typed values."""
    message = i18n.gettext(
        "What you typed is here again. It has not been sent yet: check it and send it. Passwords and files must be entered again."
    )
    return render_text("components/_kept.html", message=message)


def redirect(
    request: AnyRequest,
    route: str,
    *,
    flash: object = "",
    kind: str = "success",
    query: str = "",
    **parameters: Any,
) -> Response[None]:
    """303 to a named route, with a message to show there."""
    return redirect_to(request, reverse(request, route, **parameters) + query, flash=flash, kind=kind)


def redirect_to(request: AnyRequest, path: str, *, flash: object = "", kind: str = "success") -> Response[None]:
    """303 to a path of ours."""
    cookies: Sequence[Cookie] = ()
    if str(flash):
        value = ui.pack_flash(kind, str(flash))
        secure = request.app.state.settings.secure_cookies
        cookies = [
            Cookie(key=ui.FLASH_COOKIE, value=value, httponly=True, secure=secure, samesite="lax", max_age=60, path="/")
        ]
    return Response(None, status_code=303, headers={"Location": path}, cookies=cookies)
