"""Pages of an event's badge designs: the list, the form with its preview, and what will not fit."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from fairs.accounts.actor import Actor
from fairs.badges import printing
from fairs.badges import queries as badges
from fairs.badges.designing import boxes as rules
from fairs.badges.designing import checking, layout, queries, services
from fairs.badges.designing.boxes import Box, Design, Sides
from fairs.badges.designing.forms import (
    KINDS,
    BoxForm,
    BoxRows,
    DesignForm,
    check,
    filled,
    read_boxes,
    spare,
)
from fairs.badges.designing.rows import DesignRow, Sample
from fairs.badges.rows import PrintedBadge
from fairs.core import versions
from fairs.core.errors import Conflict, DomainError
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, current_lang, pick
from fairs.core.saving import UNREADABLE, attempt, beside_fields
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.files import uploads
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.registrations.labels import category_label
from fairs.web.templating import AnyRequest, redirect, render

ROOT = "/organise/editions/{slug:str}/badges"
SAVE, PREVIEW, STANDARD = "save", "preview", "standard"
WHY: dict[str, object] = {
    "first": N_("An ordinary name"),
    "name": N_("A long name"),
    "native": N_("A long name in its own script"),
    "organisation": N_("A long organisation"),
    "rare": N_("Rare characters"),
}


@get(ROOT, name="badge_designs", opt=RUNNERS)
async def badge_designs(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The designs of an event and whom each is for."""
    event = await event_for(actor, slug)
    rows = await queries.designs_of(event.id)
    return render(
        request,
        "badges/designing/designs.html",
        event=event,
        rows=rows,
        sizes={row.id: _size_words(row.size) for row in rows},
        category=category_label,
        whole=any(not row.categories for row in rows),
    )


def _size_words(key: str) -> str:
    size = rules.size_called(key)
    return pick(size.zh, size.en)


@dataclass
class Editing:
    """A form with its rows of boxes."""

    form: Bound[DesignForm]
    rows: list[Bound[BoxForm]]
    files: dict[str, uploads.Upload] = field(default_factory=lambda: uploads.empty(logo=Purpose.LOGO))

    def numbered(self) -> list[Bound[BoxForm]]:
        """All rows and some empty ones, with names of their own for each field."""
        found = [*self.rows, *spare()]
        for at, row in enumerate(found):
            for name, item in row.fields.items():
                item.name = f"box-{at}-{name}"
        return found


async def _page(
    request: AnyRequest,
    event: EventRow,
    editing: Editing,
    row: DesignRow | None,
    *,
    status: int = 200,
    sample: str = "",
) -> Response[Any]:
    boxes = tuple(item.value.box for item in editing.rows if item.ok)
    for name in ("size", "sheet", "sides"):
        editing.form[name].required = True
    return render(
        request,
        "badges/designing/design.html",
        status=status,
        event=event,
        row=row,
        form=editing.form,
        rows=editing.numbered(),
        uploads=editing.files,
        kinds=[(key, str(word)) for key, word in KINDS.items()],
        **await _preview(event, editing.form, boxes, row, sample),
    )


async def _preview(
    event: EventRow, form: Bound[DesignForm], boxes: tuple[Box, ...], row: DesignRow | None, chosen: str
) -> dict[str, Any]:
    """The badge that is looked at, as SVG, and the choice of others."""
    read = form.read
    width, height = rules.standard().width, rules.standard().height
    if {"size", "sheet", "sides"} <= set(read):
        made = DesignForm(
            name="", size=read["size"], height=read.get("height"), sheet=read["sheet"], sides=read["sides"]
        )
        width, height = made.measured
    logo = (await queries.opened(row)).logo if row and row.logo else b""
    design = Design(width, height, "own", Sides(read.get("sides", Sides.ONE)), boxes, logo)
    samples = await queries.samples(event.id, read.get("categories") or [])
    badge, photo = await _sample(event, samples, chosen, design)
    svg = await asyncio.to_thread(printing.badge_svg, badge, design, photo)
    return {
        "svg": Markup(svg),  # noqa: S704 - drawn by us; the title is escaped
        "samples": [(str(item.badge), str(WHY[item.why])) for item in samples],
        "sample": str(badge.id),
        "wrong": [message for messages in rules.problems(boxes, width, height).values() for message in messages],
        "per_sheet": len(layout.grid(msgspec.structs.replace(design, sheet=read.get("sheet", "own"))).places),
    }


