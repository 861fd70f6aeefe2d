"""Nobody signs with another's name, another's session alone, a guessed, an old, a foreign or a used code."""

import re
from datetime import timedelta

import httpx
import pytest

from fairs.accounts import codes, passwords
from fairs.agreements import confirming, pages, queries, services
from fairs.agreements.forms import SignForm
from fairs.agreements.printing import print_agreement
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import Conflict, Invalid, NotFound, TooMany
from fairs.organisations import services as organisations
from fairs.organisations.forms import SignatoryForm
from tests import mails
from tests.agreements.scene import Scene, drawn_up, scene, signature, signed, terms
from tests.cast import PASSWORD, errors_in, make_actor, post, sign_in


async def give_password(account_id: int | None) -> None:
    hashed = await passwords.hash_password(PASSWORD)
    await database.execute("UPDATE account SET password_hash = $2 WHERE id = $1", account_id, hashed)


async def signatures() -> int:
    return int(await database.fetchval("SELECT count(*) FROM agreement_signature"))


@pytest.mark.parametrize("name", ["Maria", "王芳", "Maria Fernandes", "Anybody Else", "Organiser"])
async def test_another_name_signs_nothing_and_costs_no_try(db: None, name: str) -> None:
    on = await scene()
    number = await drawn_up(on)
    with pytest.raises(Invalid) as refused:
        await services.sign(number, await signature(number, on.talent, name), by=on.talent)
    assert "欧阳䶮 / Maria Fernandez" in str(refused.value.fields["name_signed"][0])
    assert await database.fetchval("SELECT tries FROM confirmation_code") == 0
    assert await signatures() == 0


