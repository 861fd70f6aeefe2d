"""Where the content of files lies: a folder of this machine, or a bucket of an S3-compatible store, through obstore.

`FAIRS_FILES_URL` is empty (DATA/files), `file:///folder`, or `s3://bucket/prefix?endpoint=https://…&region=…`; credentials
of a bucket come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`). Keys are random and say nothing. A
store is opened in the process that uses it, on first use: its threads do not survive a fork.
"""

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from fairs.core.services import SETTINGS, Service
from fairs.settings import Settings

if TYPE_CHECKING:  # loaded when the first file is stored or read
    from obstore.store import LocalStore, S3Store

CHUNK = 1 << 20  # bytes read at a time
PART = 5 << 20  # bytes of a part of an upload, the least that S3 takes
PROBE = "probe"


class StoreError(Exception):
    """The store cannot be used; the message is a sentence for an administrator."""


@dataclass(frozen=True)
class Item:
    """An object of the store."""

    key: str
    size: int
    changed: datetime


def folder_of(found: Settings) -> Path | None:
    """The folder of the files; None for a bucket."""
    if not found.files_url:
        return found.data_dir / "files"
    parts = urlsplit(found.files_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def mistake(url: str) -> str | None:
    """What is wrong with FAIRS_FILES_URL, visible without trying it."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        return "cannot be read as an address"
    if parts.scheme == "file":
        return None if not parts.netloc and len(parts.path) > 1 else "must be file:///folder with a whole path"
    if parts.scheme != "s3" or not parts.netloc:
        return "must look like file:///folder or s3://bucket/prefix?endpoint=https://…&region=…"
    if parts.username or parts.password:
        return "must not hold a password: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    unknown = sorted(set(query) - {"endpoint", "region"})
    return f"knows endpoint and region, not {', '.join(unknown)}" if unknown else None


class ObjectStore:
    """Put, read, list and delete by key; nothing is ever read or written as a whole in memory."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened: LocalStore | S3Store | None = None

    @property
    def place(self) -> str:
        """The store in words, for an administrator."""
        folder = folder_of(self.settings)
        return str(folder) if folder else self.settings.files_url.partition("?")[0]

    @property
    def _store(self) -> Any:
        if self._opened is None:
            self._opened = _opened(self.settings)
        return self._opened

    async def put(self, key: str, content: IO[bytes]) -> None:
        """Store the rest of a stream; an object of that key appears as a whole or not at all."""
        await self._store.put_async(key, content, chunk_size=PART, max_concurrency=2, use_multipart=True)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The content in parts. Raises FileNotFoundError before the first one."""
        found = await self._store.get_async(key)
        return _parts(found.stream(min_chunk_size=CHUNK // 4))

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        try:
            await self._store.delete_async(key)
        except FileNotFoundError:
            return

    async def items(self) -> AsyncIterator[Item]:
        """Every object, in batches that the store decides."""
        async for batch in self._store.list(chunk_size=500):
            for found in batch:
                yield Item(found["path"], found["size"], found["last_modified"])

    def items_now(self) -> Iterator[Item]:
        """Every object, for commands."""
        for batch in self._store.list(chunk_size=500):
            for found in batch:
                yield Item(found["path"], found["size"], found["last_modified"])

    def open_now(self, key: str) -> IO[bytes]:
        """A stream of an object, for commands. Raises FileNotFoundError."""
        return io.BufferedReader(_Reading(self._store.get(key).stream(min_chunk_size=CHUNK)), CHUNK)

    def put_now(self, key: str, content: IO[bytes]) -> None:
        """Store the rest of a stream, for commands."""
        self._store.put(key, content, chunk_size=PART, max_concurrency=2, use_multipart=True)

    def probe(self) -> None:
        """Write and delete a small object. Raises StoreError with the reason."""
        try:
            self._store.put(PROBE, b"fairs")
            self._store.delete(PROBE)
        except Exception as error:
            raise StoreError(str(error).partition("\n")[0][:300]) from error


class _Reading(io.RawIOBase):
    """The parts of an object as a stream."""

    def __init__(self, parts: Any) -> None:
        self._parts, self._rest = iter(parts), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(bytes(part))
        size = min(len(target), len(self._rest))
        target[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


async def _parts(stream: Any) -> AsyncIterator[bytes]:
    async for part in stream:
        yield bytes(part)


def _opened(settings: Settings) -> "LocalStore | S3Store":
    from obstore.store import LocalStore, S3Store

    folder = folder_of(settings)
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    parts = urlsplit(settings.files_url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    options: dict[str, Any] = {"region": query.get("region", "us-east-1")}
    if endpoint := query.get("endpoint"):
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    return S3Store(
        parts.netloc,
        prefix=unquote(parts.path).strip("/") or None,
        client_options={
            "allow_http": query.get("endpoint", "").startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        **options,
    )


STORE: Service[ObjectStore] = Service(lambda: ObjectStore(SETTINGS()))
