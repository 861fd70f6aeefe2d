"""What a backup knows of itself, what is refused before anything is written, and what a killed command leaves: nothing."""

import asyncio
import fcntl
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import fairs as product
from fairs.core import crypto, migrations
from fairs.core.embedded import EmbeddedPostgres
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import PATIENCE, environment, fairs, serving, sign_in
from tests.commands.test_sharing import nobody_left, wait_until

READING = [
    ["backup", "x.backup"],
    ["purge"],
    ["purge", "--dry-run"],
    ["worker"],
    ["match", "index"],
    ["badges", "export", "--event", "x"],
]


@pytest.fixture(scope="module")
def archive(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("archive") / "fairs.backup"
    assert fairs("backup", target, "--data", template).status == 0
    return target


def content(opened: tarfile.TarFile, name: str) -> bytes:
    """The bytes of a file in an archive."""
    member = opened.extractfile(name)
    assert member is not None, name
    return member.read()


def manifest_of(archive: Path) -> dict[str, Any]:
    with tarfile.open(archive) as opened:
        found: dict[str, Any] = json.loads(content(opened, "manifest.json"))
    return found


def changed(archive: Path, target: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """A copy of the archive, whole in itself, with another manifest or other members."""
    with tarfile.open(archive) as opened:
        parts = {item.name: content(opened, item.name) for item in opened}
    manifest = json.loads(parts.pop("manifest.json"))
    change(manifest, parts)
    manifest["members"] = {name: [len(raw), hashlib.sha256(raw).hexdigest()] for name, raw in parts.items()}
    with tarfile.open(target, "w") as made:
        for name, raw in {**parts, "manifest.json": json.dumps(manifest).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            made.addfile(member, io.BytesIO(raw))
    return target


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_command_that_reads_makes_nothing_in_a_folder_that_holds_no_installation(
    empty: Path, tmp_path: Path, arguments: list[str]
) -> None:
    for folder in (empty, tmp_path / "there"):
        folder.parent.mkdir(exist_ok=True)
        if folder != empty:
            folder.mkdir()
        done = fairs(*arguments, "--data", folder, cwd=tmp_path)
        assert (done.status, done.sentence) == (
            1,
            f"fairs: there is no installation in {folder}: check --data and FAIRS_DATA "
            "(fairs serve, migrate, create-admin, demo and restore make one)",
        )
    assert not empty.exists()
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]


def test_manifest_says_what_made_the_backup(archive: Path, template: Path) -> None:
    found = manifest_of(archive)
    secret = (template / "secret.key").read_text()
    assert found["product"] == product.__version__
    assert found["schema"] == migrations.known()
    assert (found["kind"], found["migrations"]) == ("embedded", len(migrations.known()))
    assert found["postgres"].split(".")[0] == (template / "postgres" / "PG_VERSION").read_text().strip()
    assert found["pg_dump"] == int(found["postgres"].split(".")[0])
    assert found["key"] == hashlib.sha256(f"fairs {secret}".encode()).hexdigest()[:16]
    assert abs(time.time() - time.mktime(time.strptime(found["made_at"][:19], "%Y-%m-%dT%H:%M:%S"))) < 86400 + 3600


def newer_schema(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    manifest["schema"].append("fairs_2999_01_01t00_00_00_000000")
    manifest["product"] = "9.0"


def older_manifest_of_a_newer_schema(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    for name in ("schema", "kind", "key", "pg_dump"):
        del manifest[name]
    manifest |= {"format": 1, "migrations": 999}


def newer_format(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    manifest |= {"format": 3, "product": "9.0"}


def newer_programs(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    manifest["pg_dump"] = 99


def other_key(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    parts["secret.key"] = b"another key that is long enough to be one"


def no_key(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    del parts["secret.key"]


def no_database(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    del parts["database.dump"]


def no_manifest_at_all(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
    manifest.clear()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (newer_schema, "the backup was made by fairs 9.0 and has 1 migrations that this version, "),
        (older_manifest_of_a_newer_schema, " migrations that this version, "),
        (newer_format, "was made by fairs 9.0 and has the format 3; this version reads up to 2"),
        (newer_programs, "The backup was written by pg_dump 99, and no pg_restore of that version or newer is here."),
        (other_key, "is damaged: its secret key is not the one that it names."),
        (no_key, "is not a backup of fairs: it holds no secret.key."),
        (no_database, "is not a backup of fairs: it holds no database.dump."),
        (no_manifest_at_all, "is damaged: its manifest cannot be read."),
    ],
)
def test_backup_that_does_not_fit_is_refused_before_anything_is_made(
    archive: Path, empty: Path, tmp_path: Path, change: Any, says: str
) -> None:
    done = fairs("restore", changed(archive, tmp_path / "changed", change), "--data", empty)
    assert (done.status, says in done.err.splitlines()[-1]) == (1, True), done.err
    assert not empty.exists()


def test_backup_of_the_first_format_is_restored(archive: Path, empty: Path, tmp_path: Path) -> None:
    def first(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
        for name in ("schema", "kind", "key", "pg_dump"):
            del manifest[name]
        manifest["format"] = 1

    assert fairs("restore", changed(archive, tmp_path / "first", first), "--data", empty).status == 0


def test_backup_with_a_key_that_does_not_open_the_database_is_refused(data: Path, tmp_path: Path) -> None:
    """A timer that lacks the server's FAIRS_SECRET_KEY would otherwise write backups that nobody can use."""

    async def seal() -> None:
        crypto.configure((data / "secret.key").read_text())
        connection = await asyncpg.connect(server.dsn())
        await connection.execute(
            "INSERT INTO badge_key (number, public_key, private_key_sealed, created_at) VALUES (1, '', $1, now())",
            crypto.encrypt(b"private", "badge-key"),
        )
        await connection.close()

    with EmbeddedPostgres(data) as server:
        asyncio.run(seal())
    wrong = {"FAIRS_SECRET_KEY": "another key that is long enough to be one"}
    done = fairs("backup", tmp_path / "x", "--data", data, env=wrong)
    assert (done.status, done.sentence) == (
        1,
        "fairs: the secret key at hand does not open this database: set FAIRS_SECRET_KEY, or give --data, as for the server",
    )
    assert list(tmp_path.iterdir()) == []
    assert fairs("backup", tmp_path / "x", "--data", data).status == 0


def test_killed_restore_leaves_nothing_that_the_next_one_does_not_clear(
    archive: Path, empty: Path, tmp_path: Path
) -> None:
    def another(manifest: dict[str, Any], parts: dict[str, bytes]) -> None:
        parts["files/left.txt"] = b"of the first archive" * 100_000
        parts["secret.key"] = b"the key of the first archive, long enough"
        del manifest["key"]

    first = changed(archive, tmp_path / "first", another)
    for reached in ("restore.unfinished", "files/left.txt", ".fairs-scratch-*", "postgres/PG_VERSION"):
        process = subprocess.Popen(
            [sys.executable, "-m", "fairs.cli", "restore", str(first), "--data", str(empty)],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: any(empty.glob(reached)) or process.poll() is not None, reached)  # noqa: B023
        process.kill()
        process.wait(PATIENCE)
        wait_until(lambda: not (empty / "postgres").exists() or nobody_left(empty), "the database goes on")
        if not (empty / "restore.unfinished").exists():
            break  # it was faster than the kill
    (empty / ".fairs-scratch-left").mkdir(exist_ok=True)
    if (empty / "restore.unfinished").exists():
        refused = fairs("serve", "--data", empty)
        assert refused.sentence == f"fairs: a restore into {empty} was interrupted: run the same `fairs restore` again"
        assert fairs("restore", archive, "--data", empty).status == 0
        assert not (empty / "files").exists()
        assert (empty / "secret.key").read_text() != "the key of the first archive, long enough"
    assert not list(empty.glob(".*"))
    with serving(empty) as server, server.browser() as browser:
        assert sign_in(browser, ADMIN, PASSWORD).status_code == 303


def test_killed_backup_is_cleared_by_the_next_and_one_under_way_is_not(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.backup"
    process = subprocess.Popen(
        [sys.executable, "-m", "fairs.cli", "backup", str(target), "--data", str(data)], env=environment(), stderr=-3
    )
    wait_until(lambda: any(tmp_path.glob(".fairs-scratch-*/*")) or process.poll() is not None, "no backup begins")
    process.send_signal(signal.SIGSTOP)
    under_way = set(tmp_path.glob(".fairs-scratch-*"))
    assert fairs("backup", tmp_path / "other.backup", "--data", data).status == 0
    assert set(tmp_path.glob(".fairs-scratch-*")) == under_way
    process.kill()
    process.wait(PATIENCE)
    assert fairs("backup", target, "--data", data).status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.backup", "x.backup"]


def test_two_restores_into_one_folder_do_not_meet(archive: Path, empty: Path) -> None:
    empty.mkdir()
    (empty / "restore.unfinished").write_text("files and rows are being written\n")
    held = os.open(empty, os.O_RDONLY)

    fcntl.flock(held, fcntl.LOCK_EX)
    done = fairs("restore", archive, "--data", empty)
    os.close(held)
    assert done.err.splitlines()[-1] == f"fairs: another restore into {empty} is under way"
    empty.chmod(0o711)
    assert fairs("restore", archive, "--data", empty).status == 0
