"""Lines pasted from a spreadsheet, each read as a form before anything is written. Pure."""

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fairs.core.forms import Bound, Form

F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class PastedRow(Generic[F]):
    """A line of the text with its number in it, and what is wrong with it."""

    line: int
    cells: Sequence[str]
    form: Bound[F]

    @property
    def problems(self) -> list[str]:
        """Sentences, each with the name of its column."""
        found = [f"{self.form[name].label}: {text}" for name, texts in self.form.errors.items() for text in texts]
        return [*found, *(str(text) for text in self.form.form_errors)]


@dataclass(frozen=True)
class Pasted(Generic[F]):
    """All lines that say something. `too_many`: the text has more than are read at once, or none that can be told apart."""

    rows: Sequence[PastedRow[F]]
    too_many: bool = False

    @property
    def wrong(self) -> list[PastedRow[F]]:
        return [row for row in self.rows if row.problems]

    @property
    def ok(self) -> bool:
        return bool(self.rows) and not self.wrong and not self.too_many


def read(text: str, row: Callable[[list[str]], Bound[F]], *, heads: Collection[str], most: int) -> Pasted[F]:
    """The lines as forms, at most `most`. Columns are separated by tabs, without a tab by commas of either width.

    A first line that begins with one of `heads` (in lower case) names the columns and is left out.
    """
    separator = "\t" if "\t" in text else ","
    plain = text if separator == "\t" else text.replace("，", ",")
    rows: list[PastedRow[F]] = []
    reader = csv.reader(io.StringIO(plain.replace("\0", "")), delimiter=separator)
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells) or (not rows and cells[0].casefold() in heads):
                continue
            if len(rows) == most:
                return Pasted(rows, too_many=True)
            rows.append(PastedRow(reader.line_num, cells, row(cells)))
    except csv.Error:
        return Pasted(rows, too_many=True)
    return Pasted(rows)
