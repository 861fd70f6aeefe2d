"""Stored addresses are written in their normal form; what collides or cannot be reached stays and is said."""

import importlib.util

import pytest

from fairs import paths
from fairs.core import clock
from fairs.core import db as database
from fairs.notifications import held
from tests import factories

NAME = "fairs_2026_11_27t10_10_00_000000"


async def migrate() -> list[tuple[str, int, str]]:
    """What the migration does, and what it leaves."""
    spec = importlib.util.spec_from_file_location(NAME, paths.MIGRATIONS / f"{NAME}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    async with database.DB.transaction(), database.connection() as connection:
        left: list[tuple[str, int, str]] = await module.write_anew(connection)
    return left


async def account(address: str) -> int:
    return int(
        await database.fetchval(
            "INSERT INTO account (email, name, lang, timezone, active, created_at)"
            " VALUES ($1, 'N', 'en', 'UTC', true, $2) RETURNING id",
            address,
            clock.now(),
        )
    )


@pytest.mark.usefixtures("db")
async def test_addresses_are_written_anew_and_collisions_are_left() -> None:
    event = await factories.event()
    old = {
        "moved": "ana@münchen.de",
        "first": "li@例子.中国",
        "taken": "li@xn--fsqu00a.xn--fiqs8s",
        "foreign": "用户@example.org",
        "same": "maria@example.org",
    }
    accounts = {key: await account(address) for key, address in old.items()}
    talent = await factories.talent(email=old["moved"])
    registration = await factories.registration(event, email=old["moved"])
    left = await migrate()
    assert left == [("account", accounts["first"], "taken"), ("account", accounts["foreign"], "undeliverable")]
    stored = {row["id"]: row["email"] for row in await database.fetch("SELECT id, email FROM account")}
    assert {key: stored[number] for key, number in accounts.items()} == old | {"moved": "ana@xn--mnchen-3ya.de"}
    for table, number in (("talent", talent), ("registration", registration)):
        assert await database.fetchval(f"SELECT email FROM {table} WHERE id = $1", number) == "ana@xn--mnchen-3ya.de"


@pytest.mark.usefixtures("db")
async def test_mail_that_is_held_follows_its_address_and_goes_once_that_is_proved() -> None:
    event = await factories.event()
    await account("ana@münchen.de")
    await account("li@例子.中国")  # another account has its normal form: the mailbox is the same
    await account("li@xn--fsqu00a.xn--fiqs8s")
    await factories.registration(event, email="guest@bücher.example.org")  # nobody's account
    written = [
        (address, state)
        for address in ("ana@münchen.de", "li@例子.中国", "guest@bücher.example.org", "no address", "maria@example.org")
        for state in ("held", "sent")
    ]
    for address, state in written:
        await database.execute(
            "INSERT INTO outgoing_mail (kind, lang, to_email, subject, body_text, body_html, state)"
            " VALUES ('registered', 'en', $1, '', '', '', $2)",
            address,
            state,
        )
    await migrate()
    rows = await database.fetch("SELECT to_email, state FROM outgoing_mail ORDER BY id")
    normal = {
        "ana@münchen.de": "ana@xn--mnchen-3ya.de",
        "li@例子.中国": "li@xn--fsqu00a.xn--fiqs8s",
        "guest@bücher.example.org": "guest@xn--bcher-kva.example.org",
    }
    assert [tuple(row) for row in rows] == [
        (normal.get(address, address) if state == "held" else address, state) for address, state in written
    ]
    assert await held.release("ana@xn--mnchen-3ya.de") == 1
    waiting = await database.fetch("SELECT to_email FROM outgoing_mail WHERE state = 'held' ORDER BY id")
    assert [row["to_email"] for row in waiting] == [
        "li@xn--fsqu00a.xn--fiqs8s",
        "guest@xn--bcher-kva.example.org",
        "no address",
        "maria@example.org",
    ]


@pytest.mark.usefixtures("db")
async def test_links_follow_the_account_until_they_are_used() -> None:
    await account("ana@münchen.de")
    for used in (None, clock.now()):
        await database.execute(
            "INSERT INTO sign_in_link (token_hash, kind, email, created_at, expires_at, used_at, target)"
            " VALUES ($1, 'confirm', 'ana@münchen.de', $2, $2, $3, '')",
            str(used).encode(),
            clock.now(),
            used,
        )
    await migrate()
    rows = await database.fetch("SELECT email FROM sign_in_link ORDER BY id")
    assert [row["email"] for row in rows] == ["ana@xn--mnchen-3ya.de", "ana@münchen.de"]
