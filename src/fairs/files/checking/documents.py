"""PDF files without anything that acts: scripts, starts of programs, attached files, forms that send, passwords."""

from typing import Any, BinaryIO

import pikepdf

from fairs.files.checking import Refused

MOST_OBJECTS = 300_000
MOST_DEPTH = 60
KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMedia", "/AA"})
ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute",
        "/Movie", "/Sound",
    }
)  # fmt: skip
ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"})


def check_pdf(stream: BinaryIO) -> None:
    """Every object of the file is looked at, whether a page shows it or not. Raises Refused."""
    stream.seek(0)
    try:
        with pikepdf.open(stream, attempt_recovery=False, suppress_warnings=True) as found:
            if found.is_encrypted:
                raise Refused("encrypted")
            if len(found.pages) == 0:
                raise Refused("damaged")
            for number, item in enumerate(found.objects):
                if number > MOST_OBJECTS:
                    raise Refused("too_much")
                _look(item, 0)
            _look(found.trailer, MOST_DEPTH - 3)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError) as error:
        raise Refused("damaged") from error


def _look(item: Any, depth: int) -> None:
    """An object and what it holds itself; what it refers to is looked at in its own turn."""
    if depth > MOST_DEPTH:
        if depth < MOST_DEPTH + 2:
            return
        raise Refused("damaged")
    if isinstance(item, pikepdf.Stream | pikepdf.Dictionary):
        _look_into(item, depth)
    elif isinstance(item, pikepdf.Array):
        for part in item:
            if not _is_referred(part):
                _look(part, depth + 1)


def _look_into(item: Any, depth: int) -> None:
    keys = set(item.keys())
    if keys & KEYS or _named(item, "/S") in ACTIONS or _named(item, "/Subtype") in ANNOTATIONS:
        raise Refused("active")
    if _named(item, "/Type") in ("/EmbeddedFile",):
        raise Refused("active")
    for key in keys:
        part = item.get(key)
        if isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not _is_referred(part):
            _look(part, depth + 1)


def _named(item: Any, key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _is_referred(part: Any) -> bool:
    return bool(getattr(part, "is_indirect", False))
