"""What is missing in the set-up is said where it bites."""

from dataclasses import replace

import httpx
import pytest

from fairs.core.services import SETTINGS
from fairs.settings import Settings
from fairs.web.setup import gaps
from tests.cast import make_actor, sign_in


@pytest.mark.parametrize(
    ("base_url", "smtp_url", "missing"),
    [
        ("http://127.0.0.1:8000", "", ["mail", "address"]),
        ("http://localhost", "smtp://relay", ["address"]),
        ("http://[::1]:8000", "smtp://relay", ["address"]),
        ("http://fairs.example.org", "smtp://relay", ["camera"]),
        ("https://fairs.example.org", "", ["mail"]),
        ("https://fairs.example.org", "smtp://relay", []),
    ],
)
def test_gaps_of_a_set_up(test_settings: Settings, base_url: str, smtp_url: str, missing: list[str]) -> None:
    assert [gap.key for gap in gaps(replace(test_settings, base_url=base_url, smtp_url=smtp_url))] == missing


async def test_organiser_reads_what_is_missing(client: httpx.AsyncClient, test_settings: Settings) -> None:
    await sign_in(client, await make_actor("organiser"))
    assert "No mail server is set: mails stay" in (await client.get("/organise/editions")).text
    complete = replace(test_settings, base_url="https://fairs.example.org", smtp_url="smtp://relay")
    SETTINGS.set(complete)
    assert "setup-banner" not in (await client.get("/organise/editions")).text
