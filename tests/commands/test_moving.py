"""Moving between an embedded database and a server of another version, by backup and restore."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.binaries import installations
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import fairs, serving, sign_in


@pytest.fixture
def server_url(shelf: Path) -> Iterator[str]:
    """A PostgreSQL server older than the embedded one, with an empty database: the wheel brings two versions."""
    found = list(installations())
    older = next(item for item in found if item.major < found[0].major)
    with EmbeddedPostgres(shelf / "server", durable=False, binaries=older.bin) as server:
        yield server.dsn()


def test_installation_moves_from_a_server_to_an_embedded_database_but_not_to_an_older_server(
    server_url: str, shelf: Path, empty: Path, template: Path, tmp_path: Path
) -> None:
    outside = {"FAIRS_DATABASE_URL": server_url}
    web = shelf / "web"
    admin = ("--email", ADMIN, "--name", "Ada", "--password", PASSWORD)
    nothing = fairs("backup", tmp_path / "nothing", "--data", web, env=outside)
    assert nothing.sentence == "fairs: the database is empty: there is nothing to back up"

    newer = tmp_path / "newer"
    assert fairs("backup", newer, "--data", template).status == 0
    refused = fairs("restore", newer, "--data", shelf / "older", env=outside)
    assert refused.status == 1
    assert "this server is" in refused.err.splitlines()[-1]
    assert not (shelf / "older").exists()

    assert fairs("create-admin", "--data", web, *admin, env=outside).status == 0
    archive = tmp_path / "archive"
    assert fairs("backup", archive, "--data", web, env=outside).status == 0
    full = fairs("restore", archive, "--data", shelf / "other", env=outside)
    assert full.err.splitlines()[-1] == "fairs: the database is not empty; a restore needs an empty one"
    key = fairs("restore", archive, "--data", empty, env={"FAIRS_SECRET_KEY": "another key, long enough to be one"})
    assert key.err.splitlines()[-1].startswith("fairs: FAIRS_SECRET_KEY is not the key of this backup")

    assert fairs("restore", archive, "--data", empty).status == 0
    with serving(empty) as server, server.browser() as browser:
        assert sign_in(browser, ADMIN, PASSWORD).status_code == 303
