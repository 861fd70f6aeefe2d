"""The secret key and the badges' key are replaced beside a running server."""

import asyncio
from pathlib import Path

import asyncpg

from fairs.core.embedded import EmbeddedPostgres
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import Server, fairs, serving, sign_in

PHONE = "+49 30 901820"


def sql(server: Server, statement: str) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        with EmbeddedPostgres(server.data) as embedded:
            connection = await asyncpg.connect(embedded.dsn())
            try:
                return list(await connection.fetch(statement))
            finally:
                await connection.close()

    return asyncio.run(ask())


def test_key_is_replaced_while_the_server_serves(data: Path, tmp_path: Path) -> None:
    with serving(data) as server:
        insert = (
            f"INSERT INTO talent (account, email, name_passport, phone) SELECT id, email, name, '{PHONE}' FROM account"
            " ON CONFLICT (email) DO UPDATE SET phone = excluded.phone"
        )
        sql(server, "INSERT INTO membership (account, role) SELECT id, 'candidate' FROM account")
        sql(server, insert)
        old_key = (data / "secret.key").read_text().strip()
        with server.browser() as browser:
            sign_in(browser, ADMIN, PASSWORD)
            assert PHONE in browser.get("/me/profile").text
            before = fairs("backup", tmp_path / "before", "--data", data)
            assert before.status == 0, before.err
            done = fairs("rotate-keys", "--data", data)
            assert (done.status, "everything is sealed with it" in done.out.splitlines()) == (0, True), done.err
            current = next(line for line in done.out.splitlines() if line.startswith("the current key is ")).split()[-1]
            keys = (data / "secret.key").read_text().split()
            assert keys[1:] == [old_key]
            assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
            stored = sql(server, "SELECT phone FROM talent")[0]["phone"]
            assert stored.startswith("sealed:" + current)
            assert PHONE in browser.get("/me/profile").text, "the running server reads what the new key sealed"
            done = fairs("doctor", "--data", data)
            assert "seals and signs, 1 older is read as well" in done.out
            done = fairs("rotate-keys", "--resume", "--drop-old", "--data", data)
            assert (done.status, (data / "secret.key").read_text().split()) == (0, keys[:1]), done.err
            assert PHONE in browser.get("/me/profile").text
        sql(server, "UPDATE talent SET phone = 'sealed:00000000:AAAA'")
        done = fairs("doctor", "--data", data)
        assert "1 values are sealed with 00000000, which is not here" in done.out
        done = fairs("rotate-keys", "--drop-old", "--data", data)
        assert done.status == 1
        assert "1 under 00000000" in done.err
        assert len((data / "secret.key").read_text().split()) == 2, (
            "no key is forgotten while something is not readable"
        )
        done = fairs("badges", "rotate-key", "--data", data)
        assert (done.status, done.out.split(" from now on")[0]) == (0, "badges are signed with key 1"), done.err
        done = fairs("badges", "rotate-key", "--data", data)
        assert "key 2" in done.out


def test_keys_of_the_environment_are_replaced_in_steps(data: Path) -> None:
    old = (data / "secret.key").read_text().strip()
    new = "n" * 40
    done = fairs("rotate-keys", "--data", data, env={"FAIRS_SECRET_KEY": old})
    assert done.status == 1
    assert "FAIRS_MORE_SECRET_KEYS" in done.sentence
    done = fairs("rotate-keys", "--data", data, env={"FAIRS_SECRET_KEY": new, "FAIRS_MORE_SECRET_KEYS": old})
    assert (done.status, "FAIRS_MORE_SECRET_KEYS may be emptied" in done.out) == (0, False), done.err
    done = fairs(
        "rotate-keys", "--drop-old", "--data", data, env={"FAIRS_SECRET_KEY": new, "FAIRS_MORE_SECRET_KEYS": old}
    )
    assert "FAIRS_MORE_SECRET_KEYS may be emptied now" in done.out


def test_mail_that_was_kept_is_read_by_whoever_runs_the_machine(data: Path) -> None:
    with serving(data) as server:
        with server.browser() as browser:
            page = browser.get("/login")
            assert page.status_code == 200
            token = page.text.split('name="_csrf_token" value="')[1].split('"')[0]
            browser.post("/login/link", data={"email": ADMIN, "_csrf_token": token})
        mail = sql(server, "SELECT id, body_text FROM outgoing_mail")[0]
        assert "/login/link/••••••" in mail["body_text"]
        done = fairs("show-mail", str(mail["id"]), "--data", data)
        assert (done.status, len(done.out.split("/login/link/")[1].split()[0])) == (0, 43)
        assert fairs("show-mail", "999", "--data", data).sentence == "fairs: there is no mail 999"
