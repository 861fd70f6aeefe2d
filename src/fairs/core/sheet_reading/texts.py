"""CSV and similar text files: encoding, delimiter, rows."""

import csv
import io
import re
from collections import Counter
from typing import Any

from fairs.core.sheet_reading import Refused
from fairs.core.sheet_reading.grid import Grid

DELIMITERS = (",", ";", "\t", "|")
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Encodings that office programs write in our users' countries: Chinese, Japanese and western systems, and "Unicode text".
ENCODINGS = ("gb18030", "big5", "shift_jis", "cp1252", "utf_16_le", "utf_16_be")
SNIFFED = 50  # records used to detect the delimiter
EVIDENCE = 65_536  # bytes used to detect the encoding
NEAR = 0.02  # two readings whose disorder differs by less than this are both possible
_SHORTENED = re.compile(r"[+-]?\d(?:\.(\d+))?E\+(\d{2,3})")  # 1.38E+10, as Excel shows and saves a long number
_SEP = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


def decode(content: bytes, asked: str = "") -> tuple[str, str, list[str]]:
    """Text, its encoding, and other possible encodings, best first. Raises Refused."""
    if asked:
        return _decoded(content, asked), asked, [asked]
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding), encoding, [encoding]
    try:
        text = content.decode("utf-8")
        if "\0" not in text:
            return text, "utf-8", ["utf-8"]
    except UnicodeDecodeError:
        pass
    possible = _possible(content)
    return _decoded(content, possible[0]), possible[0], possible


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Refused("encoding" if encoding else "unreadable", encoding=encoding) from error


def _possible(content: bytes) -> list[str]:
    """Encodings that can decode the bytes, best first."""
    from charset_normalizer import from_bytes

    found = from_bytes(content[: EVIDENCE - EVIDENCE % 4], cp_isolation=list(ENCODINGS))
    ranked = [match for match in found if _reads(content, match.encoding)]
    best = found.best()
    if best is None or not ranked:
        raise Refused("unreadable")
    texts: dict[str, str] = {}
    for match in sorted(ranked, key=lambda match: (match.encoding != best.encoding, match.chaos)):
        text = content[:EVIDENCE].decode(match.encoding, errors="replace")
        if match.chaos - best.chaos <= NEAR and text not in texts.values():
            texts[match.encoding] = text
    return list(texts)


def _reads(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def read_text(content: bytes, asked: str, max_rows: int) -> tuple[Grid, str, list[str]]:
    """The grid of a text file, its encoding, and the possible encodings."""
    text, encoding, possible = decode(content, asked)
    text = text.lstrip("\ufeff")
    told = _SEP.match(text)
    if told:
        text = text[told.end() :]
    delimiter = told.group(1) if told else _delimiter(text)
    grid = Grid("", [])
    for number, row in enumerate(_records(text, delimiter), start=1):
        if any(cell.strip() for cell in row):
            grid.rows.append((number, _cells(row, number, grid)))
        if len(grid.rows) > max_rows + SNIFFED:
            raise Refused("rows", limit=str(max_rows))
    return grid, encoding, possible


def _cells(row: list[str], number: int, grid: Grid) -> list[Any]:
    for at, cell in enumerate(row):
        shortened = _SHORTENED.fullmatch(cell.strip())
        if shortened and int(shortened[2]) > len(shortened[1] or ""):
            grid.lost[number, at] = ("rounded", cell.strip())
    return list(row)


def _records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    try:
        for record in reader:
            found.append(record)
    except csv.Error as error:
        if text.count('"') % 2:
            raise Refused("quote", row=str(len(found) + 1)) from error
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as still:
            raise Refused("unreadable") from still
    return found


def _delimiter(text: str) -> str:
    """The delimiter that splits the first records into equally many fields; a comma when none does."""

    def score(delimiter: str) -> tuple[float, int]:
        widths: Counter[int] = Counter()
        reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        try:
            for record, _ in zip(reader, range(SNIFFED), strict=False):
                if any(cell.strip() for cell in record):
                    widths[len(record)] += 1
        except csv.Error:
            return (0.0, 0)
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            return (0.0, 0)
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        return (count / widths.total(), width)

    best = max(DELIMITERS, key=score)
    return best if score(best)[1] else ","
