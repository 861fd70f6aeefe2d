"""Mailings to registrations of an event, from the form to the last mail."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import clock, jobs
from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.core.rows import bound
from fairs.core.services import SETTINGS
from fairs.mailings import queries, services
from fairs.mailings.by_clock import follow
from fairs.mailings.forms import MailingForm
from fairs.mailings.rows import Filters
from fairs.notifications.queries import search_mails
from fairs.notifications.suppressing import suppress
from fairs.notifications.tables import Suppressed
from fairs.registrations import phones
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in, sign_out
from tests.mails import MailKeeper, text_of
from tests.notifications.test_services import parsed
from tests.pages import form_of

TEXT = {
    "subject_zh": "通知 {number}",
    "text_zh": "{name}，您好",
    "subject_en": "News {number}",
    "text_en": "Dear {name}, see {link}",
}
NEWS = {"text_zh": "退订 {unsubscribe_link}", "text_en": "Leave: {unsubscribe_link}", "kind": "newsletter"}


async def people(event: int, count: int, **given: Any) -> list[int]:
    """Registered people whose addresses are proved."""
    made = []
    for number in range(count):
        email = f"guest{number}@example.org"
        await make_actor("candidate", email=email, name=f"Guest {number}")
        made.append(await factories.registration(event, email=email, number=f"G{number}", **given))
    return made


async def draft(event: int, by: Actor, **given: Any) -> int:
    return await services.save_mailing(event, MailingForm(**{**TEXT, **given}), by=by)


async def run_feed(mailing: int) -> None:
    turn = await database.fetchval("SELECT turn FROM mailing WHERE id = $1", mailing)
    await services.feed({"mailing": mailing, "turn": turn})


async def states(mailing: int) -> dict[str, int]:
    return await queries.counts_by_state(mailing)


async def test_filters_and_reasons(db: None) -> None:
    event = await factories.event()
    employer = await factories.organisation()
    session = await factories.session(event)
    gate = await factories.gate(event)
    [a, b, c, d, e, f] = await people(event, 6)
    await database.execute("UPDATE registration SET state = 'waitlisted', queue = 1, lang = 'zh' WHERE id = $1", b)
    await database.execute("UPDATE registration SET category = 'guest', nationality = 'FR' WHERE id = $1", c)
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", d)
    await database.execute("UPDATE registration SET email = '', organisation = $2 WHERE id = $1", e, employer)
    await database.execute("INSERT INTO registration_session (registration, session) VALUES ($1, $2)", a, session)
    scan = (
        "INSERT INTO scan (uuid, gate, registration, outcome, scanned_at) VALUES (gen_random_uuid(), $1, $2, $3, now())"
    )
    await database.execute(scan, gate, a, "admitted")
    await database.execute(scan, gate, c, "already")
    await suppress("GUEST5@example.org", Suppressed.BOUNCED)
    again = await factories.registration(event, email="guest0@example.org", state="cancelled")

    async def chosen(**given: str) -> dict[int, str]:
        sql, values = queries.audience(event, Filters(**given), newsletter=False)
        return {row["registration"]: row["reason"] for row in await fetch(sql, values)}

    assert await chosen() == {a: "", b: "", c: "", d: "withdrew", e: "no_address", f: "bounced", again: "withdrew"}
    assert set(await chosen(state="waitlisted")) == {b}
    assert await chosen(state="cancelled") == {d: "", again: ""}
    assert set(await chosen(category="guest")) == {c}
    assert set(await chosen(session="forum")) == {a}
    assert set(await chosen(arrived="yes")) == {a}
    assert set(await chosen(arrived="no", state="confirmed")) == {c, e, f}
    assert set(await chosen(country="FR")) == {c}
    assert set(await chosen(unit="410100")) == {e}
    assert set(await chosen(lang="zh")) == {b}
    assert await queries.counts(event, Filters(), newsletter=False) == {
        "": 3,
        "withdrew": 2,
        "no_address": 1,
        "bounced": 1,
    }


async def fetch(sql: str, values: dict[str, Any]) -> list[Any]:
    text, arguments = bound(sql, values)
    return list(await database.fetch(text, *arguments))


async def test_mailing_is_written_shown_sent_and_told(client: httpx.AsyncClient, mail_server: MailKeeper) -> None:
    event = await factories.event(slug="fair")
    await people(event, 3)
    await make_actor("candidate", email="zh@example.org", name="李明")
    await factories.registration(event, email="zh@example.org", lang="zh", name_native="李明", number="Z1")
    await factories.registration(event, email="", number="NONE")
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    here = "/organise/editions/fair/mailings"
    page = await client.get(f"{here}/new?lang=en&category=guest")  # the page's language is no filter
    asked = form_of(page.text, f"{here}/new")
    assert ("lang" in asked, asked["category"]) == (False, ["guest"])
    page = await post(client, f"{here}/new", {**TEXT, "act": "preview", "lang": "en"})
    assert page.status_code == 200
    assert "Dear Maria Fernandez" in page.text
    answer = await post(client, f"{here}/new", {**TEXT, "per_minute": "2"})
    made = answer.headers["location"]
    page = await client.get(made)
    assert "4 people get this mail." in page.text
    assert "No address" in page.text
    assert "NONE" in page.text
    for wrong in ("", "3", "x", "-4"):
        refused = await post(client, f"{made}/start", {"count": wrong})
        assert (refused.status_code, "4 people get this mail now" in refused.text) == (409, True)
    assert await database.fetchval("SELECT count(*) FROM mailing_recipient") == 0
    assert (await post(client, f"{made}/start", {"count": "4"})).status_code == 303
    assert (await post(client, f"{made}/start", {"count": "4"})).status_code == 409
    mailing = int(made.rpartition("/")[2])
    await run_feed(mailing)
    assert await states(mailing) == {"queued": 2, "waiting": 2, "excluded": 1}
    await run_feed(mailing)  # too early: two a minute
    assert await states(mailing) == {"queued": 2, "waiting": 2, "excluded": 1}
    await database.execute("UPDATE mailing SET next_at = now()")
    await run_feed(mailing)
    await jobs.drain(await dsn())
    assert await states(mailing) == {"sent": 4, "excluded": 1}
    assert len({message["To"] for message in mail_server.received}) == 4
    assert await database.fetchval("SELECT state FROM mailing") == "done"
    assert await text_of("zh@example.org", kind="mailing") == "李明，您好\n"
    page = await client.get(f"{made}?q=zh@")
    assert "李明" in page.text
    assert "guest1@example.org" not in page.text


async def test_one_address_gets_one_mail_whatever_happens_at_once(db: None) -> None:
    event, organiser = await factories.event(), await make_actor("organiser", email="o@example.org")
    await people(event, 5)
    made = await draft(event, organiser)

    async def attempt() -> bool:
        try:
            await services.start(made, 5, by=organiser)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*[attempt() for _ in range(4)])) == 1
    turn = await database.fetchval("SELECT turn FROM mailing")
    await asyncio.gather(*[services.feed({"mailing": made, "turn": turn}) for _ in range(4)])
    counted = await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'mailing'")
    assert counted == 5
    with pytest.raises(Exception, match="uq_mailing_recipient_address"):
        await database.execute(
            "INSERT INTO mailing_recipient (mailing, registration, address) SELECT $1, $2, 'guest0@example.org'",
            made,
            await factories.registration(event),
        )


async def test_pause_go_on_and_stop(db: None, mail_server: MailKeeper) -> None:
    event, organiser = await factories.event(), await make_actor("organiser", email="o@example.org")
    await people(event, 4)
    made = await draft(event, organiser, per_minute=1)
    await services.start(made, 4, by=organiser)
    await run_feed(made)
    await services.pause(made, by=organiser)
    await database.execute("UPDATE mailing SET next_at = NULL")
    await run_feed(made)
    assert await states(made) == {"queued": 1, "waiting": 3}
    await services.go_on(made, by=organiser)
    await run_feed(made)
    assert await states(made) == {"queued": 2, "waiting": 2}
    await services.abort(made, by=organiser)
    await run_feed(made)
    assert await states(made) == {"aborted": 4}
    for again in (services.pause, services.go_on, services.abort):
        with pytest.raises(Conflict):
            await again(made, by=organiser)
    await jobs.drain(await dsn())
    assert mail_server.received == []


async def dsn() -> str:
    return SETTINGS().database_url


async def test_who_withdrew_or_left_meanwhile_gets_nothing(db: None) -> None:
    event, organiser = await factories.event(), await make_actor("organiser", email="o@example.org")
    [first, *_] = await people(event, 3)
    made = await draft(event, organiser)
    await services.start(made, 3, by=organiser)
    await database.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", first)
    await suppress("guest1@example.org", Suppressed.COMPLAINT)
    await run_feed(made)
    assert await states(made) == {"kept": 1, "excluded": 2}
    reasons = await database.fetch("SELECT reason FROM mailing_recipient WHERE state = 'excluded' ORDER BY reason")
    assert [row["reason"] for row in reasons] == ["complaint", "withdrew"]


async def test_newsletter_is_left_by_one_click_and_come_back_to(
    client: httpx.AsyncClient, mail_server: MailKeeper
) -> None:
    event, organiser = await factories.event(), await make_actor("organiser", email="o@example.org")
    await people(event, 1)
    made = await draft(event, organiser, **NEWS)
    await services.start(made, 1, by=organiser)
    await run_feed(made)
    await jobs.drain(await dsn())
    mail = parsed(mail_server.received[0])
    link = mail["List-Unsubscribe"].strip().strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has a text
    stored = await database.fetchrow(
        "SELECT body_text, body_html, unsubscribe FROM outgoing_mail WHERE kind = 'newsletter'"
    )
    assert stored is not None
    assert link.rpartition("/")[2] not in "".join(stored.values())
    sign_out(client)
    path = link.removeprefix("http://fairs.test")
    assert "g…@example.org" in (await client.get(path)).text
    assert await database.fetchval("SELECT count(*) FROM mail_suppression") == 0  # looking changes nothing
    answer = await client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert (
        await database.fetchval("SELECT kind FROM mail_suppression WHERE address = 'guest0@example.org'")
        == "newsletter"
    )
    assert (await queries.counts(event, Filters(), newsletter=True)) == {"newsletter": 1}
    assert (await queries.counts(event, Filters(), newsletter=False)) == {"": 1}
    assert (await post(client, f"{path}/again")).status_code == 200
    assert await database.fetchval("SELECT count(*) FROM mail_suppression") == 0
    for wrong in ("/newsletters/x", f"{path}x", "/newsletters/%00", f"/newsletters/{'a' * 500}"):
        assert (await client.get(wrong)).status_code == 404
        assert (await client.post(wrong)).status_code == 404


async def test_a_message_about_the_event_has_no_way_to_leave(db: None, mail_server: MailKeeper) -> None:
    event, organiser = await factories.event(), await make_actor("organiser", email="o@example.org")
    await people(event, 1)
    made = await draft(event, organiser)
    await services.start(made, 1, by=organiser)
    await run_feed(made)
    await jobs.drain(await dsn())
    assert parsed(mail_server.received[0])["List-Unsubscribe"] is None


async def test_forms_refuse_what_cannot_be_sent(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, await make_actor("organiser"))
    here = "/organise/editions/fair/mailings"
    for given, message in (
        ({"kind": "newsletter"}, "This must be in the text: {unsubscribe_link}"),
        ({"text_en": "{unsubscribe_link}"}, "{unsubscribe_link} is not known here"),
        ({"text_en": ""}, ""),
        ({"session": "nothing"}, "Choose one of the list."),
        ({"per_minute": "0"}, ""),
        ({"state": "nothing"}, ""),
        ({"kind": "nothing"}, ""),
    ):
        answer = await post(client, f"{here}/new", {**TEXT, **given})
        assert answer.status_code == 422, given
        assert message in " ".join(errors_in(answer.text)), given
    assert await database.fetchval("SELECT count(*) FROM mailing") == 0


async def test_mailings_of_others_are_not_found(client: httpx.AsyncClient) -> None:
    event, other = await factories.event(slug="fair"), await factories.event(slug="other")
    organiser = await make_actor("organiser")
    made = await draft(event, organiser)
    await sign_in(client, organiser)
    assert (await client.get(f"/organise/editions/other/mailings/{made}")).status_code == 404
    assert (await client.get(f"/organise/editions/fair/mailings/{2**70}")).status_code == 404
    assert (await post(client, f"/organise/editions/fair/mailings/{made}/act", {"act": "x"})).status_code == 404
    assert (await post(client, f"/organise/editions/fair/mailings/{made}/act", {"act": "delete"})).status_code == 303
    assert await database.fetchval("SELECT count(*) FROM mailing") == 0
    made = await draft(other, organiser)
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")))
    for path in ("", f"/{made}", "/new", f"/{made}/edit", f"/{made}/people.csv"):
        assert (await client.get(f"/organise/editions/other/mailings{path}")).status_code in (404, 422)
    for path in ("/new", f"/{made}/start", f"/{made}/act", f"/{made}/edit"):
        assert (await post(client, f"/organise/editions/other/mailings{path}", TEXT)).status_code == 404


async def test_export_has_the_state_of_each(client: httpx.AsyncClient) -> None:
    event, organiser = await factories.event(slug="fair"), await make_actor("organiser")
    await people(event, 2)
    await factories.registration(event, email="", number="NONE", name_passport="=cmd()")
    made = await draft(event, organiser)
    await services.start(made, 2, by=organiser)
    await run_feed(made)
    await sign_in(client, organiser, proved=True)
    found = (await client.get(f"/organise/editions/fair/mailings/{made}/people.csv")).text
    assert "guest1@example.org" in found
    assert "No address" in found
    assert ",=cmd()" not in found
    only = (await client.get(f"/organise/editions/fair/mailings/{made}/people.csv?state=excluded")).text
    assert len(only.strip().splitlines()) == 2


async def test_lost_job_is_found_again(db: None) -> None:
    event, organiser = await factories.event(), await make_actor("organiser", email="o@example.org")
    await people(event, 2)
    made = await draft(event, organiser)
    await services.start(made, 2, by=organiser)
    await database.execute("DELETE FROM pgqueuer WHERE entrypoint = $1", services.FEED)
    await database.execute("UPDATE mailing SET next_at = $1", clock.now() - timedelta(minutes=10))
    await follow()
    await jobs.drain(await dsn())
    assert await states(made) == {"kept": 2}


async def test_people_and_mails_are_found_with_accents_and_without(db: None) -> None:
    event = await factories.event()
    key = phones.search_text("", "Jürgen Müller", "", "jm@example.org", "")
    await factories.registration(event, email="jm@example.org", name_passport="Jürgen Müller", search_key=key)
    [made] = [await draft(event, await make_actor("organiser"))]
    await database.execute(
        "INSERT INTO mailing_recipient (mailing, registration, address, state, created_at)"
        " SELECT $1, id, email, 'waiting', now() FROM registration",
        made,
    )
    await database.execute(
        "INSERT INTO outgoing_mail (kind, to_email, to_name, subject, body_text, state, dedupe_key, created_at)"
        " VALUES ('x', 'jm@example.org', 'Jürgen Müller', 'Grüße', 'x', 'sent', 'k', now())"
    )
    for typed in ("müller", "MULLER", "jurgen müller", "jm@", "Mü"):
        assert (await queries.recipients(made, q=typed, window=(1, 10, 0))).total == 1, typed
    for typed in ("Müller", "MÜLLER", "grüße", "jm@ Jürgen"):
        assert (await search_mails(q=typed, window=(1, 10, 0))).total == 1, typed
    for typed in (".*", "müllerx", "abcd"):
        assert (await queries.recipients(made, q=typed, window=(1, 10, 0))).total == 0, typed
        assert (await search_mails(q=typed, window=(1, 10, 0))).total == 0, typed
