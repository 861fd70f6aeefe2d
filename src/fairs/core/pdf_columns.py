"""A paper in two languages: texts side by side, line by line, broken by the rules of each script. Load it inside functions."""

import unicodedata
from functools import lru_cache

from fairs.core import pdf
from fairs.core.pdf_document import Document

MARGIN, GAP, LEAD = 18.0, 8.0, 5.0  # mm
COLUMN = (210 - 2 * MARGIN - GAP) / 2
BOTTOM = 297 - 24.0
INK, ACCENT, SOFT = (31, 27, 22), (143, 47, 34), (107, 99, 87)
_NOT_FIRST = set("，。、；：？！）》】”’…·,.;:?!)]}%")  # these must not begin a line
_NOT_LAST = set("（《【“‘([{")


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" or character in "“”‘’…·"


def tokens(text: str) -> list[str]:
    """Unbreakable pieces: a word with its punctuation, or one Han character with adjacent marks."""
    found: list[str] = []
    for character in text:
        last = found[-1] if found else "\n"
        if character == "\n" or last == "\n":
            found.append(character)
            continue
        word = not last.endswith(" ") and not _is_wide(character) and not _is_wide(last[-1])
        if word or character == " " or character in _NOT_FIRST or last[-1] in _NOT_LAST:
            found[-1] = last + character
        else:
            found.append(character)
    return found


class Columns(Document):
    """An A4 page with two columns."""

    def __init__(self, title: str) -> None:
        super().__init__("A4", title=title, lang="zh", margin=MARGIN)
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.alias_nb_pages()

    def ink(self, colour: tuple[int, int, int], size: float) -> None:
        """Set colour and size for the following text."""
        self.set_text_color(*colour)
        self.set_font(pdf.LATIN, size=size)
        self.strong(False)

    def room(self, height: float) -> None:
        """Begin a new page unless `height` mm are left."""
        if self.get_y() + height > BOTTOM:
            self.add_page()

    @lru_cache(maxsize=4000)  # noqa: B019  lives as long as the document
    def _width(self, token: str, size: float) -> float:
        return float(self.get_string_width(token))

    def lines(self, text: str, width: float) -> list[str]:
        """Break a text into lines at most `width` mm wide, by the rules of each script."""
        made, line, used = [], "", 0.0
        for token in tokens(pdf.plain(text)):
            if token == "\n":
                made.append(line)
                line, used = "", 0.0
                continue
            for part in self._cut(token, width):
                size = self._width(part, self.font_size_pt)
                if used + self._width(part.rstrip() or part, self.font_size_pt) > width and line:
                    made.append(line.rstrip())
                    line, used = "", 0.0
                line, used = line + part, used + size
        return [*made, line.rstrip()]

    def _cut(self, token: str, width: float) -> list[str]:
        """Split a word longer than a line into pieces."""
        if self._width(token, self.font_size_pt) <= width:
            return [token]
        per = max(1, int(len(token) * width / self._width(token, self.font_size_pt)) - 1)
        return [token[at : at + per] for at in range(0, len(token), per)]

    def side_by_side(self, zh: str, en: str, *, lead: float = LEAD) -> None:
        """Print two texts in step, line by line, over page breaks together."""
        left, right = self.lines(zh, COLUMN), self.lines(en, COLUMN)
        for at in range(max(len(left), len(right))):
            self.room(lead)
            top = self.get_y()
            for x, column in ((MARGIN, left), (MARGIN + COLUMN + GAP, right)):
                if at < len(column) and column[at]:
                    self.set_xy(x, top)
                    self.cell(COLUMN, lead, column[at])
            self.set_y(top + lead)
