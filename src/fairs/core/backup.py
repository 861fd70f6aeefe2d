"""One archive of a whole installation: the database, the files and the secret key.

A tar file: `database.dump` (pg_dump's custom format, one snapshot), `files/…`, `secret.key`, and last
`manifest.json` with the size and SHA-256 of every member, so that a truncated archive is recognised by its
missing end. Files are read after the database: a file that the snapshot names was written before it. A file added
meanwhile is in the archive but not in the snapshot, which does no harm.
"""

import fcntl
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from fairs.core import pg_programs
from fairs.core.object_store import ObjectStore

FORMAT = 2
READABLE = (1, 2)
"""Format numbers; the first format had none of the fields that have a default."""
SCRATCH = ".fairs-scratch-"
DUMP, SECRET, MANIFEST, FILES = "database.dump", "secret.key", "manifest.json", "files/"
Progress = Callable[[str, int, int], None]


class BackupError(Exception):
    """The archive cannot be made or used. The message is a sentence for a person."""


@dataclass
class Manifest:
    """The program that made an archive, and the archive's content. `members` is name → (bytes, SHA-256 in hexadecimal).

    `product`, `postgres` and `pg_dump` are versions, `schema` the names of the migrations applied, oldest first,
    `kind` is "embedded" or "server", `key` the fingerprint of the secret key.
    """

    product: str
    postgres: str
    made_at: str
    migrations: int
    kind: str = ""
    key: str = ""
    pg_dump: int = 0
    schema: list[str] = field(default_factory=list)
    format: int = FORMAT
    members: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def files(self) -> int:
        return sum(name.startswith(FILES) for name in self.members)


class _Hashing(io.RawIOBase):
    """A reader that computes the digest of what it reads."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self._source.read(size)
        self.digest.update(found)
        return found


def fingerprint(secret_key: str) -> str:
    """Identifies a key without revealing it."""
    return hashlib.sha256(b"fairs " + secret_key.encode()).hexdigest()[:16]


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A temporary folder. A folder left by a killed process is deleted: its lock is free."""
    for left in parent.glob(f"{SCRATCH}*"):
        if (held := _hold(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(held)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=parent))
        if (held := _hold(folder)) is not None and folder.exists():
            break  # else another process deleted it as a leftover before we locked it
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _hold(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None when another process has the lock, or the folder is not ours."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def write(
    target: Path, *, dsn: str, files: ObjectStore, secret_key: Callable[[], str], about: Manifest, progress: Progress
) -> Manifest:
    """Write the archive, readable by its owner only, completely or not at all; it may replace an older one.

    Safe while the product runs. Raises BackupError.
    """
    try:
        programs, about.pg_dump = pg_programs.dumper_for(about.postgres)
        with scratch_folder(target.parent) as folder:
            aside, dump = folder / "archive", folder / DUMP
            progress("reading the database", 0, 0)
            pg_programs.dump(programs, dsn, dump)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    _fill(archive, dump, files, secret_key, about, progress)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(target)
    except pg_programs.ProgramError as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"Cannot write {target}: {error.strerror or error}.") from error
    return about


def _fill(
    archive: tarfile.TarFile,
    dump: Path,
    files: ObjectStore,
    secret_key: Callable[[], str],
    about: Manifest,
    progress: Progress,
) -> None:
    with dump.open("rb") as stream:
        _add(archive, about, DUMP, stream, dump.stat().st_size)
    dump.unlink()
    found = sorted(files.items_now(), key=lambda item: item.key)
    for number, item in enumerate(found, 1):
        try:
            with files.open_now(item.key) as stream:
                _add(archive, about, FILES + item.key, stream, item.size)
        except FileNotFoundError:
            continue  # deleted meanwhile
        progress("files", number, len(found))
    keys = secret_key()
    about.key, secret = fingerprint(keys), keys.encode()
    _add(archive, about, SECRET, io.BytesIO(secret), len(secret))
    listed = json.dumps(asdict(about), ensure_ascii=False, indent=1).encode()
    archive.addfile(_info(MANIFEST, len(listed)), io.BytesIO(listed))


