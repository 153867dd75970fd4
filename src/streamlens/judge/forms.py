"""The text of a scanned file becomes papers: which kind each is, and what its fields say, where, and how surely."""

import re
from collections.abc import Sequence
from statistics import median

from ..schema import Record, ScannedFile, ScanPage
from .dates import find_days
from .kinds import KINDS, LABELS, Field, Kind, title_in
from .layout import Box, Cell, Form, Value, cells_of
from .prose import PROSE, find_body, find_prose
from .tables import Line, read_column, read_items, read_readings, read_rows
from .terms import issue_day, lone_day, term
from .values import UNSURE, shape


class Found(Record, frozen=True, kw_only=True):
    """What a field says, as a paper in evidence.yaml would have it written. The box is in shares of the page."""

    name: str
    value: str
    page: int
    box: Box
    confidence: float


class FoundPaper(Record, frozen=True, kw_only=True):
    """A paper in a file: its kind, its fields, and the list (items, readings, samples) that its table holds.

    `rows` are the records of that list, by the schema's field names, `located` where each of them was read.
    """

    kind: Kind
    fields: tuple[Found, ...]
    text: str = ""
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    located: tuple[Found, ...] = ()

    def get(self, name: str) -> Found | None:
        return next((found for found in self.fields if found.name == name), None)


def read_papers(file: ScannedFile) -> tuple[FoundPaper, ...]:
    """The papers that a file holds, in order: a page with another title, or another number, begins a new one."""
    parts: list[tuple[Kind, Found, list[tuple[int, ScanPage]]]] = []
    before: list[tuple[int, ScanPage]] = []
    for number, page in enumerate(file.pages, 1):
        cells = cells_of([page], number)
        titled = _title(cells, page)
        if titled is None:
            (parts[-1][2] if parts else before).append((number, page))
        elif parts and parts[-1][0] is titled[0] and not _another(parts[-1][2], number, page):
            parts[-1][2].append((number, page))
        else:
            parts.append((*titled, [*before, (number, page)]))
            before = []
    return tuple(paper for kind, title, pages in parts for paper in _read(kind, title, pages))


def _title(cells: Sequence[Cell], page: ScanPage) -> tuple[Kind, Found] | None:
    """The kind of paper that a page begins: by the line that is most of all a title, large and high up."""
    if not cells:
        return None
    usual = median(cell.height for cell in cells)
    text = "".join(cell.text for cell in cells)
    best: tuple[float, Kind, Cell] | None = None
    for cell in (*cells, *_spaced(cells)):
        titled = title_in(cell.text)
        if titled is None or (titled[0].unless and re.search(titled[0].unless, text)):
            continue
        kind, share = titled
        high = 1.2 if cell.middle < 0.45 * page.aspect else 1.0
        score = share * min(2.0, cell.height / usual) * high
        if best is None or score > best[0] + 1e-9:
            best = score, kind, cell
    if best is None or best[0] < 0.5:
        return None
    _, kind, cell = best
    # words that are a known title are hardly misread from anything else
    return kind, _found("type", kind.type, cell.page, cell.box, max(cell.confidence, 0.95), page.aspect)


def _spaced(cells: Sequence[Cell]) -> list[Cell]:
    """Titles set so wide that every character or pair of them is a line of its own: 检  验  报  告."""
    joined: list[Cell] = []
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        key = next((at for at, row in rows.items() if abs(row[0].middle - cell.middle) < 0.4 * cell.height), len(rows))
        rows.setdefault(key, []).append(cell)
    for row in rows.values():
        if 1 < len(row) < 9 and all(len(cell.text) < 5 for cell in row):
            boxes = list(zip(*(cell.box for cell in row), strict=True))
            box = (min(boxes[0]), min(boxes[1]), max(boxes[2]), max(boxes[3]))
            text = "".join(cell.text for cell in row)
            joined.append(Cell(text=text, page=row[0].page, box=box, confidence=min(cell.confidence for cell in row)))
    return joined


