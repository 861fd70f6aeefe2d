"""What the agent has done with its jobs, on its own disk: written before the act, so that a crash leaves a trace.

One file in a folder, replaced as a whole. A lock beside it keeps a second agent out.
"""

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO


class InUse(Exception):
    """Another agent uses this folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`number` 0: about to be sent, nobody knows whether it was. `state`: how it ended, empty while it has not."""

    number: int = 0
    state: str = ""
    reason: str = ""


class Journal:
    """The file, and the name of this agent, which is made with it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "journal.json"
        self._lock: IO[str] = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            self._lock.close()
            raise InUse(str(folder)) from held
        self.agent = secrets.token_hex(8)
        self._entries: dict[int, Entry] = {}
        self._read()

    def _read(self) -> None:
        """A file that cannot be read is as none: the agent is a new one then, and claims nothing."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            self._entries = {int(job): Entry(**entry) for job, entry in kept["jobs"].items()}
            self.agent = str(kept["agent"])
        except FileNotFoundError:
            self._write()
        except (ValueError, KeyError, TypeError, AttributeError):
            self._entries = {}
            self._write()

    def get(self, job: int) -> Entry | None:
        """What was done with a job; None: nothing."""
        return self._entries.get(job)

    def put(self, job: int, entry: Entry) -> None:
        """Note it; on the disk when this returns."""
        self._entries[job] = entry
        self._write()

    def drop(self, job: int) -> None:
        """The server knows how it ended."""
        if self._entries.pop(job, None) is not None:
            self._write()

    def _write(self) -> None:
        told = {"agent": self.agent, "jobs": {str(job): asdict(entry) for job, entry in self._entries.items()}}
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as out:
            json.dump(told, out)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Let another agent use the folder."""
        self._lock.close()
