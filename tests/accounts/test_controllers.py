import httpx

from fairs.core.db import fetchval
from tests.cast import errors_in, make_actor, post, sign_in


async def test_account_page_sends_a_stranger_to_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account")


async def test_sign_up_creates_a_candidate_and_signs_in(client: httpx.AsyncClient) -> None:
    form = {
        "name": "Maria Fernandez",
        "email": "Maria@Example.org",
        "password": "a sentence of mine",
        "next": "/account",
    }
    answer = await post(client, "/signup", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = await client.get("/account")
    assert "maria@example.org" in page.text
    assert "Welcome, Maria Fernandez" in page.text
    assert await fetchval("SELECT role FROM membership") == "candidate"


async def test_sign_up_shows_every_error_and_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    answer = await post(client, "/signup", {"name": "<script>", "email": "no address", "password": "short"})
    assert answer.status_code == 422
    assert errors_in(answer.text) == ["This is not an e-mail address", "At least 10 characters"]
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text.split("<main")[1]
    assert 'value="short"' not in answer.text


async def test_sign_in_never_says_which_part_was_wrong(client: httpx.AsyncClient) -> None:
    await make_actor(email="alice@example.org")
    known = await post(client, "/login", {"email": "alice@example.org", "password": "wrong wrong"})
    unknown = await post(client, "/login", {"email": "nobody@example.org", "password": "wrong wrong"})
    for answer in (known, unknown):
        assert answer.status_code == 422
        assert "do not match an account" in answer.text


async def test_sign_in_goes_to_a_path_of_ours_only(client: httpx.AsyncClient) -> None:
    form = {"name": "Maria", "email": "m@example.org", "password": "a sentence of mine", "next": "//evil.example"}
    answer = await post(client, "/signup", form)
    assert answer.headers["location"] == "/home"


async def test_sign_out_everywhere_ends_the_session(client: httpx.AsyncClient) -> None:
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    assert (await client.get("/account")).status_code == 200
    await post(client, "/account/sign-out-everywhere")
    assert await fetchval("SELECT count(*) FROM sign_in_session") == 0


async def test_form_without_csrf_token_is_refused_with_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.post("/login", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert "This form was open too long" in answer.text
