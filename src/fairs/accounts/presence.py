"""Dangerous acts ask for the password, a code or a passkey again, unless the person has just shown one in this session.

The page that asks carries everything that was typed; the answer goes to the act's own address, so the act goes on at once,
also without script. Nothing of it is stored.
"""

from datetime import timedelta
from typing import Any

from litestar import Request, Response

from fairs.accounts import codes, emails, passkeys, passwords, queries, rate_limits, second
from fairs.accounts.actor import Actor
from fairs.accounts.kept_forms import for_htmx, typed_values
from fairs.accounts.rate_limits import Counter
from fairs.accounts.returning import local_path, page_of_form
from fairs.accounts.rows import Factors
from fairs.accounts.tables import PasskeyUse, SignInSession
from fairs.core import clock, db
from fairs.core.errors import DomainError, Invalid, TooMany
from fairs.core.i18n import N_
from fairs.web import access, csrf
from fairs.web.errors import respond, wants_json
from fairs.web.templating import redirect, redirect_to, render, reverse

FRESH = timedelta(minutes=10)
PASSWORD, CODE, SEND, PASSKEY = "confirm_password", "confirm_code", "confirm_send", "confirm_passkey"
OURS = frozenset({PASSWORD, CODE, SEND, PASSKEY, csrf.FIELD})
PURPOSE = "presence"
WRONG_PASSWORD = N_("This is not your password.")
WRONG_CODE = N_("This code is wrong or no longer valid. Ask for a new one.")
EMPTY = N_("Confirm that it is you.")


class ConfirmationAsked(DomainError):
    """The person must show a password or a code before this act."""

    status = 422
    code = "confirmation_needed"

    def __init__(self, values: dict[str, list[str]], *, error: object = "", mailed: bool = False, **shown: Any) -> None:
        super().__init__(error or EMPTY)
        self.values, self.error, self.mailed, self.shown = values, error, mailed, shown


class SecondNeeded(DomainError):
    """A role of the account demands a second factor that is not set up."""

    status = 403
    code = "second_needed"


def is_fresh(actor: Actor) -> bool:
    """Whether the person showed a password or a code in this session a short time ago."""
    return actor.proved_at is not None and actor.proved_at > clock.now() - FRESH


async def require(request: Request[Any, Any, Any], rule: access.Access, actor: Actor) -> None:
    """Let a dangerous act go on, with a fresh proof or with one in the form itself. Raises ConfirmationAsked."""
    if is_fresh(actor) and not rule.afresh:
        return
    assert actor.account_id is not None
    has_password = await queries.has_password(actor.account_id)
    factors = await second.factors(actor.account_id)
    shown: dict[str, Any] = {
        "has_password": has_password,
        "factors": factors,
        "by_mail": not has_password and not actor.second,
    }
    if request.method == "GET":
        here = request.scope["path"] + (f"?{request.url.query}" if request.url.query else "")
        raise ConfirmationAsked({"next": [here]}, **shown)
    data = await request.form()
    if rule.confirm_when and data.get(rule.confirm_when[0]) != rule.confirm_when[1]:
        return
    values = {name: found for name, found in typed_values(data).items() if name not in OURS}
    try:
        mailed = await _judge(data, actor, **shown)
    except Invalid as refused:
        message = next(iter(refused.fields.values()))[0]
        raise ConfirmationAsked(values, error=message, **shown) from refused
    except TooMany as refused:
        raise ConfirmationAsked(values, error=refused.message, **shown) from refused
    if mailed is not None:
        raise ConfirmationAsked(values, mailed=mailed, **shown)
    await SignInSession.update(proved_at=clock.now()).where(SignInSession.id == actor.session_id)


async def _judge(data: Any, actor: Actor, *, has_password: bool, factors: Factors, by_mail: bool) -> bool | None:
    """None: confirmed. Otherwise whether a code was mailed just now. Raises Invalid, TooMany."""
    assert actor.account_id is not None
    password, code = str(data.get(PASSWORD) or ""), str(data.get(CODE) or "")
    passkey = str(data.get(PASSKEY) or "")
    if factors.passkeys and passkey:
        await passkeys.check(PasskeyUse.PRESENCE, passkey, actor.account_id, actor.session_id or 0)
        return None
    if by_mail and data.get(SEND):
        await _send_code(actor)
        return True
    if has_password and password:
        tries = [Counter("presence-password", str(actor.session_id), 10, 900)]
        await rate_limits.cap(tries)
        account = await queries.account_by_email(actor.email)
        if account is None or not await passwords.verify_password(account.password_hash, password):
            raise Invalid(fields={PASSWORD: [WRONG_PASSWORD]})
        await rate_limits.give_back(tries)
        return None
    if actor.second and code:
        await second.require_code(actor.account_id, code, field=CODE)
        return None
    if by_mail and code:
        right = await codes.check_code(actor.account_id, PURPOSE, code)
        if not right or not await codes.spend_code(actor.account_id, PURPOSE):
            raise Invalid(fields={CODE: [WRONG_CODE]})
        return None
    return False


async def _send_code(actor: Actor) -> None:
    assert actor.account_id is not None
    await rate_limits.cap([Counter("presence-code", str(actor.account_id), 5, 3600)])
    async with db.DB.transaction():
        code = await codes.new_code(actor.account_id, PURPOSE)
        await emails.send_presence_code(code, by=actor)


def on_asked(request: Request[Any, Any, Any], asked: ConfirmationAsked) -> Response[Any]:
    """The page that asks; its form goes to the act's own address, for a download to the page that leads on to it."""
    if wants_json(request):
        return respond(request, asked.status, asked.message, code=asked.code)
    if request.headers.get("hx-request"):
        return for_htmx(request, redirect_to(request, page_of_form(request)))
    reading = request.method == "GET"
    return render(
        request,
        "accounts/presence.html",
        status=asked.status,
        headers={"cache-control": "no-store"},
        action=reverse(request, "confirm_presence") if reading else request.scope["path"],
        values=asked.values,
        error=asked.error,
        mailed=asked.mailed,
        back=page_of_form(request),
        minutes=int(FRESH.total_seconds() // 60),
        **asked.shown,
    )


def on_second_needed(request: Request[Any, Any, Any], needed: SecondNeeded) -> Response[Any]:
    """303 to the set-up; programs read why."""
    if wants_json(request):
        return respond(request, needed.status, needed.message, code=needed.code)
    return for_htmx(request, redirect(request, "two_factor", flash=needed.message, kind="warning"))


def went_on(data: Any) -> str:
    """Where a confirmed download leads."""
    return local_path(data.get("next"))


HANDLERS: dict[Any, Any] = {ConfirmationAsked: on_asked, SecondNeeded: on_second_needed}
