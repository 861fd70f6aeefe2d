"""Decides whether an uploaded file is taken: by its size, by the virus scanner if there is one, and by the child that reads it."""

import asyncio
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import msgspec

from fairs.core.i18n import N_
from fairs.core.services import SETTINGS
from fairs.files import clamd
from fairs.files.checking import Finding, Task
from fairs.files.rules import ACCEPTED, VIRUS_TEST
from fairs.files.tables import Purpose

REFUSALS: dict[str, object] = {
    "empty": N_("The file is empty."),
    "size": N_("The file is too large."),
    "kind": N_("This kind of file is not taken here."),
    "two_kinds": N_("The file is of two kinds at once. Open it and save or print it anew."),
    "damaged": N_("The file cannot be read. Open it and save it anew."),
    "pixels": N_("The picture has too many pixels: at most 60 million."),
    "active": N_(
        "The file holds something that acts by itself: a macro, a script, an attached file or a link that opens alone."
        " Save it without, or print it as a PDF."
    ),
    "encrypted": N_("The file is protected by a password. Save it without one."),
    "bomb": N_("The file grows too large when it is unpacked."),
    "nested": N_("The file holds another archive or program."),
    "too_much": N_("The file is too large to be checked."),
    "virus": N_("The virus scanner has found something in this file."),
}
CHILDREN = 2  # files that a process looks into at once
CHILD_SECONDS = 60.0
_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class RefusedFile(Exception):
    """The file is not taken; `message` is a sentence for the person, `code` a key of REFUSALS."""

    def __init__(self, code: str, message: object = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or REFUSALS[code]


@dataclass(frozen=True)
class Inspected:
    """A file that is taken: where its content lies now."""

    path: Path
    type: str
    size: int
    sha256: bytes


async def inspect(source: Path, folder: Path, purpose: Purpose) -> Inspected:
    """Look into `source`; a picture is written anew into `folder`. Raises RefusedFile, and NotChecked without its scanner."""
    accepted = ACCEPTED[purpose]
    size = await asyncio.to_thread(os.path.getsize, source)
    if size == 0:
        raise RefusedFile("empty")
    if size > accepted.most:
        raise RefusedFile("size", accepted.words)
    if await asyncio.to_thread(_has_virus_test, source):
        raise RefusedFile("virus")
    if (url := SETTINGS().clamd_url) and await clamd.finds(url, source):
        raise RefusedFile("virus")
    target = folder / "anew"
    task = Task(
        str(source), str(target), sorted(accepted.types), accepted.width, accepted.height, accepted.crop
    )  # fmt: skip
    async with _places():
        finding = await _ask_child(task)
    if finding.refusal:
        raise RefusedFile(finding.refusal, accepted.words if finding.refusal == "kind" else None)
    path = target if finding.anew else source
    return Inspected(
        path, finding.type, await asyncio.to_thread(os.path.getsize, path), await asyncio.to_thread(_digest, path)
    )


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _has_virus_test(path: Path) -> bool:
    """Whether the file holds the text by which virus scanners are tried: refused also where there is no scanner."""
    before = b""
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            if VIRUS_TEST in before + piece:
                return True
            before = piece[-len(VIRUS_TEST) :]
    return False


def _places() -> asyncio.Semaphore:
    """A process looks into at most CHILDREN files at once; the others wait."""
    return _waiting.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(CHILDREN))


async def _ask_child(task: Task) -> Finding:
    """The child's answer; a child that dies or takes too long counts as a file that is too large."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "fairs.files.checking",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(CHILD_SECONDS):
            written, _ = await child.communicate(msgspec.json.encode(task))
    except TimeoutError:
        return Finding(refusal="too_much")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        return Finding(refusal="too_much")
    return msgspec.json.decode(written, type=Finding)
