"""Requests that no browser sends: each gets the right refusal, in the frame, and none a stack trace."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from fairs.accounts import services as accounts
from fairs.accounts.attempts import Caller
from fairs.accounts.queries import actor_by_id
from fairs.core import db as database
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.services import register
from tests import factories, mails
from tests.cast import PASSWORD, csrf, errors_in, make_actor, post, sign_in

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


async def test_head_of_a_stream_ends(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, await make_actor("organiser"))
    async with asyncio.timeout(5):
        answer = await client.head("/e/fair/dashboard/stream")
    assert_framed(answer, 200)
    assert answer.headers["content-type"].startswith("text/event-stream")


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
    token = await accounts.issue_token("api", "odd", by=organiser, account_id=organiser.account_id)
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


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/me/fairs?a=1#b", "/me/fairs?a=1#b"),
        ("/e/中文", "/e/%E4%B8%AD%E6%96%87"),
        ("/a b", "/a%20b"),
        ("//evil.example", "/home"),
        ("/\\evil.example", "/home"),
        ("/\t/evil.example", "/home"),
        ("/a\r\nx-evil: 1", "/home"),
        ("/a\0b", "/home"),
        ("https://evil.example", "/home"),
        ("javascript:alert(1)", "/home"),
        ("", "/home"),
    ],
)
async def test_signing_in_leads_to_a_path_of_ours(client: httpx.AsyncClient, target: str, location: str) -> None:
    await accounts.create_account(email="alice@example.org", name="Alice", lang="en", password=PASSWORD)
    data = {"email": "alice@example.org", "password": PASSWORD, "next": target}
    answer = await post(client, "/login", data)
    assert (answer.status_code, answer.headers["location"]) == (303, location)


async def test_files_in_text_fields_are_refused(client: httpx.AsyncClient) -> None:
    files = dict.fromkeys(("name", "email", "password", "next"), ("a.txt", b"x"))
    answer = await client.post("/signup", headers={"x-csrftoken": await csrf(client)}, files=files)
    assert_framed(answer, 422)
    assert errors_in(answer.text) == ["Give a text"] * 3
    assert "UploadFile" not in answer.text


async def test_browser_of_no_known_zone_signs_up_and_gets_its_mails(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    token = await csrf(client)
    data = {"_csrf_token": token, "name": "Alice", "email": "alice@example.org", "password": PASSWORD}
    cookie = f"csrftoken={token}; tz=../../etc/passwd"
    made = await client.post("/signup", data=data, headers={"cookie": cookie})
    assert made.status_code == 303
    zone = await database.fetchval("SELECT timezone FROM account")
    assert zone == "Asia/Shanghai"
    actor = await actor_by_id(await database.fetchval("SELECT id FROM account"))
    assert actor is not None
    person = RegistrationForm(email=actor.email, name_passport="Alice")
    assert (await register(event, person, by=actor)).state == "confirmed"


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "This link has expired or was already used."), ("zh", "链接已过期或已使用")]
)
async def test_used_or_unknown_link_leads_back_to_signing_in(client: httpx.AsyncClient, lang: str, words: str) -> None:
    await client.get(f"/login?lang={lang}")
    for token in ("nonsense", "%00", "x" * 3000):
        answer = await post(client, f"/login/link/{token}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        page = await client.get("/login")
        assert words in page.text.replace("该", "")


@pytest.mark.parametrize(("lang", "words"), [("en", "This is not one of our links"), ("zh", "这不是本系统的链接")])
async def test_forged_invitation_says_so(client: httpx.AsyncClient, lang: str, words: str) -> None:
    for token in ("nonsense", "a.b", "%00", "x" * 3000, "é"):
        answer = await client.get(f"/invitation/{token}?lang={lang}")
        assert_framed(answer, 404)
        assert words in answer.text


async def test_session_that_ended_elsewhere_leads_to_signing_in(client: httpx.AsyncClient) -> None:
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    assert (await client.get("/account")).status_code == 200
    await accounts.close_all_sessions(by=alice)
    answer = await client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account")


async def test_signing_in_changes_the_session_and_signing_out_ends_it(client: httpx.AsyncClient) -> None:
    """A cookie planted before signing in, or kept from before, opens nothing afterwards."""
    await accounts.create_account(email="alice@example.org", name="Alice", lang="en", password=PASSWORD)
    client.cookies.set("fairs_session", "planted", domain="fairs.test")
    credentials = {"email": "alice@example.org", "password": PASSWORD}
    first = (await post(client, "/login", credentials)).cookies["fairs_session"]
    second = (await post(client, "/login", credentials)).cookies["fairs_session"]
    assert len({"planted", first, second}) == 3
    kept = {"cookie": f"fairs_session={first}"}
    assert (await client.get("/account", headers=kept)).status_code == 303
    client.cookies.delete("csrftoken")  # that of the answer to nobody
    await post(client, "/logout")
    assert (await client.get("/account", headers={"cookie": f"fairs_session={second}"})).status_code == 303


@pytest.mark.parametrize(("lang", "title"), [("en", "Please sign in"), ("zh", "请先登录")])
async def test_revoked_token_is_refused_at_once(client: httpx.AsyncClient, lang: str, title: str) -> None:
    organiser = await make_actor("organiser")
    secret = await accounts.issue_token("api", "old", by=organiser, account_id=organiser.account_id)
    headers = {"authorization": f"Bearer {secret}", "accept-language": lang}
    assert (await client.get("/api/v1/agreements", headers=headers)).status_code == 200
    await accounts.revoke_token(await database.fetchval("SELECT id FROM access_token"), by=organiser)
    answer = await client.get("/api/v1/agreements", headers=headers)
    assert_framed(answer, 401)
    assert answer.json()["title"] == title


async def test_cookies_are_closed_to_scripts_and_other_sites(client: httpx.AsyncClient) -> None:
    await accounts.create_account(email="alice@example.org", name="Alice", lang="en", password=PASSWORD)
    answer = await post(client, "/login", {"email": "alice@example.org", "password": PASSWORD})
    for header in [
        *answer.headers.get_list("set-cookie"),
        *(await client.get("/login?lang=en")).headers.get_list("set-cookie"),
    ]:
        assert "samesite=lax" in header.lower(), header
        assert "httponly" in header.lower() or header.startswith("lang="), header


async def test_guessing_is_slowed_down(client: httpx.AsyncClient) -> None:
    """By address and by origin, for passwords, links and sign-ups; the answer says how long to wait."""
    for path, data in (
        ("/login", {"email": "a@example.org", "password": "wrong password"}),
        ("/login/link", {"email": "a@example.org"}),
        ("/signup", {"name": "A", "email": "a@example.org", "password": PASSWORD}),
    ):
        await post(client, path, data)
        await database.execute("UPDATE rate_limit SET hits = $1", 1000)
        answer = await post(client, path, data)
        assert_framed(answer, 429)
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("leaves", [True, False])
async def test_outbox_never_shows_anothers_way_in(
    client: httpx.AsyncClient, request: pytest.FixtureRequest, leaves: bool
) -> None:
    """Whether mails leave the house or are kept: nobody comes in with what the outbox or the database shows."""
    if leaves:
        request.getfixturevalue("mail_server")
    victim = await accounts.create_account(email="victim@example.org", name="Victim", lang="en")
    await accounts.request_link("victim@example.org", caller=Caller("192.0.2.1"))
    mail = await database.fetchval("SELECT id FROM outgoing_mail WHERE account_id = $1", victim)
    await sign_in(client, await make_actor("organiser"))
    token = (await mails.text_of("victim@example.org")).split("/login/link/")[1].split()[0]
    stored = await database.fetchval("SELECT m::text FROM outgoing_mail m WHERE id = $1", mail)
    for path in (f"/organise/outbox/{mail}", f"/organise/outbox/{mail}/html", "/organise/outbox?q=victim"):
        page = await client.get(path)
        assert page.status_code == 200
        assert token not in page.text
    assert "/login/link/••••••" in (await client.get(f"/organise/outbox/{mail}")).text
    assert token not in stored
    assert await accounts.use_link(token) == victim, "the mail that leaves opens the door"
