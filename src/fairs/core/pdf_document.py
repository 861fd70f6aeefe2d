"""The document of `fairs.core.pdf`, apart because the libraries that it stands on are heavy."""

from fpdf import FPDF

from fairs.core import clock
from fairs.core.pdf import FILES, HAN, LATIN


class Document(FPDF):
    """A PDF in millimetres with both fonts at hand; runs of the other script fall back by themselves."""

    def __init__(self, size: str | tuple[float, float] = "A4", *, title: str, lang: str, margin: float = 18) -> None:
        super().__init__(unit="mm", format=size)
        for name, path in FILES.items():
            self.add_font(name, fname=path)
        self.set_fallback_fonts([HAN])
        self.set_font(LATIN, size=10)
        self.set_margin(margin)
        self.set_title(title)
        self.set_lang("zh-Hans" if lang == "zh" else "en")
        self.set_creation_date(clock.now())
        self.set_creator("fairs")
        self.set_text_color(31, 27, 22)

    def fit(self, text: str, *, width: float, size: float, smallest: float = 7) -> float:
        """Choose the largest size up to `size` points at which `text` is at most `width` millimetres; the size."""
        while True:
            self.set_font_size(size)
            if self.get_string_width(text) <= width or size <= smallest:
                return size
            size -= 0.5

    def strong(self, on: bool) -> None:
        """Heavier strokes: the weight of headings and names, without a second font."""
        self.text_mode = "FILL_STROKE" if on else "FILL"
        self.set_line_width(self.font_size * 0.028 if on else 0.2)
        self.set_draw_color(31, 27, 22)
        if not on and self.page:
            self._out("0 Tr")  # fpdf2 leaves the mode of the text before in force

    def squares(self, matrix: list[list[bool]], *, x: float, y: float, size: float) -> None:
        """A QR matrix as black rectangles: `size` mm wide with its quiet zone, runs of a row as one rectangle."""
        cell = size / len(matrix)
        self.set_fill_color(0)
        for row, modules in enumerate(matrix):
            column = 0
            while column < len(modules):
                start = column
                while column < len(modules) and modules[column]:
                    column += 1
                if column > start:  # a hair taller than a row, so that no white line shows between rows
                    self.rect(x + start * cell, y + row * cell, (column - start) * cell, cell * 1.02, style="F")
                column += 1

    def content(self) -> bytes:
        """The finished file."""
        return bytes(self.output())
