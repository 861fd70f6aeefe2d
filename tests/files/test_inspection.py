"""Which files are taken and which are refused, with real files and the real child."""

import io
from pathlib import Path

import pytest
from PIL import Image

from fairs.files.inspection import RefusedFile, inspect
from fairs.files.rules import ACCEPTED, clean_name
from fairs.files.tables import Purpose
from tests.files import samples

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "svg with a script": (SVG, "kind"),
    "svg called a picture": (b"\xef\xbb\xbf" + SVG, "kind"),
    "page": (b"<!doctype html><script>alert(1)</script>", "kind"),
    "old Word file": (OLE, "kind"),
    "program": (b"MZ\x90\x00" + b"\0" * 400, "kind"),
    "plain archive": (samples.office()[:4] + b"\0" * 300, "kind"),
    "virus test": (samples.virus_test(), "virus"),
    "virus test in a PDF": (samples.pdf() + b"\n%" + samples.virus_test(), "virus"),
    "10,000 × 10,000 PNG": (samples.huge_png(), "pixels"),
    "half a picture": (samples.picture()[:2000], "damaged"),
    "picture and archive": (samples.picture() + samples.office(), "two_kinds"),
    "picture and page": (samples.picture() + b"<html><script>alert(1)</script></html>", "two_kinds"),
    "picture and PDF": (samples.picture("PNG")[:33] + b"%PDF-1.7 " + samples.picture("PNG")[33:], "two_kinds"),
    "PDF and archive": (samples.pdf() + samples.office(), "two_kinds"),
    "PDF and page": (samples.pdf().replace(b"\n", b"\n%<html><script>1</script>\n", 1), "two_kinds"),
    "PDF behind something": (b"GIF89a" + samples.pdf(), "kind"),
    "PDF that runs a script": (samples.pdf("open_script"), "active"),
    "PDF with a script in a field": (samples.pdf("hidden_script"), "active"),
    "PDF that starts a program": (samples.pdf("launch"), "active"),
    "PDF with a file in it": (samples.pdf("attached"), "active"),
    "PDF that sends": (samples.pdf("form_sends"), "active"),
    "PDF under a password": (samples.pdf(password=True), "encrypted"),
    "half a PDF": (samples.pdf()[:200] + b"\n%%EOF", "damaged"),
    "zip bomb": (samples.office({"word/media/x.bin": b"\0" * 30_000_000}), "bomb"),
    "many bombs": (samples.office({f"word/{n}.bin": b"\0" * 1_900_000 for n in range(160)}), "bomb"),
    "thousands of parts": (samples.office({f"word/{n}.xml": "<a/>" for n in range(3001)}), "bomb"),
    "parts that share bytes": (samples.overlapping_office(), "bomb"),
    "archive in it": (samples.office({"word/media/a.png": samples.office()}), "nested"),
    "program in it": (samples.office({"word/media/a.png": b"MZ\x90\x00" + b"0" * 99}), "nested"),
    "macro": (samples.office({"word/vbaProject.bin": b"x"}), "active"),
    "macro under another name": (
        samples.office(types='<Override PartName="/word/a.bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
        "active",
    ),
    "object of another program": (samples.office({"word/embeddings/oleObject1.bin": b"x"}), "active"),
    "template from elsewhere": (samples.office(links=samples.link("attachedTemplate", "http://evil/x.dotm")), "active"),
    "picture from elsewhere": (samples.office(links=samples.link("image", "http://evil/x.png")), "active"),
    "link to a share": (samples.office(links=samples.link("hyperlink", "file://server/share")), "active"),
    "DDE": (samples.office(main="<w:document><w:instrText>DDEAUTO c:\\x</w:instrText></w:document>"), "active"),
    "entities": (samples.office({"word/_rels/b.xml.rels": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "damaged"),
    "way out of the folder": (samples.office({"../../etc/passwd": "x"}), "damaged"),
    "something before the archive": (b"PK\x03\x04" + samples.office(), "two_kinds"),
    "something behind the archive": (samples.office() + b"%PDF-1.7", "two_kinds"),
}  # fmt: skip


async def finds(content: bytes, folder: Path, purpose: Purpose = Purpose.EVIDENCE) -> str:
    source = folder / "source"
    source.write_bytes(content)
    try:
        return (await inspect(source, folder, purpose)).type
    except RefusedFile as refused:
        return refused.code


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_file_is_refused(name: str, tmp_path: Path, test_settings: object) -> None:
    content, reason = HOSTILE[name]
    assert await finds(content, tmp_path) == reason


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (samples.picture(), "image/jpeg"),
        (samples.picture("PNG"), "image/jpeg"),
        (samples.picture("WEBP"), "image/jpeg"),
        (samples.pdf(), "application/pdf"),
        (samples.office(links=samples.link("hyperlink", "https://example.org/")), samples.WORD),
        (samples.office({"word/media/a.png": samples.picture("PNG")}), samples.WORD),
    ],
)
async def test_sound_file_is_taken(content: bytes, kind: str, tmp_path: Path) -> None:
    assert await finds(content, tmp_path) == kind


async def test_file_of_another_purpose_is_refused(tmp_path: Path) -> None:
    assert await finds(samples.office(), tmp_path, Purpose.LICENCE) == "kind"
    assert await finds(samples.pdf(), tmp_path, Purpose.PHOTO) == "kind"
    assert await finds(b"\xff\xd8\xff" + b"\0" * ACCEPTED[Purpose.PHOTO].most, tmp_path, Purpose.PHOTO) == "size"


async def test_picture_is_written_anew_upright_and_without_notes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(samples.located_picture())
    found = await inspect(source, tmp_path, Purpose.LICENCE)
    made = Image.open(found.path)
    assert (made.size, made.format, dict(made.getexif())) == ((900, 1200), "JPEG", {})
    assert b"Zhang" not in found.path.read_bytes()
    photo = await inspect(source, tmp_path, Purpose.PHOTO)
    assert Image.open(io.BytesIO(photo.path.read_bytes())).size == (600, 800)


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\Users\\李\\营业执照.JPG", "image/jpeg", "营业执照.jpg"),
        ("scan.png", "image/jpeg", "scan.jpg"),
        ("a\u202egpj.exe", "image/jpeg", "a gpj.exe.jpg"),
        ("..", "application/pdf", "file.pdf"),
        ("a\nb: c?.pdf", "application/pdf", "a b c.pdf"),
        ("x" * 300, "image/jpeg", "x" * 120 + ".jpg"),
    ],
)
def test_name_is_for_people(typed: str, kind: str, shown: str) -> None:
    assert clean_name(typed, kind) == shown
