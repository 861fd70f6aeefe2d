"""Tokens of integrations and scanners of all events: made, seen, revoked."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import tokens
from fairs.accounts.actor import Actor
from fairs.accounts.tables import TokenKind
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.scopes import WORDS, Scope
from fairs.events.event_field import limited_to
from fairs.home import access_queries
from fairs.home.access_forms import LIVES, TokenForm
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
TOKENS = 25  # per page
KINDS: dict[str, object] = {TokenKind.API: N_("Integration"), TokenKind.DEVICE: N_("Scanner")}


async def _page(
    request: AnyRequest,
    form: Bound[TokenForm],
    *,
    status: int = 200,
    secret: str = "",
    name: str = "",
    relay: bool = False,
) -> Response[Any]:
    given = request.query_params
    query = {
        "q": str(given.get("q", "")).strip().replace("\0", "")[:100],
        "kind": str(given.get("kind", "")) if given.get("kind", "") in KINDS else "",
        "ended": "1" if given.get("ended") else "",
    }
    found = await access_queries.search_tokens(
        q=query["q"], kind=query["kind"], ended=bool(query["ended"]), window=window(page_number(request), TOKENS)
    )
    return render(
        request,
        "home/access.html",
        status=status,
        headers={"cache-control": "no-store"} if secret else None,
        query={key: value for key, value in query.items() if value},
        page=found,
        form=form,
        secret=secret,
        name=name,
        server=str(request.app.state.settings.base_url).rstrip("/") if relay else "",
        kinds=[(str(kind), str(word)) for kind, word in KINDS.items()],
        kind_words={str(kind): str(word) for kind, word in KINDS.items()},
        scope_words={str(scope): str(word) for scope, word in WORDS.items()},
    )


@get("/organise/access", name="access_page", opt=ORGANISERS)
async def access_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """All tokens and devices, and the form of a new token."""
    return await _page(request, blank(TokenForm))


@post("/organise/access", name="add_token", opt=access.confirmed(ORGANISERS), status_code=201)
async def add_token(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """A new token of an integration, which acts for the one who made it; it is shown only in this answer."""
    form = bind(TokenForm, await request.form())
    for field, mistake in list(form.value.mistakes) if form.ok else []:
        form.add_error(field, mistake)
    event_id = await limited_to(form, by=actor)
    if not form.ok:
        return await _page(request, form, status=422)
    life = LIVES[form.value.life][1]
    secret = await tokens.issue_token(
        TokenKind.API,
        form.value.name,
        by=actor,
        account_id=actor.account_id,
        event_id=event_id,
        scopes=form.value.wanted,
        expires_at=clock.now() + life if life else None,
    )
    relay = Scope.RELAY in form.value.wanted
    return await _page(request, blank(TokenForm), status=201, secret=secret, name=form.value.name, relay=relay)


@post("/organise/access/{token_id:int}/revoke", name="revoke_access", opt=ORGANISERS, status_code=303)
async def revoke_access(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], token_id: FromPath[int]
) -> Response[Any]:
    """End a token at once, for good."""
    if token_id >= 2**63:
        raise NotFound
    await tokens.revoke_token(token_id, by=actor)
    return redirect(request, "access_page", flash=N_("The token is revoked. Its next call is refused."))


HANDLERS: list[Any] = [access_page, add_token, revoke_access]
