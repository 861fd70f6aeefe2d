"""The service worker of a person's own page, which keeps that page and what it needs for times without a network."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

from litestar import Response

import fairs
from fairs import paths
from fairs.web.templating import static_url

SOURCE = "js/own-page-worker.js"


@lru_cache(8)
def _text(prefix: str, page: str, files: Sequence[str], templates: Sequence[str]) -> bytes:
    """The worker with what it keeps, and a version that changes with any of it."""
    kept = [static_url(name) for name in files]
    pages = b"".join((paths.TEMPLATES / name).read_bytes() for name in templates)
    source = (paths.STATIC / SOURCE).read_bytes()
    told = json.dumps(kept).encode() + pages + source + fairs.__version__.encode()
    given = {"VERSION": hashlib.sha256(told).hexdigest()[:16], "FILES": kept, "PREFIX": prefix, "KEPT": page}
    return "".join(f"self.{name} = {json.dumps(value)};\n" for name, value in given.items()).encode() + source


def worker(*, scope: str, prefix: str, page: str, files: Sequence[str], templates: Sequence[str]) -> Response[bytes]:
    """The worker of pages below `scope`, asked for anew each time, so that a release arrives.

    `page` follows the scope of one worker in the address of what it keeps; `templates` are those of the page.
    """
    headers = {"cache-control": "no-cache", "service-worker-allowed": scope}
    return Response(_text(prefix, page, files, templates), media_type="text/javascript", headers=headers)