def _info(name: str, size: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, 0o600
    return made


def _add(archive: tarfile.TarFile, about: Manifest, name: str, stream: IO[bytes], size: int) -> None:
    hashing = _Hashing(stream)
    archive.addfile(_info(name, size), hashing)
    about.members[name] = (size, hashing.digest.hexdigest())


def verify(source: Path, progress: Progress) -> Manifest:
    """Read the whole archive and compare it with its manifest. Raises BackupError for any difference."""
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
    if missing := {DUMP, SECRET} - set(seen):
        raise BackupError(f"{source} is not a backup of fairs: it holds no {', '.join(sorted(missing))}.")
    if manifest.key not in ("", fingerprint(secret_of(source))):
        raise BackupError(f"{source} is damaged: its secret key is not the one that it names.")
    return manifest


def _read_manifest(source: Path, raw: bytes) -> Manifest:
    try:
        found: dict[str, Any] = json.loads(raw)
        if found["format"] not in READABLE:
            raise BackupError(
                f"{source} was made by fairs {found.get('product', '?')} and has the format {found['format']}; "
                f"this version reads up to {FORMAT}: install the newer one."
            )
        members = {str(name): (int(size), str(digest)) for name, (size, digest) in found.pop("members").items()}
        made = Manifest(**found, members=members)
        made.pg_dump = made.pg_dump or pg_programs.major_of(made.postgres)
        return made
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{source} is damaged: its manifest cannot be read.") from error


@contextmanager
def _members(source: Path) -> Iterator[Iterator[tuple[str, IO[bytes], int]]]:
    """Name, content and size of each member, to be read in order. Raises BackupError for any read error."""
    try:
        with tarfile.open(source, mode="r:") as archive:
            yield _walk(source, archive)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{source} is not a whole backup: {error}.") from error
    except OSError as error:
        raise BackupError(f"Cannot read {source}: {error.strerror or error}.") from error


def _walk(source: Path, archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes], int]]:
    """Accepts only plain files with names that we write ourselves."""
    for member in archive:
        known = member.name in (DUMP, SECRET, MANIFEST) or member.name.startswith(FILES)
        if not (member.isreg() and known) or {"", ".", ".."} & set(member.name.split("/")):
            raise BackupError(f"{source} is not a backup of fairs: it holds {member.name!r}.")
        stream = archive.extractfile(member)
        assert stream is not None, "a plain file has content"
        yield member.name, stream, member.size


def secret_of(source: Path) -> str:
    """The secret key from a verified archive."""
    with _members(source) as members:
        return next(stream.read().decode() for name, stream, _ in members if name == SECRET)


def restore(
    source: Path, about: Manifest, *, dsn: str, postgres: str, files: ObjectStore, scratch: Path, progress: Progress
) -> None:
    """Write a verified archive's files into `files` and its rows into an empty database, all rows or none.

    `postgres` is the version of the server, `scratch` a folder for the temporary dump. Raises BackupError.
    """
    number = 0
    try:
        programs = pg_programs.loader_for(about.pg_dump)
        with scratch_folder(scratch) as folder:
            dump = folder / DUMP
            with _members(source) as members:
                for name, stream, _ in members:
                    if name == DUMP:
                        _copy(stream, dump)
                    elif name.startswith(FILES):
                        _put(files, name.removeprefix(FILES), stream)
                        number += 1
                        progress("files", number, about.files)
            progress("filling the database", 0, 0)
            pg_programs.load(programs, dump, dsn, postgres)
    except pg_programs.ProgramError as error:
        raise BackupError(str(error)) from error


def _put(files: ObjectStore, key: str, stream: IO[bytes]) -> None:
    try:
        files.put_now(key, stream)
    except Exception as error:
        raise BackupError(f"Cannot write to {files.place}: {error}.") from error


def _copy(stream: IO[bytes], target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
    except OSError as error:
        raise BackupError(f"Cannot write {target}: {error.strerror or error}.") from error
