"""Stored addresses are written in their normal form; what collides or cannot be reached stays and is said."""

import importlib.util

import pytest

from fairs import paths
from fairs.core import clock
from fairs.core import db as database
from tests import factories

NAME = "fairs_2026_11_27t10_10_00_000000"


@pytest.mark.usefixtures("db")
async def test_addresses_are_written_anew_and_collisions_are_left() -> None:
    spec = importlib.util.spec_from_file_location(NAME, paths.MIGRATIONS / f"{NAME}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    event = await factories.event()
    old = {
        "moved": "ana@münchen.de",
        "first": "li@例子.中国",
        "taken": "li@xn--fsqu00a.xn--fiqs8s",
        "foreign": "用户@example.org",
        "same": "maria@example.org",
    }
    accounts = {
        key: await database.fetchval(
            "INSERT INTO account (email, name, lang, timezone, active, created_at)"
            " VALUES ($1, 'N', 'en', 'UTC', true, $2) RETURNING id",
            address,
            clock.now(),
        )
        for key, address in old.items()
    }
    talent = await factories.talent(email=old["moved"])
    registration = await factories.registration(event, email=old["moved"])
    async with database.DB.transaction(), database.connection() as connection:
        left = await module.write_anew(connection)
    assert left == [("account", accounts["first"], "taken"), ("account", accounts["foreign"], "undeliverable")]
    stored = {row["id"]: row["email"] for row in await database.fetch("SELECT id, email FROM account")}
    assert {key: stored[number] for key, number in accounts.items()} == old | {"moved": "ana@xn--mnchen-3ya.de"}
    for table, number in (("talent", talent), ("registration", registration)):
        assert await database.fetchval(f"SELECT email FROM {table} WHERE id = $1", number) == "ana@xn--mnchen-3ya.de"
