import re
from typing import Any

import httpx
import pytest

from fairs.core.db import fetchrow, fetchval
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in, sign_out
from tests.pages import main_of

NASTY = {
    "empty": "",
    "10 kB": "x" * 10_000,
    "emoji": "🎓" * 3,
    "rtl": "\u202e\u05d0\u05d1\u05d2",
    "script": "<script>alert(1)</script>",
    "nul": "a\x00b",
    "past": "0001-01-01",
}


def join_form(**given: Any) -> dict[str, Any]:
    form = {
        "uscc": f" {factories.uscc(7).lower()} ",
        "name_zh": "洛阳轴研科技",
        "name_en": "Luoyang Bearing Technology",
        "kind": "state_firm",
        "unit": "410300",
        "industry": "C34",
        "contact_name": "李工",
        "contact_phone": "0379-6488 0000",
        "intro_zh": "",
        "intro_en": "",
        "account_name": "Li Wei",
        "email": "li@example.org",
        "password": "a sentence of mine",
    }
    return form | given


async def bureau(code: str = "410300", email: str = "bureau@example.org") -> Any:
    return await make_actor("bureau", email=email, unit_id=await factories.unit_id(code))


async def test_employer_joins_and_is_approved(client: httpx.AsyncClient) -> None:
    answer = await post(client, "/employers/join", join_form())
    assert (answer.status_code, answer.headers["location"]) == (303, "/employer/organisation")
    page = main_of((await client.get("/employer/organisation")).text)
    assert "The bureau of Luoyang is checking your registration" in page
    assert factories.uscc(7) in page
    organisation_id = await fetchval("SELECT id FROM organisation")
    await sign_in(client, await bureau())
    home = main_of((await client.get("/bureau/approvals")).text)
    assert "1 employer waits for your answer." in home
    path = f"/bureau/organisations/{organisation_id}"
    assert f'href="{path}"' in home
    decided = await post(client, f"{path}/decide", {"decision": "approve", "note": "Welcome"})
    assert (decided.status_code, decided.headers["location"]) == (303, "/bureau/approvals")
    again = await post(client, f"{path}/decide", {"decision": "reject", "note": "No"})
    assert again.status_code == 409
    assert "already been decided" in again.text
    assert 'name="decision"' not in (await client.get(path)).text
    mails = await fetchval("SELECT array_agg(kind || ' ' || state ORDER BY id) FROM outgoing_mail")
    assert mails == ["organisation_received held", "confirm_address kept", "organisation_approved held"]


async def test_refusal_needs_a_reason_and_reaches_the_employer(client: httpx.AsyncClient) -> None:
    await post(client, "/employers/join", join_form())
    cookies = dict(client.cookies)
    organisation_id = await fetchval("SELECT id FROM organisation")
    await sign_in(client, await bureau())
    path = f"/bureau/organisations/{organisation_id}/decide"
    for wrong in ({"decision": "reject"}, {"decision": "reject", "note": " "}, {"decision": "maybe", "note": "x"}, {}):
        answer = await post(client, path, wrong)
        assert answer.status_code == 422
    answer = await post(client, path, {"decision": "reject"})
    assert errors_in(answer.text) == ["Say why, so that the employer can correct it"]
    await post(client, path, {"decision": "reject", "note": "The name differs <b>here</b>"})
    client.cookies.clear()
    client.cookies.update(cookies)
    page = main_of((await client.get("/employer/organisation")).text)
    assert "The name differs &lt;b&gt;here&lt;/b&gt;" in page
    assert "Correct the registration" in page
    form = join_form(name_zh="洛阳轴研科技有限公司")
    assert (await post(client, "/employer/organisation/edit", form)).status_code == 303
    row = await fetchrow("SELECT state, name_zh FROM organisation")
    assert row is not None
    assert tuple(row) == ("pending", "洛阳轴研科技有限公司")


@pytest.mark.parametrize("kind", NASTY)
async def test_join_form_with_bad_input_comes_back(client: httpx.AsyncClient, kind: str) -> None:
    form = dict.fromkeys(join_form(), NASTY[kind])
    answer = await post(client, "/employers/join", form)
    assert answer.status_code == 422
    assert len(errors_in(answer.text)) >= 5
    assert "<script>alert" not in main_of(answer.text)
    if kind in ("emoji", "past"):
        assert main_of(answer.text).count(f'value="{NASTY[kind]}"') >= 4
    if kind == "script":
        assert "&lt;script&gt;" in main_of(answer.text)
    assert await fetchval("SELECT count(*) FROM account") == 0


