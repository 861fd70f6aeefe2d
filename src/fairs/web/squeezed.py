"""Style sheets, scripts and symbols go out compressed: they are the same for everybody, so their length gives nothing away.

Pages are not compressed: they hold the token of the form beside what a stranger may have put into the address.
"""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import Request, Response

from fairs import paths

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
LARGEST = 1_000_000


def _file(name: str) -> Path | None:
    """The file of this name; None when there is none inside the folder of static files, or a larger one."""
    file = (paths.STATIC / name).resolve()
    inside = file.is_relative_to(paths.STATIC.resolve()) and file.is_file()
    return file if inside and file.stat().st_size <= LARGEST else None


@lru_cache(maxsize=256)
def _content(file: Path) -> tuple[bytes, bytes]:
    """A file as it is and compressed. Names without a file are not kept: strangers could push out the others with them."""
    content = file.read_bytes()
    return content, gzip.compress(content, 9, mtime=0)


async def send_squeezed(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Answers for text files, before the handler of static files; None leaves the others to it."""
    name = request.url.path.removeprefix("/static/")
    kind = KINDS.get(name[name.rfind(".") :])
    file = _file(name) if kind and "\0" not in name and len(name) < 200 else None
    if file is None:
        return None
    found = _content(file)
    headers, squeeze = dict(HEADERS), "gzip" in request.headers.get("accept-encoding", "")
    if squeeze:
        headers["content-encoding"] = "gzip"
    return Response(found[1] if squeeze else found[0], media_type=kind, headers=headers)
