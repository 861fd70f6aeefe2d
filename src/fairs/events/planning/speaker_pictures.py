"""Pages of a speaker's picture: public where a released session names the speaker."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core.errors import Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events import queries
from fairs.events.forms import PictureForm
from fairs.events.planning import queries as planning
from fairs.events.planning import speakers
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.files import uploads
from fairs.files.controllers import stream
from fairs.files.queries import file_by_id
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render


@get("/e/{slug:str}/speakers/{code:str}/picture", name="public_speaker_picture", opt=access.public())
async def public_picture(slug: FromPath[str], code: FromPath[str], viewer: NamedDependency[Actor | None]) -> Stream:
    """The picture of somebody whom a released session names. Its address carries no secret and changes nothing."""
    event = await queries.event_by_slug(slug, viewer=viewer)
    picture = await planning.released_picture(event.id, code)
    return await stream(await file_by_id(picture), "public, max-age=300")


@get("/organise/editions/{slug:str}/speakers/{code:str}/picture", name="speaker_picture", opt=RUNNERS)
async def speaker_picture(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The picture, and the form to send one."""
    event = await queries.event_for(actor, slug)
    return await _page(request, event, code, blank(PictureForm), uploads.empty(picture=Purpose.SPEAKER))


async def _page(
    request: AnyRequest,
    event: EventRow,
    code: str,
    form: Bound[PictureForm],
    files: dict[str, uploads.Upload],
    status: int = 200,
) -> Response[Any]:
    speaker = await planning.speaker_by_code(event.id, code)
    return render(
        request, "events/speaker_picture.html", status=status, event=event, speaker=speaker, form=form, uploads=files
    )


@post(
    "/organise/editions/{slug:str}/speakers/{code:str}/picture",
    name="save_speaker_picture",
    opt=RUNNERS,
    status_code=303,
    request_max_body_size=body_limit(Purpose.SPEAKER),
)
async def save_speaker_picture(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the picture, cut to the shape of a passport's."""
    event = await queries.event_for(actor, slug)
    await planning.speaker_by_code(event.id, code)
    sent = await uploads.receive(request, by=actor, picture=Purpose.SPEAKER)
    form = bind(PictureForm, sent.data)
    sent.tell(form)
    if form.ok:
        try:
            await speakers.set_picture(slug, code, form.value, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        else:
            return redirect(request, "speaker_picture", slug=slug, code=code, flash=N_("The picture is stored."))
    return await _page(request, event, code, form, sent.uploads, status=422)


@post(
    "/organise/editions/{slug:str}/speakers/{code:str}/picture/remove",
    name="remove_speaker_picture",
    opt=RUNNERS,
    status_code=303,
)
async def remove_speaker_picture(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes the picture."""
    await speakers.remove_picture(slug, code, by=actor)
    return redirect(request, "speaker_picture", slug=slug, code=code, flash=N_("The picture is deleted."))


HANDLERS: list[Any] = [public_picture, speaker_picture, save_speaker_picture, remove_speaker_picture]
