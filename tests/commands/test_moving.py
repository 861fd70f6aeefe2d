"""Moving between an embedded database and servers of other versions, by backup and restore."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.binaries import installations
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import fairs, serving, sign_in

SERVERS = {found.major: found.bin for found in reversed(list(installations()))}
"""Every major version that is installed here: the wheel brings two, Debian may bring another."""


@pytest.fixture(params=sorted(SERVERS))
def server_url(request: pytest.FixtureRequest, shelf: Path) -> Iterator[str]:
    """A PostgreSQL server with an empty database."""
    folder = shelf / f"server-{request.param}"
    with EmbeddedPostgres(folder, durable=False, binaries=SERVERS[request.param]) as server:
        yield server.dsn()


def test_versions_older_than_the_embedded_one_are_among_them() -> None:
    assert min(SERVERS) < max(SERVERS) == next(installations()).major


def test_installation_moves_to_a_server_of_any_version_and_back(
    server_url: str, shelf: Path, empty: Path, template: Path, tmp_path: Path
) -> None:
    outside = {"FAIRS_DATABASE_URL": server_url}
    web = empty.with_name("web")
    nothing = fairs("backup", tmp_path / "nothing", "--data", web, env=outside)
    assert nothing.sentence.startswith(f"fairs: there is no secret.key in {web}: ")

    archive, back = tmp_path / "archive", tmp_path / "back"
    assert fairs("backup", archive, "--data", template).status == 0
    moved = fairs("restore", archive, "--data", web, env=outside)
    assert (moved.status, moved.out.startswith("restored what was backed up")) == (0, True), moved.err
    full = fairs("restore", archive, "--data", shelf / "other", env=outside)
    assert full.err.splitlines()[-1] == "fairs: the database is not empty; a restore needs an empty one"
    assert not (shelf / "other").exists()
    assert fairs("migrate", "--data", web, env=outside).out == "the database is up to date\n"

    assert fairs("backup", back, "--data", web, env=outside).status == 0
    assert fairs("restore", back, "--data", empty).status == 0
    with serving(empty) as server, server.browser() as browser:
        assert sign_in(browser, ADMIN, PASSWORD).status_code == 303


def test_backup_of_an_empty_server_is_refused(shelf: Path, empty: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(shelf / "server-empty", durable=False) as server:
        outside = {"FAIRS_DATABASE_URL": server.dsn(), "FAIRS_SECRET_KEY": "a key for this test, long enough to be one"}
        for command in (["backup", tmp_path / "nothing"], ["purge"], ["badges", "export", "--event", "x"]):
            done = fairs(*command, "--data", empty, env=outside)
            assert done.sentence == "fairs: the database is empty: there is nothing to work on"
    assert not empty.exists()
    assert list(tmp_path.iterdir()) == []
