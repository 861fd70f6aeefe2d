"""Files made for the tests: sound ones, and hostile ones of each kind. Nothing harmful is kept in the repository."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="{type}.main+xml"/>{more}</Types>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{links}</Relationships>"
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 1200), colour: str = "navy", **more: object) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def located_picture() -> bytes:
    """A photo as a telephone makes it: lying, with a note of the place and the name of the camera."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Zhang"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (34.0, 45.0, 0.0)
    return picture(size=(1200, 900), exif=exif.tobytes())


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!L", len(content)) + kind + content + struct.pack("!L", zlib.crc32(kind + content))


def huge_png(side: int = 10_000) -> bytes:
    """A PNG of side × side pixels in some kilobytes."""
    packer = zlib.compressobj(9)
    row = b"\0" + b"\0" * (side // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack("!LLBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = _png_chunk(b"IHDR", head) + _png_chunk(b"IDAT", packed) + _png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def pdf(change: str = "", *, password: bool = False) -> bytes:
    """A page; `change` adds something that acts."""
    made = pikepdf.new()
    made.add_blank_page()
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    if change == "open_script":
        made.Root.OpenAction = script
    elif change == "hidden_script":
        made.pages[0]["/Annots"] = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Widget, A=script)])
    elif change == "launch":
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    elif change == "attached":
        made.attachments["a.exe"] = b"MZ"
    elif change == "form_sends":
        made.pages[0]["/AA"] = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.SubmitForm))
    out = io.BytesIO()
    encryption = pikepdf.Encryption(owner="secret", user="") if password else False
    made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, encryption=encryption)
    return out.getvalue()


def office(
    files: dict[str, bytes | str] | None = None, *, types: str = "", links: str = "", main: str = "<w:document/>"
) -> bytes:
    """A Word file with one part; more parts, types and links as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES.format(type=WORD, more=types))
        archive.writestr("word/document.xml", main)
        archive.writestr("word/_rels/document.xml.rels", _RELS.format(links=links))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def link(kind: str, target: str, mode: str = "External") -> str:
    """A link of a part to something outside."""
    return f'<Relationship Id="r1" Type="{_KIND}{kind}" Target="{target}" TargetMode="{mode}"/>'


def overlapping_office() -> bytes:
    """An archive whose directory names the same bytes twice."""
    made = office({"word/big.bin": b"0" * 100_000})
    at = made.rfind(b"PK\x05\x06")
    size, start = struct.unpack("<LL", made[at + 12 : at + 20])
    directory = bytearray(made[start : start + size])
    last = directory.rfind(b"PK\x01\x02")
    twin = directory[last:].replace(b"word/big.bin", b"word/bis.bin")
    count = struct.unpack("<H", made[at + 10 : at + 12])[0] + 1
    whole = bytes(directory) + bytes(twin)
    end = made[at : at + 8] + struct.pack("<HHLLH", count, count, len(whole), start, 0)
    return made[:start] + whole + end


def virus_test() -> bytes:
    """The text by which virus scanners are tried, put together here."""
    return b"".join((b"X5O!P%@AP[4\\PZX54(P^)", b"7CC)7}$EICAR-STAND", b"ARD-ANTIVIRUS-TEST-FILE!$H+H*"))
