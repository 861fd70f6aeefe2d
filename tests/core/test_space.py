"""A full disk: 503 with a sentence, not ready until writing works again; other faults say nothing of disk or database."""

import errno
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar, get

from fairs.core import db as database
from fairs.core import services, space
from fairs.web import errors
from tests.checkin.hall import open_hall, scan

URL = "/api/v1/checkin/scans"


@pytest.fixture
async def full_disk(db: None) -> AsyncIterator[None]:
    """PostgreSQL raises what it raises when a file cannot grow: on each new scan and on each new table."""
    raises = "BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END"
    await database.execute(
        f"CREATE FUNCTION full_row() RETURNS trigger LANGUAGE plpgsql AS '{raises.replace(chr(39), chr(39) * 2)}'"
    )
    await database.execute("CREATE TRIGGER full_row BEFORE INSERT ON scan FOR EACH ROW EXECUTE FUNCTION full_row()")
    await database.execute(
        f"CREATE FUNCTION full_table() RETURNS event_trigger LANGUAGE plpgsql AS '{raises.replace(chr(39), chr(39) * 2)}'"
    )
    await database.execute(
        "CREATE EVENT TRIGGER full_table ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS')"
        " EXECUTE FUNCTION full_table()"
    )
    yield
    await empty_disk()


async def empty_disk() -> None:
    await database.execute("DROP EVENT TRIGGER IF EXISTS full_table")
    await database.execute("DROP TRIGGER IF EXISTS full_row ON scan")
    await database.execute("DROP FUNCTION IF EXISTS full_row, full_table")


async def test_full_disk_is_said_and_ready_again_when_there_is_room(full_disk: None, client: httpx.AsyncClient) -> None:
    hall = await open_hall()
    sent = {"scans": [scan(await hall.badge())]}
    headers = {"authorization": f"Bearer {hall.token}", "accept-language": "en"}
    state = await client.get("/readyz")
    assert (state.status_code, state.json()["disk"]) == (200, "has room"), state.json()  # no write was tried yet
    refused = await client.post(URL, json=sent, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (503, "disk_full")
    assert "no storage space left" in refused.json()["detail"]
    assert "atabase" not in refused.text
    for _ in range(2):
        state = await client.get("/readyz")
        assert (state.status_code, state.json()["disk"]) == (503, "full")
    await empty_disk()
    assert (await client.get("/readyz")).json()["disk"] == "has room"
    assert (await client.post(URL, json=sent, headers=headers)).json()["results"][0]["outcome"] == "admitted"


async def test_data_folder_without_room_is_not_ready(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "LEAST", 2**62)
    state = await client.get("/readyz")
    assert (state.status_code, state.json()["disk"]) == (503, "full")


def _raised(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (asyncpg.DiskFullError("could not extend file"), True),
        (_raised(RuntimeError("zip"), OSError(errno.ENOSPC, "No space")), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (asyncpg.OutOfMemoryError("out of memory"), False),
        (RuntimeError("disk full"), False),
    ],
)
def test_errors_that_mean_a_full_disk(error: Exception, full: bool) -> None:
    assert space.is_full(error) is full


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ConnectionRefusedError(111, "mail server"), 500, "atabase"),
        (TimeoutError("mail server"), 500, "atabase"),
        (OSError(errno.EHOSTUNREACH, "mail server"), 500, "atabase"),
        (OSError(errno.ENOSPC, "file store"), 503, "atabase"),
    ],
)
async def test_other_networks_and_files_are_not_called_the_database(error: Exception, status: int, words: str) -> None:
    @get("/", sync_to_thread=False)
    def fails() -> None:
        raise error

    failing: Any = Litestar([fails], exception_handlers=errors.HANDLERS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=failing), base_url="http://fairs.test") as client:
        answer = await client.get("/", headers={"accept": "application/json"})
    assert answer.status_code == status
    assert words not in answer.text


async def test_lost_connection_is_called_the_database(client: httpx.AsyncClient) -> None:
    nobody = asyncpg.create_pool(host="127.0.0.1", port=9, user="nobody", database="none", min_size=0, max_size=1)
    with services.current().restored():
        database.DB.server.set(database.Server())
        database.DB.pool = await nobody
        answer = await client.get("/api/v1/events", headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert "The database is starting again" in answer.text


def test_folder_that_is_not_there_needs_no_room(tmp_path: Path) -> None:
    space.configure(tmp_path / "missing")
    assert space._folder_has_room()
