"""Tables on a page: test results, temperature readings, lists of products, weighings, harvests, prices."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time

from ..schema import Record
from .dates import Day, find_days
from .layout import Box, Cell, Form, Value, around, part_of
from .values import UNSURE, celsius

Line = tuple[tuple[tuple[str, str], ...], Value]
"""A row as (field, what it says) pairs, and where it stands; its confidence is that of all of them."""

_COLUMNS: Mapping[str, str] = {
    "serial": r"序号|编号|No\.?|#",
    "name": r"检[验测]项目(?:名称)?|项目(?:名称)?|检[验测]参数|参数(?:名称)?|分析项目|测试项目|检[验测]内容|"
    r"农药名称|药物名称|检测指标|指标",
    "result": r"(?:检[验测]|实测|测定|分析|测试|检出)?(?:结果|值|数值|数据)",
    "unit": r"(?:计量)?单位",
    "standard": r"(?:标准|技术|指标|质量)(?:要求|值|指标|规定|限值)(?:值)?|限量(?:值|要求|标准)?|限值|要求|"
    r"(?:最大)?残留限量(?:值|MRL)?|标准限量(?:值)?|判定(?:标准|值)|(?:国家)?标准|参考(?:值|范围)",
    "passed": r"(?:单项|单项目|分项)?(?:判定|结论|评价|判断)(?:结果|结论)?|是否合格",
    "method": r"(?:检[验测]|试验|测定|分析)(?:方法|依据|标准)(?:标准)?|方法(?:标准|依据)?|依据(?:标准)?",
    "lod": r"(?:方法)?(?:检出|定量|检测)限(?:值)?",
    "note": r"备注|说明",
}
_AT_COLUMNS: Mapping[str, str] = {
    "serial": r"序号|编号",
    "day": r"日期|(?:记录|采集|测量)日期",
    "at": r"(?:记录|采集|测量|检测|测温|监测)?时间|(?:记录|采集)?日期时间|时刻|日期/时间",
    "celsius": r"(?:车厢|厢内|箱内|库内|冷库|冷藏|冷冻|实测|记录|探头|测点|平均|产品|中心|车内|环境)?"
    r"(?:\d号?)?(?:实测)?温度(?:值|读数)?\d?|探头\d?|测点\d?|T\d",
    "note": r"湿度|备注|记录人|地点|位置|状态|签字|操作人|站点|是否\w{2,4}",
}
_LIST_COLUMNS: Mapping[str, str] = {
    "serial": r"序号|编号",
    "product": r"(?:认证|获证)?产品(?:名称)?|品名|商品名称|农产品名称|作物名称|品种|采[收摘]品种",
    "scope": r"品种明细",
    "category": r"食品类别|类别编号|类别名称|食品类别编号|产品类别",
    "place": r"基地(?:名称|地址)?|地块(?:名称|编号)?|产地|地址|采[收摘]地[点块]|大棚(?:编号)?|区域",
    "area": r"(?:基地|种植|养殖|认证)?面积\w*|产量\w*|生产规模\w*|数量\w*|规模\w*|规格\w*|重量\w*|"
    r"采[收摘](?:数量|重量|量)|亩数|等级|产品描述|描述|商标\w*",
    "harvested_at": r"(?:采收|采摘|收获|捕捞|采挖|集蛋|屠宰)(?:日期|时间)|日期|采[收摘]日期时间",
    "time": r"(?:采收|采摘)?(?:时间|时刻)|具体时间",
    "samples_g": r"实测(?:净重|重量|净含量|值)?|净重|实际(?:净)?重量?|实重|称重值|实测净含量",
    "declared_g": r"标[示称注](?:净重|重量|净含量|值)|规格",
    "gross": r"毛重|皮重|包装重量?|偏差|误差|允许短缺量|短缺量|判定|结论",
    "date": r"日期|成交日期|时间",
    "price": r"(?:成交|销售|零售|到手)?(?:单)?价格?|售价|成交价",
    "person": r"采[收摘]人|记录人|负责人|备注|签字|操作人",
}
_UNKNOWN = "?"
_KEYS = frozenset({"name", "product"})  # a table has one column of these
_UNIT = r"[(（]([^()（）]*)[)）]$"
_UNTIL = re.compile(
    "以下空白|备注|检验结论|检测结论|结论|注:|说明:|批准|审核|编制|主检|签发|声明|检验依据|判定依据|检测依据|合计|"
    "以上|此页|报告结束|记录人|负责人"
)
_UNITS = re.compile(
    r"(?:[munμ]?g|mL?|L|kg|%|ppm|ppb|CFU|MPN|IU|kJ|个|g|mm|cm|℃|°|Bq|d|h|h-1|μm|NTU|meq)?"
    r"(?:/(?:kg|g|100g|mL|100mL|L|ml|100ml|l|25g|袋|个|cm2|d))?(?:\(.*\))?|"
    r"—+|-+|/|无|级|分|毫克/千克|克/百克|克/100克|%\(抑制率\)|抑制率%"
)
_NUMERIC = re.compile(r"[<＜≤>≥]?\s*\d+(?:\.\d+)?(?:[×xX]10\^?-?\d+)?(?:\s*[a-zA-Zμ%/0-9]+)?")
_WORDS = re.compile(
    r"未检出.*|ND|N\.D\.?|阴性(?:\(-\))?|阳性(?:\(\+\))?|合格|不合格|符合(?:要求|规定|标准)?|不符合.*|正常|检出|无|"
    r"通过|<LOQ|<LOD|具有.*|有.*|无.*|.*色.*|.*状.*|\(-\)|-"
)
_FAILED = re.compile("不合格|不符合|超标|不达标")


class TableRow(Record, frozen=True, kw_only=True):
    """The cells of a row by the kind of their column."""

    cells: tuple[tuple[str, Value], ...]

    def get(self, kind: str) -> Value | None:
        return next((value for name, value in self.cells if name == kind), None)


def find_table(form: Form, columns: Mapping[str, str], needed: frozenset[str]) -> tuple[list[TableRow], dict[str, str]]:
    """The rows below a header that has the `needed` columns, on each page, and what stands in brackets in the headers.

    A header that begins anew in its middle is two tables side by side. A closing line (备注, 批准, ...) ends a table.
    """
    found: list[TableRow] = []
    units: dict[str, str] = {}
    groups: list[list[tuple[str, Box]]] = []
    bottom = 0.0
    for row in form.rows:
        height = min(cell.height for cell in row)
        far = min(cell.box[1] for cell in row) - bottom > 4 * height
        bottom = max(cell.box[3] for cell in row)
        header = _header(row, columns)
        if needed <= {kind for kind, _ in header}:
            groups = []
            for kind, cell in header:
                if (
                    not groups
                    or kind == groups[-1][0][0]
                    or (kind in needed and kind in _KEYS & {k for k, _ in groups[-1]})
                ):
                    groups.append([])
                groups[-1].append((kind, cell.box))
                if unit := re.search(_UNIT, cell.text):
                    units.setdefault(kind, unit[1])
        elif groups and (far or _UNTIL.match(row[0].text) or re.match(r"[\u4e00-\u9fff]{2,8}:", row[0].text)):
            groups = []
        elif groups:
            whole = [needed <= {kind for kind, _ in group} for group in groups]
            found += [each for each, ours in zip(_spread(row, groups), whole, strict=True) if ours and each.cells]
    return found, units


def _header(row: Sequence[Cell], columns: Mapping[str, str]) -> list[tuple[str, Cell]]:
    """The columns of a row that is a header: most of its cells name one. A cell of unknown meaning is a column too."""
    found: list[tuple[str, Cell]] = []
    for cell in row:
        parts = [cell.text] if _kind(cell.text, columns) else cell.text.split(" ")
        if not all(_kind(part, columns) for part in parts):
            found.append((_UNKNOWN, cell))
            continue
        start = 0
        for part in parts:
            box = part_of(cell, start, start + len(part))
            named = Cell(text=part, page=cell.page, box=box, confidence=cell.confidence)
            found.append((_kind(part, columns) or _UNKNOWN, named))
            start += len(part) + 1
    known = sum(kind != _UNKNOWN for kind, _ in found)
    return found if known >= 0.6 * len(found) else []


def _kind(text: str, columns: Mapping[str, str]) -> str | None:
    text = re.sub(r"/?[(（][^()（）]*[)）]$|[\s,]", "", text)
    return next((kind for kind, pattern in columns.items() if re.fullmatch(pattern, text)), None)


def _spread(row: Sequence[Cell], groups: Sequence[Sequence[tuple[str, Box]]]) -> list[TableRow]:
    columns = [(number, kind, box) for number, group in enumerate(groups) for kind, box in group]
    filled: dict[int, list[Value]] = {}

    def put(column: int, text: str, cell: Cell, sure: float = 1.0) -> None:
        kind = columns[column][1]
        value = Value(label=kind, text=text, page=cell.page, box=cell.box, confidence=cell.confidence * sure)
        filled.setdefault(column, []).append(value)

    for cell in row:
        over = [at for at, (_, _, box) in enumerate(columns) if _overlap(cell.box, box) > 0.3 * (box[2] - box[0])]
        tokens = cell.text.split(" ")
        if len(over) > 1 and len(tokens) == len(over):  # cells that were read as one
            for column, token in zip(over, tokens, strict=True):
                put(column, token, cell)
            continue
        boxes = [box for _, _, box in columns]
        nearest = max(
            range(len(columns)), key=lambda at: (_overlap(cell.box, boxes[at]), -_distance(cell.box, boxes[at]))
        )
        put(nearest, cell.text, cell, UNSURE if len(over) > 1 and len(tokens) > 1 else 1.0)
    return [
        TableRow(
            cells=tuple(
                (kind, _joined(filled[at]))
                for at, (group, kind, _) in enumerate(columns)
                if group == number and at in filled
            )
        )
        for number in range(len(groups))
    ]


def _joined(parts: Sequence[Value]) -> Value:
    return Value(
        label=parts[0].label,
        text=" ".join(part.text for part in parts),
        page=parts[0].page,
        box=around([part.box for part in parts]),
        confidence=min(part.confidence for part in parts),
    )


def _overlap(one: Box, other: Box) -> float:
    return max(0.0, min(one[2], other[2]) - max(one[0], other[0]))


def _distance(one: Box, other: Box) -> float:
    return abs((one[0] + one[2]) / 2 - (other[0] + other[2]) / 2)


def _whole(values: Sequence[Value], sure: float) -> Value:
    joined = _joined(values)
    return Value(
        label=joined.label, text=joined.text, page=joined.page, box=joined.box, confidence=joined.confidence * sure
    )


# ---- what the tables of papers hold


def read_items(form: Form, basis: str = "") -> list[Line]:
    """The items of a test report: name, result, unit, standard. `basis` is the standard named for all of them."""
    rows, units = find_table(form, _COLUMNS, frozenset({"name", "result"}))
    items: list[Line] = []
    for row in rows:
        name, result = row.get("name"), row.get("result")
        if name is None:
            continue
        if result is None and row.get("passed") is None and len(row.cells) == 1:
            if items:  # a name that goes on in the next line
                named = dict(items[-1][0])
                items[-1] = (tuple({**named, "name": named["name"] + name.text}.items()), items[-1][1])
            continue
        text, sure = _result(result.text) if result else ("", 1.0) if row.get("passed") else ("?", 0.0)
        unit = row.get("unit")
        unit_text = re.sub(r"\s", "", unit.text) if unit else ""
        inside = re.search(rf"[,，]?{_UNIT}|[,，]\s*([a-zA-Zμ]+/[a-zA-Z0-9]+)$", name.text)
        label = name.text
        if inside and not unit_text and _UNITS.fullmatch(inside[1] or inside[2]):
            unit_text, label = inside[1] or inside[2], label[: inside.start()]
        unit_text = unit_text or units.get("result") or units.get("name") or ""
        if unit_text and not _UNITS.fullmatch(unit_text):
            sure = min(sure, UNSURE)
        if unit_text in ("/", "无") or re.fullmatch("[—-]+", unit_text):
            unit_text = ""
        passed, standard = row.get("passed"), row.get("standard")
        if passed and _FAILED.search(passed.text) and not _FAILED.search(text):
            text = f"不合格({text})" if text else "不合格"
        elif not text and passed:
            text, sure = _result(passed.text)
        limit = standard.text if standard and not re.fullmatch(r"[/—-]+", standard.text) else ""
        if limit and unit_text and re.search(r"\d$", limit) and re.search(r"[≤<≥>~～]|^\d", limit):
            limit = f"{limit} {unit_text}"
        said = {"name": label.strip(" :/"), "result": text, "unit": unit_text, "standard": f"{basis} {limit}".strip()}
        values = [value for value in (name, result, unit, standard, passed) if value]
        if not re.search(r"[\u4e00-\u9fffA-Za-z]", label):
            continue
        items.append((tuple((key, value) for key, value in said.items() if value), _whole(values, sure)))
    return items


def _result(text: str) -> tuple[str, float]:
    """A result, and how far its form can be trusted: 0.O5 and 005 cannot."""
    tight = re.sub(r"\s", "", text)
    if _NUMERIC.fullmatch(tight):
        return tight, UNSURE if re.match(r"\D*0\d", tight) else 1.0
    return text.strip(), 1.0 if _WORDS.fullmatch(tight) else UNSURE


def read_readings(form: Form) -> list[Line]:
    """The readings of a temperature log; a row without its day has that of the row before, or of the form's head."""
    rows, _ = find_table(form, _AT_COLUMNS, frozenset({"celsius"}))
    days = find_days("\n".join(" ".join(cell.text for cell in row) for row in form.rows))
    day: Day | None = next((found for found in days if found.time is None), None)
    readings: list[Line] = []
    for row in rows:
        degrees = [value for kind, value in row.cells if kind == "celsius"]
        times = [value for kind, value in row.cells if kind in ("day", "at")]
        shown = [(celsius(value.text), value) for value in degrees]
        if not times or not any(text for text, _ in shown):
            continue
        text = " ".join(value.text for value in sorted(times, key=lambda value: value.box[0]))
        found = find_days(text)
        clock = re.search(r"(\d{1,2})\s*[:时点]\s*(\d{2})", text)
        day = found[0] if found else day
        moment = found[0].time if found and found[0].time else None
        if moment is None and (day is None or clock is None or int(clock[1]) > 23 or int(clock[2]) > 59):
            continue
        if moment is None and day and clock:
            moment = datetime.combine(day.day, time(int(clock[1]), int(clock[2])))
        written = f"{moment:%Y-%m-%d %H:%M}" if moment else ""
        sure = (1.0 if found and found[0].clean else 0.95) * (1.0 if all(text for text, _ in shown) else UNSURE)
        warmest = max((text for text, _ in shown if text), key=float)
        readings.append(((("at", written), ("celsius", warmest)), _whole([*times, *degrees], sure)))
    return readings