async def test_employer_signs_with_its_signatory_whoever_sits_there(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    colleague = await make_actor("employer", email="zhao@example.org", name="赵敏", organisation_id=on.organisation)
    with pytest.raises(Invalid):
        await services.sign(number, await signature(number, colleague), by=colleague)
    form = await signature(number, colleague, "Fang WANG")
    assert await services.sign(number, form, by=colleague) == "intent"
    row = await database.fetchrow("SELECT name_signed, account, confirmed_by FROM agreement_signature")
    assert row is not None
    assert tuple(row) == ("Fang WANG", colleague.account_id, "code")


async def test_employer_without_a_signatory_is_led_to_enter_one(client: httpx.AsyncClient) -> None:
    on = await scene()
    await database.execute("UPDATE organisation SET signatory = '', signatory_latin = ''")
    number = await drawn_up(on)
    with pytest.raises(Conflict):
        await services.sign(number, await signature(number, on.employer), by=on.employer)
    await sign_in(client, on.employer)
    page = await client.get(f"/agreements/{number}?lang=en")
    assert 'href="/employer/organisation#signatory"' in page.text
    assert "name_signed" not in page.text
    saved = await post(client, "/employer/organisation/signatory", {"signatory": "王芳"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/employer/organisation")
    assert "name_signed" in (await client.get(f"/agreements/{number}")).text
    assert await database.fetchval("SELECT after FROM audit_entry WHERE action = 'organisation.signatory'")


async def test_only_the_owner_enters_the_signatory(client: httpx.AsyncClient) -> None:
    on = await scene()
    colleague = await make_actor("employer", email="zhao@example.org", name="赵敏", organisation_id=on.organisation)
    await sign_in(client, colleague)
    assert "王芳 (Wang Fang)" in (await client.get("/employer/organisation?lang=en")).text
    assert (await post(client, "/employer/organisation/signatory", {"signatory": "赵敏"})).status_code == 403
    with pytest.raises(NotFound):
        await organisations.set_signatory(on.organisation, SignatoryForm(signatory="赵敏"), by=on.other_employer)
    assert await database.fetchval("SELECT signatory FROM organisation WHERE id = $1", on.organisation) == "王芳"


async def test_password_confirms_and_a_wrong_one_does_not(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await drawn_up(on)
    await give_password(on.talent.account_id)
    await sign_in(client, on.talent)
    form = {
        "name_signed": "Fernandez Maria",
        "consent": "true",
        "document_hash": await queries.current_hash(number),
        "password": "not the password",
    }
    answer = await post(client, f"/agreements/{number}/sign", form)
    assert (answer.status_code, errors_in(answer.text)) == (422, ["This is not the password of your account"])
    assert 'value="Fernandez Maria"' in answer.text, "what was typed is kept"
    assert "not the password<" not in answer.text, "but no password comes back"
    assert (await post(client, f"/agreements/{number}/sign", form | {"password": ""})).status_code == 422
    assert (await post(client, f"/agreements/{number}/sign", form | {"password": PASSWORD})).status_code == 303
    assert await database.fetchval("SELECT confirmed_by FROM agreement_signature") == "password"


async def test_account_without_a_password_is_not_confirmed_by_any(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    for password in ("x", PASSWORD):
        form = await signature(number, on.talent, password=password, otp="")
        with pytest.raises(Invalid):
            await services.sign(number, form, by=on.talent)


async def test_guessing_passwords_is_limited(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    form = await signature(number, on.talent, password="guess", otp="")
    for _ in range(10):
        with pytest.raises(Invalid):
            await services.sign(number, form, by=on.talent)
    with pytest.raises(TooMany):
        await services.sign(number, form, by=on.talent)


async def test_code_is_dead_after_five_tries_though_the_sixth_is_right(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    right = await signature(number, on.talent)
    wrong = f"{(int(right.otp) + 1) % 10**6:06d}"
    for _ in range(codes.TRIES):
        with pytest.raises(Invalid):
            await services.sign(number, await replaced(right, wrong), by=on.talent)
    with pytest.raises(Invalid):
        await services.sign(number, right, by=on.talent)
    assert await signatures() == 0


async def replaced(form: SignForm, code: str) -> SignForm:
    return SignForm(name_signed=form.name_signed, consent=True, document_hash=form.document_hash, otp=code)


async def test_code_ends_with_its_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    on = await scene()
    number = await drawn_up(on)
    form = await signature(number, on.talent)
    later = clock.now() + codes.LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Invalid):
        await services.sign(number, form, by=on.talent)


async def test_code_is_good_for_its_agreement_text_and_account_only(db: None) -> None:
    on = await scene()
    number = await drawn_up(on)
    other = await scene(event=on.event)
    another = await drawn_up(other)
    code = (await signature(number, on.talent)).otp
    with pytest.raises(Invalid):  # another agreement
        await services.sign(another, await signature_with(another, other, code), by=other.talent)
    form = SignForm(name_signed="王芳", consent=True, document_hash=await queries.current_hash(number), otp=code)
    with pytest.raises(Invalid):  # another account of the same agreement
        await services.sign(number, form, by=on.employer)
    await services.revise(number, terms(amount_cny=1), by=on.employer)
    with pytest.raises(Invalid):  # another text of the same agreement
        await services.sign(number, await signature_with(number, on, code), by=on.talent)
    assert await signatures() == 0


async def signature_with(number: str, on: Scene, code: str) -> SignForm:
    digest = await queries.current_hash(number)
    return SignForm(name_signed=on.talent.name, consent=True, document_hash=digest, otp=code)


async def test_code_is_stored_nowhere_and_used_once(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await drawn_up(on)
    await confirming.send_code(number, by=on.talent)
    code = re.findall(r"\b[0-9]{6}\b", await mails.text_of(on.talent.email))[0]
    for table in ("confirmation_code", "outgoing_mail", "audit_entry", "pgqueuer"):
        rows = await database.fetch(f"SELECT t::text AS line FROM {table} t")
        assert not any(re.search(rf"\b{code}\b", row["line"]) for row in rows), table
    form = await signature_with(number, on, code)
    assert await services.sign(number, form, by=on.talent) == "intent"
    assert await database.fetchval("SELECT count(*) FROM confirmation_code") == 0
    for _ in range(4):
        await confirming.send_code(number, by=on.employer)
    await confirming.send_code(number, by=on.employer)
    with pytest.raises(TooMany):
        await confirming.send_code(number, by=on.employer)


async def test_strangers_get_no_code(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await drawn_up(on)
    for stranger, status in ((on.other_talent, 404), (on.other_employer, 404), (on.bureau, 409), (on.organiser, 409)):
        await sign_in(client, stranger)
        assert (await post(client, f"/agreements/{number}/code", {})).status_code == status
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'signing_code'") == 0


async def test_page_paper_audit_and_check_say_how_it_was_confirmed(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    await sign_in(client, on.talent)
    page = re.sub(r' title="[^"]*"', "", (await client.get(f"/agreements/{number}?lang=en")).text)
    assert page.count("by a code sent by mail") == 2
    digest = await queries.current_hash(number)
    assert (await client.get(f"/verify/{digest}?lang=en")).text.count("confirmed by a code sent by mail") == 2
    entries = await database.fetch("SELECT after::text AS after FROM audit_entry WHERE action = 'agreement.sign'")
    assert [("confirmed_by" in row["after"], "code" in row["after"]) for row in entries] == [(True, True)] * 2
    paper = await pages.paper(on.talent, number)
    assert [item[2] for item in paper.signatures.values()] == ["code", "code"]
    assert print_agreement(paper).startswith(b"%PDF-")
