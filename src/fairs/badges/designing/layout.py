"""Puts a person into the boxes of a design: names shrink, then wrap, never leave their box; what does not fit is told. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from fairs.badges.designing.boxes import (
    NAMES,
    WITHOUT_TEXT,
    Align,
    Box,
    BoxKind,
    Design,
    Sides,
    colour_of,
    sheet_called,
)
from fairs.core import pdf, qr
from fairs.core.ink.canvas import POINT, Canvas, Picture
from fairs.core.ink.text import EM, Line, line

LEADING, BASE = 1.25, 0.95  # of the font size: from line to line, and from the top of a line to its base
WRAPS_BELOW = 0.65  # a text wraps when one line would be smaller than this share of its largest size
STEP = 0.5  # points
SOFT = 0.75  # a text breaks between words unless that makes it smaller than this share
LINES = 4
MARK, FAINT = 4.0, "#777777"  # millimetres and colour of a crop mark


@dataclass(frozen=True, slots=True)
class Content:
    """What a badge says, by the kind of box; `code` is the text in the QR."""

    code: str
    category: str
    lang: str
    texts: dict[BoxKind, str] = field(default_factory=dict)
    photo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text in a box: its size in points and its lines; `cut`: it does not fit at the smallest size."""

    size: float
    lines: tuple[str, ...]
    cut: bool = False


def fitted(text: str, width: float, height: float, largest: float, smallest: float) -> Fitted:
    """One line if that is not too small, else several; at worst the smallest size, broken anywhere, then cut with an ellipsis."""
    room = width / POINT * EM  # thousandths of a font of one point
    whole = line(text).width
    highest = height / POINT / LEADING
    single = min(largest, highest, room / whole if whole else largest)
    if single >= max(smallest, WRAPS_BELOW * min(largest, highest)):
        return Fitted(_rounded(single), (text,))
    soft, hard = (_several(text, room, highest, largest, smallest, hard=hard) for hard in (False, True))
    several = hard if soft is None or (hard is not None and hard.size * SOFT > soft.size) else soft
    if several is not None and (single < smallest or several.size > single + STEP):
        return several
    if single >= smallest:
        return Fitted(_rounded(single), (text,))
    most = max(1, min(LINES, int(highest / smallest)))
    lines = tuple(_cut(text, room / smallest, most))
    return Fitted(smallest, lines, cut=lines[-1].endswith("…"))


def _several(text: str, room: float, highest: float, largest: float, smallest: float, *, hard: bool) -> Fitted | None:
    """Two lines or more, as large as possible; `hard`: broken between any two Chinese characters too."""
    size = min(largest, highest)
    while size >= smallest:
        most = min(LINES, int(highest / size))
        if most > 1 and (lines := wrapped(text, room / size, most, hard=hard)) is not None:
            return Fitted(_rounded(size), tuple(lines))
        size -= STEP
    return None


def _rounded(size: float) -> float:
    return int(size * 4) / 4


def wrapped(text: str, room: float, most: int, *, hard: bool = True) -> list[str] | None:
    """The text on at most so many lines of this width, broken between words; `hard`: and around Chinese characters. None when it
    does not fit."""
    lines: list[str] = []
    rest = text
    while rest:
        if len(lines) == most:
            return None
        count = _longest(rest, room)
        if count < len(rest):
            count = _break(rest, count, hard=hard)
            if count == 0:
                return None
        lines.append(rest[:count].rstrip())
        rest = rest[count:].lstrip()
    return lines


def _longest(text: str, room: float) -> int:
    """How many characters from the beginning fit."""
    if line(text).width <= room:
        return len(text)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if line(text[:middle].rstrip()).width <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _break(text: str, count: int, *, hard: bool) -> int:
    """The last place, up to `count`, where a line may end; 0: nowhere."""
    for at in range(count, 0, -1):
        before, after = text[at - 1], text[at]
        if before.isspace() or after.isspace() or before in "-·/":
            return at
        if (
            hard
            and (before >= "\u2e80" or after >= "\u2e80")
            and not unicodedata.category(after).startswith(("M", "P"))
        ):
            return at
    return 0


