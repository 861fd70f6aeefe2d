"""Return targets: addresses allowed after sign-in, and the page from which a form was posted."""

from urllib.parse import quote, unquote, urlencode, urlsplit

from litestar.exceptions import HTTPException
from litestar.utils.path import normalize_path

from fairs.web.templating import AnyRequest, reverse

LONGEST = 1000  # characters of a return address
_SAFE = "/?#&=%:;,+@!$'()*~"


def local_path(target: object) -> str:
    """A local path with its query, safe for a header; empty text for everything else."""
    if isinstance(target, str) and target.startswith("/") and not target.startswith(("//", "/\\")):
        try:
            parts = urlsplit(target)
        except ValueError:
            return ""
        if not parts.scheme and not parts.netloc and target.isprintable():
            found = quote(target, safe=_SAFE)
            return found if len(found) <= LONGEST else ""
    return ""


def safe_next(request: AnyRequest, target: object) -> str:
    """Where to go after sign-in: a local path only, else the account's start page."""
    return local_path(target) or reverse(request, "home_page")


def sign_in_path(request: AnyRequest, target: str = "") -> str:
    """The address of the sign-in page that then redirects to `target`."""
    return reverse(request, "sign_in") + (f"?{urlencode({'next': target})}" if target else "")


def page_of_form(request: AnyRequest) -> str:
    """Path and query of the page that contained the posted form.

    Taken from HX-Current-URL or Referer. Without them, or when that page was itself the answer to a form: the nearest
    parent address that shows a page.
    """
    for said in (request.headers.get("hx-current-url"), request.headers.get("referer")):
        parts = urlsplit(said or "")
        if parts.netloc and parts.netloc == request.headers.get("host") and shows_page(request, parts.path):
            return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))
    path = request.scope["path"]
    while path and not shows_page(request, path):
        path = path.rpartition("/")[0]
    return local_path(path or "/")


def shows_page(request: AnyRequest, path: str) -> bool:
    """Whether one of our pages has this address."""
    try:
        _, handler, *_ = request.app.asgi_router.handle_routing(path=normalize_path(unquote(path)), method="GET")
    except HTTPException:
        return False
    return handler.name != "not_found" and not path.startswith(("/api/", "/static/"))
