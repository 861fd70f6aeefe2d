"""Inviting many people at once, pasted from a list."""

import httpx

from fairs.core.db import fetchval
from fairs.home.rights import pasting
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.home.rights import LINK, organiser
from tests.pages import main_of

LINES = (
    "单位,姓名,邮箱\n洛阳市,李丽,li@example.org\n\n410100\t王五\twang@example.org\n郑州市人社局；赵六；ZHAO@example.org"
)


def test_lines_are_read_as_people_write_them() -> None:
    found = [(line.number, line.unit, line.name, line.email) for line in pasting.read(LINES)]
    assert found == [
        (2, "洛阳市", "李丽", "li@example.org"),
        (4, "410100", "王五", "wang@example.org"),
        (5, "郑州市人社局", "赵六", "ZHAO@example.org"),
    ]
    assert [line.email for line in pasting.read("only@example.org")] == ["only@example.org"]
    assert pasting.read('"Luoyang, city","Li, Li",li@example.org')[0].name == "Li, Li"
    assert pasting.read("邮箱\n \n") == []


async def test_paste_shows_first_and_sends_then(client: httpx.AsyncClient) -> None:
    await organiser(client)
    sent = {"role": "bureau", "lines": LINES, "lang": "zh"}
    answer = await post(client, "/people/paste", {**sent, "step": "check"})
    assert answer.status_code == 200
    assert "Send 3 invitations" in answer.text
    assert await fetchval("SELECT count(*) FROM invitation") == 0
    answer = await post(client, "/people/paste", {**sent, "step": "send"})
    assert answer.status_code == 201
    assert len(LINK.findall(answer.text)) == 3
    units = await fetchval(
        "SELECT string_agg(u.code, ' ' ORDER BY i.email) FROM invitation i JOIN unit u ON u.id = i.unit"
    )
    assert units == "410300 410100 410100"


async def test_one_wrong_line_and_nobody_is_invited(client: httpx.AsyncClient) -> None:
    await organiser(client)
    wrong = "Atlantis,A,a@example.org\n洛阳市,B,not an address\n洛阳市,C,c@example.org\n洛阳市,C,c@example.org\n洛阳市,evil.example.org,d@example.org\n洛阳市,E,"
    answer = await post(client, "/people/paste", {"role": "bureau", "lines": wrong, "lang": "zh", "step": "send"})
    assert answer.status_code == 422
    page = main_of(answer.text)
    assert "5 lines cannot be used" in page
    for words in (
        "Unit not known",
        "This is not an e-mail address",
        "stands in an earlier line",
        "cannot contain a web",
        "No e-mail address",
    ):
        assert words in page, words
    assert "c@example.org" in page
    assert "Send 1 invitation" not in page
    assert await fetchval("SELECT count(*) FROM invitation") == 0
    answer = await post(client, "/people/paste", {"role": "bureau", "lines": " \n", "lang": "zh"})
    assert answer.status_code == 422


async def test_bureau_pastes_into_its_own_unit_only(client: httpx.AsyncClient) -> None:
    await sign_in(
        client,
        await make_actor("bureau", email="me@example.org", unit_id=await factories.unit_id("410300")),
        proved=True,
    )
    answer = await post(client, "/people/paste", {"role": "bureau", "lines": LINES, "lang": "zh", "step": "send"})
    assert answer.status_code == 422
    assert "2 lines cannot be used" in answer.text
