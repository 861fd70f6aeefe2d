"""JSON API of agreements."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import answer_once
from fairs.agreements import finding, pages, queries, services, states
from fairs.agreements.forms import TransitionForm
from fairs.agreements.rows import AgreementRow
from fairs.core import clock
from fairs.core.errors import Invalid
from fairs.core.forms import parse
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.files.uploads import hold
from fairs.notifications.services import base_url
from fairs.units import catalogues
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

TAGS = ["agreements"]


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def agreement_json(row: AgreementRow, actor: Actor) -> dict[str, Any]:
    """An agreement as API values; `legal`: the steps that this token may record now."""
    legal = states.steps_for(queries.case_of(row), queries.parties_of(actor, row))
    names = ("id", "number", "state", "engagement", "title_zh", "title_en", "heads", "amount_cny", "months_per_year")
    return {
        **{name: getattr(row, name) for name in names},
        "event": row.event_slug,
        "unit": row.unit_code,
        "organisation": {"uscc": row.uscc, "name_zh": row.organisation_zh, "name_en": row.organisation_en},
        "talent": {
            "name_passport": row.name_passport,
            "name_native": row.name_native,
            "nationality": row.nationality,
        },
        "revision": row.revision,
        "signed": sorted(row.signed or []),
        "next_step_by": row.next_step_by.isoformat() if row.next_step_by else None,
        "state_since": _iso(row.state_since),
        "verified_at": _iso(row.verified_at),
        "updated_at": _iso(row.updated_at),
        "legal": states.described(legal),
        "url": f"{base_url()}/agreements/{row.number}",
    }


@get(
    "/api/v1/agreements",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ),
    tags=TAGS,
    summary="List agreements",
    description="The newest first. `unit` is a reporting unit's code, `event` a slug, `q` a number or a name in any "
    "script, pinyin or initials. `updated_since` is inclusive. The header `X-Page-Generated` is the moment of the answer.",
    responses=problems(401, 403, 422),
)
async def list_agreements(
    actor: NamedDependency[Actor],
    page: FromQuery[int] = 1,
    page_size: FromQuery[int] = 50,
    updated_since: FromQuery[datetime | None] = None,
    in_state: Annotated[str, QueryParameter(name="state")] = "",  # Litestar uses the bare name
    unit: FromQuery[str] = "",
    event: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> Response[dict[str, Any]]:
    """One page."""
    if in_state and in_state not in states.known_states():
        raise Invalid(fields={"state": [N_("Choose one from the list")]})
    if unit and unit not in {known.code for known in catalogues.units()}:
        raise Invalid(fields={"unit": [N_("Choose one from the list")]})
    if updated_since and updated_since.tzinfo is None:
        updated_since = updated_since.replace(tzinfo=UTC)
    generated = clock.now()
    found = await finding.find_agreements(
        actor,
        states.BUREAU,
        q=q[:100],
        state=in_state,
        unit=unit,
        event=event[:60],
        updated_since=updated_since,
        page=page,
        page_size=page_size,
        strict=True,
    )
    items = [agreement_json(row, actor) for row in found.rows]
    answer = {"page": found.number, "page_size": found.size, "total": found.total, "items": items}
    return Response(answer, headers={"X-Page-Generated": str(_iso(generated))})


@get(
    "/api/v1/agreements/{number:str}",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ),
    tags=TAGS,
    summary="Read an agreement",
    description="By its number or its id, with the hash of the current text and the public address to check it.",
    responses=problems(401, 403, 404),
)
async def read_agreement(number: FromPath[str], actor: NamedDependency[Actor]) -> Response[dict[str, Any]]:
    """One agreement."""
    row = await queries.agreement_for(actor, await _named(number))
    digest = await queries.current_hash(row.number)
    answer = agreement_json(row, actor) | {"document_sha256": digest, "check": pages.address_of(digest)}
    return Response(answer, headers={"X-Page-Generated": str(_iso(clock.now()))})


async def _named(text: str) -> str:
    """The number for a number or an id."""
    if text.isascii() and text.isdigit() and len(text) < 16:
        return await queries.number_of(int(text))
    return text


def _evidence_schema() -> Schema:
    content = Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream")
    return Schema(type=OpenAPIType.OBJECT, required=["file"], properties={"file": content})


@post(
    "/api/v1/agreements/evidence",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.MANAGE),
    tags=TAGS,
    summary="Send a file that proves a step",
    description="One file as `multipart/form-data`: a picture, a PDF or an Office file without macros, at most 50 MB. Its content "
    "is checked. The answer's `file` is given with the step; a file that no step names within a day is deleted.",
    operation_class=operation(_evidence_schema, media="multipart/form-data"),
    responses=problems(401, 403, 422, 429),
    request_max_body_size=body_limit(Purpose.EVIDENCE),
    status_code=201,
)
async def send_evidence(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[dict[str, Any]]:
    """201 with the name by which a step refers to the file."""
    held = await hold(request, Purpose.EVIDENCE, by=actor)
    return Response({"file": held.token, "name": held.name, "size": held.size}, status_code=201)


@post(
    "/api/v1/agreements/{number:str}/transitions",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.MANAGE),
    tags=TAGS,
    summary="Record a step of an agreement",
    description="`to` is a state, `fact_on` the day on which it happened (not to come, not before the step it follows), "
    "`fact_number` the number of its paper, `evidence` says what proves it, `period_from` and "
    "`period_to` are the engagement that a funding is for; which of them a step needs is in `needs` of "
    "`legal`. `file` names a file that was sent to `/api/v1/agreements/evidence` before. `reason` is a code and needed for `terminated`. A step that may not follow answers 409 with the ones that "
    "may, in `legal`. Takes `Idempotency-Key`.",
    operation_class=operation(lambda: schema_of(TransitionForm), once=True),
    responses=problems(400, 401, 403, 404, 409, 422),
    status_code=201,
)
async def record_transition(
    request: Request[Any, Any, Any],
    number: FromPath[str],
    data: JSONBody[dict[str, Any]],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """201 with the agreement in its new state."""
    assert actor.token_id is not None

    async def act() -> tuple[int, Any]:
        form = parse(TransitionForm, data)
        known = await _named(number)
        await services.transition(known, form.to, by=actor, fact=form.fact, reason=form.reason, file=form.file)
        return 201, agreement_json(await queries.agreement_for(actor, known), actor)

    return await answer_once(request, actor.token_id, act)


HANDLERS: list[Any] = [list_agreements, read_agreement, send_evidence, record_transition]
"""The JSON calls, for the composition root."""
