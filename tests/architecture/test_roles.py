"""The role matrix: every route of the app declares who may come in, and the app keeps to it."""

from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar
from litestar.routes import ASGIRoute, HTTPRoute

from fairs.accounts import services
from fairs.accounts.actor import Actor
from fairs.core.scopes import Scope
from fairs.web import access
from tests import factories
from tests.cast import csrf, make_actor, sign_in, sign_out

ROLES = ("admin", "organiser", "bureau", "employer", "candidate", "staff", "reviewer", "interpreter")
# The only doors open to strangers. A new public route is added here by hand, with a reason in mind.
from tests.architecture.public_routes import PUBLIC  # noqa: E402


def _routes(app: Litestar) -> Iterator[tuple[str, str, str, access.Access | None]]:
    """(method, path with values filled in, route name, declared access)."""
    for route in app.routes:
        if isinstance(route, ASGIRoute):
            mounted = route.route_handler
            yield "GET", route.path, mounted.name or route.path, mounted.opt.get(access.KEY)
        elif isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield method, _filled(route), handler.name or route.path, handler.opt.get(access.KEY)


def _filled(route: HTTPRoute) -> str:
    parts = []
    for component in route.path_components:
        if isinstance(component, str):
            parts.append(component)
        else:
            parts.append("999999" if component.type is int else "nothing")
    return "/" + "/".join(parts)


def test_every_route_declares_its_access(app: Litestar) -> None:
    undeclared = [f"{method} {path}" for method, path, _, rule in _routes(app) if not isinstance(rule, access.Access)]
    assert [path for path in undeclared if "/schema" not in path] == []


def test_every_call_of_the_api_names_the_scope_that_it_needs(app: Litestar) -> None:
    unnamed = [path for _, path, _, rule in _routes(app) if path.startswith("/api/") and not (rule and rule.scope)]
    assert unnamed == []


def test_every_route_has_a_name_of_its_own(app: Litestar) -> None:
    names: dict[str, str] = {}
    for _, path, name, _ in _routes(app):
        if not path.startswith("/schema"):
            assert names.setdefault(name, path).lower() == path.lower(), f"two routes are called {name}"


def test_public_routes_are_the_listed_ones(app: Litestar) -> None:
    found = {name for _, path, name, rule in _routes(app) if rule and rule.anyone and not path.startswith("/schema")}
    assert found == PUBLIC


async def test_stranger_gets_in_nowhere_else(app: Litestar, client: httpx.AsyncClient) -> None:
    token = await csrf(client)
    for method, path, name, rule in _routes(app):
        if rule is None or rule.anyone:
            continue
        answer = await client.request(method, path, data={"_csrf_token": token} if method != "GET" else None)
        if rule.credential == "browser":
            expected = [303]
            assert answer.status_code in expected, (name, answer.status_code)
            assert answer.headers["location"].startswith("/login"), name
        else:
            assert answer.status_code == 401, (name, answer.status_code)


@pytest.fixture
async def cast(db: None) -> dict[str, Actor]:
    """One account of each role, each with a scope of its own that holds nothing of anybody else's."""
    event = await factories.event()
    organisation = await factories.organisation()
    unit = await factories.unit_id("411500")
    return {
        role: await make_actor(
            role,
            email=f"{role}@example.org",
            unit_id=unit if role == "bureau" else None,
            organisation_id=organisation if role == "employer" else None,
            event_id=event if role in {"staff", "reviewer", "interpreter"} else None,
        )
        for role in ROLES
    }


async def test_wrong_role_is_refused_everywhere(
    app: Litestar, client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    for role, actor in cast.items():
        sign_out(client)
        client.cookies.delete("csrftoken")
        await sign_in(client, actor, proved=True)
        token = await csrf(client)
        for method, path, name, rule in _routes(app):
            if rule is None or rule.anyone or rule.credential != "browser" or not rule.roles or role in rule.roles:
                continue
            answer = await client.request(method, path, data={"_csrf_token": token} if method != "GET" else None)
            assert answer.status_code == 403, (role, method, name, answer.status_code)


async def test_right_role_finds_nothing_of_strangers(
    app: Litestar, client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    """An address with an id that is not theirs (or nobody's): 404, never 500, never a page."""
    for role, actor in cast.items():
        sign_out(client)
        client.cookies.delete("csrftoken")
        await sign_in(client, actor, proved=True)
        token = await csrf(client)
        for method, path, name, rule in _routes(app):
            if rule is None or rule.credential != "browser" or (rule.roles and role not in rule.roles):
                continue
            if ("999999" not in path and "/nothing" not in path) or name in {
                "not_found",
                "use_link",
                "use_link_submit",
                "confirm_address",
                "confirm_address_submit",
                "reset_password",
                "reset_password_submit",
            }:
                continue
            answer = await client.request(method, path, data={"_csrf_token": token} if method != "GET" else None)
            assert answer.status_code in {404, 422}, (role, method, name, answer.status_code)


async def test_tokens_open_only_their_own_doors(
    app: Litestar, client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    event = await factories.event()
    organiser = cast["organiser"]
    tokens = {
        "api": await services.issue_token("api", "matrix", by=organiser, account_id=organiser.account_id),
        "candidate": await services.issue_token("api", "matrix", by=organiser, account_id=cast["candidate"].account_id),
        "device": await services.issue_token("device", "matrix", by=organiser, event_id=event),
    }
    for method, path, name, rule in _routes(app):
        if rule is None or rule.anyone or rule.credential == "browser":
            continue
        wrong = [token for kind, token in tokens.items() if (kind == "device") != (rule.credential == "device")]
        if rule.roles and "candidate" not in rule.roles:
            wrong.append(tokens["candidate"])
        for token in wrong:
            answer = await client.request(method, path, headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == 403, (name, answer.status_code)
        assert rule.scope is not None, name
        others = set(Scope) - {rule.scope}
        holder = organiser if not rule.roles or "organiser" in rule.roles else cast[next(iter(rule.roles))]
        token = await services.issue_token(
            rule.credential, "lacking", by=organiser, account_id=holder.account_id, event_id=event, scopes=others
        )
        answer = await client.request(method, path, headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["scope"]) == (403, rule.scope), name
        answer = await client.request(method, path, headers={"authorization": "Bearer fapi_nonsense"})
        assert answer.status_code == 401, (name, answer.status_code)
