"""The text of a scanned file becomes papers: which kind each is, and what its fields say, where, and how surely."""

import re
from collections.abc import Sequence
from datetime import date
from statistics import median

import msgspec

from ..schema import Record, ScannedFile, ScanPage
from .certificates import BEGINS, ISSUED, KINDS, LABELS, UNSURE, VALIDITY, Field, Kind, shape, title_in
from .dates import ENDLESS, Validity, find_days, read_validity
from .layout import Box, Cell, Form, Value, around, cells_of
from .tables import Line, read_column, read_items, read_readings, read_rows

_GUESSED = 0.93  # what is left of a value that no label names, but prose or place does
_BODY = re.compile(
    r"[\u4e00-\u9fff()（）]{2,24}(?:检[测验疫]\w{0,6}(?:中心|公司|院|所|站|机构)|质检[所站院]|认证(?:中心|有限公司|公司)|质量\w{0,8}(?:中心|院|所)|"
    r"(?:监督管理局|农业农村[局厅部]|农业委员会|知识产权局|市场监督管理总局|发展中心|动物卫生监督所|畜牧兽医局))$"
)
_SELLER = re.compile(
    r"[\u4e00-\u9fff()（）]{2,24}(?:公司|合作社|农场|基地|村民委员会|村委会|人民政府|协会|超市|商行|工厂|厂)$"
)
_PROSE: dict[str, dict[str, re.Pattern[str]]] = {
    "award": {
        "title": re.compile(r"(?:荣获|获得|评为|授予|被评为)[\s:]*[《“\"]?([^,。;《》“”\"]{2,40}(?:奖|称号|企业|产品|品牌|名牌|[一二三]等|冠军|第[一二三]名))"),
    },
    "brand_authorisation": {
        "brand": re.compile(r"[“\"「『《]([^”\"」』》]{1,20})[”\"」』》]\s*(?:牌|品牌|商标|系列)|(?:品牌|商标)[“\"「『《]([^”\"」』》]{1,20})"),
        "holder": re.compile(r"授权(?!书|[方人])(?:给|予)?\s*([\u4e00-\u9fff()]{3,24}(?:公司|店|商行|合作社|农场|部))"),
    },
    "origin_record": {
        "place": re.compile(r"(?:产自|产于|种植于|种植在|养殖于|来自|系(?:由)?|原产于)\s*:?([^,。;]{3,40}?)(?=[,。;]|$|种植|生产|出产|所产|自产|,)"),
        "product": re.compile(r"(?:生产|种植|出产|销售|养殖|供应)的\s*[“\"]?([^,。;“”\"]{2,16}?)[”\"]?\s*[,，]?(?:均|全部|系|是|产自|产于|为|来自|原产)"),
    },
    "harvest_record": {"ships_within_hours": re.compile(r"(?:采后|采收后|采摘后)\s*(\d+\s*小时)(?:内)?(?:发货|发出|装车|出库)")},
    "cold_chain_log": {"required_max_celsius": re.compile(r"(?:要求|规定|应|须|控制)\D{0,10}((?:≤|不高于|零下|-|低于)\s*\d+(?:\.\d+)?\s*(?:℃|°C|度)?)")},
    "aid_agreement": {
        "per_order_yuan": re.compile(r"每\s*(?:单|件|份|售出一[单件份]|销售一[单件份]|笔订单|成交一单)[^。;]{0,14}?(\d+(?:\.\d+)?)\s*元"),
        "terms": re.compile(r"([^。;\n]*?每\s*(?:单|件|份|斤|售出一[单件份]|销售一[单件份]|笔订单|成交一单)[^。;\n]*元[^。;\n]*)"),
    },
}  # fmt: skip


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


class _Paper:
    """A paper as it is being read: its pages as a form, and the fields found so far."""

    def __init__(self, kind: Kind, title: Found, pages: Sequence[tuple[int, ScanPage]]) -> None:
        self.kind = kind
        self.aspects = {number: page.aspect for number, page in pages}
        self.form = Form([cell for number, page in pages for cell in cells_of([page], number)], LABELS)
        self.text = self.form.joined()
        self.fields: dict[str, Found] = {"type": title}

    def put(self, name: str, text: str, value: Value, sure: float = 1.0) -> None:
        if text:
            aspect = self.aspects[value.page]
            self.fields[name] = _found(name, text, value.page, value.box, value.confidence * sure, aspect)

    def lower(self, *names: str) -> None:
        for name in names:
            if found := self.fields.get(name):
                self.fields[name] = msgspec.structs.replace(found, confidence=min(found.confidence, UNSURE))

    def day(self, name: str) -> date | None:
        found = self.fields.get(name)
        return date.fromisoformat(found.value[:10]) if found and found.value != ENDLESS else None


def _found(name: str, text: str, page: int, box: Box, confidence: float, aspect: float) -> Found:
    left, top, right, bottom = box
    shares = (round(left, 3), round(top / aspect, 3), round(right, 3), round(bottom / aspect, 3))
    return Found(name=name, value=text, page=page, box=shares, confidence=round(confidence, 3))


