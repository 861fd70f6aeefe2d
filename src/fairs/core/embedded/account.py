"""The user that runs the server: PostgreSQL refuses root, so root uses an unprivileged user."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairs.core.embedded.error import EmbeddedError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """User and group ids to run as; `switch` is False when they are already ours."""

    uid: int
    gid: int
    switch: bool

    @property
    def name(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    @property
    def surroundings(self) -> dict[str, Any]:
        """For subprocess: a clean environment, empty input, and new files not readable by others."""
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        if libraries := os.environ.get("LD_LIBRARY_PATH"):  # without it some interpreters do not find their own library
            environment["LD_LIBRARY_PATH"] = libraries
        return {"env": environment, "umask": 0o077, "cwd": "/", "stdin": subprocess.DEVNULL}

    @property
    def identity(self) -> dict[str, Any]:
        """For subprocess: user and groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def can_enter(self, folder: Path) -> bool:
        """Asks the kernel instead of reading mode bits: access lists and mounts count too."""
        if not self.switch:
            return True
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]).returncode == 0

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a short command as this user. PermissionError when this user cannot reach the program."""
        try:
            return subprocess.run(  # noqa: S603 - our own programs, no shell words
                command,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                **self.surroundings,
                **self.identity,
            )
        except PermissionError:
            if not self.switch or _can_switch(self):
                raise
            raise EmbeddedError(
                f"PostgreSQL must not run as root, and this system does not let root become {self.name}. "
                "Start as an ordinary user, or set FAIRS_DATABASE_URL to a PostgreSQL server."
            ) from None

    def own(self, folder: Path) -> None:
        """Make the server's user the owner of a folder that we have just made."""
        if self.switch:
            os.chown(folder, self.uid, self.gid)


def _can_switch(account: Account) -> bool:
    try:
        return subprocess.run(["/bin/true"], **account.surroundings, **account.identity).returncode == 0
    except OSError:
        return False


def choose_account(cluster: Path) -> Account:
    """The owner of an existing cluster (PostgreSQL insists); for a new one our own user, or root's substitute."""
    us = os.geteuid()
    try:
        owner = cluster.stat()
    except FileNotFoundError:
        return _account_for_new(us)
    except PermissionError:
        raise EmbeddedError(f"Cannot enter the folder {cluster}. Start as the user who owns it.") from None
    if us not in (0, owner.st_uid):
        name = Account(owner.st_uid, owner.st_gid, switch=True).name
        raise EmbeddedError(
            f"The database in {cluster} belongs to the user {name}. "
            f"Start as {name} or as root, or choose another data folder."
        )
    if owner.st_uid == 0:
        return _account_for_new(us)
    return Account(owner.st_uid, owner.st_gid, switch=us == 0)


def _account_for_new(us: int) -> Account:
    if us != 0:
        return Account(us, os.getegid(), switch=False)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise EmbeddedError(
        "PostgreSQL must not run as root, and this system has neither a user postgres nor nobody. "
        "Start as an ordinary user."
    )
