"""How the OpenAPI document describes errors: RFC 9457 problem documents, one for each status a call may answer."""

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from fairs.web.errors import PROBLEM, TITLES


class Problem(msgspec.Struct, omit_defaults=True):
    """application/problem+json. `errors` names the fields (422); `code` is for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: dict[str, list[str]] = {}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """For a handler's `responses=`."""
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=getattr(TITLES[status], "message", str(TITLES[status])),
            media_type=PROBLEM,
        )
        for status in statuses
    }
