"""What a file is by its bytes, and whether it is something else as well."""

import struct
import zipfile
from typing import IO

from fairs.files.checking import DOCX, JPEG, OFFICE, PDF, PNG, PPTX, WEBP, XLSX, Refused

HEAD, TAIL = 4096, 65_536  # bytes looked at where another format may begin or end
ACTIVE = (b"<script", b"<?php", b"<!doctype", b"<html", b"<svg", b"#!/", b"MZ\x90\x00", b"\x7fELF")
_MAIN = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_ZIP, _END = b"PK\x03\x04", b"PK\x05\x06"


def type_of(stream: IO[bytes]) -> str:
    """The type, or an empty text for anything that is not taken."""
    stream.seek(0)
    head = stream.read(16)
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    return _office(stream) if head.startswith(_ZIP) else ""


def _office(stream: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error):
        return ""
    found = [kind for name, kind in _MAIN.items() if name in names]
    return found[0] if len(found) == 1 and "[Content_Types].xml" in names else ""


def refuse_second_kind(stream: IO[bytes], kind: str) -> None:
    """A file that another program takes for another format (a picture that is an archive, a PDF that is a page) is refused.

    Raises Refused.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    tail = stream.read()
    ends = (head if kind != PDF else head[:1024]).lower(), tail.lower()
    if kind in OFFICE:
        _refuse_around(stream, tail)
        return
    if _END in tail or any(sign.lower() in part for sign in ACTIVE for part in ends[:1]):
        raise Refused("two_kinds")
    if kind == PDF:
        _refuse_after_end(tail)
    elif b"%pdf-" in ends[0] or any(sign.lower() in ends[1] for sign in ACTIVE[:5]):
        raise Refused("two_kinds")


def _refuse_after_end(tail: bytes) -> None:
    """Readers look for the end in the last kilobyte; what stands behind it belongs to another format."""
    at = tail.rfind(b"%%EOF")
    if at < 0:
        raise Refused("damaged")
    if len(tail) - at - 5 > 1024 or any(sign in tail[at:].lower() for sign in ACTIVE[:5]):
        raise Refused("two_kinds")


def _refuse_around(stream: IO[bytes], tail: bytes) -> None:
    """An archive begins at the first byte and ends at the last: nothing stands before, behind or in its comment."""
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at != 22:
        raise Refused("two_kinds")
    size, offset = struct.unpack("<LL", tail[at + 12 : at + 20])
    end = stream.seek(0, 2) - 22
    if offset != 0xFFFFFFFF and size + offset != end:
        raise Refused("two_kinds")
