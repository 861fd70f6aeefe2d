"""Looks into an uploaded file, in a process of its own: `python -m fairs.files.checking`.

What strangers send is read by libraries for pictures, PDF and ZIP; a child with a limit of memory and of time reads it, so
that a bomb ends the child alone (`fairs.files.inspection` starts it). The package is light: no language, no settings, no
database. It does not change the file, except that a picture is written anew.
"""

import msgspec

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX, PPTX = (
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}spreadsheetml.sheet",
    f"{_OFFICE}presentationml.presentation",
)
PICTURES = frozenset({JPEG, PNG, WEBP})
OFFICE = frozenset({DOCX, XLSX, PPTX})
ENDINGS = {JPEG: ".jpg", PNG: ".png", WEBP: ".webp", PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx", PPTX: ".pptx"}


class Task(msgspec.Struct, frozen=True):
    """The request to the child: the file, the types that are taken, and where a picture is written anew.

    `width` and `height`: what the picture is made to fit; `crop`: it is cut to exactly this shape.
    """

    source: str
    target: str
    types: list[str]
    width: int
    height: int
    crop: bool = False


class Finding(msgspec.Struct, frozen=True):
    """The child's answer: the type by bytes, or why the file is refused. `anew`: the picture is in `target`."""

    type: str = ""
    anew: bool = False
    refusal: str = ""


class Refused(Exception):
    """The file is not taken; `code` is a key of `fairs.files.inspection.REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
