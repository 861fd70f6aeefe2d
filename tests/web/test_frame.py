import httpx
import pytest


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
    assert answer.json() == {"status": "ready", "database": "reachable", "migrations_missing": 0}
