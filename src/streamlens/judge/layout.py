"""The lines of a page become labels with their values, and tables: how certificates and forms are laid out.

A label (证书编号, 有效期至) may be spaced out, carry its English beside it, and have its value behind a colon, in the
next cell to the right, in the cell below, or going on over several lines. Recognised labels may have one wrong
character.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from statistics import median

from ..language import simplify
from ..schema import Record, ScanLine, ScanPage
from .dates import find_days

Box = tuple[float, float, float, float]

_CJK = "\u3400-\u9fff〇"
_SINGLE = re.compile(rf"(?<![{_CJK}])([{_CJK}])\s+(?=[{_CJK}](?![{_CJK}]))")
_AFTER_CJK = re.compile(rf"(?<=[{_CJK}])\s+(?=[:,;()）（])|(?<=[:（(])\s+(?=[{_CJK}])")
_GLOSS = re.compile(r"[\s/(]*[A-Za-z][A-Za-z .,&'/()\-]*(?=:|$)")
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z .,&'/()\-]{5,}:?")
_BREAK = re.compile(r"[\s;,。，；、）)\]】|]$|^$")
_UNKNOWN = re.compile(rf"([{_CJK}()/]{{2,12}}):(?!\d{{2}}(?:\D|$))")
_TAIL = 0.97  # the confidence that is left of a label known by its end only: 食用农产品名称
_GAP = 0.6  # of a line's height: lines of one value stand no further apart
_OPEN = ("、", ",", "，", "(", "及", "和")  # what ends so goes on
_LONGER = re.compile("名称|地址|及|和|或|与|编号|单位|日期|时间|要求|[、/,.。]|的|是|为|情况|说明|范围|证|书|表|单|号")
FUZZY = 0.9  # the confidence that is left of a label with a wrong character


class Cell(Record, frozen=True, kw_only=True):
    """A line with its page (from 1), its text in plain form: half-width, without spaces inside Chinese words."""

    text: str
    page: int
    box: Box
    confidence: float

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


class Value(Record, frozen=True, kw_only=True):
    """What stands behind a label, where, and how surely."""

    label: str
    text: str
    page: int
    box: Box
    confidence: float


def plain(text: str) -> str:
    """
    >>> plain("证 书 编 号： ABC 12"), plain("名   称：甲 乙公司")
    ('证书编号:ABC 12', '名称:甲 乙公司')
    """
    text = simplify(unicodedata.normalize("NFKC", text).replace("\u200b", "")).strip()
    text = _SINGLE.sub(r"\1", text)
    text = _AFTER_CJK.sub("", text)
    return re.sub(r"\s*:\s*", ":", re.sub(r"\s+", " ", text))


def cells_of(pages: Sequence[ScanPage], first: int = 1) -> tuple[Cell, ...]:
    """All lines in reading order. Boxes are scaled to the page's width, so that heights and widths compare."""
    cells: list[Cell] = []
    for number, page in enumerate(pages, first):
        lines = [_cell(line, number, page.aspect) for line in page.lines]
        cells += [cell for row in rows_of([cell for cell in lines if cell.text]) for cell in row]
    return tuple(cells)


def _cell(line: ScanLine, page: int, aspect: float) -> Cell:
    left, top, right, bottom = line.box
    box = (left, top * aspect, right, bottom * aspect)
    return Cell(text=plain(line.text), page=page, box=box, confidence=line.confidence)


