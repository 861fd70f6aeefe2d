"""A package index in a folder: every locked package as a wheel without contents, with the metadata of the real one.

Beside each release that is locked stands a newer one, as on a real index some weeks later.
"""

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")
KEPT = ("Requires-Dist", "Provides-Extra")


@dataclass(frozen=True)
class Pin:
    """A line of a lock."""

    name: str
    version: str
    marker: str


def pins(lock: Path) -> list[Pin]:
    """What a lock installs. Every line is one of these, or a hash."""
    lines = [line for line in lock.read_text(encoding="utf-8").splitlines() if "--hash=" not in line]
    found = [PIN.match(line) for line in lines if line]
    assert all(found), lines
    return [Pin(match["name"], match["version"], match["marker"] or "") for match in found if match]


def newer(version: str) -> str:
    """The release after a locked one: its last number is one higher, so that every bound that allows ours allows it."""
    parts = re.fullmatch(r"((?:\d+\.)*)(\d+)[^.]*", version)
    assert parts, version
    head, last = parts.groups()
    return f"{head}{int(last) + 1}"


def needs(name: str) -> list[tuple[str, str]]:
    """The lines of a package's metadata that a resolver reads; none for what is installed on other platforms only."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    assert isinstance(told, Message)
    return [(key, value) for key in KEPT for value in told.get_all(key) or []]


class Index:
    """`simple/` in a folder, for `--index-url file://…`, and locks of the same form whose hashes are its wheels'."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = (folder / "simple").as_uri()

    def lock(self, real: Path) -> Path:
        """The lock over again, line by line, with every wheel made."""
        target = self.folder / f"{real.parent.name}-{real.name}"
        target.write_text("".join(self._line(pin) for pin in pins(real)), encoding="utf-8")
        return target

    def _line(self, pin: Pin) -> str:
        page = self.folder / "simple" / pin.name
        page.mkdir(parents=True, exist_ok=True)
        wheel = _wheel(page, pin.name, pin.version)
        _wheel(page, pin.name, newer(pin.version))
        links = "".join(f'<a href="{item.name}">{item.name}</a>\n' for item in sorted(page.glob("*.whl")))
        (page / "index.html").write_text(f"<!doctype html><html><body>{links}</body></html>", encoding="utf-8")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        marker = f" ; {pin.marker}" if pin.marker else ""
        return f"{pin.name}=={pin.version}{marker} \\\n    --hash=sha256:{digest}\n"


def _wheel(folder: Path, name: str, version: str) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    target = folder / f"{stem}-py3-none-any.whl"
    info = f"{stem}.dist-info"
    files = {
        f"{info}/METADATA": "".join(_metadata(name, version)),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: fairs\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},{_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return target


def _metadata(name: str, version: str) -> Iterator[str]:
    yield f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    for key, value in needs(name):
        yield f"{key}: {value}\n"


def _digest(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
