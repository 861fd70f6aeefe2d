from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import db
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in

NAME = {"name_passport": "Maria Fernandez"}


async def candidate(client: httpx.AsyncClient, **given: Any) -> Actor:
    actor = await make_actor("candidate", **given)
    await sign_in(client, actor)
    return actor


async def test_profile_of_a_new_account_is_empty_but_for_the_name(client: httpx.AsyncClient) -> None:
    await candidate(client)
    page = await client.get("/me/profile")
    assert page.status_code == 200
    assert 'value="Alice Wanderer"' in page.text
    assert '<b class="num">0 / 10</b>' in page.text
    assert 'href="#f-discipline"' in page.text
    assert (
        'data-search="计算机科学与技术|computer science and technology|jisuanjikexueyujishu|jsjkxyjs|0812|' in page.text
    )


async def test_saving_a_part_keeps_it_and_goes_on_to_the_next_section(client: httpx.AsyncClient) -> None:
    await candidate(client)
    answer = await post(client, "/me/profile", NAME | {"discipline": "0812", "next": "work"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/profile#work")
    page = (await client.get("/me/profile")).text
    assert "Your profile is saved." in page
    assert '<b class="num">2 / 10</b>' in page
    elsewhere = await post(client, "/me/profile", NAME | {"next": "//evil.example"})
    assert elsewhere.headers["location"] == "/me/profile"


async def test_every_error_comes_at_once_and_what_was_typed_is_kept(client: httpx.AsyncClient) -> None:
    await candidate(client)
    typed = {
        "name_passport": "",
        "nationality": "XX",
        "phone": "0301234",
        "grad_year": "soon",
        "headline": "<script>alert(1)</script>",
        "available_from": "2001-01-01",
        "pay_min": "-3",
        "skills": "x" * 90,
        "engagement": ["full_time", "slavery"],
        "visibility": "employers",
    }
    answer = await post(client, "/me/profile", typed)
    assert answer.status_code == 422
    assert errors_in(answer.text) == [
        "Please fill this in",
        "Choose one from the list",
        "Give the number with its country code, such as +49 30 901820",
        "Give a whole number",
        "Separate skills by commas: each at most 80 characters",
        "Choose one from the list",
        "This day has passed. Leave it empty if you are free at once.",
        "At least 0",
        "To show your profile to employers, please read the notice and agree to it",
    ]
    for kept in (
        'value="0301234"',
        'value="soon"',
        'value="2001-01-01"',
        "&lt;script&gt;",
        'value="employers" checked',
    ):
        assert kept in answer.text, kept
    assert "<script>alert" not in answer.text
    assert await db.fetchval("SELECT count(*) FROM talent") == 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("summary", "x" * 10_240, "At most 5000 characters, this has 10240"),
        ("headline", "long " * 2048, "At most 200 characters, this has 10239"),
        ("summary", "a\x00b", "Contains characters that cannot be stored"),
        ("name_passport", "a\x1bb", "Contains characters that cannot be stored"),
        ("degree", "x" * 10_240, "At most 200 characters, this has 10240"),
        ("visibility", "everybody", "Choose one from the list"),
        ("languages", ["en"] * 201, "Too many values"),
        ("available_from", "27.10.2018", "Give a date like 2018-10-27"),
        ("grad_year", "99999999999999999999", "This number is too large"),
        ("consent", "perhaps", "Answer yes or no"),
        ("name_native", ["a", "b"], "Give one value"),
    ],
)
async def test_bad_input_gets_one_clear_error_beside_its_field(
    client: httpx.AsyncClient, field: str, value: Any, message: str
) -> None:
    await candidate(client)
    answer = await post(client, "/me/profile", NAME | {field: value})
    assert answer.status_code == 422
    assert errors_in(answer.text) == [message]


async def test_emoji_and_right_to_left_text_are_stored_as_typed(client: httpx.AsyncClient) -> None:
    await candidate(client)
    answer = await post(client, "/me/profile", {"name_passport": "Łucja 🌾", "name_native": "مريم الفاسي"})
    assert answer.status_code == 303
    stored = await db.fetchrow("SELECT name_passport, name_native FROM talent")
    assert stored is not None
    assert tuple(stored) == ("Łucja 🌾", "مريم الفاسي")


async def test_consent_text_and_version_are_on_the_page_in_both_languages(client: httpx.AsyncClient) -> None:
    await candidate(client)
    english = (await client.get("/me/profile?lang=en")).text
    chinese = (await client.get("/me/profile?lang=zh")).text
    assert "Notice on who may see your profile" in english
    assert "Version 2026-11 of 2026-11-22" in english
    assert "个人资料公开范围告知书" in chinese
    assert "可随时在本页查看、更正、导出资料或撤回同意" in chinese


async def test_withdrawing_the_consent_hides_the_profile(client: httpx.AsyncClient) -> None:
    await candidate(client)
    await post(client, "/me/profile", NAME | {"visibility": "employers", "consent": "true"})
    assert "Withdraw the consent" in (await client.get("/me/profile")).text
    answer = await post(client, "/me/profile/withdraw")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/profile")
    assert await db.fetchval("SELECT visibility FROM talent") == "private"


async def test_unopened_profile_asks_to_prove_the_address_first(client: httpx.AsyncClient) -> None:
    await factories.talent(email="alice@example.org", name_passport="Secret Name")
    await candidate(client)
    await db.execute("UPDATE account SET email_confirmed_at = NULL")
    page = await client.get("/me/profile")
    assert "Prove that this address is yours" in page.text
    assert "Secret Name" not in page.text
    refused = await post(client, "/me/profile", NAME)
    assert refused.status_code == 422
    assert "Somebody registered you with this address before" in refused.text


async def test_wrong_roles_are_refused(client: httpx.AsyncClient) -> None:
    event = await factories.event()
    await sign_in(client, await make_actor("staff", event_id=event))
    assert (await client.get("/talents/1")).status_code == 403
    await sign_in(
        client, await make_actor("employer", email="e@example.org", organisation_id=await factories.organisation())
    )
    for path in ("/me/profile", "/me/profile/export.json"):
        assert (await client.get(path)).status_code == 403
    for path in ("/me/profile", "/me/profile/withdraw"):
        assert (await post(client, path)).status_code == 403


async def test_strangers_are_sent_to_sign_in(client: httpx.AsyncClient) -> None:
    for path in ("/me/profile", "/me/profile/export.json", "/talents/1"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")
