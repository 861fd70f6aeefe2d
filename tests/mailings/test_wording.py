"""Texts of mails that people write: placeholders, markup, versions, pages."""

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.core import i18n
from fairs.mailings.wording.builtin import built_in
from fairs.mailings.wording.samples import sample
from fairs.notifications import placeholders, wording
from fairs.notifications.services import Message, queue_mail
from fairs.notifications.wording import Wording
from fairs.paths import TEMPLATES
from fairs.registrations import services as registrations
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import person

EVIL = '<script>alert(1)</script> [x](javascript:y) **b** {link} "q"'
OWN = {
    "subject_zh": "欢迎 {name}",
    "text_zh": "{name}，您好\n\n[打开证件]({badge_link})",
    "subject_en": "Welcome {name}",
    "text_en": "Dear {name},\n\n**come** to {event}: {link}\n\n- one\n- two\n\n[Open my badge]({badge_link})",
}


def test_every_kind_of_mail_may_be_written() -> None:
    folder = TEMPLATES / "emails" / "en"
    assert set(placeholders.KINDS) == {path.stem for path in folder.glob("*.txt")}
    named = {name for kind in (*placeholders.KINDS.values(), *placeholders.OF_MAILINGS.values()) for name in kind.names}
    assert named == set(placeholders.WORDS)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_built_in_texts_are_good_own_texts(db: None, lang: str) -> None:
    variables = await sample(lang, None)
    for kind, spec in placeholders.KINDS.items():
        text = built_in(kind, lang)
        assert wording.problems(text.subject + text.text, spec.names) == [], kind
        assert wording.missing(text.text, spec.required) == [], kind
        values = placeholders.values_of(kind, variables, lang)
        assert [name for name in spec.names if name not in ("sessions",) and not values[name]] == [], kind
        assert "{" not in wording.text_of(text, values), kind


def test_values_never_add_markup() -> None:
    values = {"name": EVIL, "link": "https://fairs.test/x?a=1&b=2", "badge_link": 'https://x/"><b>'}
    text = Wording(
        "{name}", "{name} and **{name}**\n\n[{name}]({link}) {link} https://a.example/ok.\n\n[go]({badge_link})"
    )
    html = wording.html_of(text, values)
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript:y)", "")
    assert html.count("<strong>") == 1
    assert 'href="https://fairs.test/x?a=1&amp;b=2"' in html
    assert 'href="https://a.example/ok"' in html
    assert '"><b>' not in html
    assert wording.subject_of(Wording("a\n{name}", ""), {"name": "x\r\nBcc: y"}) == "a x Bcc: y"


def test_only_addresses_of_ours_and_of_the_web_are_links() -> None:
    html = wording.html_of(
        Wording("", "[a](javascript:x) [b]({name}) [c](//evil) [d](https://good.example)"), {"name": "javascript:x"}
    )
    assert html.count("<a ") == 1
    assert "https://good.example" in html


def test_braces_and_empty_names() -> None:
    assert wording.text_of(Wording("", "Dear {name}, {{x}}"), {"name": ""}) == "Dear, {x}\n"
    with i18n.language("en"):
        found = [str(one) for one in wording.problems("{nmae} {x", {"name"})]
    assert found == [
        "{nmae} is not known here. Do you mean {name}?",
        "A brace stands alone. Write two of them to show one.",
    ]


async def _text_to(email: str) -> tuple[str, str, str]:
    row = await database.fetchrow(
        "SELECT subject, body_text, body_html FROM outgoing_mail WHERE to_email = $1 ORDER BY id DESC", email
    )
    assert row is not None
    return row["subject"], row["body_text"], row["body_html"]


