"""Where somebody was and what was typed survive signing in."""

import html
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from litestar import Litestar

from fairs.accounts import kept_forms, services
from fairs.accounts.actor import SYSTEM, Grant
from fairs.accounts.attempts import Caller
from fairs.core import clock
from fairs.core import db as database
from fairs.core.roles import Role
from tests import mails
from tests.cast import PASSWORD, csrf, make_actor, post, sign_in, sign_out
from tests.small_fair import Fair, small_fair
from tests.web.crawling import TYPED, PostForm, forms_of
from tests.web.returning import PROFILE, account, candidate, end_sessions, next_of
from tests.web.test_bad_input import discover, payload, people


def typed(form: PostForm) -> dict[str, list[str]]:
    """What a person writes into every free field, told apart by the field."""
    marks = {
        control.name: [f"Typed in {control.name} 中文 <&>"]
        for control in form.typed
        if control.kind in {"text", "textarea", "search"}
    }
    return payload(form) | marks


@pytest.fixture
async def fair(db: None) -> Fair:
    return await small_fair()


@pytest.mark.parametrize("role", ["organiser", "bureau", "employer", "candidate", "staff"])
async def test_every_form_comes_back_filled_after_the_session_ended(
    app: Litestar, client: httpx.AsyncClient, fair: Fair, role: str
) -> None:
    actor = (await people(fair))[role]
    assert actor is not None
    await sign_in(client, actor, proved=True)
    forms = [
        form for form in await discover(app, client, fair, actor) if not form.action.startswith(("/login", "/sign"))
    ]
    lost: list[str] = []
    filled = 0
    for form in forms:
        sign_out(client)
        await sign_in(client, actor, proved=True)
        token = await csrf(client)
        await end_sessions()
        await database.execute("DELETE FROM rate_limit")
        sent = typed(form)
        referer = {"referer": f"http://fairs.test{form.page}"}
        if form.action in {"/employers/join"} or form.action.startswith(
            ("/invitation/", "/scan/link/", "/newsletters/")
        ):
            continue  # open to everybody: nobody is sent to sign in
        answer = await client.post(form.action, data={"_csrf_token": token, **sent}, headers=referer)
        target = next_of(answer)
        assert urlsplit(target).path == urlsplit(form.page).path, (form.page, target)
        sign_out(client)
        await sign_in(client, actor, proved=True)
        page = await client.get(target)
        assert page.status_code == 200, (form.page, target)
        again = next(
            (other for other in forms_of(page) if other.action == form.action and _same_hidden(other, form)), None
        )
        if again is None:
            lost.append(f"{form.action} is not on {target}")
            continue
        for control in again.own:
            if control.name == "otp":  # a code from a mail is no more kept than a password
                assert control.value == ""
            elif control.kind in TYPED - {"password"} and control.name in sent:
                filled += 1
                if " ".join(html.unescape(control.value).split()) != " ".join(sent[control.name][0].split()):
                    lost.append(f"{form.action} {control.name}: {control.value!r}")
    assert not lost, "\n".join(lost)
    assert filled > 0 or role == "staff"
    assert role == "staff" or await database.fetchval("SELECT count(*) FROM kept_form") > 0


def _same_hidden(one: PostForm, other: PostForm) -> bool:
    def hidden(form: PostForm) -> list[tuple[str, str]]:
        return [
            (control.name, control.value)
            for control in form.own
            if control.kind == "hidden" and control.name not in {"next", "key"}
        ]

    return hidden(one) == hidden(other)


