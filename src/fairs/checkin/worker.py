"""The scanner as a page that opens without a network: its service worker with the list of files, and its manifest.

The worker's cache is named by the content of all that it holds, so that a release brings a whole new one.
"""

import hashlib
import json
from functools import lru_cache
from typing import Any

from litestar import Request, Response, get

import fairs
from fairs import paths
from fairs.core import i18n
from fairs.core.i18n import N_
from fairs.web import access
from fairs.web.templating import reverse, static_url

AnyRequest = Request[Any, Any, Any]
READER = "/scan/decode.js"
SOURCE = "js/scanner-worker.js"
SHEETS = ("tokens", "base", "layout", "forms", "tables", "components", "print", "scanner", "checkin")
PAGES = ("base_plain.html", "checkin/scanner.html", "checkin/_words.html", "checkin/gates.html", "base.html")
VENDORED = ("noble-ed25519-3.2.0/index.js", "zxing-wasm-3.1.4/reader/zxing_reader.wasm")
ICONS = ("mark.svg", "icons.svg", "scanner-192.png", "scanner-512.png")
MODULES = "vendor/zxing-wasm-3.1.4/es"


def files() -> list[str]:
    """Every static file that the scanner's pages use."""
    sheets = [f"css/{name}.css" for name in SHEETS if (paths.STATIC / f"css/{name}.css").is_file()]
    scripts = sorted(
        f"js/{file.name}" for file in (paths.STATIC / "js").glob("scanner*.js") if f"js/{file.name}" != SOURCE
    )
    modules = sorted(str(file.relative_to(paths.STATIC)) for file in (paths.STATIC / MODULES).rglob("*.js"))
    own = [
        "js/gate-rules.js",
        "js/name-search.js",
        "js/badge-codes.js",
        "js/fairs.js",
        *(f"icons/{name}" for name in ICONS),
    ]
    return [*sheets, *scripts, *own, *(f"vendor/{name}" for name in VENDORED), *modules]


def reader_url() -> str:
    """Address of the script that reads QR codes, below the scanner's pages: a worker elsewhere would load without them."""
    return READER + "?" + static_url("js/scanner-decode.js").partition("?")[2]


@lru_cache(1)
def _worker() -> bytes:
    """The worker's text: what it keeps, and a version that changes with any of it."""
    kept = [reader_url(), *(static_url(name) for name in files())]
    pages = b"".join((paths.TEMPLATES / name).read_bytes() for name in PAGES)
    source = (paths.STATIC / SOURCE).read_bytes()
    told = json.dumps(kept).encode() + pages + source + fairs.__version__.encode()
    version = hashlib.sha256(told).hexdigest()[:16]
    head = f"self.VERSION = {json.dumps(version)};\nself.FILES = {json.dumps(kept)};\n"
    return head.encode() + source


@get("/sw.js", name="scanner_worker", opt=access.public())
async def scanner_worker() -> Response[bytes]:
    """The worker of the scanner's pages: asked for anew each time, so that a release arrives."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/scan"}
    return Response(_worker(), media_type="text/javascript", headers=headers)


@get(READER, name="scanner_reader", opt=access.public())
async def scanner_reader() -> Response[bytes]:
    """The script that reads QR codes in a worker of the scanner's page."""
    text = (paths.STATIC / "js/scanner-decode.js").read_bytes()
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(text, media_type="text/javascript", headers=headers)


@get("/scan/app.webmanifest", name="scanner_manifest", opt=access.public())
async def scanner_manifest(request: AnyRequest) -> Response[bytes]:
    """What a phone needs to put the scanner on its home screen."""
    start = reverse(request, "scanner")
    icon = {"type": "image/png", "purpose": "any"}
    told = {
        "name": str(NAME),
        "short_name": str(SHORT),
        "lang": i18n.HTML_LANG[i18n.current_lang()],
        "id": start,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0f0e0b",
        "theme_color": "#0f0e0b",
        "icons": [
            {"src": static_url("icons/scanner-192.png"), "sizes": "192x192", **icon},
            {"src": static_url("icons/scanner-512.png"), "sizes": "512x512", **icon},
        ],
    }
    return Response(
        json.dumps(told, ensure_ascii=False).encode(),
        media_type="application/manifest+json",
        headers={"cache-control": "no-cache"},
    )


NAME, SHORT = N_("Scanner of the fairs"), N_("Scanner")
HANDLERS: list[Any] = [scanner_worker, scanner_reader, scanner_manifest]
