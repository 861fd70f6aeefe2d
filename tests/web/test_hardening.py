"""Requests that no browser sends: each gets the right refusal, in the frame, and none a stack trace."""

from collections.abc import Mapping

import httpx
import pytest

from fairs.accounts import services
from tests import factories
from tests.cast import csrf, make_actor

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def assert_framed(answer: httpx.Response, status: int) -> None:
    """The status, with security headers and a request's id, and nothing of our inside."""
    assert answer.status_code == status, answer.text[:300]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["x-request-id"]) == 16
    assert not any(word in answer.text for word in ("Traceback", "asyncpg", "litestar", "site-packages"))


@pytest.mark.parametrize(
    "path", ["/", "/login", "/api/v1/events", "/healthz", "/static/css/base.css", "/schema/openapi.json"]
)
async def test_head_answers_as_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    head, page = await client.head(path), await client.get(path)
    assert_framed(head, 200)
    assert head.content == b""
    assert head.headers["content-type"] == page.headers["content-type"]
    assert head.headers["content-length"] == page.headers["content-length"]


async def test_head_of_a_closed_page_is_refused_like_get(client: httpx.AsyncClient) -> None:
    assert_framed(await client.head("/account"), 303)
    assert_framed(await client.head("/nothing/here"), 404)


@pytest.mark.parametrize("path", ["/login", "/account", "/api/v1/events", "/api/v1/checkin/scans"])
async def test_options_tells_methods_and_nothing_else(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.options(path)
    assert_framed(answer, 204)
    assert answer.content == b""
    assert "OPTIONS" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE", "BREW"])
async def test_other_methods_are_not_allowed(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/login")
    assert_framed(answer, 405)
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/e/" + "x" * 20000,
        "/e/%00",
        "/e/%ff",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/css",
        "/static/%00",
        "/static/" + "x" * 5000,
        "/listings/99999999999999999999999",
        "/listings/-1",
        "/listings/%D9%A1",
        "/b/%00",
        "/verify/%ff%00",
        "/login/link",
        "/api/v1/events/%00",
        "/api/v1/nothing",
    ],
)
async def test_addresses_that_cannot_be_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code in {404, 405} if path == "/login/link" else answer.status_code == 404, answer.text[:200]
    assert_framed(answer, answer.status_code)


@pytest.mark.parametrize(
    "query", ["q=" + "x" * 20000, "q=%ff%fe", "q=%00", "q=a&q=b&q[]=c", "page=1e9999", "&&==&%", "q=%"]
)
async def test_odd_queries_do_not_break_pages(client: httpx.AsyncClient, query: str) -> None:
    await factories.event(slug="fair-x")
    for path in ("/e/fair-x/listings", "/api/v1/listings", "/api/v1/events", "/login"):
        answer = await client.get(f"{path}?{query}")
        assert answer.status_code in {200, 404, 422}, (path, answer.status_code)
        assert_framed(answer, answer.status_code)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B23:00", "9999-12-31T23:59:59-23:00", "yesterday"])
async def test_moment_that_cannot_be_stored_is_refused(client: httpx.AsyncClient, moment: str) -> None:
    assert_framed(await client.get(f"/api/v1/events?updated_since={moment}"), 422)