def _another(pages: Sequence[tuple[int, ScanPage]], number: int, page: ScanPage) -> bool:
    """Whether a page with the same title is another paper: it has a number of its own."""

    def numbered(cells: Sequence[Cell]) -> set[str]:
        form = Form(cells, LABELS)
        labels = [label for kind in KINDS for field in kind.fields if field.name == "number" for label in field.labels]
        return {shape(_NUMBER, value.text)[0] for value in form.values(list(dict.fromkeys(labels)))} - {""}

    here = numbered(cells_of([page], number))
    there = set().union(*(numbered(cells_of([each], at)) for at, each in pages))
    return bool(here and there and not here & there)


_NUMBER = Field(name="number", labels=())


_LONG = frozenset({"scope", "statement", "terms", "conclusion", "title", "place", "method"})
_LABEL = re.compile("|".join((r"[\u4e00-\u9fff]:", *sorted(re.escape(label) for label in LABELS if len(label) > 3))))


class _Paper:
    """A paper as it is being read: its pages as a form, and the fields found so far."""

    def __init__(self, kind: Kind, title: Found, pages: Sequence[tuple[int, ScanPage]]) -> None:
        self.kind = kind
        self.aspects = {number: page.aspect for number, page in pages}
        self.form = Form([cell for number, page in pages for cell in cells_of([page], number)], LABELS)
        self.cells = [cell for row in self.form.rows for cell in row]
        self.fields: dict[str, Found] = {"type": title}

    def put(self, name: str, text: str, value: Value, sure: float = 1.0) -> None:
        if text:
            if name not in _LONG and _LABEL.search(text):  # the next field has run into it
                sure = min(sure, UNSURE)
            aspect = self.aspects[value.page]
            self.fields[name] = _found(name, text, value.page, value.box, value.confidence * sure, aspect)


def _found(name: str, text: str, page: int, box: Box, confidence: float, aspect: float) -> Found:
    left, top, right, bottom = box
    shares = (round(left, 3), round(top / aspect, 3), round(right, 3), round(bottom / aspect, 3))
    return Found(name=name, value=text, page=page, box=shares, confidence=round(confidence, 3))


def _read(kind: Kind, title: Found, pages: Sequence[tuple[int, ScanPage]]) -> list[FoundPaper]:
    paper = _Paper(kind, title, pages)
    for field in kind.fields:
        _labelled(paper, field)
    for name, pattern in PROSE.get(kind.type, {}).items():
        if name not in paper.fields:
            _prose(paper, name, pattern)
    _days(paper)
    if "issuer" not in paper.fields and (body := find_body(paper.cells, first=kind.type == "test_report")):
        paper.put("issuer", body.text, body)
    if products := read_column(paper.form, "product"):
        paper.put("product", "、".join(dict.fromkeys(row.text for row in products)), _least(products))
    rows: list[Line] = []
    name = "items"
    if kind.type == "test_report":
        basis = paper.form.values(("判定依据", "判定标准", "评价依据"))
        rows = read_items(paper.form, _standard(basis[0].text) if basis else "")
        _conclusion(paper)
    elif kind.type == "cold_chain_log":
        rows, name = read_readings(paper.form), "readings"
    elif kind.type == "production_licence":
        _scope(paper)
    elif kind.type == "weighing_record":
        if samples := read_column(paper.form, "samples_g"):
            clean = all(re.fullmatch(r"\d+(?:\.\d+)?\s*(?:g|kg|克|千克)?", row.text) for row in samples)
            paper.put("samples_g", "、".join(row.text for row in samples), _least(samples), 1.0 if clean else UNSURE)
    elif kind.type == "price_history":
        prices = read_rows(paper.form, {"date": "date", "price": "price"})
        rows = [
            (tuple((key, value.text) for key, value in row.items() if key in ("date", "price")), whole)
            for row, whole in prices
        ]
        name = "prices"
    elif kind.type == "harvest_record":
        return _harvests(paper)
    located = tuple(
        _found(
            f"{name}[{at}]",
            " ".join(text for _, text in cells),
            value.page,
            value.box,
            value.confidence,
            paper.aspects[value.page],
        )
        for at, (cells, value) in enumerate(rows)
    )
    return [
        FoundPaper(
            kind=kind,
            fields=tuple(paper.fields.values()),
            text=paper.form.joined(),
            rows=tuple(cells for cells, _ in rows),
            located=located,
        )
    ]