def _cut(text: str, room: float, most: int) -> list[str]:
    """At most so many lines; the last one ends with an ellipsis."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        last = len(lines) == most - 1
        count = _longest(rest, room - (line("…").width if last else 0)) or 1
        if count >= len(rest):
            return [*lines, rest]
        count = count if last else _break(rest, count, hard=True) or count
        lines.append(rest[:count].rstrip() + ("…" if last else ""))
        rest = rest[count:].lstrip()
    return lines


def _placed(design: Design, content: Content) -> list[Box]:
    """The boxes; a name without a second one gets the room of both, where one stands below the other."""
    latin = next((box for box in design.boxes if box.kind == BoxKind.LATIN), None)
    if latin is None or content.texts.get(BoxKind.LATIN):
        return list(design.boxes)
    return [_joined(box, latin) if box.kind == BoxKind.NAME else box for box in design.boxes]


def _joined(name: Box, latin: Box) -> Box:
    if name.x != latin.x or name.width != latin.width or not name.y < latin.y < name.y + name.height + 2:
        return name
    return Box(
        name.kind,
        name.x,
        name.y,
        name.width,
        latin.y + latin.height - name.y,
        name.largest,
        name.smallest,
        name.align,
        name.colour,
        name.strong,
    )


def text_of(box: Box, content: Content) -> str:
    """The printable text of a box."""
    if box.kind == BoxKind.TEXT:
        first, second = (box.text_zh, box.text_en) if content.lang == "zh" else (box.text_en, box.text_zh)
        return pdf.plain(first or second)
    return pdf.plain(content.texts.get(box.kind, ""))


def misfits(design: Design, content: Content) -> list[BoxKind]:
    """The names that are cut because they do not fit at the smallest size."""
    found = []
    for box in _placed(design, content):
        text = content.texts.get(box.kind, "")
        if box.kind in NAMES and text:
            fits = fitted(pdf.plain(text), box.width, box.height, box.largest, box.smallest)
            if fits.cut:
                found.append(box.kind)
    return found


def printed(design: Design, content: Content, kind: BoxKind) -> str:
    """What the badge says in the box of a kind."""
    box = next((box for box in _placed(design, content) if box.kind == kind), None)
    if box is None:
        return ""
    fits = fitted(text_of(box, content), box.width, box.height, box.largest, box.smallest)
    return " ".join(fits.lines)


def draw_face(canvas: Canvas, design: Design, content: Content, logo: Picture | None) -> None:
    """One side of a badge, from the upper left corner."""
    boxes = _placed(design, content)
    for box in sorted(boxes, key=lambda box: box.kind != BoxKind.BAND):  # a band lies under what stands on it
        colour = box.colour or colour_of(content.category)
        if box.kind == BoxKind.BAND:
            canvas.rect(box.x, box.y, box.width, box.height, colour)
        elif box.kind == BoxKind.QR:
            canvas.rect(box.x, box.y, box.width, box.height, "#ffffff")
            canvas.squares(qr.matrix(content.code), box.x, box.y, box.width)
        elif box.kind in (BoxKind.PHOTO, BoxKind.LOGO):
            picture = content.photo if box.kind == BoxKind.PHOTO else logo
            if picture is not None:
                canvas.picture(picture, *_inside(picture, box))
        elif box.kind not in WITHOUT_TEXT and (text := text_of(box, content)):
            _write(canvas, box, text, colour)


def _inside(picture: Picture, box: Box) -> tuple[float, float, float, float]:
    """The largest rectangle of the picture's shape in the middle of the box."""
    scale = min(box.width / picture.width, box.height / picture.height)
    width, height = picture.width * scale, picture.height * scale
    return box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height


def _write(canvas: Canvas, box: Box, text: str, colour: str) -> None:
    fits = fitted(text, box.width, box.height, box.largest, box.smallest)
    step = fits.size * LEADING * POINT
    y = box.y + (box.height - step * len(fits.lines)) / 2 + fits.size * BASE * POINT
    for text_line in fits.lines:
        shaped = line(text_line)
        canvas.text(shaped, _left(box, shaped, fits.size), y, fits.size, colour, strong=box.strong)
        y += step


def _left(box: Box, shaped: Line, size: float) -> float:
    spare = box.width - shaped.width * size * POINT / EM
    return box.x + {Align.LEFT: 0.0, Align.CENTER: spare / 2, Align.RIGHT: spare}[box.align]


def piece(design: Design) -> tuple[float, float]:
    """Width and height of what is cut out: a folded badge is twice as high."""
    return design.width, design.height * (2 if design.sides == Sides.FOLDED else 1)


def draw_piece(canvas: Canvas, design: Design, content: Content, logo: Picture | None) -> None:
    """A badge as it is cut out; of a folded one the back is above the front, on its head."""
    if design.sides != Sides.FOLDED:
        draw_face(canvas, design, content, logo)
        return
    with canvas.moved(0, 0, turned=(design.width, design.height)):
        draw_face(canvas, design, content, logo)
    with canvas.moved(0, design.height):
        draw_face(canvas, design, content, logo)
    for x in (0.0, design.width - 2):
        canvas.stroke([(x, design.height), (x + 2, design.height)], FAINT)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet with places for pieces: (x, y) of each, row by row; `cut`: with crop marks."""

    width: float
    height: float
    places: tuple[tuple[float, float], ...]
    cut: bool


def grid(design: Design) -> Grid:
    """The paper of a design: as many pieces as fit, in the middle; none fits: a page for each."""
    sheet = sheet_called(design.sheet)
    width, height = piece(design)
    if sheet.width is None or sheet.height is None:
        return Grid(width, height, ((0.0, 0.0),), cut=False)
    columns = int((sheet.width - 2 * sheet.margin + sheet.gap) / (width + sheet.gap))
    rows = int((sheet.height - 2 * sheet.margin + sheet.gap) / (height + sheet.gap))
    if not columns or not rows:
        return Grid(width, height, ((0.0, 0.0),), cut=False)
    left = (sheet.width - columns * width - (columns - 1) * sheet.gap) / 2
    top = (sheet.height - rows * height - (rows - 1) * sheet.gap) / 2
    places = tuple(
        (left + column * (width + sheet.gap), top + row * (height + sheet.gap))
        for row in range(rows)
        for column in range(columns)
    )
    return Grid(sheet.width, sheet.height, places, cut=True)


def crop_marks(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """Lines beside the four corners, outside the badge."""
    near, far = 0.5, MARK / 2
    for across, side in ((x, -1), (x + width, 1)):
        for down, end in ((y, -1), (y + height, 1)):
            canvas.stroke([(across + side * near, down), (across + side * far, down)], FAINT)
            canvas.stroke([(across, down + end * near), (across, down + end * far)], FAINT)


def draw_sheet(
    canvas: Canvas, design: Design, contents: Sequence[Content], logo: Picture | None, *, back: bool = False
) -> None:
    """The pieces of one sheet; on the back from right to left, so that both sides of a badge meet."""
    paper = grid(design)
    width, height = piece(design)
    for content, (x, y) in zip(contents, paper.places, strict=False):
        with canvas.moved(paper.width - x - width if back else x, y):
            draw_piece(canvas, design, content, logo)
            if paper.cut:
                crop_marks(canvas, 0, 0, width, height)
