"""Locations of the cluster and its socket; a folder that we did not make is never changed."""

import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fairs.core.embedded.account import Account
from fairs.core.embedded.error import EmbeddedError, report

SYSTEM_DIR = Path("/var/lib/fairs")
CLUSTER = "postgres"
POINTER = "postgres.location"
ORIGIN = "origin"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
"""Maximum bytes of a socket's path, a kernel limit."""


def make_data_folder(data_dir: Path) -> None:
    """A private folder; when run as root, the server's user can pass through it (not read it)."""
    if any(ord(character) < 32 for character in str(data_dir)):
        raise EmbeddedError("The data folder's path has a line break or another control character in it.")
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        data_dir.mkdir(mode=0o700)
    except FileExistsError:
        if not data_dir.is_dir():
            raise EmbeddedError(f"{data_dir} or a part of that path is a file, not a folder.") from None
    except OSError as error:
        raise EmbeddedError(f"Cannot make the data folder {data_dir}: {error.strerror}.") from error
    else:
        if os.geteuid() == 0:
            data_dir.chmod(0o711)


def find_home(data_dir: Path) -> Path:
    """The folder with the cluster, its log and its server lock: the data folder or the folder it points to."""
    try:
        lines = (data_dir / POINTER).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return data_dir
    except OSError as error:
        raise EmbeddedError(f"Cannot read {data_dir / POINTER}: {error.strerror}.") from error
    return Path(lines[0])


def choose_home(data_dir: Path, account: Account, system_dir: Path) -> Path:
    """Like `find_home`, and stores the choice for a new database. Only for the holder of the owner's lock."""
    home = find_home(data_dir)
    if home != data_dir:
        _check_origin(home, data_dir)
        return home
    if account.can_enter(data_dir):
        return data_dir
    if (data_dir / CLUSTER).exists():
        raise EmbeddedError(
            f"The server runs as the user {account.name}, who cannot enter {data_dir} with the database. "
            "Move the data folder to a place that user can reach."
        )
    return _home_elsewhere(data_dir, account, system_dir)


def _home_elsewhere(data_dir: Path, account: Account, system_dir: Path) -> Path:
    """For a data folder such as one below /root: the database goes to a system folder, and a file stores its path."""
    trusted_folder(system_dir)
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    for left in _left_behind(system_dir, digest, data_dir):
        report(f"{left} holds the database of an earlier {data_dir}; delete it when you no longer need it")
    home = system_dir / f"data-{digest}-{secrets.token_hex(4)}"
    try:
        home.mkdir(mode=0o711)
        home.chmod(0o711)
        _write(home / ORIGIN, f"{data_dir}\n")
        _write(
            data_dir / POINTER,
            f"{home}\nThe user {account.name} cannot enter this folder; the database is there.\n",
        )
    except OSError as error:
        raise EmbeddedError(f"Cannot keep the database in {home}: {error.strerror}.") from error
    report(f"the user {account.name} cannot enter {data_dir}, so the database is kept in {home}")
    return home


def _left_behind(system_dir: Path, digest: str, data_dir: Path) -> Iterator[Path]:
    for home in system_dir.glob(f"data-{digest}-*"):
        if (home / CLUSTER).exists() and (home / ORIGIN).read_text(encoding="utf-8").rstrip("\n") == str(data_dir):
            yield home


def _check_origin(home: Path, data_dir: Path) -> None:
    """One database belongs to one data folder: a moved folder keeps it, a copied one is refused."""
    try:
        origin = Path((home / ORIGIN).read_text(encoding="utf-8").rstrip("\n"))
    except OSError as error:
        raise EmbeddedError(
            f"The database of {data_dir} was kept in {home}, which is no longer there ({error.strerror}). "
            f"Bring it back, or delete {data_dir / POINTER} to begin with an empty database."
        ) from error
    if origin == data_dir:
        return
    if (origin / POINTER).exists() and find_home(origin) == home:
        raise EmbeddedError(
            f"{data_dir} is a copy of {origin}, and both name the database in {home}. "
            f"Use {origin}, or delete {data_dir / POINTER} to begin with an empty database."
        )
    _write(home / ORIGIN, f"{data_dir}\n")


def trusted_folder(folder: Path) -> Path:
    """A folder of root that no other user may write to, made if missing: root will run programs from it."""
    try:
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    except FileExistsError:
        pass
    except OSError as error:
        raise EmbeddedError(
            f"Cannot make the folder {folder}: {error.strerror}. "
            "Start as an ordinary user, or use a data folder that every user may pass through."
        ) from error
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedError(f"{folder} must be a folder of root that nobody else can write to.")
    return folder


def _write(file: Path, text: str) -> None:
    """Write completely or not at all, also through a power cut."""
    aside = file.with_name(f"{file.name}.new")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def choose_socket_dir(cluster: Path, account: Account, preferred: Path | None = None) -> Path:
    """The cluster itself (0700), or a private folder elsewhere if its path is too long for a socket.

    `preferred` is where the server's clients already look for the socket.
    """
    if _fits(cluster):
        return cluster
    if preferred is not None and _make_private(preferred, account):
        return preferred
    digest = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:16]
    for parent in _runtime_folders(account):
        folder = parent / f"fairs-{account.uid}-{digest}"
        if _fits(folder) and parent.is_dir() and account.can_enter(parent) and _make_private(folder, account):
            return folder
    raise EmbeddedError(f"The path {cluster} is too long for a socket, and there is no other place for one.")


def _fits(folder: Path) -> bool:
    """Short enough, and without a comma, which separates hosts in a connection string."""
    try:
        length = len(str(folder / SOCKET_NAME).encode())
    except UnicodeEncodeError:
        return False
    return length <= SOCKET_PATH_LIMIT and "," not in str(folder)


def _runtime_folders(account: Account) -> Iterator[Path]:
    if account.switch:
        yield Path("/run")
    elif os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(os.environ["XDG_RUNTIME_DIR"])
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")  # noqa: S108 - short, and `_make_private` trusts nothing it finds there


def _make_private(folder: Path, account: Account) -> bool:
    """True if the folder belongs to the server only, and is not one that another user put in its place."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not found.st_mode & 0o077