async def test_join_form_says_every_error_also_that_of_the_code(client: httpx.AsyncClient) -> None:
    form = join_form(uscc="91110000600037341A", email="nowhere", password="short", unit="", contact_phone="call me")
    answer = await post(client, "/employers/join", form)
    assert errors_in(answer.text) == [
        "The last character does not fit the others: please compare the code with the certificate",
        "Please fill this in",
        "Digits, spaces and + ( ) - only, like 0371-6588 0000",
        "This is not an e-mail address",
        "At least 10 characters",
    ]
    assert 'value="91110000600037341A"' in answer.text
    assert "short" not in main_of(answer.text).split('type="password"')[1][:200]


async def test_join_with_a_code_that_is_there_asks_for_an_invitation(client: httpx.AsyncClient) -> None:
    await factories.organisation(uscc=factories.uscc(7))
    answer = await post(client, "/employers/join", join_form())
    assert answer.status_code == 422
    assert "Ask a colleague who uses it to invite you" in errors_in(answer.text)[0]
    await factories.organisation(uscc=factories.uscc(8))
    await make_actor("candidate", email="li@example.org")
    answer = await post(client, "/employers/join", join_form(uscc=factories.uscc(9)))
    assert "There is already an account with this address" in errors_in(answer.text)[0]


async def test_join_page_of_an_employer_leads_home(client: httpx.AsyncClient) -> None:
    organisation_id = await factories.organisation()
    await sign_in(client, await make_actor("employer", organisation_id=organisation_id))
    answer = await client.get("/employers/join")
    assert (answer.status_code, answer.headers["location"]) == (303, "/employer/organisation")


async def test_approved_employer_edits_details_only(client: httpx.AsyncClient) -> None:
    organisation_id = await factories.organisation(name_zh="中原大学")
    await sign_in(client, await make_actor("employer", organisation_id=organisation_id))
    page = main_of((await client.get("/employer/organisation/edit")).text)
    assert 'name="uscc"' not in page
    form = join_form(name_zh="别的", name_en="Zhongyuan University", contact_name="")
    answer = await post(client, "/employer/organisation/edit", form)
    assert errors_in(answer.text) == ["Please fill this in"]
    assert 'value="Zhongyuan University"' in answer.text
    answer = await post(client, "/employer/organisation/edit", join_form(name_zh="别的"))
    assert answer.status_code == 303
    assert await fetchval("SELECT name_zh FROM organisation") == "中原大学"


@pytest.mark.parametrize("kind", NASTY)
async def test_edit_and_invite_with_bad_input_come_back(client: httpx.AsyncClient, kind: str) -> None:
    organisation_id = await factories.organisation(state="pending")
    await sign_in(client, await make_actor("employer", organisation_id=organisation_id))
    for path, count in (("/employer/organisation/edit", 3), ("/people/invite", 1)):
        answer = await post(client, path, dict.fromkeys(join_form(), NASTY[kind]))
        assert answer.status_code == 422
        assert len(errors_in(answer.text)) >= count
        assert "<script>alert" not in main_of(answer.text)
    await sign_in(client, await bureau("410100"))
    answer = await post(
        client, f"/bureau/organisations/{organisation_id}/decide", {"decision": NASTY[kind], "note": NASTY[kind]}
    )
    assert answer.status_code == 422
    assert "<script>alert" not in main_of(answer.text)


