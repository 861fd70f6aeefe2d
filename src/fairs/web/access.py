"""Who may use a route: declared beside the route, enforced in one place, listed by the role-matrix test.

@get("/listings", name="listings", opt=access.roles(Role.EMPLOYER))
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fairs.core.roles import Role
from fairs.core.scopes import Scope

KEY = "access"


class Credential(StrEnum):
    """By what somebody is known: the cookie of a browser, the token of an integration or of a scanner."""

    BROWSER = "browser"
    API = "api"
    DEVICE = "device"


@dataclass(frozen=True)
class Access:
    """`anyone` allows unauthenticated requests. `roles` empty: every signed-in account. `credential`: cookie or token kind.
    `scope`: what a token needs; on a route for everyone, a token that is sent.
    `confirm`: dangerous; whoever showed no password or code in the last minutes is asked again. `afresh`: always.
    `confirm_when`: only when this field of the form has this value.
    `without_second`: open to those whose role demands a second factor that they still have to set up.
    """

    anyone: bool = False
    roles: frozenset[Role] = frozenset()
    credential: Credential = Credential.BROWSER
    scope: Scope | None = None
    confirm: bool = False
    afresh: bool = False
    confirm_when: tuple[str, str] | None = None
    without_second: bool = False


def public() -> dict[str, Any]:
    """Everyone."""
    return {KEY: Access(anyone=True)}


def signed_in() -> dict[str, Any]:
    """Every account with a browser session."""
    return {KEY: Access()}


def roles(*names: Role) -> dict[str, Any]:
    """Accounts with one of these roles anywhere; the queries limit what they may see."""
    return {KEY: Access(roles=frozenset(names))}


def confirmed(rule: dict[str, Any], *, afresh: bool = False, when: tuple[str, str] | None = None) -> dict[str, Any]:
    """The same for a dangerous act: password or code again when they were shown some time ago, or always (`afresh`).

    `when`: a field of the form and the value with which the act is dangerous.
    """
    return {**rule, KEY: replace(rule[KEY], confirm=True, afresh=afresh, confirm_when=when)}


def without_second(rule: dict[str, Any]) -> dict[str, Any]:
    """The same, also for those who still have to set up the second factor that their role demands."""
    return {**rule, KEY: replace(rule[KEY], without_second=True)}


def api_token(*names: Role, scope: Scope) -> dict[str, Any]:
    """Bearer tokens of integrations with this scope whose account has one of these roles (none given: any)."""
    return {KEY: Access(roles=frozenset(names), credential=Credential.API, scope=scope), "csrf_exempt": True}


def device_token(scope: Scope = Scope.CHECK_IN) -> dict[str, Any]:
    """Bearer tokens of scanners, or of the desks' printers."""
    return {KEY: Access(credential=Credential.DEVICE, scope=scope), "csrf_exempt": True}


def public_api() -> dict[str, Any]:
    """JSON for everyone: no cookie is read, so no forgery is possible."""
    return {KEY: Access(anyone=True, credential=Credential.API, scope=Scope.READ), "csrf_exempt": True}
