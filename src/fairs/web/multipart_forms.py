"""Reads a form with files: text stays small, a file goes to disk beyond its first megabyte."""

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartSegment, ParserError, ParserLimitReached, PushMultipartParser

MOST_TEXT = 5_000_000  # bytes of all texts together, the limit of a form without files
MOST_PARTS = 1000
SPOOL = 1 << 20  # bytes of a file that stay in memory


class _Form:
    """The parts read so far."""

    def __init__(self) -> None:
        self.fields: defaultdict[str, list[Any]] = defaultdict(list)
        self.part: MultipartSegment | None = None
        self.content: UploadFile | bytearray = bytearray()
        self.text = 0

    def begin(self, part: MultipartSegment) -> None:
        self.part, self.content = part, bytearray()
        if part.filename:
            kind = part.content_type or "application/octet-stream"
            self.content = UploadFile(kind, part.filename, max_spool_size=SPOOL)

    async def add(self, data: bytes | bytearray) -> None:
        if isinstance(self.content, UploadFile):
            await self.content.write(bytes(data))
            return
        self.text += len(data)
        if self.text > MOST_TEXT:
            raise RequestEntityTooLarge
        self.content.extend(data)

    async def end(self) -> None:
        if self.part is None:
            raise ClientException("a part of the form has no head")
        if isinstance(self.content, UploadFile):
            await self.content.seek(0)
            self.fields[self.part.name].append(self.content)
        else:
            self.fields[self.part.name].append(self.content.decode(self.part.charset or "utf-8"))
        self.part, self.content = None, bytearray()

    async def close(self) -> None:
        """Close the files of a form that is not taken."""
        for value in (self.content, *(value for values in self.fields.values() for value in values)):
            if isinstance(value, UploadFile):
                await value.close()


async def read(stream: AsyncIterator[bytes], boundary: str) -> dict[str, Any]:
    """Field → its value, or the list of its values. Raises ClientException, RequestEntityTooLarge."""
    form = _Form()
    try:
        with PushMultipartParser(boundary.encode("latin-1"), max_segment_count=MOST_PARTS) as parser:
            async for chunk in stream:
                if parser.closed:
                    continue  # what follows the last boundary says nothing
                for found in parser.parse(chunk):
                    if isinstance(found, MultipartSegment):
                        form.begin(found)
                    elif found:
                        await form.add(found)
                    else:
                        await form.end()
    except BaseException as error:
        await form.close()
        if isinstance(error, ParserLimitReached):
            raise RequestEntityTooLarge from error
        if isinstance(error, ParserError):
            raise ClientException("the form cannot be read") from error
        raise
    return {name: values if len(values) > 1 else values[0] for name, values in form.fields.items()}