async def test_strangers_find_nothing_and_wrong_roles_are_refused(client: httpx.AsyncClient) -> None:
    mine, theirs = await factories.organisation(), await factories.organisation(state="pending")
    path = f"/bureau/organisations/{theirs}"
    for address in ("/employer/organisation", "/bureau/approvals", path):
        assert (await client.get(address)).headers["location"].startswith("/login")
    await sign_in(client, await make_actor("employer", organisation_id=mine))
    assert (await client.get(path)).status_code == 403
    assert (await client.get("/bureau/approvals")).status_code == 403
    assert (await post(client, f"{path}/decide", {"decision": "approve"})).status_code == 403
    await sign_in(client, await bureau("410300"))  # theirs is of Zhengzhou
    assert (await client.get(path)).status_code == 404
    assert (await post(client, f"{path}/decide", {"decision": "approve"})).status_code == 404
    assert (await post(client, f"{path}/decide", {"decision": "bad"})).status_code == 404
    assert (await client.get("/bureau/organisations/99999999999999999999")).status_code == 404
    assert (await client.get("/employer/organisation")).status_code == 403
    assert await fetchval("SELECT state FROM organisation WHERE id = $1", theirs) == "pending"


async def test_list_is_searched_filtered_and_paged(client: httpx.AsyncClient) -> None:
    for number in range(45):
        await factories.organisation(
            name_zh=f"洛阳{number}", unit=await factories.unit_id("410300"), search_key=f"洛阳{number} | luoyang | ly"
        )
    await factories.organisation(name_zh="郑州一", state="pending")
    await sign_in(client, await make_actor("organiser"))

    async def rows(query: str) -> int:
        answer = await client.get(f"/bureau/approvals{query}")
        assert answer.status_code == 200
        return len(re.findall(r"<tr data-row>", answer.text))

    assert await rows("") == 40
    assert await rows("?page=2") == 6
    assert await rows("?q=LUO&page=2") == 5
    assert await rows("?state=pending") == 1
    assert await rows("?unit=410300&state=pending") == 0
    for odd in ("?page=x", "?page=-1", "?page=99999999999999", "?q=%00", "?state=%27&unit=%27", "?q=" + "x" * 5000):
        await rows(odd)
    assert "Nothing matches this search" in (await client.get("/bureau/approvals?q=nothing")).text


async def test_namesakes_are_shown_to_the_bureau(client: httpx.AsyncClient) -> None:
    first = await factories.organisation(name_zh="同名公司", state="pending")
    second = await factories.organisation(name_zh="同名公司", unit=await factories.unit_id("410300"))
    await sign_in(client, await make_actor("organiser"))
    page = main_of((await client.get(f"/bureau/organisations/{first}")).text)
    code = await fetchval("SELECT uscc FROM organisation WHERE id = $1", second)
    assert "Others have registered under the same name" in page
    assert code in page


async def test_pages_speak_chinese(client: httpx.AsyncClient) -> None:
    organisation_id = await factories.organisation(state="pending", name_zh="中原大学")
    await sign_in(client, await make_actor("employer", organisation_id=organisation_id))
    page = main_of((await client.get("/employer/organisation?lang=zh")).text)
    assert "郑州市人社部门正在审核登记申请" in page


@pytest.mark.parametrize("hyphen", "-‐‑–—−－ \u3000\u200b")
async def test_pasted_code_is_stored_as_it_was_checked(client: httpx.AsyncClient, hyphen: str) -> None:
    code = factories.uscc(7)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code[8:12])
    typed = hyphen.join((code[:8], wide, code[12:])) + "\ufeff"
    answer = await post(client, "/employers/join", join_form(uscc=typed, contact_phone="０379−6488‑0000"))
    assert answer.status_code == 303, errors_in(answer.text)
    assert await fetchval("SELECT uscc FROM organisation") == code


@pytest.mark.parametrize("mark", ["​", "‑", "/", "x", "é", "①"])
async def test_code_that_could_not_be_stored_is_refused_beside_its_field(client: httpx.AsyncClient, mark: str) -> None:
    code = factories.uscc(7)
    answer = await post(client, "/employers/join", join_form(uscc=code[:17] + mark + "9" + code[17:] + "7"))
    assert answer.status_code == 422
    assert 'id="f-uscc-error"' in answer.text


async def test_address_is_one_person_however_it_is_typed(client: httpx.AsyncClient) -> None:
    typed = "Ｌi@Exаmple。org\u200b"  # a full-width L, a Cyrillic а, a Chinese dot
    assert (await post(client, "/employers/join", join_form(email=typed))).status_code == 303
    assert await fetchval("SELECT email FROM account") == "li@example.org"
    sign_out(client)
    again = {"email": "LI@example.org ", "password": "a sentence of mine"}
    assert (await post(client, "/login", again)).status_code == 303
