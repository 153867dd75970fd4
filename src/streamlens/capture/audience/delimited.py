"""Lines of a CSV or TSV become rows, where quotes and delimiters are not always as they should be."""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from streamlens.capture.audience.lines import Line
from streamlens.capture.audience.moments import moment
from streamlens.capture.audience.table_layout import Layout
from streamlens.table import Row

FOLLOW = 50  # lines over which a cell may run


def cells_of(text: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        cells = text.split(delimiter)
    return [_clean(cell) for cell in cells]


def _clean(cell: str) -> str:
    cell = cell.strip().lstrip("\ufeff")
    if len(cell) > 3 and cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].strip()  # how exports keep long numbers from being rounded
    return cell.removeprefix("'").strip() if re.fullmatch(r"'\d+", cell) else cell


def delimiter_of(texts: Sequence[str]) -> str:
    """The one that cuts most lines into the same number of cells, and into more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        sizes = Counter(len(cells_of(text, delimiter)) for text in texts if text.strip())
        size, often = max(sizes.items(), key=lambda pair: (pair[0] > 1, pair[1])) if sizes else (0, 0)
        return (often, size) if size > 1 else (0, 0)

    return max((",", "\t", ";", "|"), key=score)


def records(given: Iterable[Line], delimiter: str, layout: Layout) -> Iterator[Row]:
    """Rows, some over several lines. A stray quote must not swallow the lines after it: a line that is a row by itself
    stays one, and a quote that is not closed before the next row is a character."""
    waiting: deque[Line] = deque()
    source = iter(given)
    while line := (waiting.popleft() if waiting else next(source, None)):
        if not line.text.strip():
            continue
        cells = cells_of(line.text, delimiter)
        if line.text.count('"') % 2 and not (len(cells) >= layout.width and _closed(line.text, delimiter)):
            joined, more = line.text, 0
            waiting.extend(islice(source, FOLLOW - len(waiting)))
            for more, follower in enumerate(waiting, 1):
                if _is_row(cells_of(follower.text, delimiter), layout):
                    more = 0
                    break
                joined += "\n" + follower.text
                if joined.count('"') % 2 == 0:
                    break
            else:
                more = 0
            if more and len(_joined(joined, delimiter)) == layout.width:
                cells = _joined(joined, delimiter)
                for _ in range(more):
                    waiting.popleft()
            elif len(cells) < layout.width:
                cells = [_clean(cell.strip().strip('"')) for cell in line.text.split(delimiter)]
        yield Row(line.number, tuple(_fitted(cells, line.text, delimiter, layout)))


def _closed(text: str, delimiter: str) -> bool:
    """Whether no cell opens with a quote that the line does not close."""
    return not re.search(rf'(?:^|{re.escape(delimiter)})"(?:[^"]|"")*$', text)


def _joined(text: str, delimiter: str) -> list[str]:
    try:
        return [_clean(cell) for cell in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])]
    except csv.Error:
        return []


def _is_row(cells: Sequence[str], layout: Layout) -> bool:
    times = [cells[at] for at in layout.columns.get("time", ()) if at < len(cells)]
    return len(cells) >= layout.width and any(moment(cell) for cell in times)


def _fitted(cells: list[str], text: str, delimiter: str, layout: Layout) -> list[str]:
    """More cells than columns: the last column is what people wrote, with a comma that nobody quoted."""
    last = layout.width - 1
    if len(cells) > layout.width and last in layout.columns.get("text", ()):
        if '"' not in text:
            return [_clean(cell) for cell in text.split(delimiter, last)]
        return [*cells[:last], delimiter.join(cells[last:])]
    return cells
