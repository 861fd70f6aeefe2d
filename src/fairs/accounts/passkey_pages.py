"""Pages of passkeys: adding, renaming and removing one in the account, what a browser is told, signing in by one alone."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import passkeys, presence, second
from fairs.accounts.actor import Actor
from fairs.accounts.browser_names import browser_name
from fairs.accounts.controllers import HALF_COOKIE, open_here
from fairs.accounts.dependencies import caller_of
from fairs.accounts.forms import PasskeyForm, SecondForm
from fairs.accounts.returning import safe_next, sign_in_path
from fairs.accounts.rows import PasskeyRow
from fairs.accounts.second_pages import DANGEROUS, MINE, PRIVATE, account_second
from fairs.accounts.tables import PasskeyUse
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, redirect_to, render

Told = Response[dict[str, Any]]
ADDED = N_("The passkey was added. You are signed out everywhere else.")


def _told(options: dict[str, Any]) -> Told:
    return Response(options, media_type="application/json", headers=PRIVATE)


@post("/account/passkeys/begin", name="passkey_begin", opt=DANGEROUS, status_code=303)
async def begin(request: Request[Any, Any, Any]) -> Response[Any]:
    """Leads to the form, now that the person is confirmed."""
    return redirect(request, "passkey_new")


@get("/account/passkeys/new", name="passkey_new", opt=MINE)
async def new_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form for the name; its button makes the passkey."""
    if not presence.is_fresh(actor):
        return redirect(request, "two_factor")
    return _new(request, blank(PasskeyForm, name=browser_name(request.headers.get("user-agent", ""))))


def _new(request: AnyRequest, form: Bound[Any], *, status: int = 200) -> Response[Any]:
    return render(request, "accounts/passkey_new.html", status=status, headers=PRIVATE, form=form)


@post("/account/passkeys/options", name="passkey_options", opt=DANGEROUS, status_code=200)
async def options_to_add(actor: NamedDependency[Actor]) -> Told:
    """What the browser needs to make a passkey."""
    return _told(await passkeys.ask_to_add(by=actor))


@post("/account/passkeys", name="passkey_add", opt=DANGEROUS, status_code=200)
async def add(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Keeps what the browser made; with the first factor the recovery codes are shown once."""
    data = await request.form()
    form = bind(PasskeyForm, data)
    if form.ok:
        try:
            codes = await passkeys.add(form.value.name, str(data.get(passkeys.FIELD) or ""), by=actor)
        except Invalid as refused:
            form.form_errors.extend(refused.fields[passkeys.FIELD])
        except Conflict as refused:
            return redirect(request, "two_factor", flash=refused.message, kind="warning")
        else:
            if not codes:
                return redirect(request, "two_factor", flash=ADDED)
            return await account_second(request, actor, blank(SecondForm), codes=codes)
    return _new(request, form, status=422)


def _name_page(request: AnyRequest, passkey: PasskeyRow, form: Bound[Any], *, status: int = 200) -> Response[Any]:
    return render(request, "accounts/passkey_name.html", status=status, headers=PRIVATE, form=form, passkey=passkey)


@get("/account/passkeys/{passkey_id:int}/name", name="passkey_name", opt=MINE)
async def name_page(
    request: Request[Any, Any, Any], passkey_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form for another name."""
    row = await passkeys.own(passkey_id, by=actor)
    return _name_page(request, row, blank(PasskeyForm, name=row.name))


@post("/account/passkeys/{passkey_id:int}/name", name="passkey_rename", opt=MINE, status_code=303)
async def rename(
    request: Request[Any, Any, Any], passkey_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores another name."""
    row = await passkeys.own(passkey_id, by=actor)
    form = bind(PasskeyForm, await request.form())
    if not form.ok:
        return _name_page(request, row, form, status=422)
    await passkeys.rename(row.id, form.value.name, by=actor)
    return redirect(request, "two_factor", flash=N_("The passkey has its new name."))


@post(
    "/account/passkeys/{passkey_id:int}/remove",
    name="passkey_remove",
    opt=access.confirmed(MINE, afresh=True),
    status_code=303,
)
async def remove(
    request: Request[Any, Any, Any], passkey_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes one; password, code or passkey were asked just now."""
    try:
        left = await passkeys.remove(passkey_id, by=actor)
    except Conflict as refused:
        return redirect(request, "two_factor", flash=refused.message, kind="warning")
    last = N_("The passkey was removed. Your password or a link is enough to sign in.")
    return redirect(request, "two_factor", flash=N_("The passkey was removed.") if left else last)


@post("/account/presence/passkey", name="presence_passkey", opt=MINE, status_code=200)
async def options_of_presence(actor: NamedDependency[Actor]) -> Told:
    """What the browser needs to confirm an act by a passkey."""
    assert actor.account_id is not None
    return _told(await passkeys.ask(PasskeyUse.PRESENCE, actor.account_id, actor.session_id or 0))


@post("/login/second/passkey", name="second_passkey", opt=access.public(), status_code=200)
async def options_of_step(request: Request[Any, Any, Any]) -> Told:
    """What the browser needs to complete a sign-in. Raises NotFound when the sign-in is over."""
    row = await second.half_of(request.cookies.get(HALF_COOKIE, ""))
    if row is None:
        raise NotFound(second.GONE)
    return _told(await passkeys.ask(PasskeyUse.SECOND, row.account, row.id))


@post("/login/passkey/options", name="sign_in_passkey_options", opt=access.public(), status_code=200)
async def options_alone(request: Request[Any, Any, Any]) -> Told:
    """What the browser needs to sign in by a passkey alone."""
    return _told(await passkeys.ask_alone(caller_of(request, {})))


@post("/login/passkey", name="sign_in_passkey", opt=access.public(), status_code=303)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Signs in by a passkey whose holder it has verified."""
    data = await request.form()
    try:
        account_id = await passkeys.sign_in(str(data.get(passkeys.FIELD) or ""))
    except Invalid as refused:
        [why] = refused.fields[passkeys.FIELD]
        return redirect_to(request, sign_in_path(request, str(data.get("next") or "")), flash=why, kind="warning")
    return await open_here(request, account_id, safe_next(request, data.get("next")))


HANDLERS: list[Any] = [
    begin,
    new_page,
    name_page,
    rename,
    options_to_add,
    add,
    remove,
    options_of_presence,
    options_of_step,
    options_alone,
    sign_in,
]