def _read(kind: Kind, title: Found, pages: Sequence[tuple[int, ScanPage]]) -> list[FoundPaper]:
    paper = _Paper(kind, title, pages)
    for field in kind.fields:
        _labelled(paper, field)
    for name, pattern in _PROSE.get(kind.type, {}).items():
        if name not in paper.fields:
            _prose(paper, name, pattern)
    _days(paper)
    if "issuer" not in paper.fields:
        _issuer(paper)
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
            paper.put("samples_g", "、".join(row.text for row in samples), _least(samples))
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
            text=paper.text,
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
    """What running text says; found over line breaks, and located by the lines that it stands in."""
    cells = [cell for row in paper.form.rows for cell in row]
    text, owners = "", []
    for cell in cells:
        text += cell.text
        owners += [cell] * len(cell.text)
    match = pattern.search(text)
    if not match:
        return
    group = next((number for number in range(1, (match.re.groups or 0) + 1) if match[number]), 0)
    found = match[group].strip(" :,。")
    said = list(dict.fromkeys(owners[match.start(group) : match.end(group)]))
    page = said[0].page
    where = Value(
        label="", text=found, page=page, box=around([cell.box for cell in said if cell.page == page]),
        confidence=min(cell.confidence for cell in said),
    )  # fmt: skip
    field = next((field for field in paper.kind.fields if field.name == name), None)
    shown, sure = shape(field, found) if field else (re.sub(r"\s", "", found), 1.0)
    paper.put(name, shown, where, sure * _GUESSED)


def _issuer(paper: _Paper) -> None:
    """The body that a line by itself names: at the head of a report, at the foot of a certificate."""
    lines = [
        cell
        for row in paper.form.rows
        for cell in row
        if _BODY.fullmatch(re.sub(r"\(?(?:盖章|公章|印章)\)?|[\s:]", "", cell.text))
    ]
    if lines:
        cell = lines[0] if paper.kind.type == "test_report" else lines[-1]
        where = Value(label="", text=cell.text, page=cell.page, box=cell.box, confidence=cell.confidence)
        paper.put("issuer", re.sub(r"\(?(?:盖章|公章|印章)\)?|[\s:]", "", cell.text), where, 0.95)


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


# ---- days


def _days(paper: _Paper) -> None:
    """Days of issue and validity, by their labels, or in prose (有效期自...至...)."""
    kind = paper.kind
    issued_at = _best_day(paper, ISSUED)
    issued = issued_at[1] if issued_at else None
    if kind.valid:
        _validity(paper, issued)
        begins = _best_day(paper, BEGINS)
        if begins and "valid_from" not in paper.fields:
            paper.put("valid_from", str(begins[1]), begins[0], begins[2])
        first, last = paper.day("valid_from"), paper.day("valid_to")
        if first and last and first >= last:
            paper.lower("valid_from", "valid_to")
        if last and issued and issued > last:
            paper.lower("valid_to")
    if kind.dated:
        if issued_at:
            paper.put(kind.dated, str(issued_at[1]), issued_at[0], issued_at[2])
        elif lone := _lone_day(paper):
            paper.put(kind.dated, str(lone[1]), lone[0], lone[2] * 0.95)


def _best_day(paper: _Paper, labels: Sequence[str]) -> tuple[Value, date, float] | None:
    read = [(value, days) for value in paper.form.values(labels) if (days := find_days(value.text))]
    if not read:
        return None
    value, days = read[0]
    others = {each[0].day for other, each in read if other.label == value.label}
    sure = 1.0 if days[0].clean and len(days) == 1 and len(others) == 1 else UNSURE
    return value, days[0].day, sure


def _lone_day(paper: _Paper) -> tuple[Value, date, float] | None:
    """A day that stands alone in its line, the last one of the paper."""
    for row in reversed(paper.form.rows):
        for cell in row:
            days = find_days(cell.text)
            if len(days) == 1 and not re.search(
                r"[\u4e00-\u9fff]", cell.text[: days[0].start] + cell.text[days[0].end :]
            ):
                value = Value(label="", text=cell.text, page=cell.page, box=cell.box, confidence=cell.confidence)
                return value, days[0].day, 1.0 if days[0].clean else UNSURE
    return None


def _validity(paper: _Paper, issued: date | None) -> None:
    read: list[tuple[Value, Validity]] = []
    for value in paper.form.values(VALIDITY, lines=2):
        found = read_validity(value.text, issued)
        if not found.last and (longer := _over_lines(value.text)):
            found = longer
        if found.first or found.last:
            read.append((value, found))
    if not read:
        read = _spans(paper)
    if not read:
        return
    lasts = {found.last for _, found in read if found.last}
    for name, pick in (("valid_from", lambda found: found.first), ("valid_to", lambda found: found.last)):
        chosen = next(((value, found) for value, found in read if pick(found)), None)
        if chosen:
            sure = 1.0 if chosen[1].clean and (name == "valid_from" or len(lasts) == 1) else UNSURE
            paper.put(name, pick(chosen[1]), chosen[0], sure)


def _over_lines(text: str) -> Validity | None:
    joined = read_validity(text.replace(" ", ""))
    return joined if joined.last else None


def _spans(paper: _Paper) -> list[tuple[Value, Validity]]:
    """Two days joined by 至 in any line, or behind 有效 in prose."""
    found = []
    for row in paper.form.rows:
        for cell in row:
            days = find_days(cell.text)
            spans = len(days) == 2 and re.fullmatch(
                r"\s*(?:起\s*)?(?:至|到|止|[-—–~～])+\s*", cell.text[days[0].end : days[1].start]
            )
            if spans or (days and re.search("有效|期限|截止", cell.text)):
                value = Value(label="", text=cell.text, page=cell.page, box=cell.box, confidence=cell.confidence)
                if (read := read_validity(cell.text)).last:
                    found.append((value, read))
    return found


# ---- harvest records: a row a harvest


def _harvests(paper: _Paper) -> list[FoundPaper]:
    """One paper for each row of a table of harvests, else one from the labels."""
    rows = read_rows(paper.form, {"harvested_at": "harvested_at", "area": "area"}) or read_rows(
        paper.form, {"harvested_at": "harvested_at", "place": "place"}
    )
    made = []
    for row, _ in rows:
        at = row["harvested_at"]
        text = f"{at.text} {row['time'].text}" if "time" in row else at.text
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
