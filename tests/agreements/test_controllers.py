import io
import re
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from fairs.accounts.actor import Actor
from fairs.agreements import facts, queries
from fairs.core.db import execute, fetchval
from tests import factories, mails
from tests.agreements.scene import drawn_up, scene, sign, signed
from tests.cast import errors_in, post, sign_in, sign_out
from tests.factories import STARTS

TODAY = facts.today().isoformat()
DATED = {"fact_on": TODAY, "fact_number": "No. 12"}
TERMS = {
    "title_zh": "关于高速轴承的合作意向书",
    "title_en": "Letter of intent on high-speed bearings",
    "content_zh": "双方合作研发陶瓷滚动轴承。",
    "content_en": "Both sides develop ceramic rolling bearings.",
    "engagement": "flexible",
    "heads": "2",
    "amount_cny": "1,200,000",
    "months_per_year": "3",
    "next_step_by": "",
}


async def _as(client: httpx.AsyncClient, actor: Actor) -> None:
    sign_out(client)
    await sign_in(client, actor)


async def test_whole_path_in_the_browser(client: httpx.AsyncClient) -> None:
    on = await scene()
    await _as(client, on.employer)
    page = await client.get(f"/meetings/{on.meeting}/agreement")
    assert page.status_code == 200
    assert "关于医学影像人工智能研究员的合作意向书" in page.text
    answer = await post(client, f"/meetings/{on.meeting}/agreement", TERMS)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/agreements/YX-{STARTS.year}-0001")
    assert (await client.get(f"/meetings/{on.meeting}/agreement")).headers[
        "location"
    ] == f"/agreements/YX-{STARTS.year}-0001"
    digest = await queries.current_hash(f"YX-{STARTS.year}-0001")
    for actor, name in ((on.employer, "王芳"), (on.talent, "Maria Fernandez")):
        await _as(client, actor)
        page = await client.get(f"/agreements/YX-{STARTS.year}-0001")
        assert (page.status_code, digest in page.text) == (200, True)
        assert "双方合作研发陶瓷滚动轴承。" in page.text
        assert "Both sides develop ceramic rolling bearings." in page.text
        assert "Sign as:" in (await client.get(f"/agreements/YX-{STARTS.year}-0001?lang=en")).text
        form = {"name_signed": name, "consent": "true", "document_hash": digest}
        asked = await post(client, f"/agreements/YX-{STARTS.year}-0001/code", form)
        assert (asked.status_code, f'value="{name}"' in asked.text) == (200, True)
        form["otp"] = re.findall(r"\b[0-9]{6}\b", await mails.text_of(actor.email))[0]
        assert (await post(client, f"/agreements/YX-{STARTS.year}-0001/sign", form)).status_code == 303
        again = await post(client, f"/agreements/YX-{STARTS.year}-0001/sign", form)
        assert again.status_code == 409
    await _as(client, on.bureau)
    page = await client.get(f"/agreements/YX-{STARTS.year}-0001")
    assert f"/agreements/YX-{STARTS.year}-0001/verify" in page.text
    assert (await post(client, f"/agreements/YX-{STARTS.year}-0001/verify")).status_code == 303
    assert (await post(client, f"/agreements/YX-{STARTS.year}-0001/verify")).status_code == 409
    await _as(client, on.employer)
    step = {"to": "contract", "evidence": "Contract 12 of 2018-11-02, Luoyang", **DATED}
    assert (await post(client, f"/agreements/YX-{STARTS.year}-0001/steps", step)).status_code == 303
    page = await client.get(f"/agreements/YX-{STARTS.year}-0001?lang=en")
    assert "Contract 12 of 2018-11-02, Luoyang" in page.text
    assert await fetchval("SELECT state FROM agreement") == "contract"


