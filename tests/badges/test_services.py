import asyncio
import json
from datetime import timedelta

import asyncpg
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.badges import cli, printing, queries, services, tokens
from fairs.badges.rows import Names
from fairs.core import db as database
from fairs.core.errors import Conflict, NotFound
from fairs.notifications import services as mail
from fairs.registrations import services as registrations
from tests import factories
from tests.badges.pictures import read_picture, read_squares
from tests.fair import person


async def test_badge_issued_twice_is_the_same_and_says_who(db: None) -> None:
    event = await factories.event()
    made = await factories.registration(event)
    codes = await asyncio.gather(*(services.issue_badge(made) for _ in range(10)))
    assert set(codes) == {await queries.badge_code_of(made)}
    token = tokens.verify(codes[0], await queries.public_keys())
    row = await database.fetchrow("SELECT uid FROM badge")
    assert row is not None
    assert (token.event, token.uid, token.key) == (event, row["uid"], 1)
    assert (
        timedelta(hours=12) <= token.expires_at - (factories.STARTS + timedelta(days=1, hours=8)) < timedelta(hours=13)
    )


async def test_only_a_confirmed_registration_has_a_badge(db: None) -> None:
    event = await factories.event()
    waiting = await factories.registration(event, state="waitlisted", queue=1)
    with pytest.raises(Conflict):
        await services.issue_badge(waiting)
    with pytest.raises(NotFound):
        await services.issue_badge(waiting + 1)
    assert await queries.badge_code_of(waiting) is None


async def test_database_refuses_a_second_badge_that_counts(db: None) -> None:
    made = await factories.registration(await factories.event())
    await services.issue_badge(made)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_badge_live"):
        await database.execute(
            "INSERT INTO badge (uid, registration, key, code) SELECT 'other', registration, key, code FROM badge"
        )


async def test_rotated_key_signs_anew_and_the_former_stays_valid(db: None) -> None:
    event = await factories.event()
    first = await services.issue_badge(await factories.registration(event))
    assert await services.rotate_key(by=SYSTEM) == 2
    second = await services.issue_badge(await factories.registration(event))
    keys = await queries.public_keys()
    assert [tokens.verify(code, keys).key for code in (first, second)] == [1, 2]
    sealed = await database.fetchval("SELECT private_key_sealed FROM badge_key WHERE number = 1")
    assert len(sealed) == 1 + 4 + 12 + 32 + 16  # version, key id, nonce, key, tag: never in the clear


async def test_reissued_badge_replaces_the_lost_one_and_is_mailed(db: None) -> None:
    event = await factories.event()
    made = await registrations.register(event, person(), by=SYSTEM)
    old = await queries.badge_code_of(made.id)
    new = await services.reissue_badge(made.id, by=SYSTEM)
    assert new == await queries.badge_code_of(made.id) != old
    rows = await database.fetch("SELECT code, revoked_reason FROM badge ORDER BY id")
    assert [tuple(row) for row in rows] == [(old, "lost"), (new, "")]
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'badge_reissued'") == 1


async def test_place_given_and_taken_goes_with_the_badge_and_the_right_mails(db: None) -> None:
    event = await factories.event(capacity=1)
    await factories.session(event)
    first = await registrations.register(event, person(1, sessions=["forum"], lang="zh"), by=SYSTEM)
    second = await registrations.register(event, person(2), by=SYSTEM)
    await registrations.cancel(first.id, by=SYSTEM)
    assert await queries.badge_code_of(first.id) is None
    assert await queries.badge_code_of(second.id) is not None
    mails = await database.fetch(
        "SELECT m.kind, m.to_email, array_agg(a.filename::text ORDER BY a.id) AS files FROM outgoing_mail m"
        " LEFT JOIN mail_attachment a ON a.mail = m.id WHERE m.kind <> 'confirm_address' GROUP BY m.id ORDER BY m.id"
    )
    files = ["badge.pdf", "badge.png", "fair.ics"]
    assert [tuple(row) for row in mails] == [
        ("registration_confirmed", "p1@example.org", files),
        ("registration_waitlisted", "p2@example.org", [None]),
        ("registration_cancelled", "p1@example.org", ["cancelled.ics"]),
        ("registration_promoted", "p2@example.org", files),
    ]


