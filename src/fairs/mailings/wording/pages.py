"""Pages of own texts: the kinds of mail, one kind with its preview and its versions; for all events and for one."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.mailings.wording import queries, samples, services
from fairs.mailings.wording.builtin import built_in
from fairs.mailings.wording.forms import TEXTS, WordingForm, check_placeholders, wording_in
from fairs.mailings.wording.rows import WordingRow
from fairs.notifications import placeholders
from fairs.notifications.controllers import kind_label
from fairs.notifications.services import Message, queue_mail
from fairs.notifications.services import told as mail_told
from fairs.notifications.wording import ON_PAGE, Wording, html_of, subject_of
from fairs.registrations.rows import RegistrationRow
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect_to, render, reverse

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Preview:
    """A mail as its reader sees it."""

    lang: str
    subject: str
    body: Markup


async def previews(kind: str, form: Bound[Any], row: RegistrationRow | None) -> list[Preview]:
    """The typed texts with the values of a real person, or plausible ones, in both languages."""
    texts = {name: field.value for name, field in form.fields.items()}
    found = []
    for lang in LANGUAGES:
        wording: Wording = wording_in(texts, lang)
        variables = await samples.sample(lang, row)
        with i18n.language(lang):
            values = placeholders.values_of(kind, variables, lang)
            body = Markup(html_of(wording, values, ON_PAGE))  # noqa: S704 - every value and all text is escaped there
            found.append(Preview(lang, subject_of(wording, values), body))
    return found


async def send_test(kind: str, form: Bound[Any], row: RegistrationRow | None, *, by: Actor) -> int:
    """The typed texts to oneself, in every language; returns how many mails."""
    texts = {name: field.value for name, field in form.fields.items()}
    for lang in LANGUAGES:
        with i18n.language(lang):
            mark = i18n.gettext("[Test] ")
        wording = wording_in(texts, lang)
        await queue_mail(
            Message(
                kind=kind,
                lang=lang,
                to_email=by.email,
                to_name=by.name,
                account_id=by.account_id,
                variables=await samples.sample(lang, row),
                wording=Wording(mark + wording.subject, wording.text),
            )
        )
    return len(LANGUAGES)


def _known(kind: str, event: EventRow | None) -> placeholders.Kind:
    """A kind whose text may be written here. Raises NotFound."""
    found = placeholders.KINDS.get(kind)
    if found is None or (event and not found.per_event):
        raise NotFound
    return found


def _here(request: AnyRequest, name: str, event: EventRow | None, **values: Any) -> str:
    if event:
        return reverse(request, f"event_{name}", slug=event.slug, **values)
    return reverse(request, name, **values)


async def _list(request: AnyRequest, event: EventRow | None) -> Response[Any]:
    own = await queries.latest(event.id if event else None)
    general = await queries.latest(None) if event else {}
    wanted = str(request.query_params.get("q", "")).strip().lower()[:60]
    kinds = [
        (kind, kind_label(kind), own.get(kind), general.get(kind))
        for kind, spec in placeholders.KINDS.items()
        if (not event or spec.per_event) and wanted in kind_label(kind).lower()
    ]
    return render(request, "mailings/texts.html", event=event, kinds=kinds, query={"q": wanted} if wanted else {})


async def _page(
    request: AnyRequest,
    kind: str,
    event: EventRow | None,
    form: Bound[Any] | None = None,
    *,
    seen: int | None = None,
    status: int = 200,
    told: object = "",
) -> Response[Any]:
    spec = _known(kind, event)
    versions = await queries.versions(kind, event.id if event else None)
    texts = {lang: built_in(kind, lang) for lang in LANGUAGES}
    if form is None:
        form = blank(WordingForm, **await _in_force(versions, kind, event, texts))
    rows = await samples.latest_registrations(event.id if event else None)
    return render(
        request,
        "mailings/text.html",
        status=status,
        event=event,
        kind=kind,
        label=kind_label(kind),
        spec=spec,
        words=placeholders.WORDS,
        form=form,
        versions=versions,
        is_own=bool(versions and versions[0].is_own),
        built_in=texts,
        with_cases=kind in placeholders.WITH_CASES,
        previews=await previews(kind, form, rows[0] if rows else None),
        person=rows[0] if rows else None,
        seen=(versions[0].version if versions else 0) if seen is None else seen,
        told=told,
        here=_here(request, "mail_text", event, mail_kind=kind),
        back=_here(request, "mail_text_back", event, mail_kind=kind),
    )


async def _in_force(
    versions: list[WordingRow], kind: str, event: EventRow | None, texts: dict[str, Wording]
) -> dict[str, str]:
    """What the form begins with: the own text, of an event else that for all, or the built-in one."""
    general = (await queries.latest(None)).get(kind) if event else None
    for row in (versions[0] if versions else None, general):
        if row and row.is_own:
            return {name: getattr(row, name) for name in TEXTS}
    return {f"{part}_{lang}": getattr(wording, part) for lang, wording in texts.items() for part in ("subject", "text")}


async def _save(request: AnyRequest, actor: Actor, kind: str, event: EventRow | None) -> Response[Any]:
    _known(kind, event)
    given = await request.form()
    form = bind(WordingForm, given)
    check_placeholders(form, kind)
    typed = str(given.get("seen") or "")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
    act = str(given.get("act") or "save")
    if act == "preview" or not form.ok:
        return await _page(request, kind, event, form, seen=seen, status=200 if form.ok else 422)
    here = _here(request, "mail_text", event, mail_kind=kind)
    if act == "test":
        rows = await samples.latest_registrations(event.id if event else None)
        await send_test(kind, form, rows[0] if rows else None, by=actor)
        told = mail_told(
            N_("The test is on its way to %(address)s.", address=actor.email),
            N_("The test is kept in the outbox: no mail server is set."),
        )
        return await _page(request, kind, event, form, seen=seen, told=told)
    try:
        await services.save_wording(kind, form.value, event_id=event.id if event else None, seen=seen, by=actor)
    except Conflict as refused:
        form.add_error("", refused.message)
        return await _page(request, kind, event, form, status=409)
    return redirect_to(request, here, flash=N_("Saved."))


async def _back(request: AnyRequest, actor: Actor, kind: str, event: EventRow | None) -> Response[Any]:
    _known(kind, event)
    typed = str((await request.form()).get("version") or "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
        raise NotFound
    await services.go_back(kind, int(typed), event_id=event.id if event else None, by=actor)
    told = N_("The built-in text is in force again.") if typed == "0" else N_("The earlier version is in force again.")
    return redirect_to(request, _here(request, "mail_text", event, mail_kind=kind), flash=told)


@get("/organise/mail-texts", name="mail_texts", opt=ORGANISERS)
async def mail_texts(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every kind of mail, and whose text it has."""
    return await _list(request, None)


