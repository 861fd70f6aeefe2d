"""The candidate's own profile."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import UNREADABLE, attempt, submitted
from fairs.files import uploads
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.talents import consents, queries, rules, services
from fairs.talents.forms import SECTIONS, PhotoForm, ProfileForm, stored_profile
from fairs.talents.journey import journey_of
from fairs.talents.rows import TalentRow
from fairs.talents.tables import Visibility
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

OWN = access.roles(Role.CANDIDATE)


def _stored(talent: TalentRow | None, actor: Actor) -> dict[str, Any]:
    return stored_profile(talent) if talent else {"name_passport": actor.name}


async def _page(
    request: AnyRequest, actor: Actor, talent: TalentRow | None, form: Bound[ProfileForm], status: int = 200
) -> Response[Any]:
    form["visibility"].required = form["consent"].required = True
    return render(
        request,
        "talents/my_profile.html",
        status=status,
        steps=await journey_of(actor),
        form=form,
        talent=talent,
        email=actor.email,
        sections=SECTIONS,
        progress=rules.completeness(msgspec.structs.asdict(talent) if talent else None),
        consent=consents.current(),
        given=consents.versions().get(talent.consent_version) if talent else None,
    )


@get("/me/profile", name="my_profile", opt=OWN)
async def my_profile(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form with stored values, completeness, and the current consent."""
    talent = await queries.talent_of(actor)
    if talent is None:
        waiting = await queries.unclaimed(actor)
        if waiting is not None and not waiting.proved:
            return render(request, "talents/confirm_first.html", email=actor.email, message=services.CONFIRM_FIRST)
        return await _page(request, actor, None, versions.opened(ProfileForm, _stored(waiting, actor)))
    return await _page(request, actor, talent, versions.opened(ProfileForm, _stored(talent, actor)))


@post("/me/profile", name="save_profile", opt=OWN, status_code=303)
async def save_profile(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Saves the filled-in fields and redirects to the requested section."""
    talent = await queries.talent_of(actor)
    sent = await request.form()
    form = submitted(ProfileForm, sent, _stored(talent, actor))
    _require_consent(form, talent)

    async def act() -> None:
        await services.save_profile(form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, conflict=UNREADABLE)
    if status:
        return await _page(request, actor, talent, form, status=status)
    section = sent.get("next")
    known = section in {name for name, _, _ in SECTIONS}
    return redirect(request, "my_profile", flash=N_("Your profile is saved."), query=f"#{section}" if known else "")


def _require_consent(form: Bound[ProfileForm], talent: TalentRow | None) -> None:
    """The service's rule, checked here so that a missing tick is reported with the other errors."""
    visibility, ticked = form["visibility"], form["consent"].value
    if visibility.errors or visibility.value not in set(Visibility) or ticked:
        return
    shown, version = (talent.visibility, talent.consent_version) if talent else (Visibility.PRIVATE.value, "")
    if rules.needs_consent(visibility.value, shown, version, consents.current().version):
        form.add_error("consent", services.CONSENT_NEEDED)


@post("/me/profile/withdraw", name="withdraw_consent", opt=OWN, status_code=303)
async def withdraw_consent(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Hides the profile at once."""
    await services.withdraw_consent(by=actor)
    return redirect(
        request, "my_profile", flash=N_("Your consent is withdrawn: only you and the organiser see your profile now.")
    )


@get("/me/photo", name="my_photo", opt=OWN)
async def my_photo(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The photo, and the form to send one."""
    return await _photo_page(request, actor, blank(PhotoForm), uploads.empty(photo=Purpose.PHOTO))


async def _photo_page(
    request: AnyRequest, actor: Actor, form: Bound[PhotoForm], files: dict[str, uploads.Upload], status: int = 200
) -> Response[Any]:
    talent = await queries.talent_of(actor)
    return render(request, "talents/photo.html", status=status, form=form, uploads=files, talent=talent)


@post("/me/photo", name="save_photo", opt=OWN, status_code=303, request_max_body_size=body_limit(Purpose.PHOTO))
async def save_photo(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the photo, cut to the shape of a passport's."""
    sent = await uploads.receive(request, by=actor, photo=Purpose.PHOTO)
    form = bind(PhotoForm, sent.data)
    sent.tell(form)
    if form.ok:
        try:
            await services.set_photo(form.value, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        else:
            return redirect(request, "my_photo", flash=N_("Your photo is stored."))
    return await _photo_page(request, actor, form, sent.uploads, status=422)


@post("/me/photo/remove", name="remove_photo", opt=OWN, status_code=303)
async def remove_photo(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Deletes the photo."""
    await services.remove_photo(by=actor)
    return redirect(request, "my_photo", flash=N_("Your photo is deleted."))


HANDLERS = [my_profile, save_profile, withdraw_consent, my_photo, save_photo, remove_photo]
