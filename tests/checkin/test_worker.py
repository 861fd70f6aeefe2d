"""What the scanner's pages need without a network is in the worker's list, and is there."""

import json
import re

import httpx
import pytest

from fairs.checkin import worker
from tests.checkin.hall import Hall, open_hall

ASSET = re.compile(r'"(/static/[^"#]+|/scan/decode\.js[^"]*)["#]')


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall(slug="fair")


async def test_everything_that_the_pages_name_is_kept(client: httpx.AsyncClient, hall: Hall) -> None:
    told = (await client.get("/sw.js")).text
    kept = set(json.loads(re.search(r"self\.FILES = (\[.*\]);", told)[1]))  # type: ignore[index]  # the pattern matches
    lazy = {"search-select.js", "sse.js", "proof.js", "proof-worker.js", "passkey.js"}  # of other pages' fields
    for path in ("/scan", "/scan/fair/main-in"):
        page = (await client.get(path)).text
        named = {url for url in ASSET.findall(page) if url.partition("?")[0].rpartition("/")[2] not in lazy}
        assert len(named) > 8
        assert named <= kept, path
    for url in kept:
        answer = await client.get(url)
        assert answer.status_code == 200, url


async def test_the_worker_may_govern_the_scanners_pages_only(client: httpx.AsyncClient) -> None:
    answer = await client.get("/sw.js")
    assert answer.headers["service-worker-allowed"] == "/scan"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_a_change_of_any_file_brings_a_new_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    before = worker._worker()
    worker._worker.cache_clear()
    assert worker._worker() == before, "the same content, the same cache"
    worker._worker.cache_clear()
    monkeypatch.setattr(worker, "static_url", lambda name: f"/static/{name}?v=other")
    after = worker._worker()
    worker._worker.cache_clear()
    assert after.split(b"\n")[0] != before.split(b"\n")[0]


async def test_the_manifest_is_of_the_viewers_language(client: httpx.AsyncClient) -> None:
    chinese = (await client.get("/scan/app.webmanifest?lang=zh")).json()
    assert (chinese["lang"], chinese["start_url"], chinese["display"]) == ("zh-Hans", "/scan", "standalone")
    for icon in chinese["icons"]:
        assert (await client.get(icon["src"])).headers["content-type"] == "image/png"
