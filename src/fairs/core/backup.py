"""One archive with all that an installation is: the database, the files and the secret key.

A tar file: `database.dump` (pg_dump's custom format, one snapshot), `files/…`, `secret.key`, and last
`manifest.json` with the size and SHA-256 of every member, so that an archive that was cut short is known by its
missing end. Files are read after the database: what the snapshot names had been written before. What is added
meanwhile is in the archive but not in the snapshot, which does no harm.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from fairs.core.embedded.binaries import program_folders

FORMAT = 1
DUMP, SECRET, MANIFEST, FILES = "database.dump", "secret.key", "manifest.json", "files/"
Progress = Callable[[str, int, int], None]


class BackupError(Exception):
    """The archive cannot be made or used. The message is a sentence for a person."""


@dataclass
class Manifest:
    """What is in an archive. `members` is name → (bytes, SHA-256 in hexadecimal)."""

    product: str
    postgres: str
    made_at: str
    migrations: int
    format: int = FORMAT
    members: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def files(self) -> int:
        return sum(name.startswith(FILES) for name in self.members)


class _Hashing(io.RawIOBase):
    """Reads through and keeps the digest."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self._source.read(size)
        self.digest.update(found)
        return found


def programs_for(version: str) -> Path:
    """The folder of pg_dump and pg_restore for a server: its own major version, else the next newer one."""
    major = _major(version)
    candidates = [*program_folders(), *(Path(found).parent for found in [shutil.which("pg_dump")] if found)]
    offered = {folder: found for folder in candidates if (found := _client_major(folder))}
    fitting = [folder for folder in offered if offered[folder] >= major]
    if not fitting:
        raise BackupError(
            f"The server is PostgreSQL {version}, and no pg_dump of version {major} or newer is here. "
            f"Install the client programs of PostgreSQL {major}."
        )
    return min(fitting, key=lambda folder: offered[folder])


def _major(version: str) -> int:
    found = re.match(r"\d+", version)
    return int(found.group()) if found else 0


def _client_major(folder: Path) -> int:
    """0 when there is no pg_dump that runs here."""
    if not ((folder / "pg_dump").exists() and (folder / "pg_restore").exists()):
        return 0
    try:
        answer = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True)  # noqa: S603
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found.group(1)) if found else 0


