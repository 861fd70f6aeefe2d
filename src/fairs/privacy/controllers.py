"""Pages of privacy: what is held, the consents, deletion and its receipt, and the public page."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import credentials, queries
from fairs.accounts.actor import Actor
from fairs.accounts.forms import PresentForm
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.core.errors import Conflict, Invalid, NotFound, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.personal import Fate, Outcome
from fairs.files.queries import files_of
from fairs.privacy import consents, exporting, forgetting, held, looks, notice, showing
from fairs.privacy.tables import ConsentKind, ConsentPlace, ExportState, ForgettingState, LookPlace
from fairs.units import catalogues
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

SHOWN = 25  # entries of a kind on the page; the export has all
FATES: dict[str, tuple[str, object]] = {
    Fate.DELETED: ("danger", N_("Deleted")),
    Fate.EMPTIED: ("warning", N_("Emptied")),
    Fate.KEPT: ("neutral", N_("Kept by law")),
}
PLACES: dict[str, object] = {
    ConsentPlace.REGISTRATION: N_("Registration"),
    ConsentPlace.PROFILE: N_("Profile"),
    ConsentPlace.CONSENTS: N_("Page of consents"),
    ConsentPlace.CLOSING: N_("End of the account"),
}
LOOKS: dict[str, object] = {
    LookPlace.PROFILE: N_("Your profile"),
    LookPlace.VISITORS: N_("Visitors of a booth"),
    LookPlace.REGISTRATION: N_("Your registration"),
}
UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


def law(key: str) -> str:
    """The catalogue's sentence about a period."""
    return next((pick(one.zh, one.en) for one in catalogues.retention() if one.key == key), key)


@get("/account/data", name="my_data", opt=access.signed_in())
async def my_data(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Everything that is held about the person, kind by kind, and the exports."""
    assert actor.account_id is not None
    found = await held.held_by(await held.person_of(actor))
    exports = await exporting.exports_of(actor)
    return render(
        request,
        "privacy/data.html",
        kinds=[
            (kind, len(entries), [showing.lines(one, actor.timezone) for one in entries[:SHOWN]])
            for kind, entries in found
        ],
        shown=SHOWN,
        exports=exports,
        live=next((one for one in exports if one.state in UNDER_WAY), None),
        files=await files_of([one.file for one in exports]),
        looks=await looks.of(actor.account_id),
        places=LOOKS,
    )


@post("/account/data/export", name="ask_export", opt=access.signed_in(), status_code=303)
async def ask_export(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Begins to put all data together."""
    try:
        await exporting.ask(by=actor)
    except (Conflict, TooMany) as refused:
        return redirect(request, "my_data", flash=refused.message, kind="warning", query="#export")
    return redirect(request, "my_data", flash=N_("Your data is being put together."), query="#export")


@get("/account/consents", name="my_consents", opt=access.signed_in())
async def my_consents(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Each consent with its text, version, time and place, and a button to give or withdraw it."""
    assert actor.account_id is not None
    return render(
        request,
        "privacy/consents.html",
        texts=list(consents.texts().values()),
        answers=await consents.answers(actor.account_id),
        history=await consents.history(actor.account_id),
        places=PLACES,
        titles={kind: one.title for kind, one in consents.texts().items()},
    )


@post("/account/consents/{consent:str}", name="answer_consent", opt=access.signed_in(), status_code=303)
async def answer_consent(
    request: Request[Any, Any, Any], consent: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives or withdraws one consent; who may see the profile is chosen on the profile itself."""
    if consent not in set(ConsentKind):
        raise NotFound
    kind, given = ConsentKind(consent), (await request.form()).get("given") == "yes"
    if kind == ConsentKind.PUBLICATION and given:
        return redirect(
            request,
            "my_profile",
            flash=N_("Choose who may see you, and agree there."),
            kind="info",
            query="#visibility",
        )
    await consents.answer(kind, given, ConsentPlace.CONSENTS, by=actor)
    flash = N_("You have agreed.") if given else N_("Your consent is withdrawn.")
    return redirect(request, "my_consents", flash=flash, query=f"#{kind}")


async def _forget_page(request: AnyRequest, actor: Actor, form: Bound[PresentForm], status: int = 200) -> Response[Any]:
    assert actor.account_id is not None
    if await credentials.is_fresh(actor):
        form.fields.pop("present_password", None)
    plan = await forgetting.plan_of(await held.person_of(actor))
    return render(
        request,
        "privacy/forget.html",
        status=status,
        form=form,
        plan=plan,
        fates=FATES,
        law=law,
        account=actor,
        asks_password="present_password" in form.fields,
        has_password=await queries.has_password(actor.account_id),
    )


@get("/account/delete", name="forget_me", opt=access.signed_in())
async def forget_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """What goes, what stays by which law until when, and the form that does it."""
    return await _forget_page(request, actor, blank(PresentForm))


@post("/account/delete", name="forget_me_submit", opt=access.signed_in(), status_code=303)
async def forget_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Closes the account now; the rest is deleted by a job. Leads to the receipt."""
    form = bind(PresentForm, await request.form())
    status = 422
    if form.ok:
        try:
            number = await forgetting.forget_me(form.value.present_password, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        except (Conflict, TooMany) as refused:
            form.form_errors.append(refused.message)
            status = refused.status
        else:
            response = redirect(request, "forgetting_receipt", receipt=number)
            response.delete_cookie(SESSION_COOKIE)
            return response
    return await _forget_page(request, actor, form, status)


@get("/privacy/receipts/{receipt:str}", name="forgetting_receipt", opt=access.public())
async def receipt_page(request: Request[Any, Any, Any], receipt: FromPath[str]) -> Response[Any]:
    """The receipt of a deletion, for whoever knows its number: counts for each kind, nothing about the person."""
    row = await forgetting.by_number(receipt)
    counts = msgspec.json.decode(row.counts, type=dict[str, Outcome])
    return render(
        request,
        "privacy/receipt.html",
        row=row,
        done=row.state == ForgettingState.DONE,
        mails=row.state == ForgettingState.MAILS,
        lines=[(kind.title, counts[kind.key]) for kind in held.KINDS() if kind.key in counts],
        kept=msgspec.json.decode(row.kept),
        law=law,
        headers={"cache-control": "no-store"},
    )


@get("/privacy", name="privacy_page", opt=access.public())
async def privacy_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Who is responsible, what data is used for, how long it is kept, who gets it, and one's rights."""
    return render(
        request,
        "privacy/notice.html",
        controller=notice.controller(),
        contact=notice.contact(),
        purposes=notice.purposes(),
        kept=await notice.kept(),
        recipients=notice.RECIPIENTS,
        rights=notice.RIGHTS,
        source=catalogues.raw("legal_duties")["meta"],
    )


HANDLERS: list[Any] = [
    my_data,
    ask_export,
    my_consents,
    answer_consent,
    forget_page,
    forget_submit,
    receipt_page,
    privacy_page,
]