@get("/organise/mail-texts/{mail_kind:str}", name="mail_text", opt=ORGANISERS)
async def mail_text(request: Request[Any, Any, Any], mail_kind: FromPath[str]) -> Response[Any]:
    """One kind: the text in force, the built-in one, a preview, the versions."""
    return await _page(request, mail_kind, None)


@post("/organise/mail-texts/{mail_kind:str}", name="save_mail_text", opt=ORGANISERS, status_code=303)
async def save_mail_text(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], mail_kind: FromPath[str]
) -> Response[Any]:
    """Save a version, show a preview, or send a test to oneself."""
    return await _save(request, actor, mail_kind, None)


@post("/organise/mail-texts/{mail_kind:str}/back", name="mail_text_back", opt=ORGANISERS, status_code=303)
async def mail_text_back(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], mail_kind: FromPath[str]
) -> Response[Any]:
    """Go back to an earlier version or to the built-in text."""
    return await _back(request, actor, mail_kind, None)


@get("/organise/editions/{slug:str}/mail-texts", name="event_mail_texts", opt=RUNNERS)
async def event_mail_texts(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """The kinds of mail that may have a text of this event."""
    return await _list(request, await event_for(actor, slug))


@get("/organise/editions/{slug:str}/mail-texts/{mail_kind:str}", name="event_mail_text", opt=RUNNERS)
async def event_mail_text(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mail_kind: FromPath[str]
) -> Response[Any]:
    """As `mail_text`, for one event."""
    return await _page(request, mail_kind, await event_for(actor, slug))


@post(
    "/organise/editions/{slug:str}/mail-texts/{mail_kind:str}",
    name="save_event_mail_text",
    opt=RUNNERS,
    status_code=303,
)
async def save_event_mail_text(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mail_kind: FromPath[str]
) -> Response[Any]:
    """As `save_mail_text`, for one event."""
    return await _save(request, actor, mail_kind, await event_for(actor, slug))


@post(
    "/organise/editions/{slug:str}/mail-texts/{mail_kind:str}/back",
    name="event_mail_text_back",
    opt=RUNNERS,
    status_code=303,
)
async def event_mail_text_back(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mail_kind: FromPath[str]
) -> Response[Any]:
    """As `mail_text_back`, for one event."""
    return await _back(request, actor, mail_kind, await event_for(actor, slug))


HANDLERS: list[Any] = [
    mail_texts,
    mail_text,
    save_mail_text,
    mail_text_back,
    event_mail_texts,
    event_mail_text,
    save_event_mail_text,
    event_mail_text_back,
]