@pytest.mark.parametrize(
    "cookie",
    [
        b"fairs_session=\xff\xfe",
        b"fairs_session=",
        b"flash=abc.def; theme=<script>alert(1)</script>",
        b"a;b;=;==",
        b"tz=../../etc/passwd",
        b"tz=Asia%2FShanghai%00",
        b"tz=" + b"A" * 3000,
        b"lang=xx; csrftoken=\xff",
        b'lang=zh"; x="\\777',
    ],
)
async def test_odd_cookies_are_ignored(client: httpx.AsyncClient, cookie: bytes) -> None:
    answer = await client.get("/login", headers=[(b"cookie", cookie)])
    assert_framed(answer, 200)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"[" * 100_000, 422),  # no form: nothing is filled in
        ({"content-type": "multipart/form-data"}, b"--x\r\nfoo", 422),
        ({"content-type": MULTIPART}, b"--x\r\nfoo", 400),
        ({"content-type": MULTIPART}, b"--x\r\nContent-Disposition: form-data\r\n\r\nfoo\r\n--x--\r\n", 422),
        (
            {"content-type": MULTIPART},
            b'--x\r\nContent-Disposition: form-data; name="email"\r\nContent-Type: text/plain; charset=nope\r\n\r\na\r\n--x--\r\n',
            400,
        ),
        (
            {"content-type": MULTIPART},
            b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nfoo\xff\r\n--x--\r\n',
            400,
        ),
        (
            {"content-type": MULTIPART},
            b'--x\r\nContent-Disposition: form-data; name="email"; filename="../../a"\r\n\r\nfoo\r\n--x--\r\n',
            422,
        ),
        ({"content-type": FORM}, b"email=\xff\xfe&password=%ff%00", 422),
        ({"content-type": FORM}, b"&".join(b"f%d=x" % number for number in range(5000)), 422),
        ({"content-type": FORM}, b"email=" + b"x" * 6_000_000, 413),
        ({"content-type": FORM, "content-encoding": "gzip"}, b"\x1f\x8b\x08\x00", 422),
        ({"content-type": "/;;=;"}, b"abc", 422),
        ({}, b"abc", 422),
    ],
)
async def test_odd_bodies_are_refused(
    client: httpx.AsyncClient, headers: Mapping[str, str], body: bytes, status: int
) -> None:
    answer = await client.post("/login", headers={"x-csrftoken": await csrf(client), **headers}, content=body)
    assert_framed(answer, status)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 200_000, 400),
        (b'{"a":' * 200_000, 400),
        (b'{"slug":"\xff"}', 400),
        (b'{"slug":"\\ud800"}', 400),
        (b'{"capacity":' + b"9" * 5000 + b"}", 400),
        (b'{"capacity":NaN}', 400),
        (b"\x1f\x8b\x08\x00", 400),
        (b'{"capacity":99999999999999999999,"slug":99999999999999999999}', 422),
        (b'{"slug":["a"],"starts_at":{},"timezone":[],"unit":{},"person":7,"sessions":{}}', 422),
        (b'{"timezone":"../../etc/passwd","starts_at":"0001-01-01T00:00","ends_at":"9999-12-31T23:59:59-23:59"}', 422),
        (b"[]", 422),
        (b"null", 422),
        (b"", 422),
    ],
)
async def test_odd_json_is_refused(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    await factories.event(slug="fair-x")
    organiser = await make_actor("organiser")
    token = await services.issue_token("api", "odd", by=organiser, account_id=organiser.account_id)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    for method, path in (
        ("POST", "/api/v1/events"),
        ("PATCH", "/api/v1/events/fair-x"),
        ("POST", "/api/v1/registrations"),
    ):
        answer = await client.request(method, path, headers=headers, content=body)
        assert_framed(answer, status)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("token", [None, "", "x" * 128, "中", "中" * 200, pytest.param(b"a file", id="file")])
async def test_form_with_a_wrong_token_says_to_reload(
    client: httpx.AsyncClient, lang: str, token: str | bytes | None
) -> None:
    await client.get(f"/login?lang={lang}")
    files = {"_csrf_token": ("a.txt", token)} if isinstance(token, bytes) else None
    data = {"email": "a@example.org"} | ({"_csrf_token": token} if isinstance(token, str) else {})
    answer = await client.post("/login", data=data, files=files)
    assert_framed(answer, 403)
    assert ("This form was open too long" if lang == "en" else "表单打开时间过长") in answer.text


@pytest.mark.parametrize(
    "authorization", [b"Bearer \xff\xff", b"Bearer", b"Basic YTpi", b"Bearer fdev_\x01", b"bearer  x y"]
)
async def test_odd_tokens_open_nothing(client: httpx.AsyncClient, authorization: bytes) -> None:
    for path in ("/api/v1/events", "/api/v1/checkin/scans"):
        answer = await client.post(path, headers={b"authorization": authorization}, json={})
        assert_framed(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
