"""The seller's papers: evidence.yaml or evidence.xlsx becomes records, each checked against its type and the catalogue.

YAML holds `documents:`, a list with `id`, `type`, `covers` and the fields of the type; a workbook or CSV holds one
document a row, the columns named like the fields (see judge/fields for what a cell may hold). `covers` lists skus, or *
for all.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import msgspec

from ..errors import InputError
from ..handwritten import read_yaml
from ..schema import Catalogue, Correction, Document, Evidence
from ..table import read_tables
from .fields import fill

ALL = "*"  # covers every product
TYPES: dict[str, type[msgspec.Struct]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Document)}

_SCAN = re.compile(r"\.(?:pdf|jpe?g|png|webp|bmp|tiff?)(?:#\d+)?$", re.IGNORECASE)
_SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".csv"})
_CHINESE_TYPES = {
    "采收记录": "harvest_record", "冷链记录": "cold_chain_log", "温度记录": "cold_chain_log",
    "检测报告": "test_report", "检验报告": "test_report", "有机认证": "organic_certificate",
    "有机产品认证证书": "organic_certificate", "绿色食品证书": "green_food_certificate",
    "地理标志授权": "gi_authorisation", "生产许可证": "production_licence", "食品生产许可证": "production_licence",
    "食品经营许可证": "food_operation_licence", "保健食品注册证书": "health_food_registration",
    "保健食品备案凭证": "health_food_registration", "价格记录": "price_history", "物流记录": "shipping_record",
    "产地证明": "origin_record", "称重记录": "weighing_record", "销售记录": "sales_record",
    "助农协议": "aid_agreement", "配料表": "ingredient_list", "承诺达标合格证": "compliance_certificate",
    "品牌授权书": "brand_authorisation", "获奖证书": "award", "专利证书": "patent",
    "检疫证明": "quarantine_certificate",
}  # fmt: skip
_CHINESE_FIELDS = {
    "编号": "id", "文件编号": "id", "类型": "type", "文件类型": "type", "适用商品": "covers", "覆盖商品": "covers",
    "商品": "covers", "货号": "covers", "出具单位": "issuer", "发证机构": "issuer", "检测机构": "issuer",
    "证书编号": "number", "证号": "number", "有效期起": "valid_from", "有效期至": "valid_to", "签发日期": "issued_on",
    "出具日期": "issued_on", "检测项目": "items", "采收时间": "harvested_at", "许可范围": "scope",
    "功能": "functions", "保健功能": "functions", "适宜人群": "suitable_for", "不适宜人群": "not_suitable_for",
    "配料": "ingredients", "产地": "place", "方式": "method", "温度": "readings",
    "扫描件": "scan", "持有人": "holder",
}  # fmt: skip


def read_evidence(path: Path, catalogue: Catalogue | None = None) -> Evidence:
    """The documents of a file, in its order, and notes on what was in it but not read.

    InputError names the file, the document, the field and what is expected: for an unknown type, a day or number that
    cannot be read, a missing field, an id used twice, a sku that the catalogue does not have. Without a catalogue (or
    with an empty one) skus are kept unchecked. An entry that names a scan (`scan: 证书.jpg`, or that as its id) may
    leave out what was read there; it is kept as a correction too, to be joined with the scan.
    """
    raws = _sheet(path) if path.suffix.lower() in _SHEETS else _yaml(path)
    documents: list[Document] = []
    notes: list[str] = []
    corrections: list[Correction] = []
    ids: set[str] = set()
    for place, written in raws:
        raw = {_CHINESE_FIELDS.get(name, name): value for name, value in written.items()}
        number = raw.get("id")
        if not isinstance(number, str) or not number.strip():
            raise InputError(f"{path}: {place}", "has no id", "give it one, such as E1")
        where = f"{path}: document {number.strip()}"
        if number.strip() in ids:
            raise InputError(where, "the id is used twice", "give each document its own")
        ids.add(number.strip())
        scan = raw.pop("scan", None) or (number if _SCAN.search(number.strip()) else None)
        if scan is not None:
            fields = msgspec.json.encode(raw).decode()
            corrections.append(Correction(id=number.strip(), scan=str(scan).strip(), fields=fields, place=where))
        try:
            document, more = make_document(raw, where, catalogue)
        except InputError:
            if scan is None:
                raise
            continue  # complete only with its scan; told there if it still is not
        documents.append(document)
        notes += more
    return Evidence(documents=tuple(documents), notes=tuple(notes), corrections=tuple(corrections))


def make_document(
    raw: Mapping[str, object], where: str, catalogue: Catalogue | None = None
) -> tuple[Document, list[str]]:
    """A document from its fields as people write them, and notes on what of it was not read. InputError as above."""
    document, notes = _document(raw, where)
    known = {product.sku for product in catalogue.products} if catalogue else set()
    if catalogue and known:
        for sku in document.covers:
            if sku != ALL and sku not in known:
                raise InputError(where, f"covers {sku[:60]!r}, which is not in the catalogue", _suggest(sku, catalogue))
    return document, notes


def _document(raw: Mapping[str, object], where: str) -> tuple[Document, list[str]]:
    fields = dict(raw)
    written = fields.pop("type", None)
    name = written.strip() if isinstance(written, str) else ""
    name = _CHINESE_TYPES.get(name, name)
    if name not in TYPES:
        what = f"unknown type {name[:60]!r}" if name else "type is missing"
        raise InputError(where, what, f"write one of {', '.join(TYPES)}")
    values, notes = fill(fields, TYPES[name], where)
    covers = values.get("covers")
    if not isinstance(covers, list) or not covers:
        raise InputError(where, "covers is missing", "list the skus that the document is for")
    values["covers"] = [ALL if str(sku).lower() in {ALL, "all", "全部", "全部商品"} else sku for sku in covers]
    try:
        return msgspec.convert({"type": name, **values}, Document), notes
    except msgspec.ValidationError as error:
        raise InputError(where, str(error), f"see the fields of {name}") from error


def type_named(written: object, where: str) -> str:
    """The type that people call so, in English or Chinese."""
    name = written.strip() if isinstance(written, str) else ""
    name = _CHINESE_TYPES.get(name, name)
    if name not in TYPES:
        what = f"unknown type {name[:60]!r}" if name else "type is missing"
        raise InputError(where, what, f"write one of {', '.join(TYPES)}")
    return name


def _suggest(sku: str, catalogue: Catalogue) -> str:
    for product in catalogue.products:
        if sku == product.name or sku in product.aliases or sku.lower() == product.sku.lower():
            return f"write the sku {product.sku!r}"
    skus = [product.sku for product in catalogue.products]
    near = difflib.get_close_matches(sku, skus, n=1)
    more = ", ..." if len(skus) > 8 else ""
    return f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(skus[:8])}{more}"


def _yaml(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    loaded = read_yaml(path)
    if isinstance(loaded, dict):
        for name in loaded:
            if name != "documents" and difflib.get_close_matches(str(name), ["documents"], cutoff=0.75):
                raise InputError(str(path), f"unknown field {name!r}", "did you mean 'documents'?")
        if "documents" not in loaded:
            raise InputError(str(path), "has no documents", "write documents: and a list below it")
        loaded = loaded["documents"] or []
    if not isinstance(loaded, list):
        raise InputError(str(path), "documents is not a list", "start each document with a dash: - id: E1")
    for number, raw in enumerate(loaded, 1):
        if not isinstance(raw, dict):
            raise InputError(f"{path}: document number {number}", "is not a set of fields", "write - id: E1, type: ...")
        yield f"document number {number}", {str(name): value for name, value in raw.items()}


def _sheet(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for table in read_tables(path):
        for at, header in enumerate(table.rows[:10], 1):
            names = [cell if cell in _CHINESE_FIELDS else cell.lower() for cell in header.cells]
            if {"id", "type"} <= {_CHINESE_FIELDS.get(name, name) for name in names}:
                for row in table.rows[at:]:
                    cells = zip(names, row.cells, strict=False)
                    yield f"row {row.number}", {name: cell for name, cell in cells if name and cell}
                return
    raise InputError(str(path), "has no header row with id and type", "name the columns id, type, covers, ...")
