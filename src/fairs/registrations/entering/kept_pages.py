"""The desk without a network: the page that its browser keeps, and the address to which it sends what was entered meanwhile.

`static/js/desk-keep.js` keeps the entries; `static/js/desk-worker.js` opens the page.
"""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

import fairs
from fairs import paths
from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import HEADER
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_
from fairs.registrations import session_pages
from fairs.registrations.entering import kept, pages
from fairs.registrations.entering.forms import WalkInForm, for_event, read_entry
from fairs.registrations.entering.queries import event_to_enter
from fairs.registrations.entering.services import Known
from fairs.registrations.labels import category_label, state_label
from fairs.registrations.tables import RegistrationState
from fairs.web import access
from fairs.web.templating import render, reverse

SOURCE = "js/desk-worker.js"
SCOPE = "/organise/editions/"
UNREADABLE = N_("The entry has not the form that the desk's page sends.")
AnyRequest = Request[Any, Any, Any]


@lru_cache(1)
def _worker() -> bytes:
    """The worker's text with a version that changes with it."""
    source = (paths.STATIC / SOURCE).read_bytes()
    version = hashlib.sha256(source + fairs.__version__.encode()).hexdigest()[:16]
    return f'self.VERSION = "{version}";\n'.encode() + source


@get("/desk-worker.js", name="desk_worker", opt=access.public())
async def desk_worker() -> Response[bytes]:
    """The worker of desks: asked for anew each time, so that a release arrives."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": SCOPE}
    return Response(_worker(), media_type="text/javascript", headers=headers)


@get(f"{pages.PATH}/kept", name="kept_desk", opt=pages.DESK)
async def kept_desk(request: AnyRequest, slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form and what waits on this computer; nobody's data, so that a browser may keep it."""
    event = await event_to_enter(actor, slug)
    form = pages.offered(for_event(blank(WalkInForm), event), actor, event)
    return render(
        request,
        "registrations/entering/kept.html",
        event=event,
        form=form,
        sessions=await session_pages.choices(event.id),
        headers={"cache-control": "private, no-store"},
    )


def _read(body: bytes) -> dict[str, Any]:
    """The object of a call. Raises Invalid."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Invalid(UNREADABLE) from error


def _entry(request: AnyRequest, data: dict[str, Any]) -> kept.KeptEntry:
    """The entry of a call. Raises Invalid."""
    try:
        at = datetime.fromisoformat(str(data.get("at")))
        key = UUID(request.headers.get(HEADER, ""))
    except ValueError as error:
        raise Invalid(UNREADABLE) from error
    slip = kept.slip_of(str(data.get("slip")))
    if not slip:
        raise Invalid(UNREADABLE)
    same, seen = (str(data.get(name) or "")[:40] for name in ("same", "seen"))
    return kept.KeptEntry(key, slip, at if at.tzinfo else at.replace(tzinfo=UTC), seen, same)


@post(f"{pages.PATH}/kept", name="receive_kept_entry", opt=pages.DESK, status_code=200)
async def receive_kept_entry(
    request: AnyRequest, slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Registers somebody who was entered without a network. The key is `Idempotency-Key`: sent twice, stored once."""
    event = await event_to_enter(actor, slug)
    data = _read(await request.body())
    entry = _entry(request, data)
    fields = data.get("fields")
    form = read_entry(WalkInForm, fields if isinstance(fields, dict) else {}, event)
    if not form.ok and not entry.same:
        return _said(_invalid(form))
    try:
        received = await kept.receive(slug, entry, None if entry.same else form.value, by=actor)
    except Known as known:
        return _said(_known(request, slug, known))
    except Invalid as refused:
        form.add_errors(refused)
        return _said(_invalid(form))
    except Conflict as refused:
        return _said({"outcome": "refused", "messages": [str(refused.message)]})
    return _said(_registered(request, slug, received))


def _said(told: dict[str, Any]) -> Response[bytes]:
    return Response(msgspec.json.encode(told), media_type="application/json", headers={"cache-control": "no-store"})


def _invalid(form: Bound[WalkInForm]) -> dict[str, Any]:
    messages = [
        f"{form.fields[name].label}: {message}" if name in form.fields else str(message)
        for name, found in form.errors.items()
        for message in found
    ]
    return {"outcome": "refused", "messages": messages}


def _known(request: AnyRequest, slug: str, known: Known) -> dict[str, Any]:
    people = [
        {
            "number": twin.number,
            "name": twin.name_native or twin.name_passport,
            "about": " · ".join(
                filter(None, (state_label(twin.state), category_label(twin.category), twin.organisation_name))
            ),
            "url": _desk(request, slug, twin.number),
        }
        for twin in known.twins
    ]
    return {"outcome": "known", "seen": known.digest, "people": people}


def _registered(request: AnyRequest, slug: str, received: kept.Received) -> dict[str, Any]:
    person = received.person
    return {
        "outcome": "registered",
        "number": person.number,
        "again": received.again,
        "waiting": person.state == RegistrationState.WAITLISTED,
        "url": _desk(request, slug, person.number),
    }


def _desk(request: AnyRequest, slug: str, number: str) -> str:
    return f"{reverse(request, 'badge_desk', slug=slug)}?number={number}"


HANDLERS: list[Any] = [desk_worker, kept_desk, receive_kept_entry]