def _least(values: Sequence[Value]) -> Value:
    return min(values, key=lambda value: value.confidence)


# ---- single fields


def _labelled(paper: _Paper, field: Field) -> None:
    """The value of a field's label; of several that disagree the best, and not surely."""
    read = []
    for rank, label in enumerate(field.labels):
        for value in paper.form.values((label,), lines=field.lines):
            text, sure = _moment(value.text) if field.name in _DATED else shape(field, value.text)
            if text and not _HEADERISH.fullmatch(text):
                read.append((value, text, sure, rank))
    if not read:
        return
    value, text, sure, rank = max(read, key=lambda each: (each[2] > UNSURE, -each[3], each[2] * each[0].confidence))
    same = {other for _, other, _, at in read if at == rank}
    paper.put(
        field.name, text, value, sure if len(same) == 1 or field.name in ("product", "statement") else min(sure, UNSURE)
    )


_DATED = frozenset({"harvested_at", "date", "signed_on"})
_HEADERISH = re.compile(r"(?:数量|规格|面积|产量|备注|序号|单位|基地|日期|时间|重量|\W)+")


def _moment(text: str) -> tuple[str, float]:
    days = find_days(text)
    if not days:
        return "", 0.0
    first = days[0]
    written = first.time.strftime("%Y-%m-%d %H:%M") if first.time else str(first.day)
    return written, 1.0 if first.clean and len(days) == 1 else UNSURE


def _prose(paper: _Paper, name: str, pattern: re.Pattern[str]) -> None:
    value = find_prose(paper.cells, pattern)
    field = next((field for field in paper.kind.fields if field.name == name), None)
    if value:
        text, sure = shape(field, value.text) if field else (re.sub(r"\s", "", value.text), 1.0)
        paper.put(name, text, value, sure)


def _standard(text: str) -> str:
    match = re.search(r"(?:GB|NY|DB|QB|SB|LS|GH|T)\s?/?[A-Z0-9]*\s?\d*[/\s]?T?\s?\d+(?:\.\d+)?(?:[-—–]\d{4})?", text)
    return match.group().strip() if match else ""


def _conclusion(paper: _Paper) -> None:
    for value in paper.form.values(("检验结论", "检测结论", "结论", "检测结果"), lines=3):
        if re.search("合格|符合|不符", value.text):
            paper.put("conclusion", value.text, value)
            return


def _scope(paper: _Paper) -> None:
    """A production licence's categories, with the goods that its list of details names."""
    details = read_column(paper.form, "scope")
    scope = paper.fields.get("scope")
    if details:
        texts = [*([scope.value] if scope else []), *(row.text for row in details)]
        paper.put("scope", ";".join(dict.fromkeys(texts)), _least(details))


def _days(paper: _Paper) -> None:
    """Days of issue and validity."""
    issued = issue_day(paper.form)
    if paper.kind.valid:
        for name, found in term(paper.form, issued.day if issued else None).items():
            paper.put(name, found.text, found.value, found.sure)
    if paper.kind.dated and (dated := issued or lone_day(paper.form)):
        paper.put(paper.kind.dated, dated.text, dated.value, dated.sure)


# ---- harvest records: a row a harvest


def _harvests(paper: _Paper) -> list[FoundPaper]:
    """One paper for each row of a table of harvests, else one from the labels."""
    rows = read_rows(paper.form, {"harvested_at": "harvested_at", "area": "area"}) or read_rows(
        paper.form, {"harvested_at": "harvested_at", "place": "place"}
    )
    made = []
    for row, _ in rows:
        at = row["harvested_at"]
        text = " ".join(row[name].text for name in ("harvested_at", "harvested_at+", "time") if name in row)
        written, sure = _moment(text)
        if not written:
            continue
        each = dict(paper.fields)
        each["harvested_at"] = _found(
            "harvested_at", written, at.page, at.box, at.confidence * sure, paper.aspects[at.page]
        )
        if named := row.get("product"):
            each["product"] = _found(
                "product", named.text, named.page, named.box, named.confidence, paper.aspects[named.page]
            )
        made.append(FoundPaper(kind=paper.kind, fields=tuple(each.values())))
    return made or [FoundPaper(kind=paper.kind, fields=tuple(paper.fields.values()))]