async def test_attachments_hold_the_badge_and_a_calendar_whose_sequence_rises(db: None) -> None:
    event = await factories.event()
    made = await registrations.register(event, person(), by=SYSTEM)
    code = await queries.badge_code_of(made.id)
    sent = await mail.attachments_of(await database.fetchval("SELECT id FROM outgoing_mail"))
    assert [read_squares(sent[0].content or b""), read_picture(sent[1].content or b"")] == [[code], [code]]
    invitation = (sent[2].content or b"").decode()
    await registrations.cancel(made.id, by=SYSTEM)
    [withdrawal] = await mail.attachments_of(
        await database.fetchval("SELECT id FROM outgoing_mail WHERE kind = 'registration_cancelled'")
    )
    lines = [text.splitlines() for text in (invitation, (withdrawal.content or b"").decode())]
    for found, method, low in ((lines[0], "REQUEST", 0), (lines[1], "CANCEL", 1)):
        assert f"METHOD:{method}" in found
        assert f"DTSTART;VALUE=DATE:{factories.STARTS:%Y%m%d}" in found
        assert f"DTEND;VALUE=DATE:{factories.STARTS + timedelta(days=2):%Y%m%d}" in found
        assert "TRANSP:TRANSPARENT" in found
        sequence = next(line for line in found if line.startswith("SEQUENCE:"))
        assert int(sequence.removeprefix("SEQUENCE:")) >= low
    uids = [[line for line in found if line.startswith("UID:")] for found in lines]
    assert uids[0] == uids[1]
    assert uids[0][0].startswith(f"UID:registration-{made.id}@")


async def test_mail_tells_both_clocks_when_they_differ(db: None) -> None:
    from tests.cast import make_actor

    hours = {"starts_at": factories.PAST, "ends_at": factories.PAST + timedelta(days=1, hours=8)}
    event = await factories.event(**hours, demo=True)
    alice = await make_actor("candidate")
    await database.execute("UPDATE account SET timezone = 'Europe/Madrid' WHERE id = $1", alice.account_id)
    await registrations.register(event, person(name_passport="Alice O'Brien"), by=alice)
    await registrations.register(event, person(2, lang="zh", name_native="李娜"), by=SYSTEM)
    english, chinese = await database.fetch(
        "SELECT subject, body_text, body_html FROM outgoing_mail WHERE kind = 'registration_confirmed' ORDER BY id"
    )
    assert "Dear Alice O'Brien," in english["body_text"]
    assert "O&#39;Brien" in english["body_html"]
    for body in (english["body_text"], english["body_html"]):
        assert "Sat 27 Oct 2018, 09:00 – Sun 28 Oct, 17:00 (Beijing time)" in body
        assert "Sat 27 Oct 2018, 03:00 (Madrid (UTC+02:00)) – Sun 28 Oct, 10:00 (Madrid (UTC+01:00))" in body
    assert "李娜，您好" in chinese["body_text"]
    assert "北京时间" in chinese["body_text"]
    assert "Madrid" not in chinese["body_text"]
    assert chinese["subject"] == "报名成功：招才引智大会"


@pytest.mark.parametrize(
    ("native", "passport", "printed"),
    [
        ("张䶮琪", "Yanqi Zhang", ("张䶮琪", "Yanqi Zhang")),
        ("𠮷田", "Yoshida", ("𠮷田", "Yoshida")),
        ("陳彥霖", "Yen-Lin Chen", ("陳彥霖", "Yen-Lin Chen")),
        ("김철수", "Chul-soo Kim", ("김철수", "Chul-soo Kim")),
        ("やまだ", "Yamada", ("やまだ", "Yamada")),
        ("Łukasz Şahin", "Lukasz Sahin", ("Łukasz Şahin", "Lukasz Sahin")),
        ("Жанна Ωραία Nguyễn", "Zhanna", ("Жанна Ωραία Nguyễn", "Zhanna")),
        ("محمد", "Mohammed", ("محمد", "Mohammed")),
        ("राम", "Ram", ("राम", "Ram")),
        ("ߊߡߊߘߎ", "Amadou", ("Amadou", "")),
        ("", "Maria", ("Maria", "")),
        ("Maria", "Maria", ("Maria", "")),
        ("", "Emoji 🎓", ("Emoji □", "")),
    ],
)
def test_names_that_the_fonts_lack_leave_the_passport_name(
    native: str, passport: str, printed: tuple[str, str]
) -> None:
    badge = Names("HN18-000001", name_passport=passport, name_native=native, organisation_name="", badge_name="")
    assert printing.names_to_print(badge) == printed


async def test_pdf_of_the_longest_names_still_holds_the_code(db: None) -> None:
    event = await factories.event(title_en="W" * 200, title_zh="会" * 200, place_en="P" * 200)
    made = await factories.registration(
        event, name_passport="W" * 120, name_native="龘" * 120, organisation_name="组" * 200
    )
    code = await services.issue_badge(made)
    content = await printing.make_pdf(str(await database.fetchval("SELECT id FROM badge")))
    assert content.startswith(b"%PDF")
    assert read_squares(content) == [code]


async def test_export_prints_every_badge_that_counts(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    event = await factories.event(slug="fair")
    made = [await registrations.register(event, person(number), by=SYSTEM) for number in range(3)]
    await registrations.cancel(made[1].id, by=SYSTEM)
    assert await cli.write_codes("fair") == 2
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"registration": item.number, "code": await queries.badge_code_of(item.id)} for item in (made[0], made[2])
    ]
    with pytest.raises(Exception, match="there is no event nothing"):
        await cli.write_codes("nothing")
