"""Error responses with their real HTTP status: a page, a fragment for htmx, or application/problem+json, as requested."""

import errno
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from fairs.core import space
from fairs.core.db import DatabaseAbsent
from fairs.core.errors import DomainError, Invalid, NotFound, TooMany
from fairs.core.i18n import N_
from fairs.web.bodies import BodyRefused
from fairs.web.templating import render, reverse

PROBLEM = "application/problem+json"
log = structlog.get_logger("errors")

TITLES: dict[int, object] = {
    400: N_("This request cannot be read"),
    401: N_("Please sign in"),
    403: N_("You have no access to this"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    408: N_("That took too long to arrive"),
    409: N_("This does not fit the current state"),
    412: N_("It has changed since"),
    413: N_("That is too large"),
    422: N_("Something needs correcting"),
    429: N_("Too many attempts"),
    500: N_("Something broke on our side"),
    503: N_("Back in a moment"),
}
EXPLANATIONS: dict[int, object] = {
    403: N_("Your account has no role that allows this, or the page was open too long. Go back, reload and try again."),
    404: N_("The address may be mistyped, or the page belongs to somebody else."),
    408: N_("The connection was too slow or stopped. Nothing was saved. Please send it again."),
    413: N_("Send less at once: a smaller file or fewer rows."),
    429: N_("Please wait a little and try again."),
    500: N_("It has been recorded with the number below. Nothing you saved earlier is lost. Please try again."),
    503: N_("We cannot answer just now. Please try again in a few seconds."),
}
ABSENT = N_("The database is starting again. Nothing was saved just now. Please try again in a few seconds.")
FULL = N_("There is no storage space left. Nothing was saved just now. Existing data can still be read.")
NOTES = {
    "CSRF token verification failed": N_("This form was open too long. Go back, reload the page and send it again.")
}


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Whether the caller is a program, not a browser page."""
    path = request.scope["path"]
    return path.startswith("/api/") or "json" in request.headers.get("accept", "")


def respond(
    request: Request[Any, Any, Any],
    status: int,
    message: object = "",
    *,
    code: str = "",
    fields: dict[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> Response[Any]:
    """The error response, in the format that the caller accepts."""
    title = str(TITLES.get(status, TITLES[400 if status < 500 else 500]))
    detail = str(message or EXPLANATIONS.get(status, ""))
    if wants_json(request):
        problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        problem |= {"code": code or "error", "request_id": request.scope.get("request_id", "")}
        if fields:
            problem["errors"] = fields
        body = msgspec.json.encode(problem | (extra or {}))
        return Response(body, status_code=status, media_type=PROBLEM, headers=headers or {})
    template = "errors/_fragment.html" if request.headers.get("hx-request") else "errors/page.html"
    return render(
        request,
        template,
        status=status,
        headers=headers,
        title=title,
        message=detail,
        code=status,
        next_step=None,
    )


def on_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    """A service raised a domain error."""
    fields = None
    if isinstance(error, Invalid):
        fields = {name: [str(message) for message in found] for name, found in error.fields.items()}
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, TooMany) else None
    if isinstance(error, BodyRefused) and request.scope["http_version"].startswith("1"):
        headers = {"connection": "close"}  # the rest of the body is not read
    message = "" if error.message == NotFound.SILENT else error.message  # any other message was meant to be shown
    extra = dict(error.extra) or None
    return respond(request, error.status, message, code=error.code, fields=fields, headers=headers, extra=extra)


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Litestar refused: routing, parsing, authentication, CSRF."""
    if isinstance(error, ValidationException):
        fields: dict[str, list[str]] = {}
        for item in error.extra if isinstance(error.extra, list) else []:
            fields.setdefault(str(item.get("key", "")), []).append(str(item.get("message", "")))
        return respond(request, 422, TITLES[422], code="invalid", fields=fields)
    if error.status_code == 401 and not wants_json(request):
        return _to_sign_in(request)
    if error.status_code >= 500:
        return on_unexpected(request, error)
    headers = dict(error.headers or {})
    return respond(request, error.status_code, NOTES.get(error.detail, ""), headers=headers)


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """303 to the sign-in page, which leads back; for an htmx fragment, back to the page around it."""
    part = request.headers.get("hx-request")
    target = ""
    if part:
        around = urlsplit(request.headers.get("hx-current-url", ""))
        target = around.path + (f"?{around.query}" if around.query else "")
    elif request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        target = quote(request.scope["path"], safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else "")
    location = reverse(request, "sign_in") + (f"?next={quote(target)}" if target else "")
    if part:
        return Response(None, status_code=401, headers={"hx-redirect": location})
    return Response(None, status_code=303, headers={"location": location})


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An internal error: logged with the request's id, answered without details."""
    if space.is_full(error):
        return on_full_disk(request, error)
    log.error(
        "unexpected",
        id=request.scope.get("request_id"),
        route=request.scope.get("path_template"),
        exc_info=error,
    )
    return respond(request, 500, code="internal")


def on_absent_database(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The database connection was lost during a request, or none was available. The database is expected to return."""
    if isinstance(error, asyncpg.InterfaceError) and "clos" not in str(error):
        return on_unexpected(request, error)  # not the connection's state but our misuse of it
    log.warning("database_absent", id=request.scope.get("request_id"), error=type(error).__name__)
    return respond(request, 503, ABSENT, code="unavailable", headers={"retry-after": "2"})


def on_full_disk(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A disk is full, the database's or ours. Reading still works, and `/readyz` reports it until there is space again."""
    space.note()
    log.error("disk_full", id=request.scope.get("request_id"), error=type(error).__name__)
    return respond(request, 503, FULL, code="disk_full", headers={"retry-after": "60"})


def on_unstorable(request: Request[Any, Any, Any], error: asyncpg.DataError) -> Response[Any]:
    """A value that the database cannot store: a number beyond 64 bits, a NUL. No row has such a key."""
    if request.path_params:
        return respond(request, 404, code="not_found")
    return respond(request, 422, TITLES[422], code="invalid")


def on_no_path(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """For files: a name that no file can have (too long, or with a NUL) is not found. A disk failure is a different error."""
    cause = error.__cause__ or error
    if isinstance(cause, ValueError) or (isinstance(cause, OSError) and cause.errno == errno.ENAMETOOLONG):
        return respond(request, 404, code="not_found")
    return on_unexpected(request, error)


HANDLERS: dict[Any, Any] = {
    asyncpg.DataError: on_unstorable,
    asyncpg.PostgresConnectionError: on_absent_database,
    asyncpg.InterfaceError: on_absent_database,
    asyncpg.OperatorInterventionError: on_absent_database,
    asyncpg.TooManyConnectionsError: on_absent_database,
    asyncpg.DiskFullError: on_full_disk,
    DatabaseAbsent: on_absent_database,
    DomainError: on_domain_error,
    HTTPException: on_http_exception,
    Exception: on_unexpected,
}