def _run(program: Path, dsn: str, *arguments: str) -> None:
    """Run a client program; the password goes by the environment, where other users cannot read it."""
    parts = urlsplit(dsn)
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10"}
    if parts.password:
        environment["PGPASSWORD"] = unquote(parts.password)
        user, host = parts.netloc.rsplit("@", 1)
        parts = parts._replace(netloc=f"{user.split(':', 1)[0]}@{host}")
    command = [str(program), f"--dbname={urlunsplit(parts)}", "--no-password", *arguments]
    done = subprocess.run(  # noqa: S603 - found by us, no shell words
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode != 0:
        words = " ".join(done.stderr.split()) or f"exit status {done.returncode}"
        raise BackupError(f"{program.name} failed: {words[:400]}")


def write(
    target: Path, *, dsn: str, files: Path | None, secret_key: Callable[[], str], about: Manifest, progress: Progress
) -> Manifest:
    """Make the archive, readable by its owner alone and whole or not at all; it may replace an older one.

    Safe while the product serves. Raises BackupError.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            aside = Path(folder) / "archive"
            dump = Path(folder) / DUMP
            progress("reading the database", 0, 0)
            _run(programs_for(about.postgres) / "pg_dump", dsn, "--format=custom", *_PLAIN, f"--file={dump}")
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    _fill(archive, dump, files, secret_key, about, progress)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(target)
    except OSError as error:
        raise BackupError(f"Cannot write {target}: {error.strerror or error}.") from error
    return about


_PLAIN = ("--no-owner", "--no-privileges")


def _fill(
    archive: tarfile.TarFile,
    dump: Path,
    files: Path | None,
    secret_key: Callable[[], str],
    about: Manifest,
    progress: Progress,
) -> None:
    with dump.open("rb") as stream:
        _add(archive, about, DUMP, stream, dump.stat().st_size)
    dump.unlink()
    found = sorted(_files_in(files)) if files else []
    for number, path in enumerate(found, 1):
        try:
            with path.open("rb") as stream:
                _add(
                    archive,
                    about,
                    FILES + path.relative_to(str(files)).as_posix(),
                    stream,
                    os.fstat(stream.fileno()).st_size,
                )
        except FileNotFoundError:
            continue  # deleted meanwhile
        progress("files", number, len(found))
    secret = secret_key().encode()
    _add(archive, about, SECRET, io.BytesIO(secret), len(secret))
    listed = json.dumps(asdict(about), ensure_ascii=False, indent=1).encode()
    archive.addfile(_info(MANIFEST, len(listed)), io.BytesIO(listed))


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _info(name: str, size: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, 0o600
    return made


def _add(archive: tarfile.TarFile, about: Manifest, name: str, stream: IO[bytes], size: int) -> None:
    hashing = _Hashing(stream)
    archive.addfile(_info(name, size), hashing)
    about.members[name] = (size, hashing.digest.hexdigest())


def verify(source: Path, progress: Progress) -> Manifest:
    """Read the whole archive and compare it with its manifest. Raises BackupError when anything is not as written."""
    seen: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    progress("checking the archive", 0, 0)
    with _members(source) as members:
        for name, stream, size in members:
            if name == MANIFEST:
                manifest = _read_manifest(source, stream.read())
            else:
                digest = hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]
                seen[name] = (size, digest.hexdigest())
    if manifest is None:
        raise BackupError(f"{source} is not a whole backup: its end is missing.")
    if seen != manifest.members:
        wrong = sorted(set(seen.items()) ^ set(manifest.members.items()))[0][0]
        raise BackupError(f"{source} is damaged: {wrong} is not as it was written.")
    return manifest


def _read_manifest(source: Path, raw: bytes) -> Manifest:
    try:
        found: dict[str, Any] = json.loads(raw)
        if found["format"] != FORMAT:
            raise BackupError(f"{source} has the format {found['format']}; this version reads {FORMAT}.")
        members = {str(name): (int(size), str(digest)) for name, (size, digest) in found.pop("members").items()}
        return Manifest(**found, members=members)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{source} is damaged: its manifest cannot be read.") from error


@contextmanager
def _members(source: Path) -> Iterator[Iterator[tuple[str, IO[bytes], int]]]:
    """Name, content and size of each, to be read in turn. Raises BackupError for all that reading may meet."""
    try:
        with tarfile.open(source, mode="r:") as archive:
            yield _walk(source, archive)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{source} is not a whole backup: {error}.") from error
    except OSError as error:
        raise BackupError(f"Cannot read {source}: {error.strerror or error}.") from error


def _walk(source: Path, archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes], int]]:
    """Nothing but plain files with names that we write ourselves."""
    for member in archive:
        known = member.name in (DUMP, SECRET, MANIFEST) or member.name.startswith(FILES)
        if not (member.isreg() and known) or {"", ".", ".."} & set(member.name.split("/")):
            raise BackupError(f"{source} is not a backup of fairs: it holds {member.name!r}.")
        stream = archive.extractfile(member)
        assert stream is not None, "a plain file has content"
        yield member.name, stream, member.size


def secret_of(source: Path) -> str:
    """The secret key in a verified archive."""
    with _members(source) as members:
        return next(stream.read().decode() for name, stream, _ in members if name == SECRET)


def restore(
    source: Path, about: Manifest, *, dsn: str, postgres: str, files: Path | None, scratch: Path, progress: Progress
) -> None:
    """Put a verified archive's files into `files` and its rows into an empty database, all rows or none.

    `postgres` is the version of the server, `scratch` a folder for the dump on its way. Raises BackupError.
    """
    number = 0
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=scratch) as folder:
        dump = Path(folder) / DUMP
        with _members(source) as members:
            for name, stream, _ in members:
                if name == DUMP:
                    _copy(stream, dump)
                elif name.startswith(FILES) and files is not None:
                    _copy(stream, files / name.removeprefix(FILES))
                    number += 1
                    progress("files", number, about.files)
        progress("filling the database", 0, 0)
        _run(programs_for(postgres) / "pg_restore", dsn, "--single-transaction", "--exit-on-error", *_PLAIN, str(dump))


def _copy(stream: IO[bytes], target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
    except OSError as error:
        raise BackupError(f"Cannot write {target}: {error.strerror or error}.") from error
