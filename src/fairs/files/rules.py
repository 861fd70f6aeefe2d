"""What is taken for each purpose, and the names of files."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from fairs.core.i18n import N_
from fairs.files.checking import ENDINGS, OFFICE, PDF, PICTURES
from fairs.files.tables import Purpose

MEGABYTE = 1 << 20
FORM = 2 * MEGABYTE  # bytes of a form besides its file
LONGEST_NAME = 120  # characters
VIRUS_TEST = "".join(("X5O!P%@AP[4", "\\PZX54(P^)7CC)7}", "$EICAR-STANDARD-", "ANTIVIRUS-TEST-", "FILE!$H+H*")).encode()


@dataclass(frozen=True)
class Accepted:
    """Types, bytes, and the size in pixels to which a picture is made to fit; `crop`: it gets exactly this shape."""

    types: frozenset[str]
    most: int
    words: object
    width: int = 3000
    height: int = 3000
    crop: bool = False

    @property
    def accept(self) -> str:
        """The value of the HTML attribute."""
        return ",".join(sorted({*self.types, *(ENDINGS[kind] for kind in self.types)}))


ACCEPTED: dict[Purpose, Accepted] = {
    Purpose.LICENCE: Accepted(PICTURES | {PDF}, 20 * MEGABYTE, N_("A photo or scan (JPEG, PNG, WebP) or a PDF, at most 20 MB.")),
    Purpose.PHOTO: Accepted(PICTURES, 20 * MEGABYTE, N_("JPEG, PNG or WebP, at most 20 MB."), 600, 800, crop=True),
    Purpose.SPEAKER: Accepted(PICTURES, 20 * MEGABYTE, N_("JPEG, PNG or WebP, at most 20 MB."), 600, 800, crop=True),
    Purpose.LOGO: Accepted(PICTURES, 10 * MEGABYTE, N_("JPEG, PNG or WebP, at most 10 MB; what is transparent becomes white."), 1200, 1200),
    Purpose.EVIDENCE: Accepted(
        PICTURES | {PDF} | OFFICE,
        50 * MEGABYTE,
        N_("A picture, a PDF, or a Word, Excel or PowerPoint file without macros, at most 50 MB."),
    ),
    Purpose.PORTRAIT: Accepted(PICTURES, 10 * MEGABYTE, N_("JPEG, PNG or WebP, at most 10 MB."), 600, 800, crop=True),
    Purpose.POSTER: Accepted(PICTURES | {PDF}, 20 * MEGABYTE, N_("A picture (JPEG, PNG, WebP) or a PDF, at most 20 MB.")),
    Purpose.EXHIBIT: Accepted(PICTURES, 20 * MEGABYTE, N_("JPEG, PNG or WebP, at most 20 MB."), 1600, 1600),
    Purpose.SERVICE: Accepted(
        PICTURES | {PDF} | OFFICE,
        50 * MEGABYTE,
        N_("A picture, a PDF, or a Word, Excel or PowerPoint file without macros, at most 50 MB."),
    ),
    Purpose.RECEIPT: Accepted(PICTURES | {PDF}, 20 * MEGABYTE, N_("A picture (JPEG, PNG, WebP) or a PDF, at most 20 MB.")),
    Purpose.ANSWER: Accepted(PICTURES | {PDF}, 10 * MEGABYTE, N_("A picture (JPEG, PNG, WebP) or a PDF, at most 10 MB.")),
}  # fmt: skip


def body_limit(purpose: Purpose) -> int:
    """Bytes of a request that carries a file of this purpose."""
    return ACCEPTED[purpose].most + FORM


def clean_name(typed: str, kind: str) -> str:
    """The name for people: without folders, invisible characters and a wrong ending; never used as a path."""
    last = re.split(r"[/\\]", typed)[-1]
    plain = "".join(
        " " if unicodedata.category(sign)[0] in "CZ" else sign for sign in unicodedata.normalize("NFC", last)
    )
    stem = " ".join(re.sub(r'[<>:"|?*]', " ", plain).split()).lstrip(".")
    ending = ENDINGS[kind]
    suffix = PurePosixPath(stem).suffix.lower()
    if suffix == ending or (suffix == ".jpeg" and ending == ".jpg") or suffix in ENDINGS.values():
        stem = stem[: -len(suffix)]
    return f"{stem[:LONGEST_NAME].strip() or 'file'}{ending}"
