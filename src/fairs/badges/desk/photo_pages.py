"""The page of the desk on which a photo of a person is taken or chosen."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.files import uploads
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.registrations import photos
from fairs.registrations.entering.forms import DeskPhotoForm
from fairs.registrations.entering.pages import DESK
from fairs.registrations.entering.queries import person_at
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/organise/editions/{slug:str}/desk/{number:str}/photo"


async def _page(
    request: AnyRequest,
    actor: Actor,
    slug: str,
    number: str,
    form: Bound[DeskPhotoForm],
    files: dict[str, uploads.Upload],
    status: int = 200,
) -> Response[Any]:
    event, row = await person_at(actor, slug, number)
    photo = await photos.photo_of(row.id)
    return render(
        request, "badges/desk/photo.html", status=status, event=event, row=row, form=form, uploads=files, photo=photo
    )


@get(PATH, name="desk_photo", opt=DESK)
async def desk_photo(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The photo that the desk took, and the form for another one."""
    return await _page(request, actor, slug, number, blank(DeskPhotoForm), uploads.empty(photo=Purpose.PHOTO))


@post(PATH, name="take_photo", opt=DESK, status_code=303, request_max_body_size=body_limit(Purpose.PHOTO))
async def take_photo(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the photo, cut to the shape of a passport's."""
    _, row = await person_at(actor, slug, number)
    sent = await uploads.receive(request, by=actor, photo=Purpose.PHOTO)
    form = bind(DeskPhotoForm, sent.data)
    sent.tell(form)
    if form.ok:
        try:
            await photos.set_photo(slug, number, form.value.photo, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        else:
            told = N_("The photo is stored. Gates show it when the badge is scanned.")
            return redirect(request, "badge_desk", slug=slug, query=f"?number={row.number}", flash=told)
    return await _page(request, actor, slug, number, form, sent.uploads, status=422)


@post(f"{PATH}/remove", name="remove_desk_photo", opt=DESK, status_code=303)
async def remove_desk_photo(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes the photo that the desk took."""
    await photos.remove_photo(slug, number, by=actor)
    return redirect(request, "desk_photo", slug=slug, number=number, flash=N_("The photo is deleted."))


HANDLERS: list[Any] = [desk_photo, take_photo, remove_desk_photo]
