"""Sealing what is plain, and sealing anew under another key: beside readers and writers, and after a kill."""

import asyncio
from typing import Any

import pytest

from fairs.accounts.actor import Actor
from fairs.accounts.attempts import Caller
from fairs.commands import rotate_keys
from fairs.core import crypto, sealing
from fairs.core import db as database
from fairs.core.personal import Person
from fairs.notifications import masking
from fairs.privacy import forgetting
from fairs.privacy.tables import AskedFor
from fairs.registrations import finding, phones
from fairs.registrations.asking.drafts import keep_draft
from fairs.registrations.queries import search
from tests import factories
from tests.conftest import SECRET
from tests.registrations.asking import published

OTHER = "another secret for tests, long enough as well"


async def people(event: int, typed: str) -> list[dict[str, Any]]:
    return (await finding.people(event, typed, limit=10))[0]


async def earlier(count: int) -> int:
    """An event with people whose phones an earlier version wrote; its id."""
    event = await factories.event()
    first = await factories.registration(event, name_passport="Person 0", state="confirmed")
    await database.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, search_key)"
        " SELECT 'XX18-' || lpad(n::text, 6, '0'), event, category, 'confirmed', 'p' || n || '@example.org', 'Person ' || n, ''"
        " FROM registration, generate_series(1, $2) n WHERE id = $1",
        first,
        count - 1,
    )
    await database.execute(
        "UPDATE registration SET phone = '+86 138 0000 ' || lpad(id::text, 4, '0'),"
        " search_key = 'person | 86138 0000' || lpad(id::text, 4, '0')"
    )
    await factories.talent(phone="+49 30 901820")
    await factories.organisation(contact_phone="0371-6588 0000")
    return event


async def stored() -> str:
    rows = await database.fetch(
        "SELECT phone || search_key AS text FROM registration UNION ALL SELECT phone FROM talent"
        " UNION ALL SELECT contact_phone FROM organisation"
    )
    return "\n".join(row["text"] for row in rows)


async def test_rows_of_an_earlier_version_are_sealed_and_found_by_any_ending(db: None) -> None:
    event = await earlier(3)
    done = await rotate_keys.seal_plain()
    assert (done.sealed, done.broken) == (5, 0)
    text = await stored()
    assert not any(part in text for part in ("138", "0000", "901820", "6588"))
    last = int(await database.fetchval("SELECT max(id) FROM registration"))
    ending = f"{last:04d}"
    for typed in (ending, f"0{ending}", f"8613800 00{ending}"[-9:], f"+86 138-0000-{ending}", f"(0000) {ending}"):
        found = await people(event, typed)
        assert [row["phone_tail"] for row in found] == [ending], typed
    assert (await search(event=event, q=f"+86-138-0000-{ending}")).rows[0].phone == f"+86 138 0000 {ending}"
    assert await people(event, "9999") == []
    assert await people(event, ending[1:]) == [], "fewer than four digits find nobody by phone"
    assert (await rotate_keys.seal_plain()).sealed == 0


async def test_names_are_not_found_inside_the_marks(db: None) -> None:
    event = await factories.event()
    await factories.registration(
        event,
        name_passport="Zoe",
        number="TT18-000777",
        search_key=phones.search_text("", "Zoe", "", "", "+86 1380000"),
    )
    for typed in [*"abcdefghijklmnp", "aa", "1", "23"]:
        if typed not in "zoe":
            assert await people(event, typed) == [], typed


class Killed(Exception):
    pass


