"""Server-sent events: the format of one event, and the headers of the response."""

import json
from typing import Any


def event(name: str, data: Any) -> bytes:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


COMMENT = b": still here\n\n"
SSE_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
SSE_TYPE = "text/event-stream"
