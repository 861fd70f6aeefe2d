"""PostgreSQL's own client programs: dump a database, and restore a dump into a database of any version we support.

A dump is in pg_dump's custom format. It is restored as SQL through psql and not directly by pg_restore, because the
first statements of a newer pg_restore are unknown to an older server.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from fairs.core import dsn
from fairs.core.embedded.binaries import program_folders
from fairs.core.embedded.process import bound

NEEDED = ("pg_dump", "pg_restore", "psql")
NO_OWNERS = ("--no-owner", "--no-privileges")
UNKNOWN_BEFORE = {b"SET transaction_timeout = 0;\n": 17}
"""Lines at the start of a dump's SQL, and the first server version that understands them."""
HEAD_LINES = 60


class ProgramError(Exception):
    """A program is missing or has failed. The message is a sentence for a person."""


def major_of(version: str) -> int:
    """18 of "18.4"; 0 when it does not begin with a number."""
    match = re.match(r"\d+", version)
    return int(match.group()) if match else 0


def installed() -> dict[Path, int]:
    """Folders with all needed programs, and their major versions."""
    candidates = [*program_folders(), *(Path(found).parent for found in [shutil.which("pg_dump")] if found)]
    return {folder: major for folder in candidates if (major := _client_major(folder))}


def _client_major(folder: Path) -> int:
    """0 when a program is missing or does not run here."""
    if not all((folder / name).exists() for name in NEEDED):
        return 0
    try:
        answer = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True)  # noqa: S603
    except OSError:
        return 0
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match.group(1)) if match else 0


def dumper_for(version: str) -> tuple[Path, int]:
    """The folder for dumping a server and its major version: the server's own, else the next newer one."""
    major = major_of(version)
    fitting = {folder: found for folder, found in installed().items() if found >= major}
    if not fitting:
        raise ProgramError(
            f"The server is PostgreSQL {version}, and no pg_dump of version {major} or newer is here. "
            f"Install the client programs of PostgreSQL {major}."
        )
    return min(fitting.items(), key=lambda item: item[1])


def loader_for(dumped_by: int) -> Path:
    """The folder for restoring what pg_dump of this major version wrote: the newest, which reads all older ones."""
    offered = installed()
    if not offered or max(offered.values()) < dumped_by:
        raise ProgramError(
            f"The backup was written by pg_dump {dumped_by}, and no pg_restore of that version or newer is here. "
            f"Install the client programs of PostgreSQL {dumped_by}."
        )
    return max(offered, key=lambda folder: offered[folder])


def dump(folder: Path, url: str, target: Path) -> None:
    """Write a consistent snapshot of the database."""
    command, environment = _command(folder / "pg_dump", url)
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: S603 - found by us, no shell words
            [*command, "--format=custom", *NO_OWNERS, f"--file={target}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _check("pg_dump", done.returncode, said)


def load(folder: Path, dumped: Path, url: str, server: str) -> None:
    """Restore a dump into an empty database of the given version: all of it or, on any failure, nothing."""
    command, environment = _command(folder / "psql", url)
    reading = _bound([str(folder / "pg_restore"), "--file=-", *NO_OWNERS, str(dumped)])
    writing = [*command, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    with tempfile.TemporaryFile() as read_said, tempfile.TemporaryFile() as write_said:
        reader = subprocess.Popen(reading, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=read_said)  # noqa: S603
        writer = subprocess.Popen(  # noqa: S603
            writing, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=write_said
        )
        try:
            whole = _pass_on(reader, writer, major_of(server))
        finally:  # harmless for a finished program; an unfinished one must not commit a partial restore
            reader.kill()
            writer.kill()
            reader.wait()
            writer.wait()
        if not whole:
            _check("pg_restore", reader.returncode or 1, read_said)
        _check("psql", writer.returncode, write_said)


def _pass_on(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], major: int) -> bool:
    """Returns when psql has ended; False, with psql still waiting, when pg_restore has failed."""
    assert reader.stdout, "a pipe"
    assert writer.stdin, "a pipe"
    try:
        _pour(reader.stdout, writer.stdin, major)
        if reader.wait() != 0:
            return False
        writer.stdin.close()
    except BrokenPipeError:
        pass  # psql has ended, and reports why
    writer.wait()
    return True


def _pour(source: IO[bytes], target: IO[bytes], major: int) -> None:
    """Copies everything except lines the server does not know yet; rows come long after the head."""
    for _ in range(HEAD_LINES):
        line = source.readline()
        if UNKNOWN_BEFORE.get(line, 0) <= major:
            target.write(line)
    shutil.copyfileobj(source, target, 1 << 20)
    target.flush()


def _command(program: Path, url: str) -> tuple[list[str], dict[str, str]]:
    """A command line that connects; the password is in the environment, where other users cannot read it."""
    bare, password = dsn.without_password(url)
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10"}
    environment |= {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}  # .pgpass, certificates
    if password is not None:
        environment["PGPASSWORD"] = password
    return [*_bound([str(program)]), f"--dbname={bare}", "--no-password"], environment


def _bound(command: list[str]) -> list[str]:
    """Where the kernel supports it, the program ends with us: it does not go on writing after we were killed."""
    return bound(command, signal.SIGKILL) if sys.platform == "linux" else command


def _check(name: str, status: int, said: IO[bytes]) -> None:
    if status != 0:
        said.seek(0)
        words = " ".join(said.read().decode(errors="replace").split()) or f"exit status {status}"
        raise ProgramError(f"{name} failed: {words[:400]}")