async def test_strangers_get_404_everywhere(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    for stranger in (on.other_employer, on.other_talent, on.other_bureau):
        await _as(client, stranger)
        for path in (f"/agreements/{number}", f"/agreements/{number}/agreement.pdf"):
            assert (await client.get(path)).status_code == 404, (stranger.email, path)
        for path in ("sign", "verify", "steps"):
            assert (await post(client, f"/agreements/{number}/{path}")).status_code == 404, path
        if "employer" in stranger.roles:
            assert (await client.get(f"/agreements/{number}/edit")).status_code == 404
            assert (await post(client, f"/agreements/{number}/edit", TERMS)).status_code == 404
            assert (await client.get(f"/meetings/{on.meeting}/agreement")).status_code == 404
            assert (await post(client, f"/meetings/{on.meeting}/agreement", TERMS)).status_code == 404


BAD = ["", "x" * 10_000, "\x00", "<script>alert(1)</script>", "😀" * 3000, "\u202eabc"]


@pytest.mark.parametrize("bad", BAD, ids=["empty", "long", "nul", "script", "emoji", "rtl"])
async def test_bad_terms_come_back_with_what_was_typed(client: httpx.AsyncClient, bad: str) -> None:
    on = await scene()
    await _as(client, on.employer)
    form = dict.fromkeys(TERMS, bad)
    answer = await post(client, f"/meetings/{on.meeting}/agreement", form)
    assert answer.status_code == 422
    assert len(errors_in(answer.text)) >= 2
    assert "<script>alert" not in answer.text
    assert await fetchval("SELECT count(*) FROM agreement") == 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("heads", "0", "At least 1"),
        ("heads", "many", "Give a whole number"),
        ("amount_cny", "-1", "At least 0"),
        ("amount_cny", "9" * 30, "This number is too large"),
        ("months_per_year", "13", "At most 12"),
        ("next_step_by", "2001-01-01", "This day has passed"),
        ("next_step_by", "soon", "Give a date like 2018-10-27"),
        ("engagement", "slavery", "Choose one from the list"),
    ],
)
async def test_bad_term_is_named_beside_its_field(
    client: httpx.AsyncClient, field: str, value: str, message: str
) -> None:
    on = await scene()
    await _as(client, on.employer)
    answer = await post(client, f"/meetings/{on.meeting}/agreement?lang=en", TERMS | {field: value})
    assert (answer.status_code, errors_in(answer.text)) == (422, [message])


@pytest.mark.parametrize("bad", BAD, ids=["empty", "long", "nul", "script", "emoji", "rtl"])
async def test_bad_signature_signs_nothing(client: httpx.AsyncClient, bad: str) -> None:
    on = await scene()
    number = await drawn_up(on)
    await _as(client, on.talent)
    form = {"name_signed": bad, "consent": "", "document_hash": bad}
    assert (await post(client, f"/agreements/{number}/sign", form)).status_code == 422
    assert await fetchval("SELECT count(*) FROM agreement_signature") == 0


async def test_signature_without_the_tick_is_refused(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await drawn_up(on)
    await _as(client, on.talent)
    form = {"name_signed": "Maria", "document_hash": await queries.current_hash(number), "otp": "123456"}
    answer = await post(client, f"/agreements/{number}/sign", form)
    assert (answer.status_code, errors_in(answer.text)) == (422, ["Tick the box to sign"])
    assert 'value="Maria"' in answer.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"to": "funded", "evidence": "paper"}, 409),
        ({"to": "contract", "evidence": ""}, 422),
        ({"to": "contract", "evidence": "...", **DATED}, 422),
        ({"to": "contract", "evidence": "Contract 3", "fact_on": TODAY}, 422),
        ({"to": "contract", "evidence": "Contract 3", "fact_number": "3"}, 422),
        ({"to": "contract", "evidence": "Contract 3", "fact_number": "3", "fact_on": "2018-10-26"}, 422),
        ({"to": "contract", "evidence": "Contract 3", "fact_number": "3", "fact_on": "2200-10-26"}, 422),
        ({"to": "terminated", "reason": ""}, 422),
        ({"to": "terminated", "reason": "nonsense"}, 422),
        ({"to": "x" * 40, "evidence": "paper"}, 422),
        ({}, 422),
        ({"to": "evaluated\x00", "evidence": "y" * 9000}, 422),
    ],
)
async def test_bad_step_changes_nothing(client: httpx.AsyncClient, form: dict[str, str], status: int) -> None:
    on = await scene()
    number = await signed(on)
    await _as(client, on.employer)
    assert (await post(client, f"/agreements/{number}/steps", form)).status_code == status
    assert await fetchval("SELECT state FROM agreement") == "signed_intent"