async def test_own_text_of_an_event_comes_before_that_for_all(client: httpx.AsyncClient) -> None:
    event, other = await factories.event(slug="fair"), await factories.event()
    organiser = await make_actor("organiser")
    await sign_in(client, organiser)
    for path, mark in (("/organise/mail-texts", "all"), ("/organise/editions/fair/mail-texts", "fair")):
        typed = {**OWN, "subject_en": f"Welcome {{name}} {mark}", "seen": "0"}
        answer = await post(client, f"{path}/registration_confirmed", typed)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/registration_confirmed")
    for number, (where, mark) in enumerate(((event, "fair"), (other, "all"))):
        await make_actor("candidate", email=f"p{number}@example.org")
        await registrations.register(where, person(number, lang="en"), by=SYSTEM)
        subject, text, html = await _text_to(f"p{number}@example.org")
        assert subject == f"Welcome Person {number} {mark}"
        assert "come to Talent conference: http://fairs.test/me/fairs" in text
        assert "<strong>come</strong>" in html
        assert "<ul><li>one</li><li>two</li></ul>" in html
    files = await database.fetchval("SELECT count(*) FROM mail_attachment")
    assert files == 6  # badge, picture, calendar, as before


async def test_wrong_placeholders_are_refused_and_what_was_typed_is_kept(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    typed = {**OWN, "text_en": "Hello {nam}", "text_zh": "没有链接", "seen": "0"}
    answer = await post(client, "/organise/mail-texts/sign_in_link", typed)
    assert answer.status_code == 422
    found = " ".join(errors_in(answer.text))
    assert "{nam} is not known here. Do you mean {name}?" in found
    assert "This must be in the text: {link}" in found
    assert "Hello {nam}" in answer.text
    assert await database.fetchval("SELECT count(*) FROM mail_wording") == 0


async def test_versions_are_kept_and_gone_back_to(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    path = "/organise/mail-texts/address_changed"
    first = {"subject_zh": "一", "text_zh": "第一版", "subject_en": "One", "text_en": "First"}
    second = {"subject_zh": "二", "text_zh": "第二版", "subject_en": "Two", "text_en": "Second"}
    assert (await post(client, path, {**first, "seen": "0"})).status_code == 303
    assert (await post(client, path, {**second, "seen": "0"})).status_code == 409  # somebody was faster
    assert (await post(client, path, {**second, "seen": "1"})).status_code == 303
    page = (await client.get(path)).text
    for shown in ("Second", "First", "Alice Wanderer", "Your account has a new".lower()):
        assert shown in page.lower() or shown in page

    async def sent() -> str:
        await queue_mail(Message("address_changed", "en", "a@example.org", variables={"name": "A"}))
        return (await _text_to("a@example.org"))[0]

    await make_actor("candidate", email="a@example.org", name="A")
    assert await sent() == "Two"
    assert (await post(client, f"{path}/back", {"version": "1"})).status_code == 303
    assert await sent() == "One"
    assert (await post(client, f"{path}/back", {"version": "0"})).status_code == 303
    assert await sent() == "The address of your account was changed"
    for version in ("9", "-1", "x", ""):
        assert (await post(client, f"{path}/back", {"version": version})).status_code == 404
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'mail_wording.save'") == 4


async def test_preview_and_test_change_nothing(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.registration(event, name_passport="Zoë <b>", number="ZOE1")
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    path = "/organise/editions/fair/mail-texts/registration_confirmed"
    page = await post(client, path, {**OWN, "act": "preview"})
    assert page.status_code == 200
    assert "Welcome Zoë &lt;b&gt;" in page.text
    assert "Zoë <b>" not in page.text
    page = await post(client, path, {**OWN, "act": "test"})
    assert "org@example.org" in page.text
    rows = await database.fetch(
        "SELECT subject, lang FROM outgoing_mail WHERE to_email = 'org@example.org' ORDER BY lang"
    )
    assert [(row["lang"], row["subject"]) for row in rows] == [
        ("en", "[Test] Welcome Zoë <b>"),
        ("zh", "【测试】欢迎 Zoë <b>"),
    ]
    assert await database.fetchval("SELECT count(*) FROM mail_wording") == 0


async def test_strangers_find_nothing(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, await make_actor("organiser"))
    for path in ("mail-texts/nothing", "editions/fair/mail-texts/sign_in_link", "editions/none/mail-texts"):
        assert (await client.get(f"/organise/{path}")).status_code == 404
    bureau = await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300"))
    await sign_in(client, bureau)
    assert (await client.get("/organise/mail-texts")).status_code == 403
    assert (await client.get("/organise/editions/fair/mail-texts")).status_code == 404
    assert (await post(client, "/organise/editions/fair/mail-texts/registration_confirmed", OWN)).status_code == 404
