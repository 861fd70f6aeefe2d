"""The badge on its person's phone: a white page with the name and the code, which opens without a network once it was seen.

A service worker keeps this one page and its files. It is dropped when its person signs out, and by the worker as soon as the server
answers that it is gone.
"""

import asyncio
import json
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from fairs.accounts.actor import Actor
from fairs.badges import queries
from fairs.core import i18n, qr
from fairs.core.errors import NotFound
from fairs.core.i18n import N_
from fairs.registrations.asking import on_badges
from fairs.registrations.queries import is_own
from fairs.web import access
from fairs.web.own_page_worker import worker
from fairs.web.templating import render, reverse, static_url

FILES = ("css/tokens.css", "css/base.css", "css/pass.css", "css/pass-screen.css", "css/print.css", "js/pass.js")
ICONS = ("icons/mark.svg", "icons/badge-192.png", "icons/badge-512.png")
PAGES = ("base_plain.html", "badges/pass.html")
SCOPE = "/me/fairs/"
SHORT = N_("Badge")


@get("/pass-worker.js", name="pass_worker", opt=access.public())
async def pass_worker() -> Response[bytes]:
    """The worker of badges on phones: asked for anew each time, so that a release arrives."""
    return worker(scope=SCOPE, prefix="fairs-pass-", page="/pass", files=(*FILES, *ICONS), templates=PAGES)


@get("/me/fairs/{number:str}/badge/pass", name="badge_pass", opt=access.signed_in())
async def badge_pass(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Name and code alone, on white. Its person's only."""
    row, badge = await queries.badge_for(actor, number)
    if badge is None or not is_own(actor, row):
        raise NotFound
    code = await asyncio.to_thread(
        qr.svg, badge.code, i18n.gettext("QR code of the badge %(number)s", number=row.number)
    )
    return render(
        request,
        "badges/pass.html",
        row=row,
        answers=await on_badges.texts_of({row.id: i18n.current_lang()}),
        code=Markup(code),  # noqa: S704 - drawn by us
        headers={"cache-control": "private, no-store"},
    )


@get("/me/fairs/{number:str}/badge/pass.webmanifest", name="pass_manifest", opt=access.signed_in())
async def pass_manifest(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """What a phone needs to put the badge on its home screen: the fair's name, nothing of the person."""
    row, badge = await queries.badge_for(actor, number)
    if badge is None or not is_own(actor, row):
        raise NotFound
    start = reverse(request, "badge_pass", number=row.number)
    told = {
        "name": f"{SHORT} · {i18n.pick(row.title_zh, row.title_en)}",
        "short_name": str(SHORT),
        "lang": i18n.HTML_LANG[i18n.current_lang()],
        "id": start,
        "start_url": start,
        "scope": reverse(request, "my_badge", number=row.number),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [
            {
                "src": static_url(f"icons/badge-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": "any",
            }
            for size in (192, 512)
        ],
    }
    content = json.dumps(told, ensure_ascii=False).encode()
    return Response(content, media_type="application/manifest+json", headers={"cache-control": "private, no-store"})


HANDLERS: list[Any] = [pass_worker, badge_pass, pass_manifest]