async def _sample(event: EventRow, samples: list[Sample], chosen: str, design: Design) -> tuple[PrintedBadge, bytes]:
    """The chosen badge and its photo; an invented person when nobody is registered."""
    wanted = next((item.badge for item in samples if str(item.badge) == chosen), samples[0].badge if samples else None)
    if wanted is None:
        return checking.nobody(event, current_lang()), b""
    badge = await badges.printed_badge(wanted)
    return badge, await printing.photo_for(badge, design)


@get(f"{ROOT}/new", name="new_design", opt=RUNNERS)
async def new_design(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A new design, which begins as the standard badge of its size."""
    event = await event_for(actor, slug)
    size = str(request.query_params.get("size", ""))
    known = {item[0] for item in bind(DesignForm, {})["size"].choices}
    size = size if size in known else "a6"
    form = blank(DesignForm, size=size)
    form.read = {"size": size, "sheet": form["sheet"].value, "sides": form["sides"].value}
    return await _page(request, event, Editing(form, _rows(rules.standard_boxes(size))), None)


@get(f"{ROOT}/{{design_id:int}}", name="edit_design", opt=RUNNERS)
async def edit_design(
    request: Request[Any, Any, Any], slug: FromPath[str], design_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a stored design."""
    event, row = await queries.design_of(actor, slug, design_id)
    stored = services.stored(row)
    form = versions.opened(DesignForm, stored)
    form.read = bind(DesignForm, stored).read
    return await _page(request, event, Editing(form, _rows(queries.boxes_of(row))), row)


def _rows(boxes: tuple[Box, ...]) -> list[Bound[BoxForm]]:
    """Rows that were read, so that their boxes can be drawn."""
    return read_boxes(_as_sent(boxes)).rows


async def _received(
    request: AnyRequest, actor: Actor, row: DesignRow | None
) -> tuple[Editing, BoxRows, str, dict[str, Any]]:
    """The form that was sent: with its rows, what was asked, and the raw values."""
    sent = await uploads.receive(request, by=actor, logo=Purpose.LOGO)
    raw = dict(sent.data)
    act = str(raw.get("act") or SAVE)
    rows = read_boxes(sent.data)
    stored = services.stored(row) if row else {}
    data: dict[str, Any] = {name: sent.data.getall(name) if name == "categories" else raw[name] for name in raw}
    seen = str(raw.get(versions.FIELD, ""))
    if row and data.get(f"{versions.CHOICE}boxes") == versions.THEIRS:
        rows = read_boxes(_as_sent(queries.boxes_of(row)))
    if row:
        data, seen = versions.received(DesignForm, sent.data, stored)
    if act == STANDARD:
        rows = read_boxes(_as_sent(rules.standard_boxes(_size(data))))
    form = bind(DesignForm, data | {"boxes": rows.text})
    form.version = seen
    sent.tell(form)
    return Editing(form, rows.rows, sent.uploads), rows, act, raw


def _size(data: dict[str, Any]) -> str:
    known = {item[0] for item in bind(DesignForm, {})["size"].choices}
    size = data.get("size")
    return size if isinstance(size, str) and size in known else "a6"


def _as_sent(boxes: tuple[Box, ...]) -> dict[str, str]:
    sent: dict[str, str] = {}
    for at, item in enumerate(filled(boxes)):
        sent |= {f"box-{at}-{name}": bound.value for name, bound in item.fields.items()}
    return sent


async def _save(request: AnyRequest, actor: Actor, event: EventRow, row: DesignRow | None) -> Response[Any]:
    editing, rows, act, raw = await _received(request, actor, row)
    sample = str(raw.get("sample") or "")
    if act != SAVE:
        return await _page(request, event, editing, row, sample=sample)
    check(editing.form, rows)
    if not rows.ok or not editing.form.ok:
        if not rows.ok:
            editing.form.add_error("boxes", N_("Some boxes are wrong: look at the rows below"))
        return await _page(request, event, editing, row, status=422, sample=sample)

    async def save() -> None:
        value, seen = editing.form.value, editing.form.version
        if row is None:
            await services.create_design(event.slug, value, rows.boxes, by=actor)
        else:
            await services.change_design(event.slug, row.id, value, rows.boxes, by=actor, seen=seen)

    status, _ = await attempt(editing.form, save, _tell, conflict=UNREADABLE)
    if status:
        return await _page(request, event, editing, row, status=status, sample=sample)
    told = N_("The design is saved. The next badges are printed by it.")
    return redirect(request, "badge_designs", slug=event.slug, flash=told)


def _tell(form: Bound[Any], refused: DomainError) -> None:
    if isinstance(refused, Conflict):
        form.add_error("name" if refused.code == "name" else "categories", refused.message)
    else:
        beside_fields(form, refused)


@post(f"{ROOT}/new", name="create_design", opt=RUNNERS, status_code=303, request_max_body_size=body_limit(Purpose.LOGO))
async def create_design(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a new design, or shows it."""
    return await _save(request, actor, await event_for(actor, slug), None)


@post(
    f"{ROOT}/{{design_id:int}}",
    name="change_design",
    opt=RUNNERS,
    status_code=303,
    request_max_body_size=body_limit(Purpose.LOGO),
)
async def change_design(
    request: Request[Any, Any, Any], slug: FromPath[str], design_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a changed design, or shows it."""
    event, row = await queries.design_of(actor, slug, design_id)
    return await _save(request, actor, event, row)


@post(
    f"{ROOT}/preview",
    name="preview_design",
    opt=RUNNERS,
    status_code=200,
    request_max_body_size=body_limit(Purpose.LOGO),
)
async def preview_design(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The badge as the form on the page describes it; nothing is stored."""
    event = await event_for(actor, slug)
    sent = await request.form()
    raw = {name: value for name, value in sent.items() if isinstance(value, str)}
    known = str(raw.get("design") or "")
    row = (await queries.design_of(actor, slug, int(known)))[1] if known.isascii() and known.isdigit() else None
    rows = read_boxes(raw)
    form = bind(
        DesignForm, raw | {"categories": [value for value in sent.getall("categories", []) if isinstance(value, str)]}
    )
    boxes = tuple(item.value.box for item in rows.rows if item.ok)
    found = await _preview(event, form, boxes, row, str(raw.get("sample") or ""))
    return render(request, "badges/designing/_preview.html", **found)


@post(f"{ROOT}/{{design_id:int}}/remove", name="remove_design", opt=RUNNERS, status_code=303)
async def remove_design(
    request: Request[Any, Any, Any], slug: FromPath[str], design_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a design; asked first on the page."""
    name = await services.remove_design(slug, design_id, by=actor)
    return redirect(request, "badge_designs", slug=slug, flash=N_("The design %(name)s is removed.", name=name))


@get(f"{ROOT}/misfits", name="badge_misfits", opt=RUNNERS)
async def badge_misfits(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Before printing: badges on which something is cut short or cannot be printed, and why."""
    event = await event_for(actor, slug)
    found = await checking.misfits_of(event.id)
    return render(request, "badges/designing/misfits.html", event=event, found=found, kinds=KINDS)


HANDLERS: list[Any] = [
    badge_designs,
    new_design,
    create_design,
    preview_design,
    badge_misfits,
    edit_design,
    change_design,
    remove_design,
]
