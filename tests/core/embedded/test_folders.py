"""Where the embedded database lies: unusual, private, foreign and half made folders, as root and as an ordinary user alike."""

import os
import shutil
import socket
import stat
from pathlib import Path
from urllib.parse import quote

import pytest

from fairs.core.embedded import EmbeddedError, EmbeddedPostgres
from tests.core.embedded.holding import AS_ROOT, STRANGER, ask, modes, server_account


@pytest.mark.parametrize("name", ["河南 招才引智 100% 'α'", 'comma, and "quotes"', "long-" * 24])
async def test_unusual_data_path(place: Path, name: str) -> None:
    data = place / name
    with EmbeddedPostgres(data, durable=False) as embedded:
        folder = embedded.socket_dir
        assert (folder == data / "postgres") == name.startswith("河南")
        assert embedded.dsn() == f"postgresql://postgres@/fairs?host={quote(str(folder), safe='')}"
        assert await ask(embedded.dsn(), "SELECT current_database()") == "fairs"
        found = EmbeddedPostgres(data)
        assert found.answers()
        assert found.dsn() == embedded.dsn()
        status = folder.lstat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, server_account(data).uid)
    assert folder.exists() == name.startswith("河南")


def test_socket_is_not_reachable_for_a_stranger(place: Path) -> None:
    for data in (place / "short", place / ("long-" * 24)):
        with EmbeddedPostgres(data, durable=False) as embedded:
            file = embedded.socket_dir / ".s.PGSQL.5432"
            uid = server_account(data).uid
            for part in (file.parent, file):
                assert (part.stat().st_uid, stat.S_IMODE(part.stat().st_mode)) == (uid, 0o700)
            if AS_ROOT:
                assert refused_to_stranger(file)


def refused_to_stranger(file: Path) -> bool:
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(STRANGER)
        os.setuid(STRANGER)
        try:
            socket.socket(socket.AF_UNIX).connect(str(file))
        except PermissionError:
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def test_runtime_folder_of_somebody_else_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who guesses the folder's name gets no superuser's socket into his hands."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    data = place / ("long-" * 24)
    with EmbeddedPostgres(data, durable=False) as embedded:
        expected = embedded.socket_dir
    expected.mkdir(mode=0o700)
    expected.chmod(0o777)
    try:
        with EmbeddedPostgres(data, durable=False) as embedded:
            assert embedded.socket_dir != expected
            assert embedded.socket_dir.name == expected.name
        assert stat.S_IMODE(expected.stat().st_mode) == 0o777
    finally:
        expected.rmdir()


def test_half_made_cluster_is_thrown_away(data: Path) -> None:
    half = data / "postgres.init"
    half.mkdir(parents=True)
    data.chmod(0o711)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data, durable=False) as embedded:
        assert embedded.socket_dir == data / "postgres"
        assert not half.exists()


async def test_private_parent_folder_stays_private(place: Path) -> None:
    """As root the server's user cannot pass: the database goes elsewhere. As a user it stays where it is."""
    private, system = place / "private", place / "system"
    private.mkdir(mode=0o700)
    data = private / "data"
    before = modes(private)
    with EmbeddedPostgres(data, durable=False, system_dir=system) as embedded:
        await ask(embedded.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
        home = embedded.socket_dir.parent
    assert (home == data) != AS_ROOT
    assert (data / "postgres.location").exists() == AS_ROOT
    moved = private / "moved"
    data.rename(moved)
    with EmbeddedPostgres(moved, durable=False, system_dir=system) as embedded:
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        assert embedded.socket_dir.parent == (home if AS_ROOT else moved)
    with EmbeddedPostgres(data, durable=False, system_dir=system) as embedded:
        assert await ask(embedded.dsn(), "SELECT to_regclass('kept')") is None
    assert modes(private) == before


@pytest.mark.parametrize("fate", ["copied", "lost"])
def test_database_elsewhere_belongs_to_one_data_folder(place: Path, fate: str) -> None:
    private, system = place / "private", place / "system"
    private.mkdir(mode=0o700)
    data, copy = private / "data", private / "copy"
    with EmbeddedPostgres(data, durable=False, system_dir=system) as embedded:
        home = embedded.socket_dir.parent
    shutil.copytree(data, copy, ignore=lambda folder, names: ["postgres"] if "postgres" in names else [])
    if fate == "lost":
        shutil.rmtree(home)
        copy = data
    if AS_ROOT:
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(copy, durable=False, system_dir=system).start()
        assert {"copied": "is a copy of", "lost": "is no longer there"}[fate] in caught.value.message
        assert str(data / "postgres.location" if fate == "lost" else data) in caught.value.message
    else:
        with EmbeddedPostgres(copy, durable=False, system_dir=system) as embedded:
            assert embedded.socket_dir == copy / "postgres"


def test_system_folder_that_others_can_write_is_refused(place: Path) -> None:
    private, system = place / "private", place / "system"
    private.mkdir(mode=0o700)
    system.mkdir()
    system.chmod(0o777)
    embedded = EmbeddedPostgres(private / "data", durable=False, system_dir=system)
    if AS_ROOT:
        with pytest.raises(EmbeddedError) as caught:
            embedded.start()
        assert caught.value.message == f"{system} must be a folder of root that nobody else can write to."
    else:
        with embedded:
            assert embedded.answers()
    assert list(system.iterdir()) == []


def test_unusable_data_folder_is_named(place: Path) -> None:
    file = place / "file"
    file.touch()
    messages = []
    for data in (Path("/proc/fairs/data"), file, file / "below", place / "two\nlines"):
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(data).start()
        messages.append(caught.value.message)
    assert messages == [
        "Cannot make the data folder /proc/fairs/data: No such file or directory.",
        f"{file} or a part of that path is a file, not a folder.",
        f"{file}/below or a part of that path is a file, not a folder.",
        "The data folder's path has a line break or another control character in it.",
    ]


def test_folder_with_other_files_is_not_overwritten(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    data.chmod(0o711)
    (data / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(data).start()
    assert caught.value.message == f"The folder {data}/postgres holds files but no database. Move it away."
    assert (data / "postgres" / "thesis.txt").read_text() == "mine"
