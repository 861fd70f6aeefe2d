"""OpenAPI description of the JSON API: bodies from forms, tokens from the declared access, errors of every call."""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from fairs.core import i18n
from fairs.core.forms import MAX_VALUES, Field, Form, specification
from fairs.web import access
from fairs.web.problems import problems

JSON = "application/json"
MOST_CHOICES = 300  # longer lists of choices are omitted
INJECTED = {"request", "actor", "device", "viewer"}  # not sent by the caller
SCHEMES = {access.Credential.API: "api_token", access.Credential.DEVICE: "device_token"}
COMPONENTS = Components(
    security_schemes={
        "api_token": SecurityScheme(type="http", scheme="bearer", description="The token of an integration."),
        "device_token": SecurityScheme(type="http", scheme="bearer", description="The token of a scanner."),
    }
)
_TYPES: dict[Any, tuple[OpenAPIType, OpenAPIFormat | None]] = {
    str: (OpenAPIType.STRING, None),
    int: (OpenAPIType.INTEGER, None),
    float: (OpenAPIType.NUMBER, None),
    bool: (OpenAPIType.BOOLEAN, None),
    datetime: (OpenAPIType.STRING, OpenAPIFormat.DATE_TIME),
    date: (OpenAPIType.STRING, OpenAPIFormat.DATE),
}
_KEY = Parameter(
    name="Idempotency-Key",
    param_in="header",
    description="Sent again with the same key and body, the call has one effect and one answer.",
    schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=200, pattern="^[!-~]+$"),
)


@dataclass
class ApiOperation(Operation):
    """Every response of the API is an object, also where a handler returns bytes."""

    def __post_init__(self) -> None:
        for status, response in (self.responses or {}).items():
            content = getattr(response, "content", None)
            if status < "300" and content and JSON in content:  # else it is a file
                schema = content[JSON].schema
                if getattr(schema, "type", None) == OpenAPIType.STRING:
                    content[JSON] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT))


def operation(
    body: Callable[[], Schema] | None = None, *, once: bool = False, answer: Schema | None = None, media: str = JSON
) -> type[ApiOperation]:
    """A handler's `operation_class=`: the request body; `media` is its type; `once`: Idempotency-Key is accepted; the success response."""

    @dataclass
    class Described(ApiOperation):
        def __post_init__(self) -> None:
            super().__post_init__()
            if body:
                self.request_body = RequestBody(content={media: OpenAPIMediaType(schema=body())}, required=True)
            if once:
                self.parameters = [*(self.parameters or []), _KEY]
            for status, response in (self.responses or {}).items():
                if answer and status < "300" and (content := getattr(response, "content", None)):
                    content[JSON] = OpenAPIMediaType(schema=answer)

    return Described


def schema_of(form: type[Form], *, partial: bool = False, **more: Schema) -> Schema:
    """The JSON object that `forms.parse(form, …)` reads; `more` are extra required parts, `partial` requires none."""
    fields = specification(form)
    properties: dict[str, Schema | Reference] = {name: _field(*parts) for name, parts in fields.items()}
    required = [name for name, (_, _, default) in fields.items() if default is msgspec.NODEFAULT]
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={**properties, **more},
        required=None if partial else [*required, *more],
    )


def _field(kind: Any, spec: Field, default: Any) -> Schema:
    members = [member for member in get_args(kind) if member is not type(None)]
    if get_origin(kind) in (Union, types.UnionType) and len(members) == 1:
        schema = _field(members[0], spec, msgspec.NODEFAULT)
        schema.type = [schema.type, OpenAPIType.NULL]  # type: ignore[list-item]
        schema.enum = [*schema.enum, None] if schema.enum else None
        return schema
    with i18n.language("en"):
        described = " ".join(filter(None, (f"{spec.label}.", str(spec.help))))
    if get_origin(kind) is list:
        items = _scalar(members[0], spec)
        return Schema(type=OpenAPIType.ARRAY, items=items, max_items=MAX_VALUES, description=described)
    schema = _scalar(kind, spec)
    schema.description = described
    if kind is str and default is msgspec.NODEFAULT:
        schema.min_length = schema.min_length or 1
    schema.default = default if isinstance(default, str | int) and default != "" else None
    return schema


def _scalar(kind: Any, spec: Field) -> Schema:
    name, form = _TYPES[kind]
    schema = Schema(type=name, format=form, minimum=spec.ge, maximum=spec.le)
    if kind is str:
        schema.format = OpenAPIFormat.EMAIL if spec.widget == "email" else None
        schema.min_length = spec.min_length or None
        schema.max_length = spec.longest
        schema.pattern = f"^(?:{spec.pattern})$" if spec.pattern else None
        choices = spec.choices() if spec.choices else []
        if 0 < len(choices) <= MOST_CHOICES:
            schema.enum = [value for value, _, _ in choices]
    return schema


def describe(handler: HTTPRouteHandler) -> None:
    """Complete a call's description: its token, and the errors that the middleware adds."""
    rule = handler.opt.get(access.KEY)
    given = set(inspect.signature(handler.fn).parameters) - INJECTED
    refusals = {400, 422} if given else set()
    if isinstance(rule, access.Access) and not rule.anyone:
        handler.security = [{SCHEMES[rule.credential]: []}]
        refusals |= {401, 403}
    if any("{" in path for path in handler.paths):
        refusals.add(404)
    handler.responses = {**problems(*sorted(refusals)), **(handler.responses or {})}
    if handler.operation_class is Operation:
        handler.operation_class = ApiOperation
