"""The account's own pages: name, language, address, password, other browsers, closing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import changes, credentials, queries
from fairs.accounts.actor import Actor
from fairs.accounts.controllers import known_cookie, too_many
from fairs.accounts.forms import AddressForm, LanguageForm, NameForm, PasswordForm, PresentForm
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.core.errors import Conflict, Invalid, TooMany
from fairs.core.forms import Bound, Form, bind, blank
from fairs.core.i18n import N_
from fairs.notifications.services import told
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse


@dataclass(frozen=True)
class Setting:
    """A page with one form. `owner`: requires the current password, or a recent sign-in by link."""

    route: str
    title: object
    lead: object
    button: object
    form: type[Form]
    owner: bool = False
    danger: bool = False
    notes: tuple[object, ...] = ()


NAME = Setting(
    "account_name",
    N_("Your name"),
    N_("Others see this name here. Your profile and badges have their own names."),
    N_("Save"),
    NameForm,
)
LANGUAGE = Setting("account_language", N_("Language and time zone"), "", N_("Save"), LanguageForm)
ADDRESS = Setting(
    "account_address",
    N_("Your e-mail address"),
    N_("You sign in with it, and your mail is sent there."),
    N_("Mail me a link"),
    AddressForm,
    owner=True,
    notes=(N_("Once it is confirmed, you are signed out everywhere else, and the old address is notified."),),
)
PASSWORD = Setting(
    "account_password",
    N_("Your password"),
    "",
    N_("Set the password"),
    PasswordForm,
    owner=True,
    notes=(N_("You are signed out everywhere else."),),
)
CLOSE = Setting(
    "account_close",
    N_("Close the account"),
    N_("This cannot be undone."),
    N_("Close my account for good"),
    PresentForm,
    owner=True,
    danger=True,
    notes=(
        N_(
            "Places that you have at fairs are released, badges for them are revoked, and a profile of yours is hidden at once."
        ),
        N_("Your name, address, password, roles and sessions are removed from the account."),
        N_("Registrations, meetings and signed agreements stay in the records of the fair, as others rely on them."),
    ),
)


async def _page(request: AnyRequest, setting: Setting, form: Bound[Any], actor: Actor, **answer: Any) -> Response[Any]:
    assert actor.account_id is not None
    if setting.owner and await credentials.is_fresh(actor):
        form.fields.pop("present_password", None)
    return render(
        request,
        "accounts/setting.html",
        **answer,
        setting=setting,
        form=form,
        account=actor,
        asks_password="present_password" in form.fields,
        has_password=await queries.has_password(actor.account_id),
    )


async def _submit(
    request: AnyRequest, setting: Setting, actor: Actor, store: Callable[[Any], Awaitable[None]], done: object
) -> Response[Any]:
    """Returns the account's page with a success message, or the form again with its errors."""
    form = bind(setting.form, await request.form())
    answer: dict[str, Any] = {"status": 422}
    if form.ok:
        try:
            await store(form.value)
        except Invalid as refused:
            form.add_errors(refused)
        except Conflict as refused:
            form.form_errors.append(refused.message)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            answer = too_many(refused)
        else:
            return redirect(request, "account", flash=done)
    return await _page(request, setting, form, actor, **answer)


@get("/account/name", name="account_name", opt=access.signed_in())
async def name_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The name that others see."""
    return await _page(request, NAME, blank(NameForm, name=actor.name), actor)


@post("/account/name", name="account_name_submit", opt=access.signed_in(), status_code=303)
async def name_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the name."""
    return await _submit(request, NAME, actor, lambda form: changes.change_name(form, by=actor), N_("Saved."))


@get("/account/language", name="account_language", opt=access.signed_in())
async def language_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows language of pages and mails, and the time zone."""
    return await _page(request, LANGUAGE, blank(LanguageForm, lang=actor.lang, timezone=actor.timezone), actor)


@post("/account/language", name="account_language_submit", opt=access.signed_in(), status_code=303)
async def language_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores both; the next page already uses the new language."""
    form = bind(LanguageForm, await request.form())
    if not form.ok:
        return await _page(request, LANGUAGE, form, actor, status=422)
    await changes.change_language(form.value, by=actor)
    return redirect_to(request, f"{reverse(request, 'account')}?lang={form.value.lang}", flash=N_("Saved."))


@get("/account/address", name="account_address", opt=access.signed_in())
async def address_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows the form for a new address."""
    return await _page(request, ADDRESS, blank(AddressForm), actor)


@post("/account/address", name="account_address_submit", opt=access.signed_in(), status_code=303)
async def address_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Mails a confirmation link to the new address."""
    sent = told(
        N_("A link is on its way to the new address. Open it in this browser within a day."),
        N_("The link is kept on the server, which sends no mail. Its administrator gives it to you."),
    )
    return await _submit(request, ADDRESS, actor, lambda form: changes.request_address(form, by=actor), sent)


@get("/account/password", name="account_password", opt=access.signed_in())
async def password_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows the form for the current and the new password."""
    return await _page(request, PASSWORD, blank(PasswordForm), actor)


@post("/account/password", name="account_password_submit", opt=access.signed_in(), status_code=303)
async def password_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the new password and marks this browser as known with it."""
    assert actor.account_id is not None
    changed = False

    async def store(form: PasswordForm) -> None:
        nonlocal changed
        await credentials.change_password(form.present_password, form.password, by=actor)
        changed = True

    response = await _submit(request, PASSWORD, actor, store, N_("Your new password is valid from now on."))
    if changed:
        response.cookies.append(await known_cookie(request, actor.account_id))
    return response


@post("/account/sessions/{session_id:int}/end", name="end_session", opt=access.signed_in(), status_code=303)
async def end_session(
    request: Request[Any, Any, Any], session_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Signs out one browser."""
    await credentials.end_session(session_id, by=actor)
    return redirect(request, "account", flash=N_("That browser is signed out."), kind="info")


@get("/account/close", name="account_close", opt=access.signed_in())
async def close_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Explains what closing deletes and what it keeps."""
    return await _page(request, CLOSE, blank(PresentForm), actor)


@post("/account/close", name="account_close_submit", opt=access.signed_in(), status_code=303)
async def close_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Closes the account."""
    closed = False

    async def store(form: PresentForm) -> None:
        nonlocal closed
        await changes.close_account(form.present_password, by=actor)
        closed = True

    response = await _submit(request, CLOSE, actor, store, "")
    if closed:
        response = redirect(request, "home", flash=N_("Your account is closed."), kind="info")
        response.delete_cookie(SESSION_COOKIE)
    return response


HANDLERS: list[Any] = [
    name_page,
    name_submit,
    language_page,
    language_submit,
    address_page,
    address_submit,
    password_page,
    password_submit,
    end_session,
    close_page,
    close_submit,
]
