"""All letters of a tour: searched, issued together, exported; and the tour's own texts."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.tours.member_pages import told
from fairs.tours.pages import PATH
from fairs.tours.papers import labels, letters, queries
from fairs.tours.papers.forms import BLANKS, TextForm
from fairs.tours.papers.letter_pages import kind_label
from fairs.tours.papers.tables import LetterState
from fairs.units import catalogues
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

LETTERS = f"{PATH}/letters"
TEXT = PATH + "/letters/texts/{visa:str}"
SIZE = 50


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    allowed: dict[str, tuple[str, ...]] = {
        "state": tuple(LetterState),
        "kind": tuple(one.key for one in catalogues.visa_letters()),
        "sort": tuple(queries.ORDERS),
    }
    query = {name: given[name] for name, values in allowed.items() if given.get(name, "") in values}
    if text := str(given.get("q", "")).replace("\0", "")[:100].strip():
        query["q"] = text
    return query


@get(LETTERS, name="tour_letters", opt=RUNNERS)
async def tour_letters(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All letters, those that were asked for last first."""
    event = await event_for(actor, slug)
    query = _query(request)
    return render(
        request,
        "tours/letters.html",
        event=event,
        query=query,
        page=await queries.letters_page(
            event.id, query, sort=query.get("sort", ""), number=page_number(request), size=SIZE
        ),
        counts=await queries.letter_counts(event.id),
        states=labels.STATES,
        kinds=[(one.key, kind_label(one.key)) for one in catalogues.visa_letters()],
        kind_label=kind_label,
    )


@get(f"{LETTERS}.xlsx", name="tour_letters_workbook", opt=RUNNERS)
async def tour_letters_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list as a workbook, without any passport."""
    event = await event_for(actor, slug)
    heads = (
        (N_("Number of the letter"), 18),
        (N_("Name in Latin letters"), 24),
        (N_("Name in own script"), 14),
        (N_("Kind"), 24),
        (N_("State"), 14),
        (N_("Valid until"), 12),
    )
    rows = [
        [
            row.number,
            row.name_passport,
            row.name_native,
            kind_label(row.kind),
            str(labels.STATES[row.state][1]),
            row.valid_until or "",
        ]
        for row in await queries.letters_in(event.id, _query(request))
    ]
    return await downloads.table(f"{event.slug}-letters", [Column(head, width) for head, width in heads], rows)


@post(f"{LETTERS}/issue", name="issue_letters", opt=access.confirmed(RUNNERS), status_code=303)
async def issue_letters(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Issues the ticked letters."""
    await event_for(actor, slug)
    data = await request.form()
    ids = [int(one) for one in data.getall("letter", []) if isinstance(one, str) and one.isdecimal() and len(one) < 19]
    if not ids:
        return redirect(request, "tour_letters", slug=slug, flash=N_("Tick the letters first"), kind="warning")
    try:
        done = await letters.issue(slug, ids, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_letters", slug=slug, flash=refused.message, kind="warning")
    said = told(done) if done.refused else N_("Letters issued: %(number)s", number=done.number)
    return redirect(request, "tour_letters", slug=slug, flash=said, kind="warning" if done.refused else "success")


def _text(request: AnyRequest, event: EventRow, kind: str, form: Bound[TextForm], status: int = 200) -> Response[Any]:
    return render(
        request,
        "tours/letter_text.html",
        status=status,
        event=event,
        kind=kind,
        heading=kind_label(kind),
        form=form,
        blanks=[f"{{{blank}}}" for blank in BLANKS],
    )


async def _stored(event: EventRow, kind: str) -> dict[str, Any]:
    found = (await letters.texts_in_force(event.id)).get(kind)
    if found is None:
        raise NotFound
    return {"body_zh": found.body_zh, "body_en": found.body_en}


@get(TEXT, name="letter_text", opt=RUNNERS)
async def letter_text(
    request: Request[Any, Any, Any], slug: FromPath[str], visa: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The text of a kind of letters, to be changed for this tour."""
    event = await event_for(actor, slug)
    return _text(request, event, visa, versions.opened(TextForm, await _stored(event, visa)))


@post(TEXT, name="save_letter_text", opt=RUNNERS, status_code=303)
async def save_letter_text(
    request: Request[Any, Any, Any], slug: FromPath[str], visa: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the tour's own text."""
    event = await event_for(actor, slug)
    await _stored(event, visa)
    form = bind(TextForm, await request.form())
    if not form.ok:
        return _text(request, event, visa, form, 422)
    try:
        await letters.save_text(slug, visa, form.value, by=actor)
    except Conflict as refused:
        form.add_error("", refused.message)
        return _text(request, event, visa, form, refused.status)
    return redirect(request, "tour_letters", slug=slug, flash=N_("Saved."))


HANDLERS: list[Any] = [
    tour_letters,
    tour_letters_workbook,
    issue_letters,
    letter_text,
    save_letter_text,
]
