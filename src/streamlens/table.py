"""A table file becomes rows of text: CSV in the encodings and with the delimiters that shops export, or a workbook.

The only file that opens workbooks; the library is imported inside the function that needs it.
"""

import csv
import io
import itertools
import re
import statistics
import zipfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from .errors import InputError

MOST_UNPACKED = 1 << 30  # bytes of a workbook
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and old xls, whatever the file is called
_DELIMITERS = (",", "\t", ";")
_INVISIBLE = re.compile("[\ufeff\u200b-\u200d\u2060]")
_AS_TEXT = re.compile(r'="(.*)"')  # how exports keep long numbers from being rounded


class Row(msgspec.Struct, frozen=True):
    """`number` counts as a spreadsheet does, the first line being 1; cells are trimmed, empty ones ""."""

    number: int
    cells: tuple[str, ...]


class Table(msgspec.Struct, frozen=True):
    """A sheet of a workbook, or a whole text file (`name` is then empty). Blank rows are left out."""

    name: str
    rows: tuple[Row, ...]


def read_tables(path: Path) -> tuple[Table, ...]:
    """Every sheet of a workbook, or the one table of a text file. InputError when it is neither."""
    data = read_bytes(path)
    if data.startswith(_WORKBOOK):
        return _sheets(path, data)
    text = decode(data, path)
    if re.match(r"\s*<(!doctype|html|\?xml|table)", text, re.IGNORECASE):
        raise InputError(str(path), "is a web page, not a table", "open it as a spreadsheet and save it as .xlsx")
    return (Table(name="", rows=_text_rows(text, path)),)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that must hold something."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})", "check path and permissions") from error
    if not data.strip(b"\xef\xbb\xbf\r\n\t "):
        raise InputError(str(path), "is empty", "fill it in, or remove it")
    return data


def decode(data: bytes, path: Path) -> str:
    """Text in UTF-8 (with or without BOM), UTF-16 with BOM, or the Chinese GB18030 family (GBK, GB2312)."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError(str(path), "is not text in UTF-8 or GBK", "save it as CSV UTF-8 or as .xlsx")


def _text_rows(text: str, path: Path) -> tuple[Row, ...]:
    named = re.match(r"sep=(.)\r?\n", text)  # spreadsheet programs write and obey this line
    lines = text[named.end() :] if named else text
    delimiter = named.group(1) if named else _delimiter(lines)
    first = 2 if named else 1
    try:
        parsed = list(csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(str(path), f"is not a readable CSV ({error})", "save it again as .xlsx") from error
    return _rows(parsed, first)


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first rows into the same number of cells most often, and into more of them."""

    def score(delimiter: str) -> tuple[float, int]:
        try:
            rows = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 30))
        except csv.Error:
            return 0.0, 0
        sizes = [len(row) for row in rows if any(row)]
        size = statistics.mode(sizes) if sizes else 0
        return (sizes.count(size) / len(sizes), size) if size > 1 else (0.0, 0)

    return max(_DELIMITERS, key=score)


def _sheets(path: Path, data: bytes) -> tuple[Table, ...]:
    import fastexcel

    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise InputError(
                    str(path), f"unpacks to more than {MOST_UNPACKED >> 20} MB", "part it, or save it as CSV"
                )
    try:
        book = fastexcel.read_excel(data)
        tables = []
        for name in book.sheet_names:
            # everything as text: 10023 stays an id, and a day stays the day that the sheet shows
            frame = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            tables.append(Table(name=name, rows=_rows(frame.rows(), 1)))
    except BaseException as error:  # its reader panics on some that are damaged, which is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
            raise
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise InputError(str(path), f"cannot be opened as a workbook ({reason})", "save it again as .xlsx") from None
    return tuple(tables)


def _rows(parsed: Sequence[Sequence[str | None]], first: int) -> tuple[Row, ...]:
    rows = (Row(number, tuple(_clean(cell or "") for cell in cells)) for number, cells in enumerate(parsed, first))
    return tuple(row for row in rows if any(row.cells))


def _clean(cell: str) -> str:
    cell = _INVISIBLE.sub("", cell).replace("\u00a0", " ").strip()
    quoted = _AS_TEXT.fullmatch(cell)
    return (quoted.group(1) if quoted else cell.removeprefix("'")).strip()
