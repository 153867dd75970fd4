"""Comments, counters, orders and turnover of tables: every table of theirs is one of a few shapes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from streamlens.capture.audience.counts import ABSENT, NotANumber, count, fen
from streamlens.capture.audience.delimited import cells_of, delimiter_of, records
from streamlens.capture.audience.entries import MINUTE, Entry, Fault, Item, Items, Left, Note, shown
from streamlens.capture.audience.lines import Line
from streamlens.capture.audience.moments import DAY, moment
from streamlens.capture.audience.orders import read_order
from streamlens.capture.audience.table_layout import Layout, behaviour, headless, is_known, layout_of
from streamlens.errors import InputError
from streamlens.table import Row, read_tables

_EXPECTED = {
    "comments": "columns time (时间) and text (内容, 弹幕)",
    "viewers": "columns time (时间) and viewers (在线人数)",
    "orders": "columns time (支付时间), order_id (订单号), sku or product (商家编码, 商品名称), quantity, amount",
}


def read_book(path: Path, role: str) -> tuple[str, Items]:
    """The sheets of a workbook that are of a known shape, one after the other."""
    found = []
    for table in read_tables(path):
        for at, row in enumerate(table.rows[:10]):
            if layout := layout_of(row.cells, role):
                found.append((layout, table.rows[at + 1 :]))
                break
    if not found:
        raise unknown(path, role, "no sheet with known columns")
    return found[0][0].shape, (item for layout, rows in found for item in _items(layout, rows))


def read_text_table(path: Path, first: Sequence[Line], given: Iterable[Line], role: str) -> tuple[str, Items]:
    """A CSV or TSV, with a line of names (titles may stand above it) or without."""
    delimiter = delimiter_of([line.text for line in first])
    for line in first[:10]:
        cells = cells_of(line.text, delimiter)
        if layout := layout_of(cells, role):
            rest = (each for each in given if each.number > line.number)
            return layout.shape, _items(layout, records(rest, delimiter, layout))
    rows = [cells_of(line.text, delimiter) for line in first if line.text.strip()]
    named = next((row for row in rows[:3] if sum(is_known(cell) for cell in row) > 1), None)
    bare = headless(rows) if role == "comments" and not named else None
    if bare is None:
        # without names of columns the first line is somebody's data: it is not repeated
        names = ", ".join(cell for cell in named if cell)[:80] if named else f"{max(map(len, rows), default=0)} columns"
        raise unknown(path, role, f"found: {names}" if named else f"found: {names} without names")
    items = _items(bare, records(given, delimiter, bare))
    return bare.shape, _noted("it has no line of column names; they were told by what they hold", items)


def unknown(path: Path, role: str, found: str) -> InputError:
    return InputError(
        str(path),
        f"is none of the known formats ({found})",
        f"expected a recorder's XML, JSON, JSONL or log, or a table with {_EXPECTED.get(role, _EXPECTED['comments'])}",
    )


# ---- rows as entries


def _noted(note: str, items: Items) -> Items:
    yield Note(note)
    yield from items


def _items(layout: Layout, rows: Iterable[Row]) -> Items:
    if not layout.columns.get("time") and layout.shape not in ("sessions",):
        yield Note("it has no column for the time (时间)")
    for row in rows:
        if not any(row.cells):
            continue
        try:
            yield from _entry(layout, row)
        except NotANumber as error:
            yield Fault(row.number, str(error))


def _entry(layout: Layout, row: Row) -> Iterator[Item]:
    entry = Entry(row=row.number, kind="comment")
    _timed(entry, layout, row)
    if entry.at and entry.time_fault:
        yield Fault(row.number, entry.time_fault, lost=False)
    entry.name, entry.uid, entry.id = (layout.cell(row, field) for field in ("user", "uid", "id"))
    if layout.shape == "comments":
        yield _comment(entry, layout, row)
    elif layout.shape == "viewers":
        yield from _viewers(entry, layout, row)
    elif layout.shape == "orders":
        yield from read_order(entry, lambda field: layout.cells(row, field), layout.columns)
    elif layout.shape == "sales":
        if any(layout.columns.get(field) for field in ("online", "watched", "likes", "followers")):
            yield from _viewers(msgspec.structs.replace(entry), layout, row)
        entry.kind, entry.lasts_ms = "sales", MINUTE
        entry.amount_fen, entry.orders = fen(layout.cell(row, "gmv")), count(layout.cell(row, "orders"))
        yield entry if entry.amount_fen is not None else Fault(row.number, "has no turnover")
    else:
        yield _session(entry, layout, row)


def _timed(entry: Entry, layout: Layout, row: Row) -> None:
    """The first of its times that can be read; the clock of a day with the day that another column gives."""
    said = ""
    for at in layout.columns.get("time", ()):
        cell = row.cells[at] if at < len(row.cells) else ""
        if cell.lower() in ABSENT:
            continue
        found = moment(cell, in_ms=at in layout.columns.get("ms", ()))
        if found is None:
            said = said or cell
            continue
        if found.kind == "day_time" and found.ms < DAY and (day := layout.cell(row, "date")):
            found = moment(f"{day[:10]} {cell}") or found
        elif found.kind == "no_year" and (year := re.match(r"20\d\d", layout.cell(row, "date"))):
            found = moment(f"{year[0]}-{cell}") or found
        entry.at = found
        entry.time_fault = f"its time {shown(said)} cannot be read: another of its times is taken" if said else ""
        return
    if layout.columns.get("time"):
        entry.time_fault = f"its time {shown(said)} cannot be read" if said else "it has no time"


def _comment(entry: Entry, layout: Layout, row: Row) -> Item:
    entry.text = layout.cell(row, "text")
    said = layout.cell(row, "type")
    kind = behaviour(said) if said else "comment"
    if kind is None and not re.search(r"[a-z\u4e00-\u9fff]", said.lower()):
        kind = "comment"
    if kind is None:
        return Left(row.number, "no_event")
    entry.kind = kind
    if kind == "comment" and not entry.text:
        return Fault(row.number, "has no text")
    if kind != "comment":
        entry.text = ""
    return entry


def _viewers(entry: Entry, layout: Layout, row: Row) -> Iterator[Item]:
    entry.kind = "viewers"
    filled = False
    for name in ("online", "watched", "likes", "followers"):
        try:
            value = count(layout.cell(row, name))
        except NotANumber as error:
            yield Fault(row.number, f"{name}: {error}", lost=False)
            continue
        setattr(entry, "new_followers" if name == "followers" else name, value)
        filled = filled or value is not None
    yield entry if filled else Fault(row.number, "holds no number")


def _session(entry: Entry, layout: Layout, row: Row) -> Item:
    """A row for a whole broadcast counts as turnover over its time; a row for a day fits no broadcast."""
    begin, lasts = moment(layout.cell(row, "begin")), _duration_ms(layout.cell(row, "duration"))
    amount = fen(layout.cell(row, "gmv") or layout.cell(row, "amount"))
    if begin is None or lasts is None or amount is None:
        return Left(row.number, "session_total")
    entry.kind, entry.at, entry.lasts_ms, entry.time_fault = "sales", begin, lasts, ""
    entry.amount_fen, entry.orders = amount, count(layout.cell(row, "orders"))
    return entry


def _duration_ms(text: str) -> int | None:
    """3600, 2:30:00, 2小时30分, 2h30m.

    >>> _duration_ms("3600"), _duration_ms("2小时30分"), _duration_ms("1:00:05"), _duration_ms("2h30m")
    (3600000, 9000000, 3605000, 9000000)
    """
    plain = re.sub(r"\s", "", text.lower())
    if match := re.fullmatch(r"(?:(\d+)(?:小时|时|h))?(?:(\d+)(?:分钟|分|m|min))?(?:(\d+)(?:秒|s))?", plain):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 or None
    found = moment(plain)
    return found.ms if found and found.kind in ("relative", "day_time") and found.ms > 0 else None