async def test_new_key_reaches_every_row_though_killed_half_way_and_written_meanwhile(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 20)
    event = await earlier(90)
    await rotate_keys.seal_plain()
    old, calls = crypto.current_id(), 0
    crypto.configure(OTHER, SECRET)

    def dies(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed

    with pytest.raises(Killed):
        await sealing.reseal(dies)
    halves = await rotate_keys.counts()
    assert 0 < halves[old] < 92
    assert sum(halves.values()) == 92
    ending = f"{int(await database.fetchval('SELECT max(id) FROM registration')):04d}"
    assert len(await people(event, ending)) == 1, "rows of both keys are found"

    async def reads() -> None:
        for _ in range(20):
            page = await search(event=event, window=(1, 100, 0))
            assert all(row.phone.startswith("+86 138") for row in page.rows)

    async def writes() -> None:
        for number in range(10):
            await database.execute(
                "UPDATE registration SET phone = $1 WHERE email = $2",
                phones.seal("+86 138 1"),
                f"p{number + 1}@example.org",
            )

    done, *_ = await asyncio.gather(sealing.reseal(), reads(), writes())
    assert done.broken == 0
    await sealing.reseal()
    assert await rotate_keys.counts() == {crypto.id_of(OTHER): 92}
    crypto.configure(OTHER)
    assert len(await people(event, ending)) == 1
    assert len((await search(event=event, window=(1, 100, 0))).rows) == 90


async def test_value_whose_key_is_lost_is_counted_and_left_alone(db: None) -> None:
    await factories.talent(phone=crypto.seal_text("+49 30 901820", "talent.phone"))
    crypto.configure(OTHER)
    done = await sealing.reseal()
    assert (done.sealed, done.broken) == (0, 1)
    crypto.configure(SECRET)
    assert crypto.open_text(await database.fetchval("SELECT phone FROM talent"), "talent.phone") == "+49 30 901820"


OPEN_FOR_HOURS = {("kept_form", "sealed")}  # kept two hours and sealed for one browser: nobody else can seal it anew
PUBLISHED = {  # printed on the public page of the event; said to everybody on a tour
    ("event", "contact_phone"),
    ("tour_stop", "host_phone"),
    ("tour_hotel", "desk_phone"),
}
OF_A_BADGE = {("relay_badge", "sealed")}  # opened by the code of the badge alone, not by the key of the installation


async def _of_accounts() -> None:
    """What an account, a link, the badges' key and a webhook hold sealed."""
    from fairs.accounts import services as accounts
    from fairs.accounts.actor import SYSTEM
    from fairs.badges.services import rotate_key

    await accounts.create_account(email="zoe@example.org", name="Zoe", lang="en")
    await accounts.request_link("zoe@example.org", caller=Caller())
    await rotate_key(by=SYSTEM)
    await accounts.issue_token("api", "test", by=SYSTEM, account_id=await database.fetchval("SELECT id FROM account"))
    await database.execute(
        "INSERT INTO two_factor (account, secret) SELECT id, $1 FROM account",
        crypto.seal_text("JBSWY3DPEHPK3PXP", "two_factor.secret"),
    )
    await database.execute(
        "INSERT INTO webhook (name, url, secret_sealed, topics) VALUES ('m', 'https://m.example', $1, '{}')",
        crypto.seal_text("a secret", "webhook.secret"),
    )


async def _of_a_tour(event: int) -> None:
    """What a tour holds sealed of its people and drivers."""
    await database.execute(
        "INSERT INTO tour_member (event, state, origin, phone) VALUES ($1, 'invited', 'hand', $2)",
        event,
        phones.seal("+86"),
    )
    member = await database.fetchval("SELECT id FROM tour_member")
    await database.execute(
        "INSERT INTO tour_vehicle (event, name, seats, driver_phone) VALUES ($1, 'Coach', 45, $2)",
        event,
        phones.seal("+86"),
    )
    await database.execute(
        "INSERT INTO tour_interpreter (event, name, phone) VALUES ($1, 'Li', $2)", event, phones.seal("+86")
    )
    await database.execute(
        "INSERT INTO tour_need (member, emergency) VALUES ($1, $2)",
        member,
        crypto.seal_text("Eva", "tour_need.emergency"),
    )
    await database.execute(
        "INSERT INTO tour_passport (member, data) VALUES ($1, $2)", member, crypto.seal_text("{}", "tour_passport.data")
    )
    await database.execute(
        "INSERT INTO tour_letter (event, member, kind, document) VALUES ($1, $2, 'F', $3)",
        event,
        member,
        crypto.seal_text("{}", "tour_letter.document"),
    )


async def _of_answers(registration: int) -> None:
    """The sealed answers to a form."""
    form = await published({"key": "passport", "kind": "identity"}, slug="fair")
    await database.execute(
        "INSERT INTO registration_answers (registration, version, sealed) SELECT $1, v.id, $3 FROM registration_form_version v"
        " WHERE v.form = $2",
        registration,
        form,
        crypto.seal_text('{"passport": "E1"}', "registration.answers"),
    )


async def test_every_kind_of_sealed_column_follows_the_key(db: None) -> None:
    """A column that nobody registers would be lost with the old key."""
    from fairs.accounts.idempotency import Once, remember
    from tests import mails

    await _of_accounts()
    token = await database.fetchval("SELECT id FROM access_token")

    async def act() -> tuple[int, Any]:
        return 201, {"phone": "+49 30 901820"}

    first = await remember(Once(token, "once", b"body"), act)
    await factories.talent(phone=crypto.seal_text("+49 30 901820", "talent.phone"))
    await factories.organisation(contact_phone=crypto.seal_text("0371", "organisation.contact_phone"))
    await factories.registration(await factories.event(slug="fair"), phone=phones.seal("+49 30"))
    account = await database.fetchval("SELECT id FROM account")
    registration, event = (await database.fetch("SELECT id, event FROM registration"))[0].values()
    await _of_a_tour(event)
    await _of_answers(registration)
    await database.execute(
        "WITH made AS (INSERT INTO registration_group (event, name, contact_email, made_at) VALUES ($1, 'Delegation', '', now()) RETURNING id)"
        " INSERT INTO registration_group_run (of_group, key, state, rows, total, done, added, changed, problems, told, lang, asked_at)"
        " SELECT id, gen_random_uuid(), 'running', $2, 1, 0, 0, 0, '[]', false, 'en', now() FROM made",
        event,
        crypto.seal_text("[]", "registration.group"),
    )
    await database.execute(
        "INSERT INTO person_merge (kept, gone, images, undo_until) VALUES (1, 2, $1, now())",
        crypto.seal_text("[]", "person_merge.images"),
    )
    await keep_draft(
        event, {"name_passport": ["Zoe"]}, by=Actor(account_id=account, email="zoe@example.org", name="Zoe")
    )
    await database.execute(
        "UPDATE outgoing_mail SET unsubscribe = $1", crypto.seal_text("https://x.example", masking.UNSUBSCRIBE)
    )
    await forgetting.begin(Person(emails=("gone@example.org",)), AskedFor.COMMAND)
    dump = str(await database.fetch("SELECT s::text FROM stored_answer s"))
    assert "901820" not in dump
    text = await mails.text_of()
    crypto.configure(OTHER, SECRET)
    await sealing.reseal()
    crypto.configure(OTHER)
    counted = await rotate_keys.counts()
    assert counted == {crypto.id_of(OTHER): len(sealing.COLUMNS())}, "one value of each registered column"
    assert await mails.text_of() == text
    assert await remember(Once(token, "once", b"body"), act) == first
    left = await database.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND (column_name ~ 'phone|sealed|passport_no|id_no')"
    )
    known = {(column.table, column.column) for column in sealing.COLUMNS()}
    assert {(row["table_name"], row["column_name"]) for row in left} - known == OPEN_FOR_HOURS | PUBLISHED | OF_A_BADGE
