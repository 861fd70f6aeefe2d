import httpx
import pytest

from fairs import paths
from fairs.web import templating, ui


@pytest.mark.parametrize(
    ("header", "lang"),
    [("zh-CN,zh;q=0.9", "zh-Hans"), ("zh-SG", "zh-Hans"), ("en-GB,zh;q=0.5", "en"), ("fr", "en"), ("zh", "zh-Hans")],
)
async def test_language_follows_the_browser(client: httpx.AsyncClient, header: str, lang: str) -> None:
    page = await client.get("/login", headers={"accept-language": header})
    assert f'<html lang="{lang}"' in page.text


async def test_language_switch_is_remembered(client: httpx.AsyncClient) -> None:
    await client.get("/login?lang=zh")
    page = await client.get("/login")
    assert '<html lang="zh-Hans"' in page.text


async def test_security_headers_are_on_every_answer(client: httpx.AsyncClient) -> None:
    page = await client.get("/login")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert len(page.headers["x-request-id"]) == 16


async def test_unknown_address_is_a_page(client: httpx.AsyncClient) -> None:
    page = await client.get("/nothing/of/the/kind?lang=zh")
    assert page.status_code == 404
    assert '<html lang="zh-Hans"' in page.text


async def test_unknown_api_address_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["status"] == 404


async def test_readyz_says_ready(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.json() == {
        "status": "ready",
        "database": "reachable",
        "migrations_missing": 0,
        "disk": "has room",
        "worker": "none",
        "jobs_stuck": 0,
        "listener": "listening",
        "periodic": {"failed": [], "overdue": []},
    }


def test_navigation_marks_the_entry_that_says_most_of_the_address() -> None:
    fairs, board = ui.NavItem("Fairs", "home", place="/e/"), ui.NavItem("Dashboard", "d", place="/e/[^/]+/dashboard")
    assert (fairs.fits("/", "/"), board.fits("/", "/dashboard")) == (1, 0)
    assert fairs.fits("/e/fair", "/") == 3
    assert board.fits("/e/fair", "/dashboard") == 0
    assert board.fits("/e/fair/dashboard/registered", "/dashboard") > fairs.fits("/e/fair/dashboard/registered", "/")


def test_cells_of_a_row_know_their_heads() -> None:
    columns = [{"label": "Name"}, {"label": "A & B"}, {"label": "Actions", "sr": True}]
    rows = '<tr data-row><th scope="row">x</th><td>y</td><td>z</td></tr><tr><td colspan="3">none</td></tr>'
    assert templating.environment().filters["labelled"](rows, columns) == (
        '<tr data-row><th data-label="Name" scope="row">x</th><td data-label="A &amp; B">y</td><td>z</td></tr>'
        '<tr><td colspan="3">none</td></tr>'
    )


def test_cells_that_a_line_may_cut_say_all_in_their_title() -> None:
    rows = "<tr data-row><td>short</td><td>One<br><b>Head &amp; Department for 招才引智</b></td><td><form>a long form of a row</form></td></tr>"
    shown = templating.environment().filters["labelled"](rows, [], titles=True)
    assert shown.count("title=") == 1
    assert '<td title="One Head &amp; Department for 招才引智">One<br> <b>' in shown


async def test_sheets_and_scripts_go_out_compressed_and_pages_do_not(client: httpx.AsyncClient) -> None:
    for path in ("css/components.css", "js/fairs.js", "icons/icons.svg"):
        answer = await client.get(templating.static_url(path), headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip", path
        assert answer.content == (paths.STATIC / path).read_bytes()
        plain = await client.get(templating.static_url(path), headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content
        assert (answer.headers["cache-control"], answer.headers["vary"]) == (
            "public, max-age=31536000, immutable",
            "accept-encoding",
        )
    assert "content-encoding" not in (await client.get("/", headers={"accept-encoding": "gzip"})).headers
    assert (await client.get("/static/css/missing.css")).status_code == 404
    assert (await client.get("/static/%2e%2e/pyproject.css")).status_code == 404


def test_title_breaks_between_words_only() -> None:
    breakable = templating.environment().filters["breakable"]
    assert breakable("中国·河南<大会>（2018）") == "中国·<wbr>河南&lt;大会&gt;<wbr>（2018）<wbr>"
