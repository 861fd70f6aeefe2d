"""Word, Excel and PowerPoint files: an archive of sound size, without programs, without objects of other programs, without
links that a reader follows by itself."""

import struct
import zipfile
import zlib
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from fairs.files.checking import Refused

MOST_ENTRIES = 3_000
MOST_BYTES = 300_000_000  # of all entries, unpacked
MOST_RATIO, FROM = 150, 2_000_000  # an entry of this many bytes is packed at most so many times smaller
MOST_XML = 20_000_000  # bytes of a file that is read as a whole
PIECE = 1 << 18
LINKS = ("http://", "https://", "mailto:", "#")
_HEADER = 30
_PACKED = (
    b"PK\x03\x04",
    b"Rar!",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xd0\xcf\x11\xe0",
    b"MZ\x90",
    b"\x7fELF",
)
_FORBIDDEN = (
    "vbaproject",
    "vbadata",
    "/activex/",
    "/embeddings/",
    "/externallinks/",
    "/customui",
    "/macrosheets/",
    "/ctrlprops/",
)
_ACTS = (b"DDEAUTO", b"ddeLink", b"oleLink")


def check_office(stream: IO[bytes], kind: str) -> None:
    """Raises Refused."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_entries(archive)
            for entry in archive.infolist():
                _check_entry(archive, entry)
            _check_types(archive, kind)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        RuntimeError,
        struct.error,
        OSError,
    ) as error:
        raise Refused("damaged") from error


def _check_entries(archive: zipfile.ZipFile) -> None:
    """Sizes as the directory tells them, names, and whether entries share bytes."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Refused("bomb")
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        raise Refused("damaged")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        name = entry.filename
        if entry.flag_bits & 1:
            raise Refused("encrypted")
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
            raise Refused("damaged")
        if any(word in f"/{name.lower()}" for word in _FORBIDDEN):
            raise Refused("active")
        if entry.header_offset < end:
            raise Refused("bomb")
        end = entry.header_offset + _HEADER + entry.compress_size


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """The entry's bytes, unpacked piece by piece: as many as it says, and no archive or program."""
    if entry.file_size >= FROM and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
        raise Refused("bomb")
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    size, before = 0, b""
    whole = bytearray()
    with archive.open(entry) as content:
        while piece := content.read(PIECE):
            if size == 0 and piece.startswith(_PACKED):
                raise Refused("nested")
            if is_xml and size == 0 and (piece.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in piece[:64]):
                raise Refused("damaged")  # UTF-16: what is searched below would not be found
            if is_xml and any(sign in before + piece for sign in _ACTS):
                raise Refused("active")
            size, before = size + len(piece), piece[-16:]
            if entry.filename.lower().endswith(".rels") and len(whole) <= MOST_XML:
                whole += piece
    if size != entry.file_size:
        raise Refused("damaged")
    if entry.filename.lower().endswith(".rels"):
        _check_links(_tree(bytes(whole)))


def _tree(content: bytes) -> Element:
    if len(content) > MOST_XML:
        raise Refused("bomb")
    try:
        found: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Refused("damaged") from error
    return found


def _check_links(links: Element) -> None:
    """A link that a person clicks is kept; what a program fetches by itself when it opens the file is refused."""
    for link in links:
        relation, target = link.get("Type", "").rpartition("/")[2].lower(), link.get("Target", "").strip().lower()
        if relation in (
            "oleobject",
            "vbaproject",
            "attachedtemplate",
            "externallink",
            "control",
            "package",
            "subdocument",
        ):
            raise Refused("active")
        outside = link.get("TargetMode", "").lower() == "external"
        if outside and not (relation == "hyperlink" and target.startswith(LINKS)):
            raise Refused("active")


def _check_types(archive: zipfile.ZipFile, kind: str) -> None:
    """The declared types hold no macros, and the main part is of the kind that the file is taken for."""
    entry = archive.getinfo("[Content_Types].xml")
    if entry.file_size > MOST_XML:
        raise Refused("bomb")
    declared = [item.get("ContentType", "").lower() for item in _tree(archive.read(entry))]
    if any(word in text for text in declared for word in ("macroenabled", "vba", "activex", "oleobject")):
        raise Refused("active")
    if not any(text.startswith(f"{kind}.main+xml") for text in declared):
        raise Refused("kind")