async def test_void_signature_is_shown(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await drawn_up(on)
    await sign(number, on.talent)
    await _as(client, on.employer)
    assert "This text has been signed" in (await client.get(f"/agreements/{number}/edit?lang=en")).text
    answer = await post(client, f"/agreements/{number}/edit", TERMS | {"heads": "9"})
    assert answer.status_code == 303
    assert "Void: the text was changed" in (await client.get(f"/agreements/{number}")).text


async def test_paper_is_checked_by_anybody_without_names(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    digest = await queries.current_hash(number)
    await sign_in(client, on.employer)
    printed = f'href="/verify/{digest}">http://fairs.test/verify/{digest}</a>'
    assert printed in (await client.get(f"/agreements/{number}")).text, "read on paper, so with its host"
    sign_out(client)
    page = await client.get(f"/verify/{digest}")
    assert page.status_code == 200
    assert "Signed by both sides" in page.text
    assert "Maria" not in page.text
    for wrong in ("0" * 64, "nothing", "Z" * 64, digest.upper(), digest + "0"):
        assert (await client.get(f"/verify/{wrong}")).status_code == 404


async def test_lists_are_of_each_side_only(client: httpx.AsyncClient) -> None:
    on, other = await scene(), await scene(unit="411300")
    mine, theirs = await drawn_up(on), await drawn_up(other)
    for actor, path, seen in (
        (on.employer, "/employer/agreements", [mine]),
        (on.talent, "/me/agreements", [mine]),
        (on.bureau, "/bureau/agreements", [mine]),
        (other.bureau, "/bureau/agreements", [theirs]),
        (on.organiser, "/bureau/agreements", [mine, theirs]),
        (on.organiser, "/bureau/agreements?unit=411300", [theirs]),
        (on.organiser, "/bureau/agreements?state=contract", []),
        (on.organiser, "/bureau/agreements?q=%00&page=99999999999&sort=;--", [mine, theirs]),
    ):
        await _as(client, actor)
        page = await client.get(path)
        assert page.status_code == 200
        assert [number for number in (mine, theirs) if f"/agreements/{number}" in page.text] == seen, (
            actor.email,
            path,
        )


async def test_ledger_gives_everything_to_the_bureau_and_public_columns_to_employers(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    heads: dict[str, Any] = {}
    for actor in (on.bureau, on.employer):
        await _as(client, actor)
        answer = await client.get("/agreements/ledger.xlsx")
        assert answer.status_code == 200
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        heads[actor.email] = rows[0]
        values = dict(zip(rows[0], rows[1], strict=True))
        assert (values["协议编号"], values["签约金额(万元)"], values["当前进展"]) == (number, 120, "签订意向协议")
    official, public = heads[on.bureau.email], heads[on.employer.email]
    assert len(official) == 42
    assert set(official) - set(public) == {
        "统一社会信用代码",
        "人才/团队负责人",
        "性别",
        "出生年",
        "证件/确认函编号",
        "责任人",
        "联系电话",
    }
    await _as(client, on.talent)
    assert (await client.get("/agreements/ledger.xlsx")).status_code == 403


async def test_employers_meetings_lead_to_the_agreement_that_came_of_them(client: httpx.AsyncClient) -> None:
    on = await scene()
    other = await factories.meeting(on.event, on.listing, on.organisation, await factories.talent())
    await sign_in(client, on.employer)

    async def links() -> list[str]:
        page = (await client.get("/employer/meetings?lang=en")).text
        return re.findall(r'href="(/agreements/[^"]+|/meetings/\d+/agreement)">(?:Open|Draw up) the agreement', page)

    draw_up, draw_up_other = f"/meetings/{on.meeting}/agreement", f"/meetings/{other}/agreement"
    assert sorted(await links()) == sorted([draw_up, draw_up_other])
    number = await drawn_up(on)
    assert sorted(await links()) == sorted([f"/agreements/{number}", draw_up_other])
    await execute("UPDATE agreement SET state = 'terminated'")
    assert sorted(await links()) == sorted([draw_up, draw_up_other])


async def test_bureau_sends_an_agreement_back_and_it_returns_corrected(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    path = f"/agreements/{number}"
    await _as(client, on.employer)
    assert (await post(client, f"{path}/send-back", {"correction": "The amount is missing."})).status_code == 403
    await _as(client, on.bureau)
    for text in ("", "..."):
        assert (await post(client, f"{path}/send-back", {"correction": text})).status_code == 422
    assert (await post(client, f"{path}/send-back", {"correction": "The amount is missing."})).status_code == 303
    assert await fetchval("SELECT state FROM agreement") == "returned"
    assert (await post(client, f"{path}/verify", {})).status_code == 409
    assert await fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'agreement_returned'") == 2
    body = await mails.text_of(kind="agreement_returned")
    assert "The amount is missing." in body
    assert "洛阳市局" in body
    await _as(client, on.talent)
    page = (await client.get(f"{path}?lang=en")).text
    assert "The amount is missing." in page
    assert "Correct the text</span>" not in page
    await _as(client, on.employer)
    assert "Correct the text" in (await client.get(f"{path}?lang=en")).text
    assert (await post(client, f"{path}/edit", TERMS | {"amount_cny": "7"})).status_code == 303
    assert await fetchval("SELECT state FROM agreement") == "intent"
    for who in (on.employer, on.talent):
        await sign(number, who)
    await _as(client, on.bureau)
    assert (await post(client, f"{path}/verify", {})).status_code == 303
    assert (await post(client, f"{path}/send-back", {"correction": "Too late now."})).status_code == 409


async def test_end_says_who_ended_it_and_why(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    await _as(client, on.bureau)
    form = {"to": "terminated", "reason": "other", "evidence": "The post moved to Xi'an"}
    assert (await post(client, f"/agreements/{number}/steps", form)).status_code == 303
    mail = await mails.text_of(on.talent.email, kind="agreement_ended")
    assert "was ended by the city bureau (洛阳市局)" in mail
    assert "The post moved to Xi'an" in mail
    assert "The post moved to Xi" in (await client.get(f"/agreements/{number}?lang=en")).text


@pytest.mark.parametrize("state", ["archived", "cancelled"])
async def test_agreements_of_an_event_that_is_over_can_only_be_read(client: httpx.AsyncClient, state: str) -> None:
    on = await scene()
    number = await signed(on)
    drafted = await factories.meeting(on.event, on.listing, on.organisation, await factories.talent())
    await execute("UPDATE event SET state = $1", state)
    await _as(client, on.organiser)
    page = (await client.get(f"/agreements/{number}?lang=en")).text
    for words in ("Record a step", "Verify this agreement", "Send back for correction"):
        assert words not in page
    step = {"to": "contract", "evidence": "Contract 12", **DATED}
    for path, form in (("steps", step), ("verify", {}), ("send-back", {"correction": "the amount"}), ("edit", TERMS)):
        assert (await post(client, f"/agreements/{number}/{path}", form)).status_code == 409, path
    assert (await post(client, f"/meetings/{drafted}/agreement", TERMS)).status_code == 409
    await execute("UPDATE event SET state = 'follow_up'")
    assert (await post(client, f"/agreements/{number}/verify", {})).status_code == 303


async def test_verification_is_undone_by_who_made_it_with_a_reason(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    path = f"/agreements/{number}"
    await _as(client, on.bureau)
    assert (await post(client, f"{path}/verify", {})).status_code == 303
    assert f'action="{path}/unverify"' in (await client.get(path)).text
    await post(client, f"{path}/unverify", {"reason": ""})
    assert await fetchval("SELECT verified_at IS NOT NULL FROM agreement")
    await _as(client, on.employer)
    assert f'action="{path}/unverify"' not in (await client.get(path)).text
    assert (await post(client, f"{path}/unverify", {"reason": "not yet"})).status_code == 303
    assert await fetchval("SELECT verified_at IS NOT NULL FROM agreement")
    await _as(client, on.bureau)
    await post(client, f"{path}/unverify", {"reason": "The wrong agreement"})
    assert await fetchval("SELECT verified_at IS NULL FROM agreement")
    assert "The wrong agreement" in await mails.text_of(kind="agreement_unverified")
    assert (await post(client, f"{path}/verify", {})).status_code == 303
    assert await fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'agreement_verified'") == 4
    await execute("UPDATE agreement SET verified_at = now() - interval '11 minutes'")
    assert f'action="{path}/unverify"' not in (await client.get(path)).text