async def test_whole_way_by_the_sign_in_form(client: httpx.AsyncClient, db: None) -> None:
    alice = await account()
    await services.grant(alice, Grant(Role.CANDIDATE), by=SYSTEM)
    credentials = {"email": "alice@example.org", "password": PASSWORD}
    await post(client, "/login", credentials)
    token = await csrf(client)
    await end_sessions()
    sent = await client.post(
        "/me/profile?lang=en",
        data={"_csrf_token": token, **PROFILE},
        headers={"referer": "http://fairs.test/me/profile?x=1"},
    )
    target = next_of(sent)
    page = await client.get(sent.headers["location"])
    assert "what you typed is kept" in page.text
    client.cookies.delete("csrftoken")
    wrong = await post(client, "/login", {**credentials, "password": "wrong wrong", "next": target})
    assert f'name="next" value="{html.escape(target)}"' in wrong.text
    answer = await post(client, "/login", {**credentials, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, target)
    page = await client.get(target)
    assert "It has not been sent yet" in page.text
    assert 'value="Alice Liddell"' in page.text
    assert await database.fetchval("SELECT count(*) FROM talent") == 0, "it was not sent by itself"
    assert "Alice Liddell" not in (await client.get("/me/profile")).text
    assert (await post(client, "/me/profile", PROFILE)).status_code == 303


async def test_secrets_and_files_are_not_kept(client: httpx.AsyncClient, db: None) -> None:
    await candidate(client)
    token = await csrf(client)
    await end_sessions()
    files: dict[str, tuple[str | None, bytes | str]] = {
        "photo": ("a.txt", b"file"),
        "name_passport": (None, "Typed"),
        "password": (None, "hunter2"),
        "otp": (None, "123456"),
        "_csrf_token": (None, token),
    }
    key = parse_qs(urlsplit(next_of(await client.post("/me/profile", files=files))).query)["kept"][0]
    found = await kept_forms.kept(key, client.cookies[kept_forms.COOKIE])
    assert found is not None
    assert found.values == {"name_passport": ["Typed"]}


async def test_kept_form_is_sealed_and_of_one_browser_person_and_time(
    client: httpx.AsyncClient, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await candidate(client)
    token = await csrf(client)
    await end_sessions()
    target = next_of(await client.post("/me/profile", data={"_csrf_token": token, **PROFILE}))
    sealed = await database.fetchval("SELECT sealed FROM kept_form")
    assert b"Liddell" not in sealed
    await sign_in(client, await make_actor("candidate", email="bob@example.org"), proved=True)
    assert "Alice Liddell" not in (await client.get(target)).text
    await sign_in(client, alice, proved=True)
    assert "Alice Liddell" in (await client.get(target)).text
    browser = client.cookies[kept_forms.COOKIE]
    client.cookies.set(kept_forms.COOKIE, "another", domain="fairs.test")
    assert "Alice Liddell" not in (await client.get(target, headers={"cookie": _cookies(client, "another")})).text
    later = clock.now() + kept_forms.LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await kept_forms.kept(parse_qs(urlsplit(target).query)["kept"][0], browser) is None


def _cookies(client: httpx.AsyncClient, browser: str) -> str:
    return f"fairs_session={client.cookies['fairs_session']}; {kept_forms.COOKIE}={browser}"


async def test_too_much_is_not_kept_and_a_browser_keeps_few(client: httpx.AsyncClient, db: None) -> None:
    await candidate(client)
    token = await csrf(client)
    await end_sessions()
    big = await client.post("/me/profile", data={"_csrf_token": token, "skills": "x" * 70_000})
    assert next_of(big) == "/me/profile"
    for number in range(15):
        await client.post("/me/profile", data={"_csrf_token": token, "skills": f"{number}"})
    assert await database.fetchval("SELECT count(*) FROM kept_form") == kept_forms.EACH


async def test_flood_of_kept_forms_ends(client: httpx.AsyncClient, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    form = kept_forms.KeptForm("/x", "", {"a": ["b"]})
    caller = Caller("198.51.100.1")
    assert await kept_forms.keep(form, "browser", caller)
    await database.execute("UPDATE rate_limit SET hits = 600")
    assert await kept_forms.keep(form, "browser", caller) == ""


async def test_htmx_is_sent_to_sign_in_as_a_whole_window(client: httpx.AsyncClient, db: None) -> None:
    await candidate(client)
    token = await csrf(client)
    await end_sessions()
    part = {"hx-request": "true", "hx-current-url": "http://fairs.test/me/profile?step=2", "x-csrftoken": token}
    answer = await client.post("/me/profile", data=PROFILE, headers=part)
    assert answer.status_code == 401
    target = parse_qs(urlsplit(answer.headers["hx-redirect"]).query)["next"][0]
    assert target.startswith("/me/profile?step=2&kept=")
    answer = await client.get("/me/fairs", headers=part)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=/me/profile%3Fstep%3D2")


async def test_button_of_an_ended_session_leads_back_to_its_page(client: httpx.AsyncClient, fair: Fair) -> None:
    await sign_in(client, fair.of.employer, proved=True)
    token = await csrf(client)
    await end_sessions()
    path = f"/meetings/{fair.meeting}/cancel"
    for headers, page in (({"referer": "http://fairs.test/employer/meetings"}, "/employer/meetings"), ({}, "/")):
        answer = await client.post(path, data={"_csrf_token": token}, headers=headers)
        assert urlsplit(next_of(answer)).path in {page, path, f"/meetings/{fair.meeting}"}
    foreign = {"referer": "https://evil.example/employer/meetings"}
    answer = await client.post(path, data={"_csrf_token": token}, headers=foreign)
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize(
    "target", ["/me/fairs?a=1&b=%E4%B8%AD", "/e/fair/listings?q=a%20b&page=2", "/account", "/listings/4?x=%26%3D%23"]
)
async def test_next_survives_a_wrong_password_and_keeps_its_query(
    client: httpx.AsyncClient, db: None, target: str
) -> None:
    await account()
    page = await client.get(f"/login?next={quote(target, safe='')}")
    assert f'name="next" value="{html.escape(target)}"' in page.text
    assert page.text.count('name="next"') == 2, "the form for a link has it too"
    data = {"email": "alice@example.org", "password": "wrong wrong", "next": target}
    page = await post(client, "/login", data)
    assert f'name="next" value="{html.escape(target)}"' in page.text
    answer = await post(client, "/login", data | {"password": PASSWORD})
    assert answer.headers["location"] == target


async def test_page_with_a_query_is_gone_back_to(client: httpx.AsyncClient, db: None) -> None:
    answer = await client.get("/me/fairs?a=1&b=%26")
    assert next_of(answer) == "/me/fairs?a=1&b=%26"


async def test_signed_in_visitor_goes_on(client: httpx.AsyncClient, db: None) -> None:
    await candidate(client)
    for page in ("/login", "/signup"):
        for target, location in (("/me/fairs?a=1", "/me/fairs?a=1"), ("//evil.example", "/home"), ("", "/home")):
            answer = await client.get(f"{page}?next={quote(target, safe='')}")
            assert (answer.status_code, answer.headers["location"]) == (303, location)


async def test_next_goes_through_sign_up(client: httpx.AsyncClient, db: None) -> None:
    page = await client.get("/login?next=/e/fair/register%3Fx%3D1")
    assert 'href="/signup?next=%2Fe%2Ffair%2Fregister%3Fx%3D1"' in page.text
    page = await client.get("/signup?next=/e/fair/register%3Fx%3D1")
    assert 'href="/login?next=%2Fe%2Ffair%2Fregister%3Fx%3D1"' in page.text
    form = {"name": "Maria", "email": "m@example.org", "password": "short", "next": "/e/fair/register?x=1"}
    assert 'value="/e/fair/register?x=1"' in (await post(client, "/signup", form)).text
    answer = await post(client, "/signup", form | {"password": PASSWORD})
    assert answer.headers["location"] == "/e/fair/register?x=1"


@pytest.mark.parametrize(("target", "location"), [("/me/fairs?a=1", "/me/fairs?a=1"), ("//evil.example/", "/home")])
async def test_next_goes_through_the_mailed_link(
    client: httpx.AsyncClient, db: None, target: str, location: str
) -> None:
    await account()
    answer = await post(client, "/login/link", {"email": "alice@example.org", "next": target})
    assert answer.headers["location"] == ("/login?next=%2Fme%2Ffairs%3Fa%3D1" if location == target else "/login")
    text = await mails.text_of()
    link = urlsplit(text[text.index("/login/link/") :].split()[0]).path
    assert "evil" not in text
    answer = await post(client, link)
    assert (answer.status_code, answer.headers["location"]) == (303, location)