def rows_of(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Cells of a page that stand beside one another, rows from the top, cells from the left."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell.page, cell.middle)):
        row = rows[-1] if rows else []
        if row and row[0].page == cell.page:
            height = min(median(each.height for each in row), cell.height)
            if abs(median(each.middle for each in row) - cell.middle) < 0.5 * height:
                row.append(cell)
                continue
        rows.append([cell])
    return [sorted(row, key=lambda cell: cell.box[0]) for row in rows]


class _Piece(Record, frozen=True, kw_only=True):
    """A part of a cell: a label with what stands behind it in the cell, or text without a label (label "")."""

    label: str
    text: str
    cell: Cell
    box: Box
    sure: float = 1.0


class Form:
    """Pages as labels and values. `labels` is every label that any paper may carry: a value ends where one begins."""

    def __init__(self, cells: Sequence[Cell], labels: frozenset[str]) -> None:
        self.cells = tuple(cells)
        self.rows = rows_of(cells)
        self._labels = sorted(labels, key=lambda label: (-len(label), label))
        self._pieces = [[piece for cell in row for piece in self._cut(cell)] for row in self.rows]

    def _cut(self, cell: Cell) -> list[_Piece]:
        text = cell.text
        found: list[tuple[int, int, str, float]] = []  # label from, value from, label, sureness
        at = 0
        while at < len(text):
            match = self._label_at(text, at)
            if match:
                found.append((at, *match))
                at = max(match[0], at + 1)
            else:
                at += 1
        if not found and (unknown := _UNKNOWN.match(text)):  # a label of another form: the value before it ends here
            label = next((known for known in self._labels if len(known) > 3 and unknown[1].endswith(known)), unknown[1])
            found.append((0, unknown.end(), label, _TAIL))
        if not found:
            return [_Piece(label="", text=text, cell=cell, box=cell.box)]
        pieces = []
        if found[0][0] > 0 and (head := text[: found[0][0]].strip(" ,;")):
            pieces.append(_Piece(label="", text=head, cell=cell, box=part_of(cell, 0, found[0][0])))
        for number, (start, value_at, label, sure) in enumerate(found):
            end = found[number + 1][0] if number + 1 < len(found) else len(text)
            value = text[value_at:end].strip(" :,;")
            pieces.append(_Piece(label=label, text=value, cell=cell, box=part_of(cell, start, end), sure=sure))
        return pieces

    def _label_at(self, text: str, at: int) -> tuple[int, str, float] | None:
        """Where the value of a label that starts here begins, the label, and how sure it is."""
        begins = at == 0 or bool(_BREAK.search(text[:at])) or bool(re.search(r"\d[.、)]?$", text[:at]))
        if not begins:
            return None
        head = text[at:]
        for label in self._labels:
            if not head.startswith(label):
                continue
            rest = head[len(label) :]
            bracket = re.match(r"\([^():]{1,14}\)(?=:|\s|$)", rest)
            gloss = _GLOSS.match(rest)
            skip = bracket.end() if bracket else gloss.end() if gloss and gloss.end() < 50 else 0
            rest = rest[skip:]
            closed = rest.startswith(":") or not rest.strip()
            # without a colon: one with a gap behind it, or a long label at the start that is no part of a longer one
            if closed or rest.startswith((" ", ";")) or (len(label) > 3 and at == 0 and not _LONGER.match(rest)):
                return at + len(label) + skip, label, 1.0
        colon = head.find(":", 0, 16)
        if colon > 3:
            for label in self._labels:
                if len(label) == colon and _near(head[:colon], label):
                    return at + colon, label, FUZZY
        if at == 0 and len(head) > 3 and ":" not in head:  # a cell of its own
            for label in self._labels:
                if len(label) == len(head) and _near(head, label):
                    return len(head), label, FUZZY
        return None

    def values(self, labels: Sequence[str], *, lines: int = 1) -> list[Value]:
        """The values of these labels, the earlier labels' first; each over at most so many lines."""
        found = []
        for label in labels:
            for number, row in enumerate(self._pieces):
                for place, piece in enumerate(row):
                    if piece.label == label and (value := self._value(number, place, lines)):
                        found.append(value)
        return found

    def _value(self, number: int, place: int, lines: int) -> Value | None:
        row, piece = self._pieces[number], self._pieces[number][place]
        parts = [piece, *self._further(piece, row[place + 1 :])] if piece.text else self._beside(piece)
        below = self._below(number, piece) if piece.text or not parts else []
        if not parts:
            if not below:
                return None
            parts.append(below.pop(0))
        height = piece.cell.height
        left, right = min(piece.box[0], parts[0].box[0]), max(parts[0].box[0], piece.box[2])
        for other in below[: max(0, lines - 1)]:
            last = parts[-1].box
            aligned = left - height <= other.box[0] <= right + 2 * height
            gap = 2.5 if parts[-1].text.endswith(_OPEN) else _GAP
            longer = other.box[2] > max(part.box[2] for part in parts) + 2 * height  # a line is full before it goes on
            if not aligned or longer or other.box[1] - last[3] > gap * height or _alone(other.text):
                break
            parts.append(other)
        text = "".join(
            part.text if index == 0 or _tight(parts[index - 1].text, part.text) else f" {part.text}"
            for index, part in enumerate(parts)
        )
        return Value(
            label=piece.label,
            text=text,
            page=piece.cell.page,
            box=around([part.box for part in parts]),
            confidence=min(part.cell.confidence for part in (*parts, piece)) * piece.sure,
        )

    def _further(self, piece: _Piece, right: Sequence[_Piece]) -> list[_Piece]:
        """What goes on in the same line behind a value that the label's own cell begins."""
        found: list[_Piece] = []
        end = piece.box[2]
        for other in right:
            if other.label or other.box[0] - end > 2 * piece.cell.height:
                break
            found.append(other)
            end = other.box[2]
        return found

    def _beside(self, piece: _Piece) -> list[_Piece]:
        """The block to the right of a label that fills its cell: one line, or several that the label is centred on."""
        height, middle, end = piece.cell.height, piece.cell.middle, piece.box[2] - 0.5 * piece.cell.height
        near = [
            other
            for row in self._pieces
            for other in row
            if other.cell.page == piece.cell.page and abs(other.cell.middle - middle) < 3 * height
        ]
        stop = min(
            (
                each.box[0]
                for each in near
                if each.label and each.box[0] > end and abs(each.cell.middle - middle) < height
            ),
            default=2.0,
        )
        inside = [
            each for each in near
            if not each.label and end <= each.box[0] < stop and not _ENGLISH.fullmatch(each.text)
            and not any(_nearer(rival, piece, each) for rival in near if rival.label)
        ]  # fmt: skip
        level = [each for each in inside if abs(each.cell.middle - middle) < 1.2 * height]
        if not level:
            return []
        first = min(level, key=lambda each: (round(each.box[0], 2), abs(each.cell.middle - middle)))
        column = sorted(
            (each for each in inside if abs(each.box[0] - first.box[0]) < height), key=lambda each: each.cell.middle
        )
        at = column.index(first)
        block = [first]
        for step in (-1, 1):
            place = at + step
            while 0 <= place < len(column) and _apart(column[place - step], column[place]) < _GAP * height:
                block.insert(0 if step < 0 else len(block), column[place])
                place += step
        spans = [block[i:j] for i in range(len(block)) for j in range(i + 1, len(block) + 1)]

        def off(span: list[_Piece]) -> float:
            return abs((span[0].box[1] + span[-1].box[3]) / 2 - middle)

        centred = [span for span in spans if off(span) < 0.35 * height]
        chosen = max(centred, key=lambda span: (len(span), -off(span))) if centred else block[block.index(first) :]
        if len(chosen) > 1:
            return chosen
        return [chosen[0], *(each for each in self._further(chosen[0], self._row_of(chosen[0])) if each.box[0] < stop)]

    def _row_of(self, piece: _Piece) -> list[_Piece]:
        """The pieces to the right in a piece's row."""
        for row in self._pieces:
            if piece in row:
                return row[row.index(piece) + 1 :]
        return []

    def _below(self, number: int, piece: _Piece) -> list[_Piece]:
        """Pieces without a label under a piece, as long as no label stands among them."""
        found: list[_Piece] = []
        bottom = piece.box[3]
        for row in self._pieces[number + 1 :]:
            if not row or row[0].cell.page != piece.cell.page or row[0].box[1] - bottom > 2.5 * piece.cell.height:
                break
            under = [other for other in row if other.box[2] > piece.box[0] - piece.cell.height]
            if under and under[0].label:
                break
            ours = [other for other in under if not other.label and not _ENGLISH.fullmatch(other.text)]
            if ours:
                found.append(ours[0])
            bottom = max(other.box[3] for other in row)
        return found

    def joined(self, page: int | None = None) -> str:
        """All text, a row a line: for what stands in running prose."""
        return "\n".join(
            " ".join(cell.text for cell in row) for row in self.rows if page is None or row[0].page == page
        )


def _nearer(rival: _Piece, piece: _Piece, value: _Piece) -> bool:
    """Whether a value belongs to another label, in the same column of labels."""
    off = abs(rival.cell.middle - value.cell.middle)
    stacked = rival.box[0] < piece.box[2] and piece.box[0] < rival.box[2]
    return stacked and off < abs(piece.cell.middle - value.cell.middle)


def _apart(one: _Piece, other: _Piece) -> float:
    upper, lower = sorted((one.box, other.box), key=lambda box: box[1])
    return lower[1] - upper[3]


def _alone(text: str) -> bool:
    """A day by itself is no second line of a name."""
    days = find_days(text)
    return len(days) == 1 and days[0].start == 0 and days[0].end == len(text)


def _tight(before: str, after: str) -> bool:
    return not (before[-1:].isascii() and after[:1].isascii())


def part_of(cell: Cell, start: int, end: int) -> Box:
    """The box of some characters of a cell: wide characters count double."""
    widths = [2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in cell.text]
    whole = sum(widths) or 1
    left, top, right, bottom = cell.box
    width = right - left
    return left + width * sum(widths[:start]) / whole, top, left + width * sum(widths[:end]) / whole, bottom


def around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _near(text: str, label: str) -> bool:
    """Equal but for one character, in labels of four and more."""
    return len(label) > 3 and sum(a != b for a, b in zip(text, label, strict=True)) == 1