_BESIDE = {
    "product": frozenset({"area", "place", "serial", "price", "harvested_at"}),
    "scope": frozenset({"category", "serial"}),
    "samples_g": frozenset({"serial", "declared_g", "gross", "date"}),
}


def read_column(form: Form, kind: str) -> list[Value]:
    """What a list has in one column; only of tables that have another column to know them by."""
    found: list[Value] = []
    for beside in sorted(_BESIDE[kind]):
        rows, _ = find_table(form, _LIST_COLUMNS, frozenset({kind, beside}))
        for row in rows:
            value = row.get(kind)
            if (
                value
                and value not in found
                and not re.fullmatch(r"[\W\d]*", value.text if kind != "samples_g" else "x")
            ):
                found.append(value)
    return found


def read_rows(form: Form, columns: Mapping[str, str]) -> list[tuple[dict[str, Value], Value]]:
    """Rows of a list that has all of these columns (kind by field)."""
    rows, _ = find_table(form, _LIST_COLUMNS, frozenset(columns.values()))
    found = []
    for row in rows:
        values = {field: value for field, kind in columns.items() if (value := row.get(kind))}
        if len(values) == len(columns):
            extra = {kind: value for kind, value in row.cells if kind not in columns.values()}
            more = {f"{kind}+": value for kind, value in row.cells if value not in values.values() and kind in columns}
            extra |= more  # a second column of the same meaning: the day, and then the hour
            found.append(({**extra, **values}, _whole(list(values.values()), 1.0)))
    return found
